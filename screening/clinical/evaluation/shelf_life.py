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
    """An answer that expires; ``given_on`` is the day on which it was given or last asked again."""

    item: Item
    answer: AnswerCode
    given_on: date

    @property
    def until(self) -> date:
        """The last day on which the answer holds."""
        return self.given_on + timedelta(self.item.holds_days)

    def is_expired(self, on: date) -> bool:
        """True when the answer does not hold on this day.

        It does not on a day before it was given: a clock was wrong, so nobody can tell how old the answer is.
        """
        return not self.given_on <= on <= self.until


def held_answers(
    definition: Definition, evaluation: Evaluation, given_on: date, asked_again: Mapping[str, date]
) -> tuple[HeldAnswer, ...]:
    """Return the answers that expire, in the definition's order.

    ``given_on`` is the day of the screening. ``asked_again`` is the day, by link id, on which an answer was last
    asked again and had not changed: it counts from then.
    """
    answers = {finding.link_id: finding.answer for finding in evaluation.findings}
    return tuple(
        HeldAnswer(item, answer, asked_again.get(item.link_id, given_on))
        for item in definition.items
        if (answer := answers.get(item.link_id)) in EXPIRING_ANSWERS
    )
