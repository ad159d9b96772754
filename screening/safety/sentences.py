"""What the charts and the head of the page show, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext, gettext_noop, ngettext

from screening.clinical.rules.definition import Outcome
from screening.clinical.rules.labels import OUTCOME_WORDS
from screening.clinical.text.phrases import in_sentence
from screening.clinical.text.translation import join_with_and
from screening.web.languages import format_count

from .figures import SPANS, RuleFigures, SafetyFigures

WITHIN_ONE_DAY = 2
"""The number of spans that make up “within 1 day”."""
TWICE = 2


class _MostOften(NamedTuple):
    """The sentences about one kind of finding.

    ``one`` names one rule, ``several`` rules that were asked equally often, and the last two any others.
    """

    none: str
    one: str
    several: str
    once_each: str
    each: str


_FLAGGED = _MostOften(
    none=gettext_noop("No rule is flagged."),
    one=gettext_noop("{names} is flagged most often: {number} of {asked} screenings."),
    several=gettext_noop("{names} are flagged most often: {number} of {asked} screenings each."),
    once_each=gettext_noop("{names} are flagged most often: 1 screening each."),
    each=gettext_noop("{names} are flagged most often: {number} screenings each."),
)
_NOT_KNOWN = _MostOften(
    none=gettext_noop("Every answer is known."),
    one=gettext_noop("{names} is not known most often: {number} of {asked} screenings."),
    several=gettext_noop("{names} are not known most often: {number} of {asked} screenings each."),
    once_each=gettext_noop("{names} are not known most often: 1 screening each."),
    each=gettext_noop("{names} are not known most often: {number} screenings each."),
)


def how_counted() -> str:
    """Say which screenings are counted."""
    return gettext(
        "Each screening counts once: an amended one by its latest version, one entered in error not at all. "
        "“Amended” are the earlier versions. “With a flag” are the screenings with the outcome "
        "“{contraindication}” or “{caution}”. A period selects by the day of screening."
    ).format(
        contraindication=gettext(OUTCOME_WORDS[Outcome.CONTRAINDICATION_FLAGGED]),
        caution=gettext(OUTCOME_WORDS[Outcome.CAUTION_FLAGGED]),
    )


def what_rules_found(figures: SafetyFigures) -> str:
    """Say which rule is flagged, and which is not known, most often; and what the list alone raised."""
    asked = [rule for rule in figures.rules if rule.asked]
    sentences = [
        _most_often(asked, [rule.flagged for rule in asked], _FLAGGED),
        _most_often(asked, [rule.not_known for rule in asked], _NOT_KNOWN),
    ]
    sentences += [_raised_by_list(rule) for rule in figures.rules if rule.asked is None]
    return " ".join(sentences)


def _most_often(rules: Sequence[RuleFigures], numbers: Sequence[int], words: _MostOften) -> str:
    """Name the rules with the highest number, all of them if they share it."""
    highest = max(numbers, default=0)
    if not highest:
        return gettext(words.none)
    first = [rule for rule, number in zip(rules, numbers, strict=True) if number == highest]
    names = join_with_and([rule.name if rule is first[0] else in_sentence(rule.name) for rule in first])
    if len(first) == 1:
        sentence = words.one
    elif len({rule.asked for rule in first}) == 1:
        sentence = words.several
    else:
        sentence = words.once_each if highest == 1 else words.each
    number, asked = format_count(highest), format_count(first[0].asked or 0)
    return gettext(sentence).format(names=names, number=number, asked=asked)


def _raised_by_list(rule: RuleFigures) -> str:
    if not rule.flagged:
        sentence = gettext("{name} has no question; the medication list raised it never.")
    elif rule.flagged == TWICE:
        sentence = gettext("{name} has no question; the medication list raised it twice.")
    else:
        sentence = ngettext(
            "{name} has no question; the medication list raised it once.",
            "{name} has no question; the medication list raised it {number} times.",
            rule.flagged,
        )
    return sentence.format(name=rule.name, number=format_count(rule.flagged))


def time_to_decision(figures: SafetyFigures, days: int) -> str:
    """Say how many flagged screenings are decided, how fast, and how many are undecided, also for over ``days``."""
    if not figures.flagged:
        return gettext("No screening is flagged.")
    return " ".join(filter(None, [_decided(figures), _dated_before(figures), _undecided(figures, days)]))


def _decided(figures: SafetyFigures) -> str:
    flagged = ngettext("{number} flagged screening", "{number} flagged screenings", figures.flagged)
    decided = ngettext(
        "Of {flagged} {number} is decided: {within} within 1 day, {long} after more than {days} days.",
        "Of {flagged} {number} are decided: {within} within 1 day, {long} after more than {days} days.",
        figures.decided,
    )
    return decided.format(
        flagged=flagged.format(number=format_count(figures.flagged)),
        number=format_count(figures.decided),
        within=format_count(sum(figures.spans[:WITHIN_ONE_DAY])),
        long=format_count(figures.spans[-1]),
        days=SPANS[-2][1],
    )


def _dated_before(figures: SafetyFigures) -> str:
    if not figures.dated_before:
        return ""
    return ngettext(
        "{number} decision is dated before its screening, because a clock was set back; it counts as the same day.",
        "{number} decisions are dated before their screening, because a clock was set back; they count as the same "
        "day.",
        figures.dated_before,
    ).format(number=format_count(figures.dated_before))


def _undecided(figures: SafetyFigures, days: int) -> str:
    undecided = ngettext(
        "{number} is undecided, {long} of them for more than {days}.",
        "{number} are undecided, {long} of them for more than {days}.",
        figures.undecided,
    )
    return undecided.format(
        number=format_count(figures.undecided),
        long=format_count(figures.undecided_long),
        days=ngettext("{number} day", "{number} days", days).format(number=days),
    )
