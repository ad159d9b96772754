"""After a failed COMMIT it is not known whether the data were stored, and the page says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

import psycopg
import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from lxml import html

from screening.accounts.permissions import Role
from screening.models import Answer, AuditEvent, Decision, Edition, RuleSet, Screening, User, Void
from screening.web.transactions import CommitUnknown, committed
from tests.accounts import ACCOUNTS, ADD, NEW_ACCOUNT
from tests.decisions import decision_page, hidden_fields, reasons
from tests.drafts import started
from tests.edit_pages import changed, form_data_of, page_of
from tests.factories import PASSWORD, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import AMENDMENT, CLEAR_FORM, NEW, address_of, ticket, words

pytestmark = pytest.mark.django_db(transaction=True)

LOGIN, LOGOUT = "/accounts/login/", "/accounts/logout/"
NOT_KNOWN = "It is not known whether this was recorded"
NOTHING = "Nothing was recorded"
SAFE = "This is safe"


@contextmanager
def commit_fails(*, is_stored: bool, of: int = 1, fault: Exception | None = None) -> Iterator[None]:
    """Let COMMIT number ``of`` fail; with ``is_stored`` the data are stored and only the response is lost."""
    commit, remaining = connection.commit, [of]

    def fail() -> None:
        remaining[0] -= 1
        if remaining[0] > 0 or is_stored:
            commit()
        else:
            connection.rollback()
        if remaining[0] == 0:
            raise fault or OperationalError("server closed the connection unexpectedly")

    with mock.patch.object(connection, "commit", fail):
        yield


@pytest.fixture(params=[True, False], ids=["stored", "not stored"])
def is_stored(request: pytest.FixtureRequest) -> bool:
    """Whether the data of the failed COMMIT were stored."""
    return bool(request.param)


def page_after_failed_commit(client: Client, address: str, form: dict[str, Any], **how: Any) -> Any:
    """Send a form whose COMMIT fails, and return the response."""
    client.raise_request_exception = False
    with commit_fails(**how):
        response = client.post(address, form)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert NOTHING not in words(response)
    assert "Sample Patient" not in response.content.decode()
    return response


def link_on(response: Any) -> str:
    """Return the link to the page that shows whether the data were stored."""
    (link,) = html.fromstring(response.content.decode()).xpath("//main//*[contains(@class, 'actions')]//a/@href")
    return str(link)


# A full disk --------------------------------------------------------------------------------------------------


def disk_full() -> OperationalError:
    """Return the error of Django for the error of the database."""
    fault = OperationalError("No space left on device")
    if connection.vendor == "postgresql":
        fault.__cause__ = psycopg.errors.DiskFull()
    else:
        fault.__cause__ = sqlite3.OperationalError()
        fault.__cause__.sqlite_errorcode = sqlite3.SQLITE_FULL
    return fault


def test_a_commit_that_a_full_disk_prevents_has_recorded_nothing_and_can_be_sent_again(
    client: Client, edition: Edition
) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    client.raise_request_exception = False
    with commit_fails(is_stored=False, fault=disk_full()):
        response = client.post(NEW, form)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert "The disk of the server is full. Nothing was recorded." in words(response)
    assert NOT_KNOWN not in words(response)
    assert Screening.objects.count() == 0
    assert client.post(NEW, form).headers["Location"] == address_of(Screening.objects.get())


# Screenings ---------------------------------------------------------------------------------------------------


def test_a_screening_can_be_sent_again(client: Client, edition: Edition, is_stored: bool) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    response = page_after_failed_commit(client, NEW, form, is_stored=is_stored)
    assert NOT_KNOWN in words(response)
    assert SAFE in words(response)
    assert Screening.objects.count() == int(is_stored)
    assert link_on(response) == "/screenings/"
    assert client.get("/screenings/").status_code == 200
    again = client.post(NEW, form)
    assert again.headers["Location"] == address_of(Screening.objects.get())


def test_an_amendment_can_be_sent_again(client: Client, clinician: User, edition: Edition, is_stored: bool) -> None:
    screening = ScreeningFactory(by=clinician, patient=PatientFactory(record_number="DEMO-0001"))
    address = address_of(screening, "amend/")
    form = {"form_ticket": ticket(client, address)} | AMENDMENT
    response = page_after_failed_commit(client, address, form, is_stored=is_stored)
    assert NOT_KNOWN in words(response)
    assert SAFE in words(response)
    assert Screening.objects.count() == 1 + is_stored
    again = client.post(address, form)
    assert again.headers["Location"] == address_of(Screening.objects.get(supersedes=screening))
    assert Screening.objects.count() == 2


def test_a_record_is_voided_only_once(client: Client, clinician: User, edition: Edition, is_stored: bool) -> None:
    screening = ScreeningFactory(by=clinician)
    address = address_of(screening, "void/")
    form = {"void_reason": "Wrong patient", "confirmation": screening.short_id}
    response = page_after_failed_commit(client, address, form, is_stored=is_stored)
    assert NOT_KNOWN in words(response)
    assert SAFE in words(response)
    assert link_on(response) == address_of(screening)
    assert client.get(link_on(response)).status_code == 200
    assert Void.objects.exists() == is_stored
    assert client.post(address, form).status_code == (409 if is_stored else 302)
    assert Void.objects.count() == 1


def test_a_decision_is_recorded_only_once(client: Client, edition: Edition, is_stored: bool) -> None:
    client.force_login(UserFactory(role=Role.PRESCRIBER))
    screening = ScreeningFactory(taking_opioid=True)
    address = decision_page(screening)
    form = hidden_fields(client.get(address)) | reasons(screening) | {"decision": "refer"}
    response = page_after_failed_commit(client, address, form, is_stored=is_stored)
    assert NOT_KNOWN in words(response)
    assert SAFE in words(response)
    assert link_on(response) == address_of(screening)
    assert Decision.objects.exists() == is_stored
    assert client.post(address, form).status_code == 302
    assert Decision.objects.count() == 1


# Rules --------------------------------------------------------------------------------------------------------


class Submission(NamedTuple):
    """A form about rules: the role that sends it, its URL and data, and the page that shows the result."""

    role: Role
    address: str
    form: dict[str, Any]
    status_page: str


def _discarding(draft: RuleSet) -> Submission:
    return Submission(Role.EDITOR, "/draft/discard/", {}, "/draft/")


def _proposing(draft: RuleSet) -> Submission:
    RuleSet.objects.update(title="Another title")
    return Submission(Role.EDITOR, "/draft/propose/", {"change_note": "A title"}, "/draft/")


def _removing_a_case(draft: RuleSet) -> Submission:
    case = draft.cases.all()[0]
    return Submission(Role.EDITOR, "/draft/cases/1/remove/", {"seen": case.revision}, "/draft/")


def _confirming_a_review(draft: RuleSet) -> Submission:
    form = {"rules": ["pregnancy"], "next_review": f"{timezone.localtime().year + 1}-11-01", "confirmation": "on"}
    return Submission(Role.CLINICIAN, "/editions/1/review/", form, "/editions/1/")


def _adding_a_local_name(draft: RuleSet) -> Submission:
    form = {"name": "Zorbelan", "ingredient": "oxycodone", "note": "Local label"}
    return Submission(Role.EDITOR, "/editions/local-names/add/", form, "/editions/local-names/")


@pytest.mark.parametrize(
    "sending", [_discarding, _proposing, _removing_a_case, _confirming_a_review, _adding_a_local_name]
)
def test_after_a_change_of_rules_the_page_links_to_where_to_check_it(
    edition: Edition, client_of: Callable[[User], Client], sending: Callable[[RuleSet], Submission]
) -> None:
    draft = started(UserFactory(role=Role.EDITOR))
    sent = sending(draft)
    client = client_of(UserFactory(role=sent.role))
    events = AuditEvent.objects.count()
    response = page_after_failed_commit(client, sent.address, sent.form, is_stored=True)
    assert NOT_KNOWN in words(response)
    assert "before you send it again" in words(response)
    assert link_on(response) == sent.status_page
    assert client.get(sent.status_page, follow=True).status_code == 200
    assert AuditEvent.objects.count() == events + 1


def test_after_saving_a_rule_the_page_links_to_where_to_check_it(
    edition: Edition, client_of: Callable[[User], Client], is_stored: bool
) -> None:
    draft, editor = started(UserFactory(role=Role.EDITOR)), client_of(UserFactory(role=Role.EDITOR))
    address = page_of(draft.rules.get(link_id="pregnancy"))
    form = changed(form_data_of(editor.get(address)), name=["pregnancy now"])
    response = page_after_failed_commit(editor, address, form, is_stored=is_stored)
    assert NOT_KNOWN in words(response)
    assert link_on(response) == "/draft/"
    assert draft.rules.filter(name="pregnancy now").exists() == is_stored


# Signing in and out -------------------------------------------------------------------------------------------


def commits_of(action: Callable[[], object]) -> int:
    """Return the number of COMMITs of an action."""
    with mock.patch.object(connection, "commit", wraps=connection.commit) as commit:
        action()
    return commit.call_count


def test_signing_in_reports_that_the_result_is_not_known(clinician: User, is_stored: bool) -> None:
    sent = {"login": clinician.username, "password": PASSWORD}
    last = commits_of(lambda: Client().post(LOGIN, sent))
    client = Client()
    response = page_after_failed_commit(client, LOGIN, sent, is_stored=is_stored, of=last)
    assert NOT_KNOWN in words(response)
    assert "If it asks you to sign in, you were not signed in" in words(response)
    assert link_on(response) == "/"


def test_signing_out_reports_that_the_result_is_not_known(client: Client, is_stored: bool) -> None:
    response = page_after_failed_commit(client, LOGOUT, {}, is_stored=is_stored)
    assert NOT_KNOWN in words(response)
    assert "sign out again before you leave this computer" in words(response)
    assert client.get("/screenings/").status_code == 302


def test_signing_out_and_its_event_are_stored_together(client: Client) -> None:
    before = AuditEvent.objects.count()
    page_after_failed_commit(client, LOGOUT, {}, is_stored=False)
    assert AuditEvent.objects.count() == before


# Accounts -----------------------------------------------------------------------------------------------------


def test_after_adding_an_account_the_page_links_to_the_accounts(
    client_of: Callable[[User], Client], is_stored: bool
) -> None:
    admin = client_of(UserFactory(role=Role.ADMINISTRATOR))
    response = page_after_failed_commit(admin, ADD, NEW_ACCOUNT, is_stored=is_stored)
    assert NOT_KNOWN in words(response)
    assert link_on(response) == ACCOUNTS
    assert "password/reset/key" not in response.content.decode()
    assert User.objects.filter(username="jane.doe").exists() == is_stored


# Other failures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["BEGIN", "INSERT"])
def test_after_a_failure_before_commit_nothing_is_recorded(client: Client, edition: Edition, statement: str) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    targets = {
        "BEGIN": "screening.web.transactions.transaction.atomic",
        "INSERT": "screening.screenings.actions.Answer.objects.bulk_create",
    }
    client.raise_request_exception = False
    with mock.patch(targets[statement], side_effect=OperationalError("gone")):
        response = client.post(NEW, form)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert NOTHING in words(response)
    assert not Screening.objects.exists()


@pytest.mark.parametrize("fault", [OperationalError("gone"), InterfaceError("the connection is closed")])
def test_a_failed_commit_raises_commit_unknown(fault: Exception) -> None:
    with pytest.raises(CommitUnknown) as refusal, commit_fails(is_stored=False, fault=fault), committed():
        UserFactory()
    assert refusal.value.__cause__ is fault


def test_after_a_refused_commit_nothing_is_stored(edition: Edition) -> None:
    answer = Answer(screening_id=0, position=0, link_id="pregnancy", code="no", status="not_flagged")
    with pytest.raises(IntegrityError), committed():
        answer.save()
    assert not Answer.objects.exists()


def test_a_failed_savepoint_is_not_a_failed_commit() -> None:
    lost = mock.patch.object(connection, "savepoint_commit", side_effect=OperationalError("gone"))
    with pytest.raises(OperationalError) as refusal, transaction.atomic(), lost, committed():
        pass
    assert not isinstance(refusal.value, CommitUnknown)


def test_an_exception_inside_the_transaction_is_not_changed() -> None:
    fault = OperationalError("gone")
    with pytest.raises(OperationalError) as refusal, committed():
        raise fault
    assert refusal.value is fault


@pytest.mark.postgresql
def test_a_lost_connection_during_commit_is_reported(client: Client, edition: Edition) -> None:
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
