"""Whoever reads a record sees who else looked at it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event
from screening.audit_trail.events import PAGE_SIZE
from screening.models import AuditEvent, Screening, User
from tests.factories import PatientFactory, ScreeningFactory, UserFactory
from tests.pages import CLEAR_FORM, address_of, links, send, words
from tests.queries import capture_queries
from tests.trail import all_rows, caption_of, rows

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]


def looks(screening: Screening) -> str:
    return address_of(screening, "looks/")


def test_each_look_is_listed_with_its_page_newest_first(
    client_of: ClientOf, client: Client, screening: Screening
) -> None:
    prescriber = client_of(UserFactory(role=Role.PRESCRIBER, username="prescriber"))
    pages = ["", "print/", "summary.pdf", "summary.txt", "others/", "decision/", "amend/", "void/"]
    for page in pages:
        assert prescriber.get(address_of(screening, page)).status_code == 200
    found = [row[1:] for row in rows(client.get(looks(screening)))]
    names = [
        *("Entered-in-error form", "Amendment form", "Decision page", "Other screenings of the record number"),
        *("Plain text", "PDF", "Print", "Result"),
    ]
    assert found == [["prescriber", "prescriber", name] for name in names]


def test_the_question_on_another_form_counts_as_a_look(client: Client, clinician: User) -> None:
    screening = ScreeningFactory(by=clinician, patient=PatientFactory(record_number="DEMO-0001"))
    assert send(client, CLEAR_FORM, patient_name="Another Person").status_code == 422
    assert rows(client.get(looks(screening)))[0][3] == "New screening, question about the record number"


def test_an_event_without_a_page_is_named_by_its_action(
    client: Client, clinician: User, screening: Screening
) -> None:
    record_event(Action.SCREENING_PRINTED, by=clinician, role="clinician", subject=str(screening.uuid))
    assert rows(client.get(looks(screening)))[0][3] == "Print"


def test_recording_and_refusals_are_no_looks(client: Client, client_of: ClientOf, screening: Screening) -> None:
    client_of(UserFactory(role=Role.EDITOR)).get(address_of(screening))
    page = client.get(looks(screening))
    assert (rows(page), caption_of(page)) == ([], "0 looks by 0 people, newest first. Times are UTC.")


def test_looks_at_other_records_are_not_listed(client: Client, screening: Screening) -> None:
    client.get(address_of(ScreeningFactory()))
    assert rows(client.get(looks(screening))) == []


def test_the_caption_counts_looks_and_people(client: Client, client_of: ClientOf, screening: Screening) -> None:
    other = client_of(UserFactory(role=Role.AUDITOR))
    for reader in (client, client, other):
        reader.get(address_of(screening))
    assert caption_of(client.get(looks(screening))) == "3 looks by 2 people, newest first. Times are UTC."


def test_this_look_is_recorded_and_shown_the_next_time(client: Client, screening: Screening) -> None:
    assert rows(client.get(looks(screening))) == []
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.subject) == ("looks.listed", str(screening.uuid))
    page = client.get(looks(screening))
    assert [row[1:] for row in rows(page)] == [["clinician", "clinician", "Who looked at this record"]]
    assert "Opening this page is recorded too. It shows after you leave." in words(page)


def test_the_banner_shows_the_patient_and_the_record_is_linked(client: Client, screening: Screening) -> None:
    page = client.get(looks(screening))
    assert words(page, "//section[@aria-label='Patient']") == words(
        client.get(address_of(screening)), "//section[@aria-label='Patient']"
    )
    assert f"Record {screening.short_id}." in words(page)
    assert address_of(screening) in links(page)
    assert looks(screening) in links(client.get(address_of(screening)))


def test_pages_show_every_look_once(client: Client, clinician: User, screening: Screening) -> None:
    for number in range(PAGE_SIZE + 3):
        record_event(Action.SCREENING_READ, by=clinician, role=f"role {number}", subject=str(screening.uuid))
    found = [row[2] for row in all_rows(client, looks(screening)) if row[2].startswith("role ")]
    assert found == [f"role {number}" for number in reversed(range(PAGE_SIZE + 3))]


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 5_000, "\0"])
def test_an_impossible_place_starts_with_the_newest_look(client: Client, screening: Screening, after: str) -> None:
    client.get(address_of(screening))
    assert len(rows(client.get(looks(screening), {"after": after}))) == 1


@pytest.mark.parametrize("state", ["superseded", "voided"])
def test_a_record_that_is_not_current_has_looks_too(client: Client, clinician: User, state: str) -> None:
    screening = ScreeningFactory(by=clinician, **{state: True})
    client.get(address_of(screening))
    assert len(rows(client.get(looks(screening)))) == 1


def test_the_number_of_statements_does_not_grow(client: Client, clinician: User, screening: Screening) -> None:
    counts = []
    for more in (1, 60):
        for _ in range(more):
            record_event(Action.SCREENING_READ, by=clinician, subject=str(screening.uuid))
        with capture_queries() as captured:
            client.get(looks(screening))
        counts.append(len(captured.on_data))
    assert counts[0] == counts[1] <= 9
