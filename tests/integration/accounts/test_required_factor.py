"""Who needs a second factor, and what is closed until it is set up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from screening.accounts.actions import make_recovery_codes
from screening.accounts.permissions import NEEDS_SECOND_FACTOR, Role
from screening.accounts.second_factor import OPEN_PAGES
from screening.models import AuditEvent, Screening, User
from tests.accounts import ACCOUNTS, NEW_ACCOUNT
from tests.factories import ScreeningFactory, UserFactory
from tests.integration.accounts.test_admin_access import PAGES as ADMIN_PAGES
from tests.integration.accounts.test_permissions import EXPECTATIONS
from tests.pages import words
from tests.queries import capture_queries
from tests.second_factors import ACCOUNT, add_totp

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
OTHERS = sorted(set(Role) - NEEDS_SECOND_FACTOR)


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def screening(edition: object) -> Screening:
    return ScreeningFactory()


def test_rules_the_audit_trail_and_accounts_need_a_second_factor() -> None:
    assert {Role.EDITOR, Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR} == NEEDS_SECOND_FACTOR


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("role", sorted(NEEDS_SECOND_FACTOR))
def test_without_it_every_page_leads_to_the_account(
    client_of: ClientOf, screening: Screening, role: Role, method: str
) -> None:
    client = client_of(UserFactory(role=role))
    closed = [each for name, each in EXPECTATIONS.items() if {name, f"screening:{name}"}.isdisjoint(OPEN_PAGES)]
    pages = [each.address.format(uuid=screening.uuid, name="1", purge="1") for each in closed]
    for address in [*pages, *ADMIN_PAGES.values(), "/admin/no/page/"]:
        response = client.generic(method, address)
        assert (response.status_code, response.headers.get("Location")) == (302, ACCOUNT), address


def test_without_it_nothing_is_changed_and_nothing_is_exported(client_of: ClientOf) -> None:
    client = client_of(UserFactory(role=Role.ADMINISTRATOR))
    before = AuditEvent.objects.count()
    assert client.post(f"{ACCOUNTS}add/", NEW_ACCOUNT).headers["Location"] == ACCOUNT
    assert (User.objects.count(), AuditEvent.objects.count()) == (1, before)


@pytest.mark.parametrize("address", ["/livez", "/metrics", "/accounts/password/reset/key/done/"])
def test_what_needs_no_sign_in_stays_open(client_of: ClientOf, address: str) -> None:
    assert client_of(UserFactory(role=Role.AUDITOR)).get(address).status_code == 200


def test_signing_out_stays_possible(client_of: ClientOf) -> None:
    client = client_of(UserFactory(role=Role.AUDITOR))
    assert client.post("/accounts/logout/").headers["Location"] == "/accounts/login/"


def test_the_account_page_says_what_to_do(client_of: ClientOf) -> None:
    page = client_of(UserFactory(role=Role.AUDITOR)).get("/audit/", follow=True)
    assert "Set up a second factor to continue" in words(page)


def test_with_it_the_pages_of_the_role_open(client_of: ClientOf, edition: object) -> None:
    person = UserFactory(role=Role.AUDITOR)
    add_totp(person)
    assert client_of(person).get("/audit/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client_of: ClientOf) -> None:
    person = UserFactory(role=Role.AUDITOR)
    make_recovery_codes(person)
    assert client_of(person).get("/audit/").headers["Location"] == ACCOUNT


def test_a_clinician_who_is_also_an_editor_needs_it(client_of: ClientOf, edition: object) -> None:
    both = client_of(UserFactory(role=Role.CLINICIAN, other_roles=[Role.EDITOR]))
    assert both.get("/screenings/new/").headers["Location"] == ACCOUNT


@pytest.mark.parametrize("role", OTHERS)
def test_other_roles_need_none_and_are_not_looked_up(client_of: ClientOf, edition: object, role: Role) -> None:
    client = client_of(UserFactory(role=role))
    with capture_queries() as queries:
        assert client.get("/screenings/").status_code == 200
    assert [each for each in queries.all if "mfa_authenticator" in each] == []


def test_other_roles_may_set_one_up(client_of: ClientOf) -> None:
    page = client_of(UserFactory(role=Role.CLINICIAN)).get(ACCOUNT)
    assert "Set up an authenticator app" in words(page)
    assert "to continue" not in words(page)


def test_a_demonstration_asks_for_it_only_if_it_is_set_so(
    client_of: ClientOf, edition: object, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    assert client_of(UserFactory(role=Role.EDITOR)).get("/editions/").status_code == 200
