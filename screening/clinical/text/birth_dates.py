"""Dates of birth of which the day, or day and month, may not be known. What is not known is never guessed."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .dates import MONTHS, SHORT_MONTHS, DateError, parse, parse_month, parse_year

EXAMPLES = "27 Mar 1985, or if a part is not known: Mar 1985 or 1985"

_YEAR = re.compile(r"[0-9]+")
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})")
_MONTH_AND_YEAR = re.compile(r"([^\W\d_]+)\.?,?[\s-]*([0-9]+)")


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A year, a month of a year, or a day.

    Raises:
        ValueError: there is no such day or month in the calendar, or a day without its month.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise ValueError("a day needs its month")
        date(self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)

    @classmethod
    def of(cls, day: date) -> BirthDate:
        """A birth date that is wholly known."""
        return cls(day.year, day.month, day.day)

    @classmethod
    def from_iso(cls, text: str) -> BirthDate:
        """The birth date that ``str`` wrote: ``1961-04-12``, ``1961-04`` or ``1961``."""
        return cls(*map(int, text.split("-")))

    def __str__(self) -> str:
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)

    @property
    def earliest(self) -> date:
        """The first day that it may be."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day that it may be."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    @property
    def in_words(self) -> str:
        """With its month in letters, and what is not known: ``April 1961, day not known``."""
        return self._in_words(MONTHS)

    @property
    def in_short_words(self) -> str:
        """The same with three letters of the month: ``12 Apr 1961``."""
        return self._in_words(SHORT_MONTHS)

    @property
    def as_typed(self) -> str:
        """As a person types it: ``12 Apr 1961``, ``Apr 1961`` or ``1961``."""
        return self.in_short_words.partition(",")[0]

    def _in_words(self, months: Sequence[str]) -> str:
        if self.month is None:
            return f"{self.year}, day and month not known"
        month_and_year = f"{months[self.month - 1]} {self.year}"
        return f"{month_and_year}, day not known" if self.day is None else f"{self.day} {month_and_year}"

    def ages_on(self, day: date) -> tuple[int, int]:
        """The lowest and the highest age in whole years that the person may have on a day, which is not before
        the birth."""
        return _age(min(self.latest, day), day), _age(self.earliest, day)

    def age_in_words(self, day: date) -> str:
        """The age on a day: ``65``, or ``64 or 65`` where it depends on what is not known."""
        youngest, oldest = self.ages_on(day)
        return str(oldest) if youngest == oldest else f"{youngest} or {oldest}"

    def agrees_with(self, other: BirthDate) -> bool:
        """True when no part that is known of both differs."""
        both = zip((self.year, self.month, self.day), (other.year, other.month, other.day), strict=True)
        return all(mine == theirs for mine, theirs in both if mine is not None and theirs is not None)


def parse_birth_date(text: str) -> BirthDate:
    """The birth date that was typed: a day as ``dates.parse`` reads it, ``Mar 1961``, ``1961-03`` or ``1961``.

    Raises:
        DateError: it is no date, has a short year, or is all numbers and could be read two ways.
    """
    typed = " ".join(text.split())
    if _YEAR.fullmatch(typed):
        return _birth_date(typed)
    if match := _ISO_MONTH.fullmatch(typed):
        return _birth_date(match[1], int(match[2]))
    if match := _MONTH_AND_YEAR.fullmatch(typed):
        return _birth_date(match[2], parse_month(match[1]))
    return BirthDate.of(parse(typed))


def _birth_date(year: str, month: int | None = None) -> BirthDate:
    full_year = parse_year(year)
    try:
        return BirthDate(full_year, month)
    except ValueError:
        raise DateError("There is no such month in the calendar. Check month and year.") from None


def _age(born: date, day: date) -> int:
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if had_birthday else 1)
