"""A decision on copies for the chart: it takes the place of the boxes and lines, and no word of it is lost."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.report.chart_copy import ChartCopy, Printing, chart_copy
from screening.clinical.report.decisions import DecisionText
from screening.clinical.report.plain_text import as_ascii_text, as_text
from screening.clinical.report.record import Decided, GivenReason, RecordStatus, Superseded, Voided
from screening.clinical.report.summary import summarise
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.text.ascii_text import as_ascii
from tests.unit.builders import (
    CLINIC_ZONE,
    NO,
    NOT_KNOWN,
    TODAY,
    YES,
    Answers,
    decided,
    definition,
    item,
    record,
    to_fill_in,
)

LATER = datetime(2026, 11, 24, 9, 5, tzinfo=CLINIC_ZONE)
OTHER = UUID("e2953f4b-0000-4000-8000-000000000006")
SUPERSEDED = Superseded(by=OTHER, at=LATER, reason="She had misheard", current=OTHER)
VOIDED = Voided(by="Eve Example", role="prescriber", at=LATER, reason="Wrong patient")
RULES = definition(item("one"), item("two"), item("three"))
FINDINGS = {"one": YES, "two": NOT_KNOWN, "three": NO}
FULL = decided(
    DecisionCode.PRESCRIBE,
    reasons=(
        GivenReason("one", "Benefit outweighs the risk here", "She asked for it"),
        GivenReason("two", "Waiting"),
    ),
    overrides=True,
    asked_again=("three",),
    dose_mg=Decimal("1.5"),
    product="Capsules",
)
EARLIER = decided(DecisionCode.MORE_INFORMATION, by="Eve Example", at=FULL.at - timedelta(hours=1))
SINCE_REFERRED = (EARLIER, FULL, decided(DecisionCode.REFER))
BOXES = ["[ ]", "Signature:", "Date and time:", "Reasons, flag by flag"]


def copy_of(
    *decisions: Decided, status: RecordStatus = None, answers: Answers = FINDINGS, **changes: Any
) -> ChartCopy:
    """The copy of a screening with these decisions, oldest first."""
    screened = record(RULES, answers, **changes)
    printing = Printing(by="Ada Example", role="clinician", at=LATER)
    return chart_copy(screened, summarise(screened, TODAY, status, decisions=decisions), printing)


def words_of_decision(text: DecisionText) -> list[str]:
    """Everything that a copy shows of the latest decision."""
    return [text.title, text.by, *(words for line in text.lines for words in (line.label, line.words))]


def parts(text: str) -> list[list[str]]:
    """The lines of each part; parts are separated by an empty line."""
    return [part.split("\n") for part in text.removesuffix("\n").split("\n\n")]


# The copy -----------------------------------------------------------------------------------------------------


def test_without_a_decision_a_copy_has_boxes_and_lines() -> None:
    part = to_fill_in(copy_of())
    assert (len(part.choices), len(part.lines)) == (5, 4)


@pytest.mark.parametrize("status", [None, SUPERSEDED, VOIDED], ids=["current", "superseded", "void"])
def test_with_a_decision_a_copy_has_nothing_to_fill_in(status: RecordStatus) -> None:
    copy = copy_of(FULL, status=status)
    assert (copy.decision, copy.summary.decisions is None) == (None, False)


def test_a_draft_has_nothing_to_fill_in() -> None:
    part = to_fill_in(copy_of(is_draft=True))
    assert (part.choices, part.lines) == ((), ())


# Plain text ---------------------------------------------------------------------------------------------------


def test_a_decision_is_a_part_of_its_own_before_the_last_one() -> None:
    assert parts(as_text(copy_of(FULL)))[-2] == [
        "PRESCRIBER’S DECISION",
        "Prescribe.",
        "Sample Prescriber, prescriber, 23 November 2026, 15:31 EST.",
        "- One: Benefit outweighs the risk here. She asked for it.",
        "- Two: Waiting.",
        "- Override: Confirmed by typing the record id.",
        "- Asked again: Three: no. Unchanged on 23 November 2026, 15:31 EST.",
        "- Dose and product: 1.5 mg a day, Capsules. LDN Screen notes this and does not",
        "  write a prescription.",
    ]


def test_earlier_decisions_are_listed_below_newest_first() -> None:
    assert parts(as_text(copy_of(*SINCE_REFERRED)))[-2][-3:] == [
        "Latest of 3 decisions. Earlier:",
        "- Prescribe. Sample Prescriber, prescriber, 23 November 2026, 15:31 EST.",
        "- Need more information. Eve Example, prescriber, 23 November 2026, 14:31 EST.",
    ]


@pytest.mark.parametrize("status", [SUPERSEDED, VOIDED], ids=["superseded", "void"])
def test_on_a_record_that_is_not_current_the_warning_comes_before_the_decision(status: RecordStatus) -> None:
    heading, warning, *rest = parts(as_text(copy_of(FULL, status=status)))[-2]
    assert heading == "DECISION MADE ON SUPERSEDED ANSWERS"
    assert warning.startswith("Do not act on this decision.")
    assert "Prescribe." in rest


@pytest.mark.parametrize("status", [None, SUPERSEDED, VOIDED], ids=["current", "superseded", "void"])
@pytest.mark.parametrize("decisions", [(), (FULL,), SINCE_REFERRED], ids=["none", "one", "three"])
@pytest.mark.parametrize("form", [as_text, as_ascii_text])
def test_the_text_shows_the_decision_or_boxes_and_never_both(
    form: Any, decisions: tuple[Decided, ...], status: RecordStatus
) -> None:
    text = form(copy_of(*decisions, status=status))
    has_boxes, has_decision = any(box in text for box in BOXES), "Sample Prescriber" in text
    assert (has_boxes, has_decision) == (not decisions and status is None, bool(decisions))


def test_how_long_the_answers_hold_is_in_the_text_after_the_remarks() -> None:
    text = as_text(copy_of())
    assert (
        "reviewed by a clinician of this organisation.\nAnswers hold until 23 November 2026 (one and three)." in text
    )


@pytest.mark.parametrize(
    "text",
    ["<b>bold</b> & more", "#let x = 1", "[ ] Prescribe", "- a list", "שרה כהן", "{{ entry }}", "=== --- ***"],
)
def test_own_words_are_text_whatever_they_look_like(text: str) -> None:
    lines = parts(as_text(copy_of(decided(reasons=(GivenReason("one", "Why", text),)))))[-2]
    assert lines[-1] == f"- One: Why. {text}."


TYPED = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn"]), min_size=1, max_size=500).map(
    lambda typed: " ".join(typed.split()) or "x"
)
"""Text that a form accepts."""


@given(reason=TYPED, by=TYPED, product=TYPED)
def test_no_line_is_longer_than_80_characters_and_no_character_of_a_decision_is_lost(
    reason: str, by: str, product: str
) -> None:
    decision = decided(DecisionCode.PRESCRIBE, reasons=(GivenReason("one", "Why", reason),), by=by, product=product)
    copy = copy_of(decision)
    for text, typed in (
        (as_text(copy), (reason, by, product)),
        (as_ascii_text(copy), map(as_ascii, (reason, by, product))),
    ):
        assert [line for line in text.split("\n") if len(line) > 80] == []
        bare = re.sub(r"\s", "", text)
        assert [each for each in typed if re.sub(r"\s", "", each.rstrip(".")) not in bare] == []


@pytest.mark.parametrize("form", [as_text, as_ascii_text])
def test_every_word_of_a_decision_is_in_the_text(form: Any) -> None:
    copy = copy_of(FULL)
    assert copy.summary.decisions is not None
    text = " ".join(form(copy).split())
    assert [each for each in words_of_decision(copy.summary.decisions.latest) if each not in text] == []


def test_in_ascii_a_decision_has_the_same_words() -> None:
    decision = decided(by="José Example", reasons=(GivenReason("one", "Why", "The café – “closed” – is 李’s"),))
    text = as_ascii_text(copy_of(decision))
    assert text.isascii()
    assert "Jose Example, prescriber, 23 November 2026, 15:31 EST." in text
    assert '- One: Why. The cafe - "closed" - is [U+674E]\'s.' in text
