"""Every refusal is recorded: for lack of a role, and at signing in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.audit.actions import Action
from screening.models import AuditEvent, Edition, User
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import address_of

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

ClientOf = Callable[[User], Client]
LOGIN = "/accounts/login/"


@pytest.fixture
def editor(client_of: ClientOf, edition: Edition) -> Client:
    """A test client of an editor, who sees no patients."""
    return client_of(UserFactory(role=Role.EDITOR, username="editor"))


def refusals() -> list[tuple[str, str, str, dict[str, object]]]:
    """Return who was refused in which role, the record and the details, oldest first."""
    found = AuditEvent.objects.filter(action=Action.ACCESS_REFUSED).order_by("pk")
    return list(found.values_list("actor_name", "actor_role", "subject", "details"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_refusal_names_person_role_record_page_and_method(editor: Client, method: str) -> None:
    screening = ScreeningFactory()
    assert editor.generic(method, address_of(screening, "void/")).status_code == 403
    details = {"page": "screening_void", "method": method}
    assert refusals() == [("editor", "editor", str(screening.uuid), details)]


def test_a_method_that_http_does_not_define_is_not_stored(client: Client) -> None:
    assert client.generic("QUIXWRIGHT", "/audit/").status_code in {403, 405}
    client.generic("QUIXWRIGHT", "/admin/")
    assert "QUIXWRIGHT" not in str(refusals())
    assert refusals()[-1][-1]["method"] == "other"


def test_a_refusal_is_recorded_for_an_id_that_does_not_exist(editor: Client) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    assert editor.get(f"/screenings/{unknown}/print/").status_code == 403
    assert [subject for _, _, subject, _ in refusals()] == [unknown]


def test_a_refusal_of_the_accounts_admin_is_recorded(client: Client) -> None:
    assert client.get("/admin/screening/user/").status_code == 403
    assert [details["page"] for *_, details in refusals()] == ["screening_user_changelist"]


def test_a_person_without_any_role_is_refused_and_recorded(client_of: ClientOf, clinician: User) -> None:
    clinician.groups.clear()
    assert client_of(clinician).get("/screenings/").status_code == 403
    assert [(name, role) for name, role, *_ in refusals()] == [("clinician", "")]


def test_a_decision_sent_without_the_role_is_one_refused_access_and_one_refused_decision(
    client: Client, edition: Edition
) -> None:
    screening = ScreeningFactory()
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    assert client.post(address_of(screening, "decision/"), {"decision": "prescribe"}).status_code == 403
    actions = AuditEvent.objects.exclude(pk__in=before).values_list("action", flat=True)
    assert sorted(actions) == [Action.ACCESS_REFUSED, Action.DECISION_REFUSED]


def test_what_is_permitted_records_no_refusal(client: Client, edition: Edition) -> None:
    client.get(address_of(ScreeningFactory()))
    client.get("/screenings/00000000-0000-4000-8000-000000000000/")
    assert refusals() == []


def test_a_refused_sign_in_names_the_account_that_it_was_for(client: Client, clinician: User) -> None:
    client.logout()
    client.post(LOGIN, {"login": "clinician", "password": "a wrong password"})
    event = AuditEvent.objects.latest("pk")
    assert (event.actor_name, event.action, event.subject) == ("not signed in", Action.SIGN_IN_REFUSED, "clinician")


def test_an_unknown_name_is_not_stored_because_it_may_be_a_password(client: Client, clinician: User) -> None:
    client.logout()
    client.post(LOGIN, {"login": "my secret password", "password": "x"})
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.subject, event.details) == (Action.SIGN_IN_REFUSED, "", {})


def test_a_sign_in_that_is_refused_after_too_many_is_recorded_as_well(client: Client, clinician: User) -> None:
    client.logout()
    for _ in range(12):
        client.post(LOGIN, {"login": "clinician", "password": "a wrong password"})
    events = AuditEvent.objects.filter(action=Action.SIGN_IN_REFUSED)
    assert events.count() == 12
    assert events.latest("pk").details == {"reason": "too many attempts"}
