"""Signing in through the provider's page, in the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.access import barriers
from tests.browser.conftest import OpenContext
from tests.browser.steps import LOGIN, answer_all, open_filled, record, sign_out
from tests.factories import UserFactory
from tests.oidc import CALLBACK, NAME, NURSE, ROLES, RealProvider, policy_with, real_provider, sign_on_settings

pytestmark = pytest.mark.browser
WITHOUT_GROUPS = NURSE | {"groups": []}


@pytest.fixture(scope="module")
def running() -> Iterator[RealProvider]:
    """A provider that runs for all tests of this module."""
    with real_provider() as provider:
        yield provider


@pytest.fixture
def use(settings: Any, running: RealProvider) -> Callable[..., None]:
    """A function that changes variables of the environment about the provider."""

    def use(**variables: str) -> None:
        changed = sign_on_settings(running.issuer, LDN_OIDC_ROLES=ROLES, **variables)
        settings.CONTENT_SECURITY_POLICY = policy_with(changed["SINGLE_SIGN_ON"].sign_in_origins)
        for name, value in changed.items():
            setattr(settings, name, value)

    return use


@pytest.fixture
def provider(running: RealProvider, use: Callable[..., None]) -> RealProvider:
    """The provider, with a person who is in no group."""
    use()
    running.set_person("robin", **WITHOUT_GROUPS)
    return running


@pytest.fixture
def tab(open_context: OpenContext, provider: RealProvider) -> Page:
    """A tab in which nobody is signed in."""
    return open_context().new_page()


def sign_in(tab: Page, provider: RealProvider) -> None:
    """Use the button of the sign-in page, and sign in on the provider's page."""
    tab.get_by_role("button", name=f"Sign in with {NAME}").click()
    tab.wait_for_url(f"{provider.issuer}/**")
    tab.locator("input[name=sub]").fill("robin")
    tab.locator("input[name=sub]").press("Enter")
    tab.wait_for_url(lambda address: not address.startswith(provider.issuer))


def test_a_group_gives_a_role_and_leaving_it_ends_the_role(tab: Page, provider: RealProvider) -> None:
    tab.goto("/screenings/new/")
    sign_in(tab, provider)
    expect(tab.get_by_role("heading", name="Your account has no role yet")).to_be_visible()
    tab.get_by_role("main").get_by_role("button", name="Sign out").click()
    tab.wait_for_url(f"**{LOGIN}*")

    provider.set_person("robin", **NURSE)
    sign_in(tab, provider)
    open_filled(tab)
    answer_all(tab, "no")
    record(tab)
    expect(tab.get_by_role("main")).to_contain_text("No listed contraindication was identified")
    sign_out(tab)

    provider.set_person("robin", **WITHOUT_GROUPS)
    sign_in(tab, provider)
    expect(tab.get_by_role("heading", name="Your account has no role yet")).to_be_visible()


def test_the_page_that_was_wanted_opens_after_signing_in(tab: Page, provider: RealProvider) -> None:
    provider.set_person("robin", **NURSE)
    tab.goto("/worklist/")
    sign_in(tab, provider)
    assert tab.url.endswith("/worklist/")


def test_a_password_still_signs_in_beside_the_provider(tab: Page) -> None:
    UserFactory(username="local")
    tab.goto(LOGIN)
    tab.get_by_label("Username").fill("local")
    tab.get_by_label("Password").press("Enter")
    expect(tab.get_by_role("alert")).to_be_visible()


@pytest.mark.look
def test_the_sign_in_page_has_no_barriers(tab: Page, use: Callable[..., None]) -> None:
    tab.goto(LOGIN)
    assert barriers(tab) == {}
    use(LDN_LOCAL_ACCOUNTS="0")
    tab.reload()
    expect(tab.get_by_label("Password")).to_have_count(0)
    assert barriers(tab) == {}


@pytest.mark.look
def test_the_pages_of_a_sign_in_that_did_not_succeed_have_no_barriers(
    tab: Page, provider: RealProvider, settings: Any
) -> None:
    tab.goto(f"{CALLBACK}?code=x&state=y")
    tab.get_by_role("heading", name="You are not signed in").wait_for()
    assert barriers(tab) == {}
    tab.get_by_role("link", name="Go to the sign-in page").click()
    sign_in(tab, provider)
    tab.get_by_role("heading", name="Your account has no role yet").wait_for()
    assert barriers(tab) == {}
