"""How long the answers of a screening hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from screening.clinical.rules.definition import AnswerCode, Definition, Item

from .evaluate import Evaluation

EXPIRING_ANSWERS = (AnswerCode.YES, AnswerCode.NO)
"""“Not known” and “not applicable” do not expire."""


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """An answer that expires; ``until`` is the last day on which it holds."""

    item: Item
    answer: AnswerCode
    until: date

    def is_expired(self, on: date) -> bool:
        """True when the answer no longer holds on this day."""
        return on > self.until


def held_answers(
    definition: Definition, evaluation: Evaluation, given_on: date, asked_again: Mapping[str, date]
) -> tuple[HeldAnswer, ...]:
    """Return the answers that expire, in the definition's order.

    ``given_on`` is the day of the screening; ``asked_again`` is the latest day, by link id, on which an answer was
    asked again and had not changed: it counts from then.
    """
    answers = {finding.link_id: finding.answer for finding in evaluation.findings}
    return tuple(
        HeldAnswer(item, answer, max(given_on, asked_again.get(item.link_id, given_on)) + timedelta(item.holds_days))
        for item in definition.items
        if (answer := answers.get(item.link_id)) in EXPIRING_ANSWERS
    )
