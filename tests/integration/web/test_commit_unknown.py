"""Where COMMIT itself fails nobody knows whether the database kept what was written, and the page says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from lxml import html

from screening.accounts.permissions import Role
from screening.models import Answer, AuditEvent, Edition, RuleSet, Screening, User, Void
from screening.web.transactions import CommitUnknown, committed
from tests.drafts import started
from tests.edit_pages import changed, form_data_of, page_of
from tests.factories import PASSWORD, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import AMENDMENT, CLEAR_FORM, NEW, address_of, ticket, words

pytestmark = pytest.mark.django_db(transaction=True)

LOGIN, LOGOUT = "/accounts/login/", "/accounts/logout/"
NOT_KNOWN = "It is not known whether this was recorded"
NOTHING = "Nothing was recorded"
SAFE = "That is safe"


@contextmanager
def commit_fails(*, kept: bool, of: int = 1, fault: Exception | None = None) -> Iterator[None]:
    """Let the last ``of`` so many COMMITs fail: where it is ``kept`` only the database's answer is lost."""
    commit, left = connection.commit, [of]

    def fail() -> None:
        left[0] -= 1
        if left[0] > 0 or kept:
            commit()
        else:
            connection.rollback()
        if left[0] == 0:
            raise fault or OperationalError("server closed the connection unexpectedly")

    with mock.patch.object(connection, "commit", fail):
        yield


@pytest.fixture(params=[True, False], ids=["kept", "not kept"])
def kept(request: pytest.FixtureRequest) -> bool:
    """Whether the database kept what the lost COMMIT was about."""
    return bool(request.param)


def shown_instead(client: Client, address: str, form: dict[str, Any], **how: Any) -> Any:
    """The page after sending a form whose COMMIT fails."""
    client.raise_request_exception = False
    with commit_fails(**how):
        response = client.post(address, form)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert NOTHING not in words(response)
    assert "Sample Patient" not in response.content.decode()
    return response


def link_on(response: Any) -> str:
    """Where the page sends people to look."""
    (link,) = html.fromstring(response.content.decode()).xpath("//main//*[contains(@class, 'actions')]//a/@href")
    return str(link)


# Screenings ---------------------------------------------------------------------------------------------------


def test_a_screening_is_not_said_to_be_unrecorded_and_may_be_sent_again(
    client: Client, edition: Edition, kept: bool
) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    response = shown_instead(client, NEW, form, kept=kept)
    assert NOT_KNOWN in words(response)
    assert SAFE in words(response)
    assert Screening.objects.count() == int(kept)
    assert link_on(response) == "/screenings/"
    assert client.get("/screenings/").status_code == 200
    again = client.post(NEW, form)
    assert again.headers["Location"] == address_of(Screening.objects.get())


def test_an_amendment_may_be_sent_again(client: Client, clinician: User, edition: Edition, kept: bool) -> None:
    screening = ScreeningFactory(by=clinician, patient=PatientFactory(record_number="DEMO-0001"))
    address = address_of(screening, "amend/")
    form = {"form_ticket": ticket(client, address)} | AMENDMENT
    response = shown_instead(client, address, form, kept=kept)
    assert NOT_KNOWN in words(response)
    assert SAFE in words(response)
    assert Screening.objects.count() == 1 + kept
    again = client.post(address, form)
    assert again.headers["Location"] == address_of(Screening.objects.get(supersedes=screening))
    assert Screening.objects.count() == 2


def test_a_record_is_marked_as_entered_in_error_once(
    client: Client, clinician: User, edition: Edition, kept: bool
) -> None:
    screening = ScreeningFactory(by=clinician)
    address = address_of(screening, "void/")
    form = {"void_reason": "Wrong patient", "confirmation": screening.short_id}
    response = shown_instead(client, address, form, kept=kept)
    assert NOT_KNOWN in words(response)
    assert SAFE in words(response)
    assert link_on(response) == address_of(screening)
    assert client.get(link_on(response)).status_code == 200
    assert Void.objects.exists() == kept
    assert client.post(address, form).status_code == (409 if kept else 302)
    assert Void.objects.count() == 1


# Rules --------------------------------------------------------------------------------------------------------


class Sent(NamedTuple):
    """A form about rules: who sends it, where to and what, and where to look whether it was kept."""

    role: Role
    address: str
    form: dict[str, Any]
    look_at: str


def _discarding(draft: RuleSet) -> Sent:
    return Sent(Role.EDITOR, f"/admin/screening/ruleset/{draft.pk}/discard/", {}, "/admin/screening/ruleset/")


def _proposing(draft: RuleSet) -> Sent:
    RuleSet.objects.update(title="Another title")
    address = f"/admin/screening/ruleset/{draft.pk}/propose/"
    return Sent(Role.EDITOR, address, {"change_note": "A title"}, "/admin/screening/ruleset/")


def _removing_a_case(draft: RuleSet) -> Sent:
    case = draft.cases.all()[0]
    address = f"/admin/screening/case/{case.pk}/remove/"
    return Sent(Role.EDITOR, address, {"seen": case.revision}, "/admin/screening/ruleset/")


def _confirming_a_review(draft: RuleSet) -> Sent:
    form = {"rules": ["pregnancy"], "next_review": f"{timezone.localtime().year + 1}-11-01", "confirmation": "on"}
    return Sent(Role.CLINICIAN, "/editions/1/review/", form, "/editions/1/")


