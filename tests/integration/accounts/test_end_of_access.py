"""Ending access: sessions, disabled accounts, and what an administrator cannot do to their own account."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.test import Client

from screening.accounts import actions
from screening.accounts.account_state import AccountState
from screening.accounts.permissions import Role, roles_of
from screening.audit.actions import Action
from screening.models import AuditEvent, User
from tests.accounts import ACCOUNTS, ADD, NEW_ACCOUNT, NEW_PASSWORD, change, errors_on, fresh, page_of, shown
from tests.factories import PASSWORD, UserFactory
from tests.pages import words

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def events(action: str = "account.changed") -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


# Open sessions ------------------------------------------------------------------------------------------------


def test_a_change_of_roles_ends_the_sessions_at_the_next_request(
    admin: Client, client: Client, client_of: ClientOf, clinician: User, edition: object
) -> None:
    second, other = client_of(clinician), client_of(UserFactory())
    assert client.get("/screenings/").status_code == 200
    change(admin, clinician, roles=["editor"])
    assert [each.get("/screenings/").status_code for each in (client, second, other)] == [302, 302, 200]
    assert client_of(fresh(clinician)).get("/screenings/").status_code == 403
    assert [event.details for event in events("account.sessions_ended")] == [{"sessions": 2}]


def test_a_change_of_the_name_ends_no_session(
    admin: Client, client: Client, clinician: User, edition: object
) -> None:
    change(admin, clinician, last_name="Roe")
    assert client.get("/screenings/").status_code == 200
    assert events("account.sessions_ended") == []


def test_the_session_of_the_administrator_goes_on(admin: Client, client: Client, clinician: User) -> None:
    change(admin, clinician, roles=["editor"])
    assert admin.get(ACCOUNTS).status_code == 200


def test_a_disabled_user_is_signed_out_at_the_next_request(admin: Client, client: Client, clinician: User) -> None:
    assert change(admin, clinician, is_active=None).status_code == 302
    assert client.get("/screenings/").headers["Location"].startswith("/accounts/login/")
    assert events()[0].details["state_after"] == "disabled"


def test_a_session_of_a_disabled_account_does_not_go_on_when_it_is_active_again(
    admin: Client, client: Client, clinician: User
) -> None:
    change(admin, clinician, is_active=None)
    change(admin, clinician, is_active="on")
    assert client.get("/screenings/").status_code == 302


def test_a_disabled_account_can_be_made_active_again(admin: Client, clinician: User) -> None:
    change(admin, clinician, is_active=None)
    change(admin, clinician, is_active="on")
    assert fresh(clinician).is_active
    assert [event.details["state_after"] for event in events()] == ["disabled", "active"]


def test_ending_all_sessions_signs_out_that_user_only(
    admin: Client, client: Client, client_of: ClientOf, clinician: User
) -> None:
    second, other = client_of(clinician), client_of(UserFactory())
    response = admin.post(page_of(clinician, "end-sessions/"), follow=True)
    assert "Sessions ended: 2." in response.content.decode()
    assert [each.get("/screenings/").status_code for each in (client, second, other)] == [302, 302, 200]
    (event,) = events("account.sessions_ended")
    assert (event.subject, event.details, event.actor_role) == ("clinician", {"sessions": 2}, "administrator")


def test_ending_no_session_is_no_event(admin: Client, clinician: User) -> None:
    admin.post(page_of(clinician, "end-sessions/"))
    assert events("account.sessions_ended") == []


def test_a_new_password_ends_the_other_sessions(admin: Client, administrator: User, client_of: ClientOf) -> None:
    administrator.set_password(PASSWORD)
    administrator.save()
    own, other = client_of(administrator), client_of(administrator)
    new = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert own.post("/accounts/password/change/", new).status_code == 302
    assert [each.get(ACCOUNTS).status_code for each in (own, other, admin)] == [200, 302, 302]


def test_opening_the_address_of_a_button_changes_nothing(admin: Client, client: Client, clinician: User) -> None:
    for button in ("link/", "end-sessions/"):
        assert admin.get(page_of(clinician, button)).headers["Location"] == page_of(clinician)
    assert client.get("/screenings/").status_code == 200
    assert events("account.link_made") == []


def test_administrators_may_end_their_own_sessions(admin: Client, administrator: User) -> None:
    assert admin.post(page_of(administrator, "end-sessions/")).status_code == 302
    assert admin.get(ACCOUNTS).status_code == 302


# One's own account, and the last administrator ----------------------------------------------------------------


def test_one_s_own_roles_and_state_are_shown_and_cannot_be_edited(admin: Client, administrator: User) -> None:
    page = admin.get(page_of(administrator))
    assert {"roles", "is_active"}.isdisjoint(shown(page))
    assert "administrator" in words(page, "//*[contains(@class, 'field-role_names')]")


@pytest.mark.parametrize(
    "posted", [{"roles": ["administrator", "clinician"]}, {"roles": []}, {"is_active": "on"}, {"is_active": ""}]
)
def test_one_s_own_roles_and_state_are_refused_if_posted(
    admin: Client, administrator: User, posted: dict[str, Any]
) -> None:
    UserFactory(role=Role.ADMINISTRATOR)
    response = change(admin, administrator, last_name="Roe", **(posted if posted != {"roles": []} else {"roles": ""}))
    assert response.status_code == 422
    assert "cannot change your own roles" in errors_on(response)
    assert (fresh(administrator).last_name, fresh(administrator).is_active) == ("Administrator", True)
    assert events() == []


def test_administrators_may_change_their_own_name(admin: Client, administrator: User) -> None:
    assert change(admin, administrator, last_name="Roe").status_code == 302
    assert fresh(administrator).display_name == "Sample Roe"
    assert roles_of(fresh(administrator)) == (Role.ADMINISTRATOR,)
    assert len(events()) == 1


def test_an_administrator_may_be_disabled_by_another(admin: Client) -> None:
    other = UserFactory(role=Role.ADMINISTRATOR)
    assert change(admin, other, is_active=None).status_code == 302
    assert not fresh(other).is_active


def end_access(by: User, account: User) -> str:
    """Disable an account in a thread of its own."""
    state = AccountState.of(account)
    try:
        actions.change_account(account, state._replace(is_active=False), by=by, seen=state.version)
    except PermissionDenied:
        return "refused"
    finally:
        connections.close_all()
    return "saved"


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_disable_each_other_at_once_one_is_refused() -> None:
    first, second = UserFactory(role=Role.ADMINISTRATOR), UserFactory(role=Role.ADMINISTRATOR)
    UserFactory(role=Role.ADMINISTRATOR, username="third")
    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(end_access, (first, second), (second, first)))
    assert results == ["refused", "saved"]
    assert User.objects.filter(is_active=True).count() == 2
    assert len(events()) == 1


@pytest.mark.parametrize("page", ["add/", "change/", "link/", "end-sessions/"])
def test_an_administrator_who_is_disabled_while_they_save_is_refused(
    admin: Client, administrator: User, clinician: User, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    lock = actions.lock_accounts

    def after_another_administrator(by: User) -> None:
        User.objects.filter(pk=administrator.pk).update(is_active=False)
        lock(by)

    form = shown(admin.get(page_of(clinician))) | {"last_name": ["Roe"], "links_seen": ["0"]}
    monkeypatch.setattr(actions, "lock_accounts", after_another_administrator)
    before = AuditEvent.objects.count()
    response = admin.post(ADD, NEW_ACCOUNT) if page == "add/" else admin.post(page_of(clinician, page), form)
    assert response.status_code == 403
    assert "ask your administrator" in words(response)
    assert (User.objects.count(), fresh(clinician).last_name) == (2, "Clinician")
    assert AuditEvent.objects.count() == before + 1
    assert AuditEvent.objects.latest("pk").action == Action.ACCESS_REFUSED
