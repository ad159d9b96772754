"""One's own account, its second factors, and confirming who is at the keyboard."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from playwright.sync_api import Page

from screening.accounts.actions import make_recovery_codes
from screening.accounts.permissions import Role
from screening.models import User
from tests.browser.states.state import State, at, press
from tests.browser.steps import LOGIN, fill, sign_in_through_the_page
from tests.factories import PASSWORD
from tests.second_factors import (
    ACCOUNT,
    ACTIVATE,
    ADD_PASSKEY,
    CODE,
    CONFIRM,
    RECOVERY,
    Passkey,
    add_passkey,
    add_totp,
)

CONFIRM_CODE = "/accounts/2fa/reauthenticate/"
CONFIRM_PASSKEY = "/accounts/2fa/webauthn/reauthenticate/"
REMOVE_APP = "/accounts/2fa/totp/deactivate/"
REFUSE = """() => {
  navigator.credentials.create = navigator.credentials.get =
    () => Promise.reject(new DOMException("", "NotAllowedError"));
}"""
"""A device that refuses, or a person who cancels."""


def clinician() -> User:
    """The clinician of the states."""
    return User.objects.get(username="clinician")


def with_app(open_page: Callable[[Page], object]) -> Callable[[Page], object]:
    """Return a function that opens a page of a clinician who has an authenticator app."""

    def add_and_open(page: Page) -> None:
        add_totp(clinician())
        open_page(page)

    return add_and_open


def with_passkey(open_page: Callable[[Page], object]) -> Callable[[Page], object]:
    """Return a function that opens a page of a clinician who has a passkey with a long name."""

    def add_and_open(page: Page) -> None:
        add_passkey(clinician(), Passkey(), "W" * 100)
        open_page(page)

    return add_and_open


def with_everything(page: Page) -> None:
    """Open the account of a clinician with an app, two passkeys and recovery codes."""
    add_totp(clinician())
    add_passkey(clinician(), Passkey(), "Laptop at reception")
    make_recovery_codes(clinician())
    with_passkey(at(ACCOUNT))(page)


def confirmed(address: str) -> Callable[[Page], None]:
    """Return a function that opens a page after confirming with the password."""

    def open_page(page: Page) -> None:
        page.goto(f"{CONFIRM}?next={address}")
        fill(page, {"password": PASSWORD})
        press(page, "Confirm")

    return open_page


def sent_empty(open_page: Callable[[Page], object], button: str) -> Callable[[Page], None]:
    """Return a function that opens a page and presses a button without typing anything."""

    def open_and_send(page: Page) -> None:
        open_page(page)
        press(page, button)

    return open_and_send


def with_a_wrong_code(open_page: Callable[[Page], object], button: str) -> Callable[[Page], None]:
    """Return a function that opens a page and sends a code that is not valid."""

    def open_and_send(page: Page) -> None:
        open_page(page)
        fill(page, {"code": "12"})
        press(page, button)

    return open_and_send


def after_the_password(page: Page) -> None:
    """Sign in as far as the page of the second factor."""
    page.goto(LOGIN)
    sign_in_through_the_page(page, "clinician")
    page.wait_for_url(f"**{CODE}")


def with_a_refused_passkey(open_page: Callable[[Page], object], button: str) -> Callable[[Page], None]:
    """Return a function that opens a page and uses a passkey, which the device refuses."""

    def open_and_use(page: Page) -> None:
        open_page(page)
        page.evaluate(REFUSE)
        page.get_by_role("button", name=button).click()
        page.get_by_role("status").get_by_text("The passkey did not work.").wait_for()

    return open_and_use


def remove_passkey(page: Page) -> None:
    add_passkey(clinician(), Passkey(), "W" * 100)
    confirmed(f"/accounts/2fa/webauthn/keys/{Authenticator.objects.get().pk}/remove/")(page)


def codes_to_be_replaced(page: Page) -> None:
    add_totp(clinician())
    make_recovery_codes(clinician())
    confirmed(RECOVERY)(page)


ASK, SET_UP, CODES = "mfa_authenticate", "mfa_activate_totp", "recovery_codes"
NEEDED = {"SECOND_FACTOR_REQUIRED": True}
STATES = {
    "own account": State("mfa_index", at(ACCOUNT)),
    "own account, second factor missing": State("mfa_index", at(ACCOUNT), Role.AUDITOR, NEEDED),
    "own account, without recovery codes": State("mfa_index", with_app(at(ACCOUNT))),
    "own account, with everything": State("mfa_index", with_everything),
    "confirming with the password": State("account_reauthenticate", with_app(with_passkey(at(CONFIRM)))),
    "confirming with the password, empty": State("account_reauthenticate", sent_empty(at(CONFIRM), "Confirm")),
    "confirming with a code": State("mfa_reauthenticate", with_app(at(CONFIRM_CODE))),
    "confirming with a code, wrong": State(
        "mfa_reauthenticate", with_app(with_a_wrong_code(at(CONFIRM_CODE), "Confirm"))
    ),
    "confirming with a passkey": State("mfa_reauthenticate_webauthn", with_passkey(at(CONFIRM_PASSKEY))),
    "confirming with a passkey, refused": State(
        "mfa_reauthenticate_webauthn", with_passkey(with_a_refused_passkey(at(CONFIRM_PASSKEY), "Use your passkey"))
    ),
    "second factor": State(ASK, with_app(with_passkey(after_the_password)), None),
    "second factor, empty": State(ASK, with_app(sent_empty(after_the_password, "Sign in")), None),
    "second factor, wrong code": State(ASK, with_app(with_a_wrong_code(after_the_password, "Sign in")), None),
    "sign-in, passkey refused": State("account_login", with_a_refused_passkey(at(LOGIN), "Use a passkey"), None),
    "authenticator app": State(SET_UP, confirmed(ACTIVATE)),
    "authenticator app, empty": State(SET_UP, sent_empty(confirmed(ACTIVATE), "Set up the app")),
    "authenticator app, wrong code": State(SET_UP, with_a_wrong_code(confirmed(ACTIVATE), "Set up the app")),
    "authenticator app to be removed": State("mfa_deactivate_totp", with_app(confirmed(REMOVE_APP))),
    "new passkey": State("mfa_add_webauthn", confirmed(ADD_PASSKEY)),
    "new passkey, refused": State(
        "mfa_add_webauthn", with_a_refused_passkey(confirmed(ADD_PASSKEY), "Add a passkey")
    ),
    "passkey to be removed": State("mfa_remove_webauthn", remove_passkey),
    "recovery codes": State(CODES, with_app(confirmed(RECOVERY))),
    "recovery codes to be replaced": State(CODES, codes_to_be_replaced),
    "recovery codes, shown": State(CODES, with_app(sent_empty(confirmed(RECOVERY), "Show my recovery codes"))),
}
