"""What the charts and the head of the page show, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from screening.clinical.rules.definition import Outcome
from screening.clinical.rules.labels import OUTCOME_WORDS
from screening.clinical.text.phrases import in_sentence, join_with_and

from .figures import SPANS, RuleFigures, SafetyFigures

HOW_COUNTED = (
    "Each screening counts once: an amended one by its latest version, one entered in error not at all. “Amended” "
    "are the earlier versions. “With a flag” are the screenings with the outcome "
    f"“{OUTCOME_WORDS[Outcome.CONTRAINDICATION_FLAGGED]}” or “{OUTCOME_WORDS[Outcome.CAUTION_FLAGGED]}”. "
    "A period selects by the day of screening."
)
WITHIN_ONE_DAY = 2
"""The number of spans that make up “within 1 day”."""


def what_rules_found(figures: SafetyFigures) -> str:
    """Say which rule is flagged, and which is not known, most often; and what the list alone raised."""
    asked = [rule for rule in figures.rules if rule.asked]
    sentences = [
        _most_often(asked, "flagged", [rule.flagged for rule in asked], "No rule is flagged."),
        _most_often(asked, "not known", [rule.not_known for rule in asked], "Every answer is known."),
    ]
    sentences += [
        f"{rule.name} has no question; the medication list raised it {_times(rule.flagged)}."
        for rule in figures.rules
        if rule.asked is None
    ]
    return " ".join(sentences)


def _most_often(rules: Sequence[RuleFigures], words: str, numbers: Sequence[int], if_none: str) -> str:
    """Name the rules with the highest number, all of them if they share it; ``if_none`` if all are zero."""
    highest = max(numbers, default=0)
    if not highest:
        return if_none
    first = [rule for rule, number in zip(rules, numbers, strict=True) if number == highest]
    names = join_with_and([rule.name if rule is first[0] else in_sentence(rule.name) for rule in first])
    asked = {rule.asked or 0 for rule in first}
    of = f"{highest:,} of {asked.pop():,} {'screenings' if len(first) == 1 else 'screenings each'}"
    times = of if not asked else f"{highest:,} {'screening' if highest == 1 else 'screenings'} each"
    return f"{names} {'is' if len(first) == 1 else 'are'} {words} most often: {times}."


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number:,} times")


def time_to_decision(figures: SafetyFigures, days: int) -> str:
    """Say how many flagged screenings are decided, how fast, and how many are undecided, also for over ``days``."""
    if not figures.flagged:
        return "No screening is flagged."
    flagged = f"{figures.flagged:,} flagged screening{'' if figures.flagged == 1 else 's'}"
    within, long = sum(figures.spans[:WITHIN_ONE_DAY]), figures.spans[-1]
    return (
        f"Of {flagged} {figures.decided:,} {_is(figures.decided)} decided: {within:,} within 1 day, "
        f"{long:,} after more than {SPANS[-2][1]} days. {figures.undecided:,} {_is(figures.undecided)} undecided, "
        f"{figures.undecided_long:,} of them for more than {days} day{'' if days == 1 else 's'}."
    )


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
