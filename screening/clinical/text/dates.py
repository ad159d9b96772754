"""Calendar dates as people type and read them: months in letters, never a date that reads two ways."""

from __future__ import annotations

import re
from datetime import date, datetime

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SHORT_MONTHS = tuple(month[:3] for month in MONTHS)
FULL_YEAR = re.compile(r"[0-9]{4}")
EXAMPLE = "27 Mar 1985"
LONGEST_NAME = 20

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[\s.-]*([^\W\d_]+)\.?,?[\s-]*([0-9]+)")
_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.?[\s-]*([0-9]{1,2})(?:st|nd|rd|th)?(?:,\s*|[\s-]+)([0-9]+)")
_ALL_NUMERIC = re.compile(r"[0-9\s./-]+")


class DateError(ValueError):
    """A text that is not one certain date; its message is a sentence for the person who typed it."""


def format_date(day: date) -> str:
    """A date with its month in letters: ``12 April 1961``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def format_short_date(day: date) -> str:
    """A date with its month in three letters: ``12 Apr 1961``."""
    return f"{day.day} {SHORT_MONTHS[day.month - 1]} {day.year}"


def format_datetime(moment: datetime) -> str:
    """A moment to the minute with its time zone: ``23 November 2026, 11:30 GMT``."""
    return f"{format_date(moment)}, {moment:%H:%M} {moment:%Z}"


def parse(text: str) -> date:
    """The date that was typed: ISO ``1961-04-12``, ``12 Apr 1961`` or ``April 12, 1961``.

    Raises:
        DateError: it is no date, has a short year, or is all numbers and could be read two ways.
    """
    typed = " ".join(text.split())
    if match := _ISO.fullmatch(typed):
        return _date(match[1], int(match[2]), match[3])
    if match := _DAY_FIRST.fullmatch(typed):
        return _date(match[3], parse_month(match[2]), match[1])
    if match := _MONTH_FIRST.fullmatch(typed):
        return _date(match[3], parse_month(match[1]), match[2])
    if _ALL_NUMERIC.fullmatch(typed):
        raise DateError(f"Write the month in letters, so that the date cannot be read two ways: {EXAMPLE}.")
    raise DateError(f"This is not a date. Write day, month in letters, year: {EXAMPLE}.")


def parse_month(name: str) -> int:
    """The number of a month whose name was typed, in full or at least three letters of it.

    Raises:
        DateError: there is no such month.
    """
    folded = name.casefold()
    for number, month in enumerate(MONTHS, start=1):
        if folded == "sept" or (len(folded) >= 3 and month.casefold().startswith(folded)):
            return 9 if folded == "sept" else number
    raise DateError(f"There is no month “{name[:LONGEST_NAME]}”. Write it in English letters: {EXAMPLE}.")


def parse_year(year: str) -> int:
    """The year that was typed.

    Raises:
        DateError: it has not four digits.
    """
    if not FULL_YEAR.fullmatch(year):
        raise DateError(f"Write the year with four digits: {EXAMPLE}.")
    return int(year)


def _date(year: str, month: int, day: str) -> date:
    full_year = parse_year(year)
    try:
        return date(full_year, month, int(day))
    except ValueError:
        raise DateError("There is no such day in the calendar. Check day and month.") from None
