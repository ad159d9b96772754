"""The words that are stored with a result for lists, in the language of the person who reads the list."""

from __future__ import annotations

import re
from typing import NamedTuple

from screening.clinical.rules import labels
from screening.clinical.rules.definition import Outcome
from screening.clinical.text.translation import gettext, join_with_and, ngettext

REASON_NOT_CONCLUDED = (
    ("{} answer is not known", "{} answers are not known"),
    ("the review of {} rule is overdue", "the review of {} rules is overdue"),
)
UNRECOGNISED = "an answer belongs to no question of this edition"
FLAGGED = {Outcome.CONTRAINDICATION_FLAGGED, Outcome.CAUTION_FLAGGED}

_COUNTED_QUESTIONS = re.compile(r"\A([0-9]+) of ([0-9]+) questions?")
_NUMBER = re.compile("[0-9]+")


class HeadlineParts(NamedTuple):
    """A headline before and after its colon; ``names_rules`` if the reason has names of rules."""

    outcome: str
    reason: str
    names_rules: bool


def headline_parts(code: str, headline: str) -> HeadlineParts:
    """Split a headline, stored in English or made in the active language. What is stored is translated."""
    outcome = Outcome(code)
    words, reason = gettext(labels.OUTCOME_WORDS[outcome]), headline.partition(": ")[2]
    if outcome in FLAGGED:
        return HeadlineParts(words, _COUNTED_QUESTIONS.sub(_counted_questions, reason), not _NUMBER.match(reason))
    return HeadlineParts(words, join_with_and([_not_concluded(each) for each in reason.split(" and ")]), False)


def tally_in_words(tally: str) -> str:
    """Translate a stored tally: ``1 contraindicated, 3 answered no``."""
    return ", ".join(map(_counted, tally.split(", ")))


def _counted_questions(match: re.Match[str]) -> str:
    questions = ngettext("{} question", "{} questions", int(match[2]))
    return gettext("{count} of {questions}").format(count=match[1], questions=questions)


def _not_concluded(reason: str) -> str:
    if number := _NUMBER.search(reason):
        count = int(number[0])
        for one, several in REASON_NOT_CONCLUDED:
            if reason in (one.format(count), several.format(count)):
                return ngettext(one, several, count)
    return gettext(reason) if reason == UNRECOGNISED else reason


def _counted(part: str) -> str:
    count, _, words = part.partition(" ")
    return f"{count} {gettext(words)}" if words in _TALLY_WORDS else part


_TALLY_WORDS = {*labels.SEVERITY_TALLY.values(), *labels.ANSWER_TALLY.values()}
