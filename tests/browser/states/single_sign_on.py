"""Signing in through a provider."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from playwright.sync_api import Page, Route

from screening.accounts.permissions import Role
from screening.models import User
from tests.accounts import page_of
from tests.browser.states.errors import served_at
from tests.browser.states.state import State, at
from tests.browser.steps import LOGIN
from tests.oidc import CALLBACK, NAME, ROLES, sign_on_settings
from tests.oidc import LOGIN as TO_PROVIDER

NOBODY_LISTENS = "http://127.0.0.1:1"
PROVIDER = sign_on_settings(NOBODY_LISTENS)
LONG_NAME = sign_on_settings(NOBODY_LISTENS, LDN_OIDC_NAME="W" * 40)
PROVIDER_ONLY = sign_on_settings(NOBODY_LISTENS, LDN_LOCAL_ACCOUNTS="0")
ROLES_OF_PROVIDER = sign_on_settings(NOBODY_LISTENS, LDN_OIDC_ROLES=ROLES)


def unavailable(page: Page) -> None:
    """Open the page of a provider that does not answer, with status 200, because 503 fails a test in the browser."""

    def serve(route: Route) -> None:
        route.fulfill(response=route.fetch(), status=200)

    page.goto(LOGIN)
    page.route(f"**{TO_PROVIDER}", serve)
    with page.expect_navigation():
        page.get_by_role("button", name=f"Sign in with {NAME}").click()


def disabled(request: HttpRequest) -> HttpResponse:
    """Return the page shown to somebody whose account is disabled."""
    return render(request, "screening/accounts/account_disabled.html")


def without_a_role(page: Page) -> None:
    User.objects.get(username="clinician").groups.clear()
    page.goto("/screenings/")


def account_of_the_provider(page: Page) -> None:
    account = User.objects.get(username="clinician")
    SocialAccount.objects.create(user=account, provider="sso", uid=f"{NOBODY_LISTENS} robin")
    page.goto(page_of(account))


ANSWER = "openid_connect_callback"
STATES = {
    "sign-in with a provider": State("account_login", at(LOGIN), None, LONG_NAME),
    "sign-in with a provider only": State("account_login", at(LOGIN), None, PROVIDER_ONLY),
    "provider, sign-in refused": State(ANSWER, at(f"{CALLBACK}?code=x&state=y"), None, PROVIDER),
    "provider, account disabled": State(ANSWER, served_at(CALLBACK, disabled), None, PROVIDER),
    "provider does not answer": State("openid_connect_login", unavailable, None, PROVIDER),
    "list, without a role": State("screening:screening_list", without_a_role),
    "account of the provider": State(
        "admin:screening_user_change", account_of_the_provider, Role.ADMINISTRATOR, ROLES_OF_PROVIDER
    ),
}
