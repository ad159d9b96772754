"""The text about decisions: what was decided, by whom, when and why, and how long the answers hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.report.decisions import DecisionLine, DecisionsText, DecisionText, decision_title
from screening.clinical.report.record import (
    Decided,
    GivenReason,
    RecordStatus,
    Superseded,
    Voided,
    is_short_id,
)
from screening.clinical.report.summary import Summary, summarise
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.definition import Definition, Severity
from tests.unit.builders import (
    CLINIC_ZONE,
    NO,
    NOT_APPLICABLE,
    NOT_KNOWN,
    TODAY,
    YES,
    Answers,
    all_answered,
    allowing_not_applicable,
    decided,
    definition,
    item,
    listed_item,
    medication_list,
    naltrexone,
    record,
    words_of,
)

AT = datetime(2026, 11, 23, 15, 31, tzinfo=CLINIC_ZONE)
OTHER = UUID("e2953f4b-0000-4000-8000-000000000006")
SUPERSEDED = Superseded(by=OTHER, at=AT, reason="She had misheard", current=OTHER)
VOIDED = Voided(by="Eve Example", role="prescriber", at=AT, reason="Wrong patient")
RULES = definition(item("one", holds_days=30), item("two", holds_days=90), item("three", holds_days=30))
FLAGGED = all_answered(RULES, NO, one=YES)


def shown(
    *decisions: Decided,
    answers: Answers = FLAGGED,
    rules: Definition = RULES,
    on: date = TODAY,
    status: RecordStatus = None,
    **changes: Any,
) -> Summary:
    """The summary of a screening made on ``TODAY`` with these decisions, oldest first."""
    return summarise(record(rules, answers, **changes), on, status, decisions=decisions)


def part(*decisions: Decided, **changes: Any) -> DecisionsText:
    """The text about these decisions."""
    text = shown(*decisions, **changes).decisions
    assert text is not None
    return text


def latest(decision: Decided, **changes: Any) -> DecisionText:
    """The text of a single decision."""
    return part(decision, **changes).latest


def words(decision: Decided, label: str, **changes: Any) -> list[str]:
    """The words under a label of a decision."""
    return [line.words for line in latest(decision, **changes).lines if line.label == label]


# A decision ---------------------------------------------------------------------------------------------------


def test_without_a_decision_there_is_no_text_about_one() -> None:
    assert shown().decisions is None


@pytest.mark.parametrize(
    ("code", "until", "title"),
    [
        (DecisionCode.PRESCRIBE, None, "Prescribe"),
        (DecisionCode.DO_NOT_PRESCRIBE, None, "Do not prescribe"),
        (DecisionCode.DEFER, date(2026, 12, 13), "Defer until 13 December 2026"),
        (DecisionCode.MORE_INFORMATION, None, "Need more information"),
        (DecisionCode.REFER, None, "Refer"),
    ],
)
def test_the_title_is_the_decision_with_its_day(code: DecisionCode, until: date | None, title: str) -> None:
    assert latest(decided(code, defer_until=until)).title == decision_title(code, until) == title


def test_it_says_who_decided_in_which_role_and_when() -> None:
    assert latest(decided()).by == "Sample Prescriber, prescriber, 23 November 2026, 15:31 EST"


def test_the_time_of_a_decision_is_that_of_its_zone() -> None:
    assert latest(decided(at=datetime(2026, 11, 29, 15, 31, tzinfo=UTC))).by.endswith("29 November 2026, 15:31 UTC")


def test_a_single_decision_that_counts_has_neither_count_nor_warning() -> None:
    text = part(decided())
    assert (text.heading, text.count, text.earlier, text.warning) == ("Prescriber’s decision", "", (), "")


def test_the_code_is_given_for_programs() -> None:
    assert latest(decided()).code is DecisionCode.REFER


# Its reasons --------------------------------------------------------------------------------------------------


def test_a_reason_is_shown_under_the_name_of_its_rule_with_its_shape() -> None:
    assert latest(decided()).lines == (
        DecisionLine(label="One", words="A specialist advised otherwise.", shape="contraindicated"),
    )


@pytest.mark.parametrize(
    ("label", "text", "expected"),
    [
        ("Another reason", "The haematologist agreed", "Another reason. The haematologist agreed."),
        ("Another reason.", "The haematologist agreed.", "Another reason. The haematologist agreed."),
        ("Another reason", "", "Another reason."),
    ],
)
def test_label_and_own_words_are_sentences(label: str, text: str, expected: str) -> None:
    decision = decided(reasons=(GivenReason("one", label, text),))
    assert words(decision, "One") == [expected]


@pytest.mark.parametrize(
    ("severity", "answer", "shape"),
    [
        (Severity.CONTRAINDICATED, YES, "contraindicated"),
        (Severity.AVOID, YES, "avoid"),
        (Severity.CAUTION, YES, "caution"),
        (Severity.CAUTION, NOT_KNOWN, "unresolved"),
    ],
)
def test_the_shape_is_that_of_the_finding(severity: Severity, answer: Answer, shape: str) -> None:
    rules = definition(item("one", severity=severity))
    assert [line.shape for line in latest(decided(), rules=rules, answers={"one": answer}).lines] == [shape]


def test_the_reasons_are_in_the_order_in_which_they_were_recorded() -> None:
    reasons = tuple(GivenReason(link_id, "A reason") for link_id in ("three", "one"))
    answers = all_answered(RULES, YES)
    assert [line.label for line in latest(decided(reasons=reasons), answers=answers).lines] == ["Three", "One"]


def test_a_rule_that_only_a_list_raises_has_its_reason_too() -> None:
    rules = definition(item("one"), listed=(listed_item("product"),))
    decision = decided(reasons=(GivenReason("product", "Does not apply to this patient"),))
    text = latest(decision, rules=rules, answers={"one": NO}, listed=medication_list(naltrexone()))
    assert text.lines == (DecisionLine(label="Product", words="Does not apply to this patient.", shape="caution"),)


def test_a_decision_without_findings_has_no_lines() -> None:
    assert latest(decided(reasons=()), answers=all_answered(RULES)).lines == ()


@pytest.mark.parametrize(
    "text",
    ["<b>bold</b> & “quoted”", "#let x = 1", "*not* _markup_", "W" * 500, "שרה כהן 12", "{{ entry }} {% if %}"],
)
def test_own_words_are_shown_as_they_were_typed(text: str) -> None:
    assert words(decided(reasons=(GivenReason("one", "Why", text),)), "One") == [f"Why. {text}."]


# Overriding, asking again, dose and product -------------------------------------------------------------------


def test_an_override_says_how_it_was_confirmed() -> None:
    decision = decided(DecisionCode.PRESCRIBE, overrides=True)
    assert latest(decision).lines[-1] == DecisionLine(label="Override", words="Confirmed by typing the record id.")


def test_what_was_asked_again_is_listed_with_its_answers_and_when() -> None:
    decision = decided(asked_again=("one", "two"))
    assert words(decision, "Asked again") == ["One: yes; Two: no. Unchanged on 23 November 2026, 15:31 EST."]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"dose_mg": Decimal("4.50"), "product": "Capsules"}, "4.5 mg a day, Capsules.", id="both"),
        pytest.param({"dose_mg": Decimal(3)}, "3 mg a day.", id="dose"),
        pytest.param({"product": "Capsules, compounded"}, "Capsules, compounded.", id="product"),
        pytest.param({"product": "Capsules from the pharmacy."}, "Capsules from the pharmacy.", id="a full stop"),
    ],
)
def test_dose_and_product_are_shown_with_a_sentence_that_this_is_no_prescription(
    changes: dict[str, Any], expected: str
) -> None:
    decision = decided(DecisionCode.PRESCRIBE, **changes)
    notice = "LDN Screen notes this and does not write a prescription."
    assert words(decision, "Dose and product") == [f"{expected} {notice}"]


def test_what_there_is_not_has_no_line() -> None:
    assert [line.label for line in latest(decided()).lines] == ["One"]


def test_the_lines_come_after_the_reasons_and_have_no_shape() -> None:
    decision = decided(DecisionCode.PRESCRIBE, overrides=True, asked_again=("two",), product="Capsules")
    lines = latest(decision).lines
    assert [line.label for line in lines] == ["One", "Override", "Asked again", "Dose and product"]
    assert [line.shape for line in lines] == ["contraindicated", "", "", ""]


# Several decisions --------------------------------------------------------------------------------------------


def test_earlier_decisions_come_after_the_latest_newest_first() -> None:
    codes = (DecisionCode.MORE_INFORMATION, DecisionCode.REFER, DecisionCode.DO_NOT_PRESCRIBE)
    text = part(*map(decided, codes))
    assert [each.title for each in (text.latest, *text.earlier)] == [
        "Do not prescribe", "Refer", "Need more information"
    ]  # fmt: skip
    assert text.count == "Latest of 3 decisions"


def test_an_earlier_decision_has_its_own_person_time_and_reasons() -> None:
    first = decided(
        by="Eve Example", at=AT - timedelta(days=1), reasons=(GivenReason("one", "Waiting for a result"),)
    )
    (earlier,) = part(first, decided()).earlier
    assert earlier == latest(first)


# A record that is not current ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "why"),
    [
        pytest.param(
            SUPERSEDED, "These answers are superseded. The prescriber decides on record e295-3f4b.", id="superseded"
        ),
        pytest.param(
            replace(SUPERSEDED, current=None),
            "These answers are superseded. The record that superseded them was entered in error, so no record is "
            "current: screen again.",
            id="superseded by what is void",
        ),
        pytest.param(VOIDED, "This record was entered in error. It must not be used.", id="void"),
    ],
)
def test_a_decision_on_a_record_that_is_not_current_has_a_warning(status: RecordStatus, why: str) -> None:
    text = part(decided(), status=status)
    assert text.heading == "Decision made on superseded answers"
    assert text.warning == f"Do not act on this decision. {why}"
    assert text.latest == latest(decided())


# How long the answers hold ------------------------------------------------------------------------------------


def after(days: int) -> date:
    """The day so many days after the screening."""
    return TODAY + timedelta(days=days)


def test_how_long_the_answers_hold_is_grouped_by_day_with_the_earliest_first() -> None:
    rules = definition(item("one", holds_days=90), item("two", holds_days=30), item("three", holds_days=90))
    assert shown(rules=rules).shelf_life == (
        "Answers hold until 23 December 2026 (two); 21 February 2027 (one and three)."
    )


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        pytest.param(after(30), "23 December 2026 (one and three); 21 February 2027 (two).", id="the last day"),
        pytest.param(
            after(31),
            "23 December 2026, ended (one and three); 21 February 2027 (two). Ask again before deciding.",
            id="the day after",
        ),
        pytest.param(
            after(91),
            "23 December 2026, ended (one and three); 21 February 2027, ended (two). Ask again before deciding.",
            id="after all",
        ),
    ],
)
def test_a_day_that_is_past_has_ended_and_the_answers_are_asked_again(on: date, sentence: str) -> None:
    assert shown(on=on).shelf_life == f"Answers hold until {sentence}"


def test_once_decided_it_does_not_say_to_ask_again() -> None:
    assert shown(decided(), on=after(31)).shelf_life == (
        "Answers hold until 23 December 2026, ended (one and three); 21 February 2027 (two)."
    )


@pytest.mark.parametrize("answer", [NOT_KNOWN, NOT_APPLICABLE], ids=["not known", "not applicable"])
def test_an_answer_that_does_not_expire_is_not_named(answer: Answer) -> None:
    rules = definition(item("one"), allowing_not_applicable("two"))
    assert shown(rules=rules, answers={"one": NO, "two": answer}).shelf_life == (
        "Answers hold until 23 November 2026 (one)."
    )


@pytest.mark.parametrize("answer", [NOT_KNOWN, NOT_APPLICABLE], ids=["not known", "not applicable"])
def test_without_an_answer_that_expires_there_is_no_sentence(answer: Answer) -> None:
    rules = definition(allowing_not_applicable("one"))
    assert shown(rules=rules, answers={"one": answer}, on=after(1000)).shelf_life == ""


def test_an_answer_that_was_asked_again_holds_from_that_day() -> None:
    again = decided(at=AT + timedelta(days=31), asked_again=("one", "three"))
    assert shown(again, on=after(31)).shelf_life == (
        "Answers hold until 23 January 2027 (one and three); 21 February 2027 (two)."
    )


def test_of_several_days_on_which_an_answer_was_asked_again_the_latest_counts() -> None:
    again = [decided(at=AT + timedelta(days=days), asked_again=("one",)) for days in (31, 62)]
    assert "23 February 2027 (one)" in words_of(shown(*again, on=after(62)).shelf_life)


def test_the_finding_of_an_answer_that_was_asked_again_names_the_same_day() -> None:
    again = decided(at=AT + timedelta(days=31), asked_again=("one",))
    flags = [shown(*decisions).flagged[0].footer[-1] for decisions in ((), (again,))]
    assert flags == ["Answer holds until 23 December 2026", "Answer holds until 23 January 2027"]


@pytest.mark.parametrize(
    "changes", [{"status": SUPERSEDED}, {"status": VOIDED}, {"is_draft": True}], ids=["superseded", "void", "draft"]
)
def test_a_watermarked_record_does_not_say_how_long_its_answers_hold(changes: dict[str, Any]) -> None:
    assert shown(on=after(31), **changes).shelf_life == ""


# The short id -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["5d3a-91c7", "5D3A-91C7", "5d3a91c7", "5D3a91C7", " 5d3a-91c7 ", "5d3a 91c7"])
def test_the_short_id_may_be_typed_in_any_case_with_or_without_its_hyphen(typed: str) -> None:
    assert is_short_id(typed, "5d3a-91c7")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "5d3a",
        "5d3a-91c8",
        "5d3a-91c7-0000",
        "5d3a--91c7",
        "5-d3a91c7",
        "-5d3a91c7",
        "5d3a_91c7",
        "x5d3a-91c7",
    ],
)
def test_nothing_else_is_the_short_id(typed: str) -> None:
    assert not is_short_id(typed, "5d3a-91c7")
