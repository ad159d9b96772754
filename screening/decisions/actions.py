"""Record a prescriber's decision, and the attempts that are refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from screening.accounts.models import User
from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event
from screening.clinical.evaluation.decision import DecisionFault, NewDecision
from screening.clinical.evaluation.evaluate import FindingStatus
from screening.clinical.report.to_decide import ToDecide
from screening.clinical.rules.deciding import DecisionCode
from screening.screenings.actions import lock_current
from screening.screenings.models import Decision, DecisionReason, Screening, WorklistEntry
from screening.web import metrics
from screening.web.transactions import committed

from .shipped_reasons import shipped_reasons
from .to_decide import what_to_decide


class DecidedMeanwhile(Exception):
    """There is a later decision than the one that the prescriber has seen."""


class IncompleteDecision(Exception):
    """The decision lacks something, or holds something that does not fit; ``faults`` lists everything."""

    def __init__(self, faults: Sequence[DecisionFault]) -> None:
        super().__init__(", ".join(f"{each.link_id} {each.fault}".strip() for each in faults))
        self.faults = faults


@committed()
def record_decision(
    screening: Screening, new: NewDecision, *, seen: int, by: User, role: Role, at: datetime
) -> Decision:
    """Store a decision with its reasons, and take the screening off the worklist or defer it there.

    ``seen`` is the number of the latest decision that the prescriber has seen, 0 for none. Sending the same decision
    again returns the one that is recorded.

    Raises:
        NotCurrent: the record is superseded or void.
        DecidedMeanwhile: there is a later decision than the one seen.
        IncompleteDecision: the decision is not complete (see ``faults_of``).
    """
    lock_current(screening)
    made, content_hash = list(screening.decisions.order_by("number")), _content_hash(new, seen)
    if made and made[-1].number != seen:
        if (made[-1].by_id, made[-1].content_hash) == (by.pk, content_hash):
            return made[-1]
        raise DecidedMeanwhile(str(made[-1]))
    to_decide = what_to_decide(screening, made, at.astimezone(ZoneInfo(settings.TIME_ZONE)).date())
    faults = to_decide.faults(new, shipped_reasons().codes)
    if faults or new.code is None:
        raise IncompleteDecision(faults)
    decision = Decision.objects.create(
        screening=screening,
        number=len(made) + 1,
        code=new.code.value,
        defer_until=new.defer_until,
        dose_mg=new.dose_mg,
        product=new.product,
        asked_again=[each.item.link_id for each in to_decide.expired],
        overrides=to_decide.needs_override and new.code is DecisionCode.PRESCRIBE,
        content_hash=content_hash,
        at=at,
        time_zone=settings.TIME_ZONE,
        by=by,
        by_name=by.display_name,
        role=role.value,
    )
    DecisionReason.objects.bulk_create(_reason_rows(decision, new, to_decide))
    _change_worklist(decision)
    subject, number = str(screening.uuid), decision.number
    record_event(Action.DECISION_RECORDED, by=by, role=role, subject=subject, code=decision.code, number=number)
    transaction.on_commit(metrics.DECISIONS.labels(decision.code).inc, robust=True)
    return decision


def _reason_rows(decision: Decision, new: NewDecision, to_decide: ToDecide) -> Iterator[DecisionReason]:
    for position, finding in enumerate(to_decide.findings):
        reason = new.reasons[finding.link_id]
        labels = shipped_reasons().labels(is_flag=finding.status is FindingStatus.FLAGGED)
        yield DecisionReason(
            decision=decision,
            position=position,
            link_id=finding.link_id,
            code=reason.code,
            label=labels[reason.code],
            text=reason.text,
        )


def _change_worklist(decision: Decision) -> None:
    """Keep a deferred screening on the worklist until its day; take any other off."""
    screening = decision.screening
    if decision.defer_until is None:
        WorklistEntry.objects.filter(screening=screening).delete()
        return
    entry = WorklistEntry(
        screening=screening,
        screened_at=screening.screened_at,
        outcome=screening.outcome,
        due_on=decision.defer_until,
    )
    WorklistEntry.objects.bulk_create(
        [entry], update_conflicts=True, unique_fields=["screening"], update_fields=["due_on", "superseded_decision"]
    )


def _content_hash(new: NewDecision, seen: int) -> str:
    reasons = {link_id: [reason.code, reason.text] for link_id, reason in new.reasons.items()}
    whole = [new.code, new.defer_until, new.dose_mg, new.product, sorted(new.asked_again), seen]
    return hashlib.sha256(json.dumps([whole, reasons], sort_keys=True, default=str).encode()).hexdigest()


def refuse_decision(screening: Screening, *, by: User, role: Role, why: str) -> None:
    """Record that a decision was refused; ``why`` is a short code without patient data."""
    record_event(Action.DECISION_REFUSED, by=by, role=role, subject=str(screening.uuid), why=why)


def refuse_without_role(uuid: UUID, *, by: User) -> None:
    """Record that a person without the role sent a decision."""
    record_event(Action.DECISION_REFUSED, by=by, subject=str(uuid), why="role")