def _adding_a_name(draft: RuleSet) -> Sent:
    form = {"name": "Zorbelan", "ingredient": "oxycodone", "note": "House label"}
    return Sent(Role.EDITOR, "/editions/local-names/add/", form, "/editions/local-names/")


@pytest.mark.parametrize("sending", [_discarding, _proposing, _removing_a_case, _confirming_a_review, _adding_a_name])
def test_a_change_of_rules_says_where_to_look_before_it_is_sent_again(
    edition: Edition, client_of: Callable[[User], Client], sending: Callable[[RuleSet], Sent]
) -> None:
    draft = started(UserFactory(role=Role.EDITOR))
    sent = sending(draft)
    client = client_of(UserFactory(role=sent.role))
    events = AuditEvent.objects.count()
    response = shown_instead(client, sent.address, sent.form, kept=True)
    assert NOT_KNOWN in words(response)
    assert "before you send it again" in words(response)
    assert link_on(response) == sent.look_at
    assert client.get(sent.look_at, follow=True).status_code == 200
    assert AuditEvent.objects.count() == events + 1


def test_a_rule_that_is_saved_says_where_to_look(
    edition: Edition, client_of: Callable[[User], Client], kept: bool
) -> None:
    draft, editor = started(UserFactory(role=Role.EDITOR)), client_of(UserFactory(role=Role.EDITOR))
    address = page_of(draft.rules.get(link_id="pregnancy"))
    form = changed(form_data_of(editor.get(address)), name=["pregnancy now"])
    response = shown_instead(editor, address, form, kept=kept)
    assert NOT_KNOWN in words(response)
    assert link_on(response) == "/admin/screening/ruleset/"
    assert draft.rules.filter(name="pregnancy now").exists() == kept


# Signing in and out -------------------------------------------------------------------------------------------


def commits_of(action: Callable[[], object]) -> int:
    """How many COMMITs an action takes."""
    with mock.patch.object(connection, "commit", wraps=connection.commit) as commit:
        action()
    return commit.call_count


def test_signing_in_says_that_it_is_not_known(clinician: User, kept: bool) -> None:
    sent = {"login": clinician.username, "password": PASSWORD}
    last = commits_of(lambda: Client().post(LOGIN, sent))
    client = Client()
    response = shown_instead(client, LOGIN, sent, kept=kept, of=last)
    assert NOT_KNOWN in words(response)
    assert "If it asks you to sign in, you were not signed in" in words(response)
    assert link_on(response) == "/"


def test_signing_out_says_that_it_is_not_known(client: Client, kept: bool) -> None:
    response = shown_instead(client, LOGOUT, {}, kept=kept)
    assert NOT_KNOWN in words(response)
    assert "sign out again before you leave this computer" in words(response)
    assert client.get("/screenings/").status_code == 302


def test_signing_out_and_its_event_are_kept_together(client: Client) -> None:
    before = AuditEvent.objects.count()
    shown_instead(client, LOGOUT, {}, kept=False)
    assert AuditEvent.objects.count() == before


# What fails otherwise -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["BEGIN", "INSERT"])
def test_what_fails_before_commit_was_not_recorded(client: Client, edition: Edition, statement: str) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    places = {
        "BEGIN": "screening.web.transactions.transaction.atomic",
        "INSERT": "screening.screenings.actions.Answer.objects.bulk_create",
    }
    client.raise_request_exception = False
    with mock.patch(places[statement], side_effect=OperationalError("gone")):
        response = client.post(NEW, form)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert NOTHING in words(response)
    assert not Screening.objects.exists()


@pytest.mark.parametrize("fault", [OperationalError("gone"), InterfaceError("the connection is closed")])
def test_a_commit_that_fails_has_an_error_of_its_own(fault: Exception) -> None:
    with pytest.raises(CommitUnknown) as refusal, commit_fails(kept=False, fault=fault), committed():
        UserFactory()
    assert refusal.value.__cause__ is fault


def test_a_commit_that_the_database_refuses_was_not_kept(edition: Edition) -> None:
    answer = Answer(screening_id=0, position=0, link_id="pregnancy", code="no", status="not_flagged")
    with pytest.raises(IntegrityError), committed():
        answer.save()
    assert not Answer.objects.exists()


def test_the_end_of_an_inner_block_is_no_commit() -> None:
    lost = mock.patch.object(connection, "savepoint_commit", side_effect=OperationalError("gone"))
    with pytest.raises(OperationalError) as refusal, transaction.atomic(), lost, committed():
        pass
    assert not isinstance(refusal.value, CommitUnknown)


def test_what_is_raised_inside_stays_what_it_is() -> None:
    fault = OperationalError("gone")
    with pytest.raises(OperationalError) as refusal, committed():
        raise fault
    assert refusal.value is fault


@pytest.mark.postgresql
def test_a_server_that_goes_away_while_it_commits_is_noticed(client: Client, edition: Edition) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION go_away() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
        )
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER go_away AFTER INSERT ON screening_screening"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION go_away()"
        )
    client.raise_request_exception = False
    try:
        response = client.post(NEW, form)
    finally:
        connection.cursor().execute("DROP FUNCTION go_away CASCADE")
    assert (response.status_code, NOT_KNOWN in words(response)) == (503, True)
    assert client.post(NEW, form).headers["Location"] == address_of(Screening.objects.get())
