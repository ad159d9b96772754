"""What a prescriber's decision must contain. It is checked here for every client, not only for the form."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from screening.clinical.rules.deciding import FOLLOWED, OTHER, DecisionCode
from screening.clinical.rules.definition import Outcome, Severity

from .evaluate import Evaluation, Finding, FindingStatus


@dataclass(frozen=True, slots=True)
class Reason:
    """The coded reason for one finding, with the prescriber's own words if any."""

    code: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A decision as the prescriber sends it; ``code`` is None when nothing was chosen.

    ``reasons`` are by link id. ``asked_again`` are the link ids of the answers that were asked again and have not
    changed. ``is_override_confirmed`` is true when the prescriber typed the short id of the record. ``dose_mg`` is
    the daily dose in mg.
    """

    code: DecisionCode | None
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    defer_until: date | None = None
    asked_again: frozenset[str] = frozenset()
    is_override_confirmed: bool = False
    dose_mg: Decimal | None = None
    product: str = ""


class Fault(StrEnum):
    """Why a decision is refused."""

    DECISION_MISSING = "decision-missing"
    REASON_MISSING = "reason-missing"
    REASON_UNLISTED = "reason-unlisted"
    REASON_UNEXPECTED = "reason-unexpected"
    FOLLOWED_BUT_PRESCRIBED = "followed-but-prescribed"
    TEXT_MISSING = "text-missing"
    NOT_ASKED_AGAIN = "not-asked-again"
    OVERRIDE_NOT_CONFIRMED = "override-not-confirmed"
    DATE_MISSING = "date-missing"
    DATE_NOT_AFTER_TODAY = "date-not-after-today"
    DATE_UNEXPECTED = "date-unexpected"
    PRODUCT_UNEXPECTED = "product-unexpected"


class DecisionFault(NamedTuple):
    """One fault, and the rule that it concerns; ``link_id`` is empty for the decision as a whole."""

    fault: Fault
    link_id: str = ""


def findings_to_decide(evaluation: Evaluation) -> tuple[Finding, ...]:
    """Return the findings that need a reason: every flag and every unresolved rule."""
    return tuple(finding for finding in evaluation.findings if finding.status is not FindingStatus.NOT_FLAGGED)


def needs_override(evaluation: Evaluation) -> bool:
    """True when prescribing needs a typed confirmation.

    That is so with a ``contraindicated`` flag, with an unresolved rule, and whenever nothing could be concluded.
    """
    flagged = evaluation.with_status(FindingStatus.FLAGGED)
    contraindicated = any(finding.severity is Severity.CONTRAINDICATED for finding in flagged)
    return contraindicated or bool(evaluation.open_questions) or evaluation.outcome is Outcome.CANNOT_CONCLUDE


def faults_of(
    decision: NewDecision, evaluation: Evaluation, *, expired: Collection[str], codes: Collection[str], on: date
) -> tuple[DecisionFault, ...]:
    """Return everything for which a decision is refused; empty when it is complete.

    ``expired`` are the link ids of the answers that no longer hold, ``codes`` the listed codes of reasons, and ``on``
    is the day of the decision.
    """
    return (
        *_faults_of_reasons(decision, evaluation, codes),
        *(DecisionFault(Fault.NOT_ASKED_AGAIN, each) for each in expired if each not in decision.asked_again),
        *_faults_of_the_whole(decision, evaluation, on),
    )


def _faults_of_reasons(
    decision: NewDecision, evaluation: Evaluation, codes: Collection[str]
) -> Iterator[DecisionFault]:
    to_decide = [finding.link_id for finding in findings_to_decide(evaluation)]
    for link_id in to_decide:
        reason = decision.reasons.get(link_id)
        if reason is None or not reason.code:
            yield DecisionFault(Fault.REASON_MISSING, link_id)
        elif reason.code not in codes:
            yield DecisionFault(Fault.REASON_UNLISTED, link_id)
        elif reason.code == FOLLOWED and decision.code is DecisionCode.PRESCRIBE:
            yield DecisionFault(Fault.FOLLOWED_BUT_PRESCRIBED, link_id)
        elif reason.code == OTHER and not reason.text.strip():
            yield DecisionFault(Fault.TEXT_MISSING, link_id)
    for link_id in sorted(decision.reasons.keys() - set(to_decide)):
        yield DecisionFault(Fault.REASON_UNEXPECTED, link_id)


def _faults_of_the_whole(decision: NewDecision, evaluation: Evaluation, on: date) -> Iterator[DecisionFault]:
    if decision.code is None:
        yield DecisionFault(Fault.DECISION_MISSING)
        return
    prescribes, defers = decision.code is DecisionCode.PRESCRIBE, decision.code is DecisionCode.DEFER
    if prescribes and needs_override(evaluation) and not decision.is_override_confirmed:
        yield DecisionFault(Fault.OVERRIDE_NOT_CONFIRMED)
    if defers and decision.defer_until is None:
        yield DecisionFault(Fault.DATE_MISSING)
    if defers and decision.defer_until is not None and decision.defer_until <= on:
        yield DecisionFault(Fault.DATE_NOT_AFTER_TODAY)
    if not defers and decision.defer_until is not None:
        yield DecisionFault(Fault.DATE_UNEXPECTED)
    if not prescribes and (decision.dose_mg is not None or decision.product):
        yield DecisionFault(Fault.PRODUCT_UNEXPECTED)
