"""Setting up a second factor and signing in with it, in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from screening.models import Edition, User
from tests.browser.conftest import OpenContext
from tests.browser.steps import LOGIN, sign_in_through_the_page, sign_out
from tests.factories import PASSWORD
from tests.second_factors import ACCOUNT, ADD_PASSKEY, RECOVERY, add_totp, totp

pytestmark = pytest.mark.browser


REFUSE = "() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')); }"


@pytest.fixture
def visitor(open_context: OpenContext) -> BrowserContext:
    """A browser in which nobody is signed in."""
    return open_context()


@pytest.fixture
def with_passkeys(visitor: BrowserContext) -> Iterator[Page]:
    """A tab in a browser whose device keeps passkeys and recognises its user."""
    page = visitor.new_page()
    device = visitor.new_cdp_session(page)
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    device.detach()


def wait_for_a_fresh_code(page: Page) -> None:
    """Wait, if less than five seconds are left of the code that an app shows now."""
    left = 30 - page.evaluate("Date.now() / 1000 % 30")
    if left < 5:
        page.wait_for_timeout(left * 1000)


def type_in(page: Page, text: str) -> None:
    """Type into the field that has the focus, submit with Enter and wait for the next page."""
    page.keyboard.type(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_auditor_sets_up_an_app_and_signs_in_with_codes_by_keyboard(
    visitor: BrowserContext, auditor: User, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    page = visitor.new_page()
    page.goto(LOGIN)
    sign_in_through_the_page(page, "auditor")
    page.get_by_role("heading", name="Set up a second factor to continue").wait_for()
    page.goto("/audit/")
    assert page.url.endswith(ACCOUNT)

    with page.expect_navigation():
        page.get_by_role("link", name="Set up an authenticator app").press("Enter")
    page.get_by_label("Password").focus()
    type_in(page, PASSWORD)
    secret = page.locator(".secret").inner_text()
    wait_for_a_fresh_code(page)
    first = totp(secret)
    page.get_by_label("Code from the app").focus()
    type_in(page, first)
    expect(page.get_by_role("status")).to_contain_text("Your authenticator app is set up")
    page.get_by_role("link", name="Make recovery codes").press("Enter")
    page.get_by_role("button", name="Show my recovery codes").press("Enter")
    expect(page.locator(".codes code")).to_have_count(10)
    recovery = page.locator(".codes code").all_inner_texts()
    page.get_by_role("link", name="I have saved the codes").press("Enter")
    expect(page.get_by_text("10 not used")).to_be_visible()
    page.goto("/audit/")
    page.get_by_role("heading", name="Audit trail").wait_for()
    sign_out(page)

    sign_in_through_the_page(page, "auditor")
    page.get_by_label("Code").focus()
    type_in(page, first)
    expect(page.get_by_role("alert")).to_contain_text("This code is not valid")
    page.get_by_label("Code").fill("")
    type_in(page, recovery[0])
    page.get_by_role("link", name="Audit trail").wait_for()
    sign_out(page)

    sign_in_through_the_page(page, "auditor")
    page.get_by_label("Code").focus()
    type_in(page, recovery[0])
    expect(page.get_by_role("alert")).to_contain_text("This code is not valid")


def test_a_passkey_is_added_and_signs_in_alone(with_passkeys: Page, clinician: User) -> None:
    page = with_passkeys
    page.goto(LOGIN)
    sign_in_through_the_page(page, "clinician")
    page.goto(ACCOUNT)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("Laptop at reception")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Your passkey is added")
    expect(page.get_by_text("Laptop at reception", exact=True)).to_be_visible()
    sign_out(page)

    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Screenings").wait_for()
    sign_out(page)

    sign_in_through_the_page(page, "clinician")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.get_by_role("heading", name="Screenings").wait_for()


@pytest.mark.look
def test_a_passkey_that_does_not_work_is_explained_beside_the_button(with_passkeys: Page, edition: Edition) -> None:
    page = with_passkeys
    page.goto(LOGIN)
    page.evaluate(REFUSE)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("status")).to_have_text("The passkey did not work. Try again, or choose another way.")


@pytest.mark.look
def test_without_scripts_passkeys_say_so_and_codes_work(open_context: OpenContext, clinician: User) -> None:
    add_totp(clinician)
    page = open_context(java_script_enabled=False).new_page()
    page.goto(LOGIN)
    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    sign_in_through_the_page(page, "clinician")
    page.get_by_label("Code").fill(totp())
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Screenings").wait_for()
    page.goto(ADD_PASSKEY)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    page.goto(RECOVERY)
    page.get_by_role("button", name="Show my recovery codes").click()
    expect(page.locator(".codes code")).to_have_count(10)
