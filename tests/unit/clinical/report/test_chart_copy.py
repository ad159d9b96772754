"""The text around a summary on every copy for the chart."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from screening.clinical.report.chart_copy import ChartCopy, Printing, chart_copy
from screening.clinical.report.record import RecordStatus, Superseded, Voided
from screening.clinical.report.summary import summarise
from tests.unit.builders import CLINIC_ZONE, NO, NOT_KNOWN, TODAY, YES, definition, record, to_fill_in

LATER = datetime(2026, 11, 24, 9, 5, tzinfo=CLINIC_ZONE)
SUCCESSOR = UUID("e2953f4b-0000-4000-8000-000000000006")
SUPERSEDED = Superseded(by=SUCCESSOR, at=LATER, reason="She had misheard", current=SUCCESSOR)
VOIDED = Voided(by="Ada Example", role="clinician", at=LATER, reason="Wrong patient")


def made(status: RecordStatus = None, *, at: datetime = LATER, notice: str = "", answer: object = NO) -> ChartCopy:
    """The copy of a plain screening that somebody else takes on the next day."""
    kept = record(definition(), {"first-rule": answer})  # type: ignore[dict-item]
    printing = Printing(by="Eve Example", role="auditor", at=at)
    return chart_copy(kept, summarise(kept, TODAY, status), printing, notice)


def test_it_says_what_it_is_and_who_decides() -> None:
    assert (made().title, made().reminder) == ("LDN contraindication screen.", "A prescriber must decide.")


def test_it_holds_the_summary_as_it_is() -> None:
    kept = record(definition(), {"first-rule": NO})
    assert made().summary == summarise(kept, TODAY)


@pytest.mark.parametrize("notice", ["", "Demonstration, not for real patients."])
def test_it_shows_the_notice_of_the_installation(notice: str) -> None:
    assert made(notice=notice).notice == notice


def test_the_last_line_names_who_made_the_copy_when_in_which_role_and_the_full_record_id() -> None:
    assert made().end == (
        "Printed 24 November 2026, 09:05 EST by Eve Example, auditor. Record 5d3a91c7-0000-4000-8000-000000000001"
    )


def test_the_time_of_the_copy_is_shown_to_the_minute() -> None:
    first, last = (made(at=datetime(2026, 11, 24, 9, 5, second, tzinfo=UTC)) for second in (0, 59))
    assert first == last


@pytest.mark.parametrize("answer", [YES, NO, NOT_KNOWN], ids=["flagged", "none identified", "cannot conclude"])
def test_the_prescriber_has_the_same_choices_and_lines_whatever_was_found(answer: object) -> None:
    part = to_fill_in(made(answer=answer))
    assert (part.heading, part.state) == ("Prescriber’s decision", "Not yet decided when this was printed.")
    labels = ["Prescribe", "Do not prescribe", "Defer until", "Need more information", "Refer"]
    assert [choice.label for choice in part.choices] == labels
    assert [choice.label for choice in part.choices if choice.has_date] == ["Defer until"]
    assert part.lines == ("Reasons, flag by flag", "Name and role", "Signature", "Date and time")


@pytest.mark.parametrize(
    ("status", "instead"),
    [
        pytest.param(
            SUPERSEDED, "These answers are superseded. The prescriber decides on record e295-3f4b.", id="superseded"
        ),
        pytest.param(VOIDED, "This record was entered in error. It must not be used.", id="void"),
    ],
)
def test_a_record_that_is_not_current_has_no_decision(status: RecordStatus, instead: str) -> None:
    part = to_fill_in(made(status))
    assert (part.heading, part.state) == ("No decision on this page", instead)
    assert (part.choices, part.lines) == ((), ())
