"""What a record asks of the prescriber who decides on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from screening.clinical.evaluation.calculations import interval_end
from screening.clinical.evaluation.decision import (
    DecisionFault,
    NewDecision,
    faults_of,
    findings_to_decide,
    needs_override,
)
from screening.clinical.evaluation.evaluate import Answer, Finding
from screening.clinical.evaluation.listed_medicines import add_listed_kinds, medicines_raising
from screening.clinical.evaluation.shelf_life import HeldAnswer, held_answers
from screening.clinical.rules.definition import AnswerCode

from .record import Record

_NO_ANSWER = Answer(AnswerCode.UNKNOWN)


def answers_that_expire(record: Record, asked_again: Mapping[str, date]) -> tuple[HeldAnswer, ...]:
    """Return the answers of a record that expire; one that was asked again holds from that day."""
    return held_answers(record.definition, record.evaluation, record.screened_at.date(), asked_again)


@dataclass(frozen=True, kw_only=True)
class ToDecide:
    """A record to decide on.

    ``asked_again`` is the day, by link id, on which an answer was last asked again for a decision and had not
    changed. ``on`` is the day of the decision.
    """

    record: Record
    asked_again: Mapping[str, date]
    on: date

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that need a reason."""
        return findings_to_decide(self.record.evaluation)

    @cached_property
    def held(self) -> tuple[HeldAnswer, ...]:
        """The answers that expire."""
        return answers_that_expire(self.record, self.asked_again)

    @cached_property
    def expired(self) -> tuple[HeldAnswer, ...]:
        """The answers that no longer hold: each must be asked again."""
        return tuple(each for each in self.held if each.is_expired(self.on))

    @property
    def needs_override(self) -> bool:
        """True when prescribing needs a typed confirmation."""
        return needs_override(self.record.evaluation)

    @cached_property
    def interval_ends(self) -> tuple[date, ...]:
        """The days until which opioid-free intervals run, by the answers and the list, past ones included."""
        asked = self.record.definition.by_link_id
        ends = [self._interval_end(finding) for finding in self.findings if finding.link_id in asked]
        return tuple(end for end in ends if end)

    def _interval_end(self, finding: Finding) -> date | None:
        record = self.record
        item, answer = record.definition.item(finding.link_id), record.answers.get(finding.link_id, _NO_ANSWER)
        given = answer.details if finding.answer is AnswerCode.YES else {}
        details = add_listed_kinds(item, given, medicines_raising(item, record.listed))
        return interval_end(item, details, record.screened_at.date())

    def faults(self, new: NewDecision, codes: Collection[str]) -> tuple[DecisionFault, ...]:
        """Return everything for which a decision is refused; ``codes`` are the listed codes of reasons."""
        expired = [each.item.link_id for each in self.expired]
        return faults_of(new, self.record.evaluation, expired=expired, codes=codes, on=self.on)
