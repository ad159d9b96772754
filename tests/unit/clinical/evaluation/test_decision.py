"""What a decision must contain: every fault, and when prescribing needs a confirmation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from screening.clinical.evaluation.decision import (
    DecisionFault,
    Fault,
    NewDecision,
    Reason,
    faults_of,
    needs_override,
)
from screening.clinical.evaluation.evaluate import Answer, Evaluation, evaluate
from screening.clinical.rules.deciding import FOLLOWED, OTHER, DecisionCode
from screening.clinical.rules.definition import Listed, Severity
from tests.unit.builders import (
    NO,
    NOT_KNOWN,
    TODAY,
    YES,
    definition,
    item,
    listed_item,
    medication_list,
    medicine,
    naltrexone,
)

CODES = frozenset({FOLLOWED, OTHER, "risk-benefit-ratio"})
WEIGHED, DONE = Reason("risk-benefit-ratio"), Reason(FOLLOWED)
PRESCRIBE, DEFER = DecisionCode.PRESCRIBE, DecisionCode.DEFER
NOT_PRESCRIBING = [code for code in DecisionCode if code is not PRESCRIBE]
NOT_DEFERRING = [code for code in DecisionCode if code is not DEFER]
TOMORROW = TODAY + timedelta(days=1)


def found(*answers: Answer, severity: Severity = Severity.CONTRAINDICATED, **changes: Any) -> Evaluation:
    """The evaluation of rules called one, two and three, of one severity, with these answers."""
    names = ("one", "two", "three")[: len(answers)]
    rules = definition(*(item(name, severity=severity) for name in names))
    return evaluate(rules, dict(zip(names, answers, strict=True)), TODAY, **changes)


def decided(code: DecisionCode | None = DecisionCode.REFER, **changes: Any) -> NewDecision:
    """A decision with a reason for rule one."""
    return NewDecision(**{"code": code, "reasons": {"one": WEIGHED}} | changes)


def faults(
    decision: NewDecision, evaluation: Evaluation | None = None, expired: Collection[str] = ()
) -> list[tuple[Fault, str]]:
    """The faults of a decision on a flag of rule one, made on ``TODAY``."""
    evaluation = evaluation or found(YES, NO)
    return [(*each,) for each in faults_of(decision, evaluation, expired=expired, codes=CODES, on=TODAY)]


def test_a_listed_reason_for_each_finding_is_complete() -> None:
    assert faults(decided(reasons={"one": WEIGHED, "three": DONE}), found(YES, NO, NOT_KNOWN)) == []


def test_without_findings_no_reason_is_needed() -> None:
    assert faults(decided(PRESCRIBE, reasons={}), found(NO, NO)) == []


# Each fault ---------------------------------------------------------------------------------------------------


def test_a_decision_must_be_made() -> None:
    assert faults(decided(None)) == [(Fault.DECISION_MISSING, "")]


@pytest.mark.parametrize(
    "reasons",
    [
        pytest.param({}, id="none"),
        pytest.param({"one": Reason("")}, id="without a code"),
        pytest.param({"one": Reason("", "In my own words")}, id="text without a code"),
    ],
)
def test_a_flag_needs_a_reason(reasons: dict[str, Reason]) -> None:
    assert faults(decided(reasons=reasons)) == [(Fault.REASON_MISSING, "one")]


def test_an_unresolved_rule_needs_a_reason() -> None:
    assert faults(decided(reasons={}), found(NOT_KNOWN)) == [(Fault.REASON_MISSING, "one")]


@pytest.mark.parametrize("code", ["nonsense", "Followed", "followed ", " "])
def test_a_reason_must_be_listed(code: str) -> None:
    assert faults(decided(reasons={"one": Reason(code)})) == [(Fault.REASON_UNLISTED, "one")]


@pytest.mark.parametrize("link_id", ["two", "foreign"], ids=["of an answer that needs none", "of no rule"])
def test_a_reason_for_anything_else_is_refused(link_id: str) -> None:
    assert faults(decided(reasons={"one": WEIGHED, link_id: WEIGHED})) == [(Fault.REASON_UNEXPECTED, link_id)]


def test_followed_does_not_go_with_prescribing() -> None:
    decision = decided(PRESCRIBE, reasons={"one": DONE}, is_override_confirmed=True)
    assert faults(decision) == [(Fault.FOLLOWED_BUT_PRESCRIBED, "one")]


@pytest.mark.parametrize("code", NOT_PRESCRIBING)
def test_followed_goes_with_every_other_decision(code: DecisionCode) -> None:
    until = TOMORROW if code is DEFER else None
    assert faults(decided(code, reasons={"one": DONE}, defer_until=until)) == []


@pytest.mark.parametrize(
    "text", ["", " ", " \t\n", "\u00a0\u2003"], ids=["none", "a space", "white space", "wide spaces"]
)
def test_another_reason_needs_its_text(text: str) -> None:
    assert faults(decided(reasons={"one": Reason(OTHER, text)})) == [(Fault.TEXT_MISSING, "one")]


@pytest.mark.parametrize("reason", [Reason(OTHER, "x"), Reason(FOLLOWED), Reason(FOLLOWED, "and why")])
def test_only_another_reason_needs_a_text(reason: Reason) -> None:
    assert faults(decided(reasons={"one": reason})) == []


def test_an_expired_answer_must_be_asked_again() -> None:
    assert faults(decided(), expired=["one", "two"]) == [
        (Fault.NOT_ASKED_AGAIN, "one"),
        (Fault.NOT_ASKED_AGAIN, "two"),
    ]


def test_one_tick_does_not_count_for_another_answer() -> None:
    decision = decided(asked_again=frozenset({"one", "foreign"}))
    assert faults(decision, expired=["one", "two"]) == [(Fault.NOT_ASKED_AGAIN, "two")]


def test_an_answer_that_still_holds_may_be_asked_again() -> None:
    assert faults(decided(asked_again=frozenset({"two"}))) == []


def test_a_deferral_needs_a_day() -> None:
    assert faults(decided(DEFER)) == [(Fault.DATE_MISSING, "")]


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1), date.min], ids=["today", "yesterday", "long ago"])
def test_the_day_of_a_deferral_is_after_the_decision(day: date) -> None:
    assert faults(decided(DEFER, defer_until=day)) == [(Fault.DATE_NOT_AFTER_TODAY, "")]


@pytest.mark.parametrize("day", [TOMORROW, date.max], ids=["tomorrow", "the last day of all"])
def test_any_later_day_may_be_chosen(day: date) -> None:
    assert faults(decided(DEFER, defer_until=day)) == []


@pytest.mark.parametrize("code", NOT_DEFERRING)
def test_only_a_deferral_has_a_day(code: DecisionCode) -> None:
    decision = decided(code, defer_until=TOMORROW, is_override_confirmed=True)
    assert faults(decision) == [(Fault.DATE_UNEXPECTED, "")]


@pytest.mark.parametrize("changes", [{"dose_mg": Decimal("4.5")}, {"dose_mg": Decimal(0)}, {"product": "Capsules"}])
@pytest.mark.parametrize("code", NOT_PRESCRIBING)
def test_dose_and_product_go_only_with_prescribing(code: DecisionCode, changes: dict[str, Any]) -> None:
    until = TOMORROW if code is DEFER else None
    assert faults(decided(code, defer_until=until, **changes)) == [(Fault.PRODUCT_UNEXPECTED, "")]


def test_dose_and_product_are_optional_with_prescribing() -> None:
    decision = decided(PRESCRIBE, is_override_confirmed=True)
    assert faults(decision) == faults(replace(decision, dose_mg=Decimal("4.5"), product="Capsules")) == []


def test_all_faults_are_listed_at_once() -> None:
    decision = NewDecision(code=PRESCRIBE, reasons={"one": DONE, "two": Reason(OTHER)}, defer_until=TOMORROW)
    assert faults(decision, found(YES, YES, NOT_KNOWN), expired=["one"]) == [
        (Fault.FOLLOWED_BUT_PRESCRIBED, "one"),
        (Fault.TEXT_MISSING, "two"),
        (Fault.REASON_MISSING, "three"),
        (Fault.NOT_ASKED_AGAIN, "one"),
        (Fault.OVERRIDE_NOT_CONFIRMED, ""),
        (Fault.DATE_UNEXPECTED, ""),
    ]


def test_a_fault_of_the_decision_as_a_whole_names_no_rule() -> None:
    assert DecisionFault(Fault.DATE_MISSING) == (Fault.DATE_MISSING, "")


# Overriding ---------------------------------------------------------------------------------------------------

LISTED = definition(
    item("opioids", listed=Listed.OPIOID, severity=Severity.CAUTION), listed=(listed_item("product"),)
)


@pytest.mark.parametrize(
    ("evaluation", "expected"),
    [
        pytest.param(found(NO), False, id="nothing"),
        pytest.param(found(YES), True, id="a contraindication"),
        pytest.param(found(YES, severity=Severity.AVOID), False, id="a flag to avoid"),
        pytest.param(found(YES, severity=Severity.CAUTION), False, id="a caution"),
        pytest.param(found(NOT_KNOWN), True, id="an unresolved rule"),
        pytest.param(found(YES, NOT_KNOWN, severity=Severity.CAUTION), True, id="a caution and an unresolved rule"),
        pytest.param(
            found(YES, NOT_KNOWN, severity=Severity.AVOID), True, id="a flag to avoid and an unresolved rule"
        ),
        pytest.param(found(NO, overdue=("one",)), True, id="an overdue review"),
        pytest.param(
            found(YES, severity=Severity.CAUTION, overdue=("one",)), True, id="a caution, its review overdue"
        ),
        pytest.param(
            evaluate(definition(item("one")), {"one": NO, "foreign": NO}, TODAY), True, id="an answer to no question"
        ),
        pytest.param(
            evaluate(LISTED, {"opioids": NOT_KNOWN}, TODAY, medication_list(medicine())),
            True,
            id="a caution by a list, its question unresolved",
        ),
        pytest.param(
            evaluate(LISTED, {"opioids": NO}, TODAY, medication_list(medicine())), False, id="a caution by a list"
        ),
        pytest.param(
            evaluate(LISTED, {"opioids": NO}, TODAY, medication_list(naltrexone())), False, id="a listed product"
        ),
    ],
)
def test_whether_prescribing_needs_a_confirmation(evaluation: Evaluation, expected: bool) -> None:
    assert needs_override(evaluation) is expected


def test_a_confirmation_is_asked_for_only_when_prescribing() -> None:
    refused = [code for code in DecisionCode if (Fault.OVERRIDE_NOT_CONFIRMED, "") in faults(decided(code))]
    assert refused == [PRESCRIBE]


def test_prescribing_over_an_overdue_review_is_refused_without_a_confirmation_although_there_is_no_finding() -> None:
    evaluation = found(NO, overdue=("one",))
    assert faults(decided(PRESCRIBE, reasons={}), evaluation) == [(Fault.OVERRIDE_NOT_CONFIRMED, "")]
    assert faults(decided(PRESCRIBE, reasons={}, is_override_confirmed=True), evaluation) == []
