"""The lists of patients to call back: who may download them, their content, and the audit events."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from screening.accounts.permissions import Role
from screening.clinical.text.birth_dates import BirthDate
from screening.drafts.impact import run as impact
from screening.drafts.impact import views as impact_views
from screening.medications import actions
from screening.models import AuditEvent, Edition, RuleSet, User
from tests.drafts import acting, address, with_roles
from tests.factories import NO_OPIOID, EditionFactory, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import without_reference
from tests.past import drafted, screened
from tests.rules import rules_with_two_more, shipped_rules

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
NEWLY_FLAGGED, NEWLY_OPEN = "impact/newly-flagged.csv", "impact/newly-open.csv"
CALL_BACK_ROLES = {Role.CLINICIAN, Role.PRESCRIBER}


@pytest.fixture(autouse=True)
def _first_edition(edition: Edition) -> None:
    """Create the edition that patients are screened with."""


@pytest.fixture
def draft() -> RuleSet:
    """A draft with two more questions."""
    return drafted(rules_with_two_more())


def text(client: Client, draft: RuleSet, page: str = NEWLY_OPEN) -> str:
    response: Any = client.get(address(page))
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()


def rows(client: Client, draft: RuleSet, page: str = NEWLY_OPEN) -> list[dict[str, str]]:
    """Return the lines of a list by column heading."""
    return list(csv.DictReader(text(client, draft, page).removeprefix("\ufeff").splitlines()))


# Permissions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [NEWLY_FLAGGED, NEWLY_OPEN])
@pytest.mark.parametrize("role", Role)
def test_only_clinicians_and_prescribers_can_download_a_list(
    client_of: ClientOf, draft: RuleSet, role: Role, page: str
) -> None:
    response = client_of(UserFactory(role=role)).get(address(page))
    assert response.status_code == (200 if role in CALL_BACK_ROLES else 403)


@pytest.mark.parametrize("role", set(Role) - CALL_BACK_ROLES)
def test_users_without_the_role_are_refused_before_any_lookup(
    client_of: ClientOf, draft: RuleSet, role: Role
) -> None:
    client = client_of(UserFactory(role=role))
    targets = [
        address(NEWLY_OPEN),
        address("impact/no-such.csv"),
    ]
    answers = [client.get(each) for each in targets]
    assert [each.status_code for each in answers] == [403, 403]
    assert len({without_reference(each) for each in answers}) == 1


@pytest.mark.parametrize("kind", ["no-such", "no-longer-flagged", "newly", "NEWLY-OPEN"])
def test_an_unknown_list_is_not_found(client: Client, draft: RuleSet, kind: str) -> None:
    assert client.get(address(f"impact/{kind}.csv")).status_code == 404


def test_without_a_draft_there_is_no_list(client: Client) -> None:
    assert client.get(address(NEWLY_OPEN)).status_code == 404


@pytest.mark.parametrize("days", ["0", "3661", "soon"])
def test_invalid_days_are_refused_with_a_message(client: Client, draft: RuleSet, days: str) -> None:
    response = client.get(address(f"{NEWLY_OPEN}?days={days}"))
    assert response.status_code == 422
    assert "Enter a whole number of days from 1 to 3660." in response.content.decode()


def test_a_list_accepts_only_get_requests(client: Client, draft: RuleSet) -> None:
    assert client.post(address(NEWLY_OPEN)).status_code == 405


# Content ------------------------------------------------------------------------------------------------------


def test_a_line_contains_the_record_the_patient_both_results_and_the_rules(client: Client, draft: RuleSet) -> None:
    patient = PatientFactory(name="Sample Müller", record_number="DEMO-4711", birth_date=BirthDate(1961, 4, 12))
    screening = ScreeningFactory(patient=patient, taking_opioid=True)
    assert rows(client, draft) == [
        {
            "Record": screening.short_id,
            "Record number": "DEMO-4711",
            "Patient": "Sample Müller",
            "Born": "1961-04-12",
            "Screened on": screening.screened_at_local.date().isoformat(),
            "Edition": "1",
            "Result then": "Contraindication flagged: opioid use",
            "Result by the draft": "Contraindication flagged: opioid use",
            "Rules newly unresolved": "hypersensitivity; severe renal impairment",
        }
    ]


def test_newly_flagged_patients_are_listed_with_the_rules_that_flag(client: Client) -> None:
    screened("DEMO-0001", listed=NO_OPIOID)
    screened("DEMO-0002", listed="Zorbelan forte")
    editor = UserFactory(role=Role.EDITOR)
    actions.add_local_name(name="Zorbelan", ingredient="oxycodone", note="Local label", **acting(editor))
    (line,) = rows(client, drafted(shipped_rules()), NEWLY_FLAGGED)
    assert (line["Record number"], line["Rules newly flagged"]) == ("DEMO-0002", "opioid use")
    assert line["Result then"] == "No listed contraindication was identified from these answers"
    assert line["Result by the draft"] == "Contraindication flagged: opioid use"


def test_only_affected_patients_are_listed_once_each_and_oldest_first(client: Client) -> None:
    screened("DEMO-0002", 30)
    screened("DEMO-0001", 20)
    screened("DEMO-0002", 10)
    screened("DEMO-0003", 5, edition=EditionFactory(definition=rules_with_two_more()))
    listed = rows(client, drafted(rules_with_two_more(why="Another reason.")))
    assert [each["Record number"] for each in listed] == ["DEMO-0001", "DEMO-0002"]


def test_days_limit_the_period(client: Client, draft: RuleSet) -> None:
    screened("DEMO-0001", 40)
    assert rows(client, draft, f"{NEWLY_OPEN}?days=30") == []
    assert len(rows(client, draft, f"{NEWLY_OPEN}?days=50")) == 1


def test_patients_are_listed_in_batches(client: Client, draft: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        screened(f"DEMO-{number}")
    monkeypatch.setattr(impact, "CHUNK_SIZE", 5)
    monkeypatch.setattr(impact_views, "PATIENT_BATCH_SIZE", 2)
    assert [each["Record number"] for each in rows(client, draft)] == [f"DEMO-{number}" for number in range(7)]


def test_more_patients_need_no_more_queries(client: Client, draft: RuleSet) -> None:
    def query_count() -> int:
        with CaptureQueriesContext(connection) as queries:
            text(client, draft)
        return len(queries)

    screened("DEMO-0001")
    few = query_count()
    for number in range(2, 8):
        screened(f"DEMO-{number}", taking_opioid=number % 2)
    assert query_count() == few


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_runs_no_cell_as_a_formula(client: Client, draft: RuleSet, sign: str) -> None:
    hostile = f"{sign}HYPERLINK(1)"
    ScreeningFactory(patient=PatientFactory(name=hostile, record_number=hostile))
    written = text(client, draft)
    assert f",'{hostile}" in written or f",\"'{hostile}" in written
    assert f",{hostile}" not in written


def test_commas_quotation_marks_and_line_breaks_do_not_split_a_cell(client: Client, draft: RuleSet) -> None:
    ScreeningFactory(patient=PatientFactory(name='Sample, "Pat"', record_number="DEMO,1\n2"))
    (line,) = csv.DictReader(text(client, draft).removeprefix("\ufeff").splitlines(keepends=True))
    assert (line["Patient"], line["Record number"]) == ('Sample, "Pat"', "DEMO,1\n2")


# The file -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["newly-flagged", "newly-open"])
def test_the_file_name_contains_no_patient_and_the_response_is_not_cached(
    client: Client, draft: RuleSet, kind: str
) -> None:
    screened()
    headers = client.get(address(f"impact/{kind}.csv")).headers
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
    assert headers["Cache-Control"] == "no-store, private"


def test_the_file_begins_with_a_byte_order_mark(client: Client, draft: RuleSet) -> None:
    response: Any = client.get(address(NEWLY_OPEN))
    assert b"".join(response.streaming_content).startswith(b"\xef\xbb\xbfRecord,Record number,")


def test_the_file_is_streamed_line_by_line(client: Client, draft: RuleSet) -> None:
    for number in range(3):
        screened(f"DEMO-{number}")
    response: Any = client.get(address(NEWLY_OPEN))
    assert response.streaming
    assert len(list(response.streaming_content)) == 4


def test_an_incomplete_list_says_so_in_its_last_line(
    client: Client, draft: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: impact.ImpactRun) -> Any:
        yield impact.ImpactChunk(0, 1, [])
        raise RuntimeError("DEMO-0001")

    monkeypatch.setattr(impact.ImpactRun, "chunks", broken)
    *_, last = text(client, draft).splitlines()
    assert last == "THIS LIST IS INCOMPLETE: an error occurred. Download it again."


# Audit events -------------------------------------------------------------------------------------------------


def test_a_download_is_recorded_in_the_audit_trail_without_a_patient(
    client: Client, clinician: User, draft: RuleSet
) -> None:
    screened("DEMO-0001")
    text(client, draft, f"{NEWLY_OPEN}?days=30")
    event = AuditEvent.objects.get(action="impact.listed")
    assert (event.actor_id, event.actor_role, event.subject) == (clinician.pk, "clinician", f"rule set {draft.pk}")
    assert event.details == {"page": "draft_call_back", "kind": "newly-open", "days": 30}


def test_a_download_is_recorded_before_the_first_line_is_sent(client: Client, draft: RuleSet) -> None:
    client.get(address(NEWLY_OPEN))
    assert AuditEvent.objects.filter(action="impact.listed").count() == 1


def test_a_refused_request_is_not_recorded_as_a_download(client: Client, draft: RuleSet) -> None:
    client.get(address(f"{NEWLY_OPEN}?days=0"))
    client.get(address("impact/no-such.csv"))
    assert not AuditEvent.objects.filter(action="impact.listed").exists()


def test_the_role_that_grants_the_permission_is_recorded(client_of: ClientOf, draft: RuleSet) -> None:
    text(client_of(with_roles(Role.EDITOR, Role.PRESCRIBER)), draft)
    assert AuditEvent.objects.get(action="impact.listed").actor_role == "prescriber"
