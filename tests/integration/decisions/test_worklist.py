"""The worklist: what waits for a decision, oldest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.rules.deciding import DecisionCode
from screening.models import AuditEvent, Screening, User, Void, WorklistEntry
from screening.screenings import actions as screening_actions
from tests.decisions import WORKLIST, decided, decision_page
from tests.factories import NOT_KNOWN, VOID_REASON, ScreeningFactory, UserFactory
from tests.pages import address_of, links, listed, words
from tests.queries import capture_queries

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]


def ago(days: float) -> datetime:
    """A time some days ago."""
    return datetime.now(UTC) - timedelta(days=days)


def uuids(*screenings: Screening) -> list[str]:
    """The ids of screenings as the rows of a list have them."""
    return [str(each.uuid) for each in screenings]


def void(screening: Screening) -> None:
    """Mark a record as entered in error."""
    by = screening.screened_by
    screening_actions.void_screening(screening, by=by, role=Role.CLINICIAN, at=datetime.now(UTC), reason=VOID_REASON)


def row(page: Any, screening: Screening) -> str:
    """The text of a row."""
    return words(page, f"//tr[@data-screening='{screening.uuid}']")


def in_navigation(page: Any) -> str:
    """The number of waiting screenings in the navigation."""
    return words(page, "//nav[@aria-label='Main']//*[@class='waiting']")


# What waits ---------------------------------------------------------------------------------------------------


def test_undecided_screenings_wait_oldest_first_clear_ones_too(client: Client, edition: object) -> None:
    newest, oldest, clear = (
        ScreeningFactory(at=ago(1), taking_opioid=True),
        ScreeningFactory(at=ago(9), taking_opioid=True),
        ScreeningFactory(at=ago(5)),
    )
    assert listed(client.get(WORKLIST)) == uuids(oldest, clear, newest)


@pytest.mark.parametrize("code", [code for code in DecisionCode if code is not DecisionCode.DEFER])
def test_a_decided_screening_waits_no_longer(client: Client, person: User, code: DecisionCode) -> None:
    decided(ScreeningFactory(), code, by=person)
    assert listed(client.get(WORKLIST)) == []


def test_a_deferred_screening_returns_on_its_day(client_of: Any, person: User, edition: object) -> None:
    with time_machine.travel(datetime(2030, 3, 1, 9, tzinfo=UTC)) as clock:
        screening = ScreeningFactory()
        decided(screening, DecisionCode.DEFER, by=person, days=14)
        clock.move_to(datetime(2030, 3, 14, 23, 59, tzinfo=UTC))
        assert listed(client_of(person).get(WORKLIST)) == []
        clock.move_to(datetime(2030, 3, 15, 0, 1, tzinfo=UTC))
        page = client_of(person).get(WORKLIST)
    assert listed(page) == uuids(screening)
    assert "Deferred, now due until 15 March 2030" in row(page, screening)


def test_superseded_and_voided_screenings_do_not_wait(client: Client, edition: object) -> None:
    superseded, voided = ScreeningFactory(), ScreeningFactory()
    successor = ScreeningFactory(amends=superseded)
    void(voided)
    assert listed(client.get(WORKLIST)) == uuids(successor)


def test_amending_a_decided_screening_puts_the_new_one_on_the_worklist(client: Client, person: User) -> None:
    earlier = ScreeningFactory()
    decision = decided(earlier, DecisionCode.PRESCRIBE, by=person)
    successor = ScreeningFactory(amends=earlier)
    page = client.get(WORKLIST)
    assert listed(page) == uuids(successor)
    made = f"{decision.at_local.day} {decision.at_local:%B %Y}"
    said = f"Superseded decision Prescribe, {made}, was made on record {earlier.short_id}"
    assert said in row(page, successor)


def test_a_refused_amendment_changes_nothing(client: Client, edition: object, clinician: User) -> None:
    screening = ScreeningFactory(by=clinician)
    assert client.post(address_of(screening, "amend/"), {}).status_code == 422
    assert listed(client.get(WORKLIST)) == uuids(screening)


def facts(on: date) -> dict[int, tuple[date | None, int | None]]:
    """What should wait, or is deferred, according to screenings, decisions and voids alone."""
    found = {}
    for screening in Screening.objects.with_status():
        latest = screening.decisions.order_by("number").last()
        if not screening.is_current or (latest and latest.defer_until is None):
            continue
        earlier, superseded = screening, None
        while latest is None and superseded is None and earlier.supersedes_id:
            earlier = Screening.objects.get(uuid=earlier.supersedes_id)
            decision = earlier.decisions.order_by("number").last()
            superseded = decision.pk if decision else None
        found[screening.pk] = (latest.defer_until if latest else None, superseded)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_after_any_sequence_of_actions_the_worklist_agrees_with_what_was_recorded(person: User, seed: int) -> None:
    dice, screenings = Random(seed), [ScreeningFactory() for _ in range(3)]
    for _ in range(40):
        current = list(Screening.objects.with_status().filter(superseded_by=None, void=None))
        kind = dice.choice(["record", "decide", "decide", "defer", "amend", "amend", "void"])
        if kind == "record" or not current:
            screenings.append(ScreeningFactory(at=ago(dice.random())))
        elif kind in ("decide", "defer"):
            code = (
                DecisionCode.DEFER if kind == "defer" else dice.choice([DecisionCode.REFER, DecisionCode.PRESCRIBE])
            )
            decided(dice.choice(current), code, by=person, days=dice.randint(1, 9))
        elif kind == "amend":
            ScreeningFactory(amends=dice.choice(current))
        else:
            void(dice.choice(current))
        today = timezone.localdate()
        entries = WorklistEntry.objects.values_list("pk", "due_on", "superseded_decision_id")
        assert {pk: (due_on, superseded) for pk, due_on, superseded in entries} == facts(today)
    assert Void._default_manager.exists()


# Filters and pages --------------------------------------------------------------------------------------------


@pytest.fixture
def of_each_kind(person: User) -> dict[str, Screening]:
    """A waiting screening for each filter, and a clear one."""
    amended = ScreeningFactory(at=ago(20))
    decided(amended, by=person)
    deferred = ScreeningFactory(at=ago(30))
    decided(deferred, DecisionCode.DEFER, by=person, at=ago(30), days=10)
    decided(ScreeningFactory(), DecisionCode.DEFER, by=person)
    return {
        "flagged": ScreeningFactory(taking_opioid=True),
        "cannot_conclude": ScreeningFactory(given={"pregnancy": NOT_KNOWN}),
        "deferred": deferred,
        "superseded": ScreeningFactory(amends=amended),
        "clear": ScreeningFactory(),
    }


@pytest.mark.parametrize("show", ["flagged", "cannot_conclude", "deferred", "superseded"])
def test_a_filter_shows_its_screenings(client: Client, of_each_kind: dict[str, Screening], show: str) -> None:
    assert listed(client.get(WORKLIST, {"show": show})) == uuids(of_each_kind[show])


def test_a_caution_counts_as_flagged(client: Client, edition: object) -> None:
    screening = ScreeningFactory(naltrexone_in_list=True)
    assert listed(client.get(WORKLIST, {"show": "flagged"})) == uuids(screening)


def test_each_filter_shows_how_many_wait(client: Client, of_each_kind: dict[str, Screening]) -> None:
    said = words(client.get(WORKLIST), "//nav[@aria-label='Show']")
    assert said == "All 5 Flagged 1 Cannot conclude 1 Deferred and due 1 Superseded decision 1"


@pytest.mark.parametrize("show", ["safe", "Flagged", "<b>", "flagged' OR 1=1"])
def test_an_unknown_filter_is_422_and_shows_nobody(
    client: Client, of_each_kind: dict[str, Screening], show: str
) -> None:
    page = client.get(WORKLIST, {"show": show})
    assert (page.status_code, listed(page)) == (422, [])
    assert "choose one of the filters" in words(page)


def test_pages_continue_after_the_last_row_and_lose_none_of_the_same_time(client: Client, edition: object) -> None:
    at = ago(3)
    made = uuids(*(ScreeningFactory(at=at) for _ in range(30)))
    first = client.get(WORKLIST)
    (more,) = [each for each in links(first) if "after=" in each]
    assert listed(first) + listed(client.get(more)) == made


def test_a_page_continues_after_a_row_that_was_decided_meanwhile(client: Client, person: User) -> None:
    made = [ScreeningFactory(at=ago(40 - number)) for number in range(30)]
    (more,) = [each for each in links(client.get(WORKLIST)) if "after=" in each]
    decided(made[24], by=person)
    assert listed(client.get(more)) == uuids(*made[25:])


@pytest.mark.parametrize("after", ["x", "", str(uuid4()), "' OR 1=1"])
def test_an_unknown_place_begins_at_the_first_page(client: Client, edition: object, after: str) -> None:
    screening = ScreeningFactory()
    assert listed(client.get(WORKLIST, {"after": after})) == uuids(screening)


def test_an_empty_worklist_says_so(client: Client, edition: object) -> None:
    assert "Nothing waits here." in words(client.get(WORKLIST))


# The page -----------------------------------------------------------------------------------------------------


def test_rows_say_what_the_record_is(client: Client, edition: object) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    (found,) = html.fromstring(client.get(WORKLIST).content.decode()).xpath("//tbody/tr")
    assert found.get("data-screening") == str(screening.uuid)
    assert found.get("data-outcome") == "contraindication_flagged"


def test_a_prescriber_decides_from_the_worklist_and_a_clinician_reads_it(
    client: Client, prescriber: Client, edition: object
) -> None:
    screening = ScreeningFactory()
    assert decision_page(screening) in links(prescriber.get(WORKLIST))
    assert decision_page(screening) not in links(client.get(WORKLIST))
    assert address_of(screening) in links(client.get(WORKLIST))


@pytest.mark.parametrize("query", ["", "?show=flagged", "?show=superseded"])
def test_the_worklist_sends_the_same_few_statements_whatever_waits(
    client: Client, of_each_kind: dict[str, Screening], query: str, count_statements: Callable[[str], int]
) -> None:
    before = count_statements(f"{WORKLIST}{query}")
    for _ in range(3):
        ScreeningFactory(amends=ScreeningFactory(taking_opioid=True), taking_opioid=True)
    assert count_statements(f"{WORKLIST}{query}") == before <= 6


def test_the_rows_are_one_statement(client: Client, of_each_kind: dict[str, Screening]) -> None:
    with capture_queries() as captured:
        client.get(WORKLIST)
    assert len([each for each in captured.on_data if "patient_name" in each]) == 1


def test_opening_the_worklist_is_one_event_without_patient_data(client: Client, edition: object) -> None:
    ScreeningFactory()
    client.get(WORKLIST, {"show": "flagged"})
    (event,) = AuditEvent.objects.filter(action="worklist.listed")
    assert (event.actor_role, event.subject, event.details) == (
        "clinician",
        "",
        {"page": "worklist", "show": "flagged"},
    )


# In the navigation --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/screenings/", "/screenings/new/", "/editions/", WORKLIST])
def test_the_navigation_counts_what_waits_on_every_page(client: Client, person: User, address: str) -> None:
    first, _ = ScreeningFactory(), ScreeningFactory()
    assert in_navigation(client.get(address)) == ", waiting: 2"
    decided(first, by=person)
    assert in_navigation(client.get(address)) == ", waiting: 1"


def test_the_navigation_counts_to_ninety_nine(client: Client, edition: object) -> None:
    for _ in range(99):
        ScreeningFactory()
    assert in_navigation(client.get(WORKLIST)) == ", waiting: 99"
    ScreeningFactory()
    assert in_navigation(client.get(WORKLIST)) == ", waiting: 99+"


def test_who_may_not_read_the_worklist_sees_no_count_and_causes_no_query(client_of: Any, edition: object) -> None:
    client = client_of(UserFactory(role=Role.AUDITOR))
    with capture_queries() as captured:
        page = client.get("/screenings/")
    assert in_navigation(page) == ""
    assert not [each for each in captured.on_data if "worklistentry" in each]
