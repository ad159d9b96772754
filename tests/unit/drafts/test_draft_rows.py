"""The summary of answers to a draft: the text of a record, marked as a draft that is not recorded."""

from __future__ import annotations

from datetime import datetime

import pytest

from screening.clinical.report.chart_copy import ChartCopy, Printing, chart_copy
from screening.clinical.report.findings import LabelledText
from screening.clinical.report.plain_text import as_text
from screening.clinical.report.record import Record
from screening.clinical.report.summary import Summary, summarise
from tests.unit.builders import CLINIC_ZONE, NO, NOT_KNOWN, TODAY, YES, Answers, definition, item, record, to_fill_in

ASKED = definition(item(), item("second-rule"), cases=())
PRINTING = Printing(by="Ada Example", role="editor", at=datetime(2026, 11, 23, 14, 40, tzinfo=CLINIC_ZONE))
MIXED = {"first-rule": YES, "second-rule": NOT_KNOWN}


def draft_record(answers: Answers = MIXED, edition_number: int = 3) -> Record:
    """Answers to a draft, as a record."""
    return record(ASKED, answers, edition_number=edition_number, is_draft=True)


def draft_summary(answers: Answers = MIXED) -> Summary:
    """The summary of answers to a draft."""
    return summarise(draft_record(answers), TODAY)


def draft_copy(answers: Answers = MIXED) -> ChartCopy:
    """The print page of answers to a draft."""
    return chart_copy(draft_record(answers), draft_summary(answers), PRINTING)


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (record(ASKED, MIXED), "Edition 3"),
        (draft_record(), "Draft after edition 3"),
        (draft_record(edition_number=0), "Draft of the first edition"),
    ],
    ids=["an edition", "a draft", "the first draft"],
)
def test_the_summary_names_the_edition_or_the_draft(made: Record, name: str) -> None:
    summary = summarise(made, TODAY)
    assert LabelledText("Rules", name) in summary.provenance
    assert all(name in entry.footer for entry in (*summary.flagged, *summary.unresolved))


@pytest.mark.parametrize("answer", [YES, NO, NOT_KNOWN], ids=["flagged", "none identified", "cannot conclude"])
def test_every_result_is_marked_as_a_draft(answer: object) -> None:
    mark = draft_summary({"first-rule": answer, "second-rule": answer}).watermark  # type: ignore[dict-item]
    assert mark is not None
    assert mark.label == "DRAFT, NOT IN USE"
    assert mark.explanation.startswith("Nothing on this page is recorded.")


def test_the_findings_have_the_same_text_as_those_of_a_record() -> None:
    recorded, draft = summarise(record(ASKED, MIXED), TODAY), draft_summary()
    assert (draft.headline, draft.tally, draft.next_step) == (recorded.headline, recorded.tally, recorded.next_step)
    assert [each.lines for each in draft.flagged] == [each.lines for each in recorded.flagged]


def test_a_draft_has_no_record_number() -> None:
    assert LabelledText("Record", "None") in draft_summary().provenance
    assert draft_copy().end == "Printed 23 November 2026, 14:40 EST by Ada Example, editor."
    assert "5d3a" not in as_text(draft_copy())


def test_a_draft_has_no_form_for_a_decision() -> None:
    part = to_fill_in(draft_copy())
    assert (part.heading, part.choices, part.lines) == ("No decision on this page", (), ())
    assert part.state == "This is a draft of the rules. Nothing is decided on it."
