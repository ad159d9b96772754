"""Parsing and formatting of dates. Months are in letters, so that no date is ambiguous."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from .translation import gettext, gettext_noop

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SHORT_MONTHS = tuple(month[:3] for month in MONTHS)
FULL_YEAR = re.compile(r"[0-9]{4}")
EXAMPLE = gettext_noop("27 Mar 1985")
EXAMPLE_WITH_TIME = gettext_noop("27 Mar 2026 14:30")
LONGEST_NAME = 20

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[\s.-]*([^\W\d_]+)\.?,?[\s-]*([0-9]+)")
_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.?[\s-]*([0-9]{1,2})(?:st|nd|rd|th)?(?:,\s*|[\s-]+)([0-9]+)")
_WITH_TIME = re.compile(r"(.+?)(?:, ?| |T)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_ALL_NUMERIC = re.compile(r"[0-9\s./-]+")


class DateError(ValueError):
    """The text is not an unambiguous date. The message is a sentence for the person who entered it."""


def format_date(day: date) -> str:
    """Format a date with its month in letters: ``12 April 1961``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def format_short_date(day: date) -> str:
    """Format a date with a three-letter month: ``12 Apr 1961``."""
    return f"{day.day} {SHORT_MONTHS[day.month - 1]} {day.year}"


def format_datetime(moment: datetime) -> str:
    """Format a moment to the minute with its time zone: ``23 November 2026, 11:30 GMT``."""
    return f"{format_date(moment)}, {moment:%H:%M} {moment:%Z}"


def was_skipped(moment: datetime) -> bool:
    """True for a local time (aware) that never was, because clocks were put forward."""
    first, second = _offsets(moment)
    return first < second


def occurred_twice(moment: datetime) -> bool:
    """True for a local time (aware) that occurred twice, because clocks were put back."""
    first, second = _offsets(moment)
    return first > second


def _offsets(moment: datetime) -> tuple[timedelta, timedelta]:
    """Return what the local time is ahead of UTC, read as the first and as the second of two equal times."""
    first, second = (moment.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return first, second


def parse(text: str) -> date:
    """Parse a date: ISO ``1961-04-12``, ``12 Apr 1961`` or ``April 12, 1961``.

    Raises:
        DateError: the text is not a date, has a short year, or is ambiguous because it has only numbers.
    """
    entered = " ".join(text.split())
    if match := _ISO.fullmatch(entered):
        return _date(match[1], int(match[2]), match[3])
    if match := _DAY_FIRST.fullmatch(entered):
        return _date(match[3], parse_month(match[2]), match[1])
    if match := _MONTH_FIRST.fullmatch(entered):
        return _date(match[3], parse_month(match[1]), match[2])
    if _ALL_NUMERIC.fullmatch(entered):
        raise DateError(
            gettext("Write the month in letters: {example}. In numbers, day and month can be confused.").format(
                example=gettext(EXAMPLE)
            )
        )
    raise DateError(
        gettext("This is not a date. Write day, month in letters, year: {example}.").format(example=gettext(EXAMPLE))
    )


def parse_with_time(text: str) -> datetime:
    """Parse a date, in the formats of ``parse``, with a time: ``27 Mar 2026 14:30`` or ISO ``2026-03-27T14:30``.

    The result has no time zone.

    Raises:
        DateError: the text is not a date with a time on the 24-hour clock.
    """
    entered = " ".join(text.split())
    if match := _WITH_TIME.fullmatch(entered):
        return datetime.combine(parse(match[1]), _time(match[2], match[3], match[4] or "0"))
    if _ALL_NUMERIC.fullmatch(entered):
        parse(entered)  # to refuse a date that is ambiguous
    raise DateError(
        gettext("Write the date, and the time on the 24-hour clock: {example}.").format(
            example=gettext(EXAMPLE_WITH_TIME)
        )
    )


def parse_month(name: str) -> int:
    """Parse the name of a month, in full or its first three letters or more.

    Raises:
        DateError: there is no such month.
    """
    folded = name.casefold()
    for number, month in enumerate(MONTHS, start=1):
        if folded == "sept" or (len(folded) >= 3 and month.casefold().startswith(folded)):
            return 9 if folded == "sept" else number
    raise DateError(
        gettext("There is no month “{name}”. Write its English name: {example}.").format(
            name=name[:LONGEST_NAME], example=gettext(EXAMPLE)
        )
    )


def parse_year(year: str) -> int:
    """Parse a year of four digits.

    Raises:
        DateError: the text is not four digits.
    """
    if not FULL_YEAR.fullmatch(year):
        raise DateError(gettext("Write the year with four digits: {example}.").format(example=gettext(EXAMPLE)))
    return int(year)


def _date(year: str, month: int, day: str) -> date:
    full_year = parse_year(year)
    try:
        return date(full_year, month, int(day))
    except ValueError:
        raise DateError(gettext("There is no such day in the calendar. Check the day and the month.")) from None


def _time(hour: str, minute: str, second: str) -> time:
    try:
        return time(int(hour), int(minute), int(second))
    except ValueError:
        raise DateError(
            gettext("There is no such time. Write it on the 24-hour clock, from 00:00 to 23:59.")
        ) from None
