"""The words of faults, in the language of the person who reads them: places, and cases with another result."""

from __future__ import annotations

import re
from collections.abc import Sequence

from screening.clinical.text.translation import gettext, gettext_noop, join_with_and

from .definition import Outcome
from .labels import OUTCOME_SHORT

_CASE = re.compile(r"case (?P<number>\d+)(?:, “(?P<words>.*)”)?")
_STEP = re.compile(r"(?:^|(?<=, ))(?P<noun>rule|follow-up|choice|reason|source) (?P<which>[^ ,]+)(?=,|$)")
_NAME = re.compile(r"(?:^|(?<=, ))(?:follow-ups|sources|cases|the file)(?=,|$)")
_STEPS = {
    "rule": gettext_noop("rule {which}"),
    "follow-up": gettext_noop("follow-up {which}"),
    "choice": gettext_noop("choice {which}"),
    "reason": gettext_noop("reason {which}"),
    "source": gettext_noop("source {which}"),
}
_NAMES = (
    gettext_noop("follow-ups"),
    gettext_noop("sources"),
    gettext_noop("cases"),
    gettext_noop("the file"),
)


def place_in_words(place: str) -> str:
    """Translate the place of a fault: ``rule opioid-use, source 1, title``. Names of fields stay as in the file."""
    if found := _CASE.match(place):
        return _case(found) + _steps(place[found.end() :])
    return _steps(place)


def _case(found: re.Match[str]) -> str:
    if found["words"] is None:
        return gettext("case {number}").format(number=found["number"])
    return gettext("case {number}, “{words}”").format(number=found["number"], words=found["words"])


def _steps(place: str) -> str:
    place = _STEP.sub(lambda step: gettext(_STEPS[step["noun"]]).format(which=step["which"]), place)
    return _NAME.sub(lambda name: gettext(name[0]), place)


def unexpected_outcome(expected: Outcome, found: Outcome) -> str:
    """Say that a case has another outcome than it expects."""
    return gettext("expects “{expected}”, found “{found}”").format(
        expected=gettext(OUTCOME_SHORT[expected]), found=gettext(OUTCOME_SHORT[found])
    )


def unexpected_flags(expected: Sequence[str], found: Sequence[str]) -> str:
    """Say that a case flags other rules than it expects; both are names."""
    return gettext("expects {expected} flagged, found {found}").format(
        expected=_quoted(expected), found=_quoted(found)
    )


def _quoted(names: Sequence[str]) -> str:
    quoted = [gettext("“{name}”").format(name=name) for name in names]
    return join_with_and(quoted) or gettext("nothing")
