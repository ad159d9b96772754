"""What is told of answers to a draft: the words of a record, and on all of them that there is none."""

from __future__ import annotations

from datetime import datetime

import pytest

from screening.clinical.report.chart_copy import ChartCopy, Printing, chart_copy
from screening.clinical.report.findings import LabelledText
from screening.clinical.report.plain_text import as_text
from screening.clinical.report.record import Record
from screening.clinical.report.summary import Summary, summarise
from tests.unit.builders import CLINIC_ZONE, NO, NOT_KNOWN, TODAY, YES, Answers, definition, item, record

ASKED = definition(item(), item("second-rule"), cases=())
PRINTING = Printing(by="Ada Example", role="editor", at=datetime(2026, 11, 23, 14, 40, tzinfo=CLINIC_ZONE))
MIXED = {"first-rule": YES, "second-rule": NOT_KNOWN}


def drafted(answers: Answers = MIXED, edition_number: int = 3) -> Record:
    """Answers to a draft that follows an edition."""
    return record(ASKED, answers, edition_number=edition_number, is_draft=True)


def said(answers: Answers = MIXED) -> Summary:
    """The words about answers to a draft."""
    return summarise(drafted(answers), TODAY)


def copied(answers: Answers = MIXED) -> ChartCopy:
    """The printed page of answers to a draft."""
    return chart_copy(drafted(answers), said(answers), PRINTING)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (record(ASKED, MIXED), "Edition 3"),
        (drafted(), "Draft after edition 3"),
        (drafted(edition_number=0), "Draft of the first edition"),
    ],
    ids=["an edition", "a draft", "the first draft"],
)
def test_the_rules_are_named_by_what_they_are(made: Record, words: str) -> None:
    summary = summarise(made, TODAY)
    assert LabelledText("Rules", words) in summary.provenance
    assert all(words in entry.footer for entry in (*summary.flagged, *summary.unresolved))


@pytest.mark.parametrize("answer", [YES, NO, NOT_KNOWN], ids=["flagged", "none identified", "cannot conclude"])
def test_whatever_was_found_it_is_marked_as_a_draft(answer: object) -> None:
    watermark = said({"first-rule": answer, "second-rule": answer}).watermark  # type: ignore[dict-item]
    assert watermark is not None
    assert watermark.label == "DRAFT, NOT IN USE"
    assert watermark.explanation.startswith("Nothing on this page is recorded.")


def test_but_for_the_mark_and_the_names_the_words_are_those_of_a_record() -> None:
    kept, draft = summarise(record(ASKED, MIXED), TODAY), said()
    assert (draft.headline, draft.tally, draft.next_step) == (kept.headline, kept.tally, kept.next_step)
    assert [each.lines for each in draft.flagged] == [each.lines for each in kept.flagged]


def test_no_record_is_named() -> None:
    assert LabelledText("Record", "None") in said().provenance
    assert copied().end == "Printed 23 November 2026, 14:40 EST by Ada Example, editor."
    assert "5d3a" not in as_text(copied())


def test_nothing_is_decided_on_a_draft() -> None:
    part = copied().decision
    assert (part.heading, part.choices, part.lines) == ("No decision on this page", (), ())
    assert part.state == "This is a draft of the rules. Nothing is decided on it."
