"""Signing in, setting a password, and the accounts admin."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.models import User
from tests.accounts import ACCOUNTS, ADD, NEW_PASSWORD, link_on, new_link, page_of
from tests.browser.states.state import State, at, press
from tests.browser.steps import LOGIN, fill, sign_in_through_the_page
from tests.factories import UserFactory
from tests.second_factors import add_totp


def sign_in_refused(page: Page) -> None:
    page.goto(LOGIN)
    sign_in_through_the_page(page, "nobody", "something else")
    page.get_by_role("alert").wait_for()


def new_password(page: Page) -> None:
    client = Client()
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    page.goto(link_on(new_link(client, User.objects.get(username="clinician"))))


def new_password_refused(page: Page) -> None:
    new_password(page)
    press(page, "Set password")


def new_password_set(page: Page) -> None:
    new_password(page)
    fill(page, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    press(page, "Set password")


def used_link(page: Page) -> None:
    page.goto("/accounts/password/reset/key/1-x/")


def account(part: str = "change/") -> Callable[[Page], object]:
    """Return a function that opens a page of the clinician’s account."""
    return lambda page: page.goto(page_of(User.objects.get(username="clinician"), part))


def account_refused(page: Page) -> None:
    page.goto(ADD)
    page.locator("form").evaluate_all("forms => forms.forEach(form => { form.noValidate = true })")
    press(page, "Save")


def link_shown(page: Page) -> None:
    account()(page)
    press(page, "New link to set the password")


def own_password_refused(page: Page) -> None:
    page.goto(CHANGE_PASSWORD)
    fill(page, {"oldpassword": "something else", "password1": "short", "password2": "other"})
    press(page, "Change password")


def too_many_tries(page: Page) -> None:
    page.goto(LOGIN)
    for _ in range(2):
        with page.expect_navigation():
            sign_in_through_the_page(page, "nobody", "something else")


def with_second_factors(part: str) -> Callable[[Page], object]:
    """Return a function that opens a page of the clinician’s account, which has an authenticator app."""

    def open_page(page: Page) -> None:
        add_totp(User.objects.get(username="clinician"))
        account(part)(page)

    return open_page


CHANGE_PASSWORD = "/accounts/password/change/"
KEY = "account_reset_password_from_key"
STATES = {
    "sign-in": State("account_login", at(LOGIN), None),
    "sign-in refused": State("account_login", sign_in_refused, None),
    "sign-in, too many tries": State(
        "account_login", too_many_tries, None, {"ACCOUNT_RATE_LIMITS": {"login_failed": "1/5m/key"}}
    ),
    "new password": State(KEY, new_password, None),
    "new password refused": State(KEY, new_password_refused, None),
    "new password set": State("account_reset_password_from_key_done", new_password_set, None),
    "link that was used": State(KEY, used_link, None),
    "admin": State("admin:index", at("/admin/"), Role.ADMINISTRATOR),
    "admin, app": State("admin:app_list", at("/admin/screening/"), Role.ADMINISTRATOR),
    "accounts": State("admin:screening_user_changelist", at(f"{ACCOUNTS}?role=clinician"), Role.ADMINISTRATOR),
    "new account": State("admin:screening_user_add", at(ADD), Role.ADMINISTRATOR),
    "new account refused": State("admin:screening_user_add", account_refused, Role.ADMINISTRATOR),
    "account": State("admin:screening_user_change", account(), Role.ADMINISTRATOR),
    "link of an account": State("admin:screening_user_link", link_shown, Role.ADMINISTRATOR),
    "history of an account": State("admin:screening_user_history", account("history/"), Role.ADMINISTRATOR),
    "account with a second factor": State(
        "admin:screening_user_change", with_second_factors("change/"), Role.ADMINISTRATOR
    ),
    "second factors to be removed": State(
        "admin:screening_user_remove_second_factors",
        with_second_factors("remove-second-factors/"),
        Role.ADMINISTRATOR,
    ),
    "own password": State("account_change_password", at(CHANGE_PASSWORD)),
    "own password refused": State("account_change_password", own_password_refused),
    "language": State("account_language", at("/accounts/language/")),
    "own password changed": State(
        "admin:password_change_done", at("/admin/password_change/done/"), Role.ADMINISTRATOR
    ),
}
