"""What holds for the decisions on all screenings: over rule sets, answers, expired answers and decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.evaluation.decision import NewDecision, Reason, faults_of, findings_to_decide
from screening.clinical.evaluation.evaluate import Evaluation, FindingStatus, evaluate
from screening.clinical.rules.deciding import FOLLOWED, OTHER, DecisionCode
from screening.clinical.rules.definition import AnswerCode, Outcome, Severity
from tests.unit.builders import NO, NOT_APPLICABLE, NOT_KNOWN, TODAY, YES, rule_sets

CODES = frozenset({FOLLOWED, OTHER, "risk-benefit-ratio"})
OF_A_REASON = {"reason-missing", "reason-unlisted", "followed-but-prescribed", "text-missing"}
WEIGHED, DONE = Reason("risk-benefit-ratio"), Reason(FOLLOWED)
PRESCRIBE, DEFER = DecisionCode.PRESCRIBE, DecisionCode.DEFER
TOMORROW = TODAY + timedelta(days=1)
ANSWERS = (YES, NO, NOT_KNOWN, NOT_APPLICABLE)
LINK_IDS = [f"rule-{number}" for number in range(1, 9)]
REASONS = st.builds(Reason, st.sampled_from(["", "nonsense", *sorted(CODES)]), st.sampled_from(["", "  ", "Why"]))
LISTED_REASONS = st.sampled_from([WEIGHED, Reason(OTHER, "Why")])
ANY_DAY = st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=2))


class Screened(NamedTuple):
    """An evaluated screening and the link ids of its answers that no longer hold."""

    evaluation: Evaluation
    expired: frozenset[str]

    @property
    def to_decide(self) -> list[str]:
        """The rules that need a reason, as an independent reading of the evaluation has them."""
        return [each.link_id for each in self.evaluation.findings if each.status.value in ("flagged", "unresolved")]

    def faults(self, decision: NewDecision) -> set[tuple[str, str]]:
        """The faults of a decision made on ``TODAY``."""
        found = faults_of(decision, self.evaluation, expired=self.expired, codes=CODES, on=TODAY)
        return {(fault.value, link_id) for fault, link_id in found}


@st.composite
def screenings(draw: st.DrawFn) -> Screened:
    """A strategy for screenings under any small rule set, with some answers missing and some expired."""
    rules = draw(rule_sets(most=len(LINK_IDS)))
    asked = [each.link_id for each in rules.items]
    answers = {link_id: draw(st.sampled_from(ANSWERS)) for link_id in asked if draw(st.integers(0, 9))}
    overdue = tuple(each for each in asked if not draw(st.integers(0, 9)))
    evaluation = evaluate(rules, answers, TODAY, overdue=overdue)
    given_yes_or_no = [each.link_id for each in evaluation.findings if each.answer in (AnswerCode.YES, AnswerCode.NO)]
    expired = draw(st.sets(st.sampled_from(given_yes_or_no))) if given_yes_or_no else frozenset[str]()
    return Screened(evaluation, frozenset(expired))


DECISIONS = st.builds(
    NewDecision,
    code=st.none() | st.sampled_from(DecisionCode),
    reasons=st.dictionaries(st.sampled_from([*LINK_IDS, "foreign"]), REASONS | LISTED_REASONS),
    defer_until=ANY_DAY,
    asked_again=st.frozensets(st.sampled_from(LINK_IDS)),
    is_override_confirmed=st.booleans(),
    dose_mg=st.none() | st.just(Decimal("4.5")),
    product=st.sampled_from(["", "Capsules"]),
)


@st.composite
def complete_ones(draw: st.DrawFn) -> tuple[Screened, NewDecision]:
    """A strategy for screenings, each with a decision that lacks nothing."""
    screened, code = draw(screenings()), draw(st.sampled_from(DecisionCode))
    prescribes = code is PRESCRIBE
    reasons = LISTED_REASONS if prescribes else LISTED_REASONS | st.just(DONE)
    decision = NewDecision(
        code=code,
        reasons={link_id: draw(reasons) for link_id in screened.to_decide},
        defer_until=TOMORROW if code is DEFER else None,
        asked_again=screened.expired,
        is_override_confirmed=prescribes,
        dose_mg=draw(st.none() | st.just(Decimal("4.5"))) if prescribes else None,
        product=draw(st.sampled_from(["", "Capsules"])) if prescribes else "",
    )
    return screened, decision


def may_be_given(reason: Reason | None, code: DecisionCode | None) -> bool:
    """The second judge of one reason, written independently."""
    if reason is None or reason.code not in CODES:
        return False
    if reason.code == "other":
        return reason.text.strip() != ""
    return not (reason.code == "followed" and code == "prescribe")


@given(screened=screenings(), decision=DECISIONS)
def test_no_decision_is_complete_without_an_allowed_reason_for_every_flag_and_unresolved_rule(
    screened: Screened, decision: NewDecision
) -> None:
    lacks = [each for each in screened.to_decide if not may_be_given(decision.reasons.get(each), decision.code)]
    about = {link_id for fault, link_id in screened.faults(decision) if fault in OF_A_REASON}
    assert about == set(lacks)


@given(screened=screenings(), decision=DECISIONS)
def test_what_is_complete_has_no_reason_for_anything_else(screened: Screened, decision: NewDecision) -> None:
    unexpected = {link_id for fault, link_id in screened.faults(decision) if fault == "reason-unexpected"}
    assert unexpected == set(decision.reasons) - set(screened.to_decide)


@given(screened=screenings(), decision=DECISIONS)
def test_every_expired_answer_must_be_asked_again_and_no_other(screened: Screened, decision: NewDecision) -> None:
    refused = {link_id for fault, link_id in screened.faults(decision) if fault == "not-asked-again"}
    assert refused == screened.expired - decision.asked_again


@given(screened=screenings(), decision=DECISIONS)
def test_prescribing_over_a_contraindication_or_anything_unresolved_needs_the_confirmation_and_nothing_else_does(
    screened: Screened, decision: NewDecision
) -> None:
    findings, outcome = screened.evaluation.findings, screened.evaluation.outcome
    is_grave = outcome is Outcome.CANNOT_CONCLUDE or any(
        each.status is FindingStatus.UNRESOLVED
        or (each.status is FindingStatus.FLAGGED and each.severity is Severity.CONTRAINDICATED)
        for each in findings
    )
    is_refused = ("override-not-confirmed", "") in screened.faults(decision)
    assert is_refused is (decision.code is PRESCRIBE and is_grave and not decision.is_override_confirmed)


@given(screened=screenings(), decision=DECISIONS)
def test_a_complete_decision_has_a_day_exactly_when_it_defers_and_the_day_is_later(
    screened: Screened, decision: NewDecision
) -> None:
    if not screened.faults(decision):
        assert (decision.code is DEFER) is (decision.defer_until is not None)
        assert decision.defer_until is None or decision.defer_until > TODAY
    until = decision.defer_until
    fits = (until is not None and until > TODAY) if decision.code is DEFER else until is None
    is_refused = any(fault.startswith("date-") for fault, _ in screened.faults(decision))
    assert is_refused is (decision.code is not None and not fits)


@given(screened=screenings(), decision=DECISIONS)
def test_a_complete_decision_has_dose_and_product_only_when_it_prescribes(
    screened: Screened, decision: NewDecision
) -> None:
    is_complete = not screened.faults(decision)
    assert not (is_complete and decision.code is not PRESCRIBE and (decision.dose_mg or decision.product))


@given(complete_ones())
def test_a_decision_that_lacks_nothing_is_complete(both: tuple[Screened, NewDecision]) -> None:
    screened, decision = both
    assert screened.faults(decision) == set()


@given(complete_ones())
def test_a_complete_decision_that_loses_any_of_its_reasons_is_refused(both: tuple[Screened, NewDecision]) -> None:
    screened, decision = both
    for lost in decision.reasons:
        rest = {link_id: reason for link_id, reason in decision.reasons.items() if link_id != lost}
        assert screened.faults(replace(decision, reasons=rest)) == {("reason-missing", lost)}


@given(complete_ones())
def test_a_complete_decision_that_loses_any_of_its_ticks_is_refused(both: tuple[Screened, NewDecision]) -> None:
    screened, decision = both
    for lost in screened.expired:
        rest = decision.asked_again - {lost}
        assert screened.faults(replace(decision, asked_again=rest)) == {("not-asked-again", lost)}


@given(complete_ones())
def test_a_complete_decision_without_its_code_is_refused(both: tuple[Screened, NewDecision]) -> None:
    screened, decision = both
    assert screened.faults(replace(decision, code=None)) == {("decision-missing", "")}


@given(complete_ones())
def test_prescribing_is_refused_once_any_next_step_is_followed(both: tuple[Screened, NewDecision]) -> None:
    screened, decision = both
    prescribed = replace(decision, code=PRESCRIBE, defer_until=None, is_override_confirmed=True)
    for link_id in screened.to_decide:
        reasons = {**decision.reasons, link_id: DONE}
        assert ("followed-but-prescribed", link_id) in screened.faults(replace(prescribed, reasons=reasons))


@given(screenings())
def test_the_findings_to_decide_are_the_flags_and_the_unresolved_rules_in_order(screened: Screened) -> None:
    assert [each.link_id for each in findings_to_decide(screened.evaluation)] == screened.to_decide
