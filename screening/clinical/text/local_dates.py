"""Dates in the language of the person who reads them. ``dates`` formats those that are stored, always in English."""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo

from .dates import occurred_twice
from .translation import gettext, gettext_noop

MONTHS = (
    gettext_noop("January"), gettext_noop("February"), gettext_noop("March"), gettext_noop("April"),
    gettext_noop("May"), gettext_noop("June"), gettext_noop("July"), gettext_noop("August"),
    gettext_noop("September"), gettext_noop("October"), gettext_noop("November"), gettext_noop("December"),
)  # fmt: skip
SHORT_MONTHS = (
    gettext_noop("Jan"), gettext_noop("Feb"), gettext_noop("Mar"), gettext_noop("Apr"),
    gettext_noop("May"), gettext_noop("Jun"), gettext_noop("Jul"), gettext_noop("Aug"),
    gettext_noop("Sep"), gettext_noop("Oct"), gettext_noop("Nov"), gettext_noop("Dec"),
)  # fmt: skip
SHORTEST_NAME = 3

_LETTERS = re.compile(r"[^\W\d_]+")


def format_date(day: date) -> str:
    """Format a date with its month in letters: ``12 April 1961``."""
    return f"{day.day} {gettext(MONTHS[day.month - 1])} {day.year}"


def format_short_date(day: date) -> str:
    """Format a date with an abbreviated month: ``12 Apr 1961``."""
    return f"{day.day} {gettext(SHORT_MONTHS[day.month - 1])} {day.year}"


def format_datetime(moment: datetime) -> str:
    """Format a moment to the minute with its time zone: ``23 November 2026, 11:30 GMT``."""
    return f"{format_date(moment)}, {moment:%H:%M} {moment:%Z}"


def format_short_datetime(moment: datetime, today_in: tzinfo) -> str:
    """Format a moment (aware) for a list: ``12 Apr 1961, 11:30``.

    The name of the time zone follows only where it matters: if the time occurred twice because clocks were put back,
    or if the zone ``today_in``, that of the clinic today, has another time then.
    """
    is_clear = moment.utcoffset() == moment.astimezone(today_in).utcoffset() and not occurred_twice(moment)
    text = f"{format_short_date(moment)}, {moment:%H:%M}"
    return text if is_clear else f"{text} {moment:%Z}"


def with_english_months(text: str) -> str:
    """Replace names of months in the active language, at least three letters of them, by English ones."""
    return _LETTERS.sub(lambda match: _english_month(match[0]), text)


def _english_month(word: str) -> str:
    folded = word.casefold()
    found = {
        english
        for english in MONTHS
        if len(folded) >= SHORTEST_NAME and gettext(english).casefold().startswith(folded)
    }
    return found.pop() if len(found) == 1 else word
