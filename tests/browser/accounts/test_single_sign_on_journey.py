"""Signing in through the provider's page, in the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenContext
from tests.browser.steps import LOGIN, answer_all, open_filled, record, sign_out
from tests.factories import UserFactory
from tests.oidc import NAME, NURSE, ROLES, RealProvider, policy_with, real_provider, sign_on_settings

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
