"""Birth dates whose day, or day and month, may be unknown. An unknown part is never guessed."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .dates import DateError, parse, parse_month, parse_year
from .local_dates import MONTHS, SHORT_MONTHS
from .translation import gettext, gettext_noop

EXAMPLES = gettext_noop("27 Mar 1985, or if a part is not known: Mar 1985 or 1985")

_YEAR = re.compile(r"[0-9]+")
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})")
_MONTH_AND_YEAR = re.compile(r"([^\W\d_]+)\.?,?[\s-]*([0-9]+)")


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A year, a year and month, or a full date.

    Raises:
        ValueError: the calendar has no such day or month, or a day is given without a month.
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
        """Make a birth date from a full date."""
        return cls(day.year, day.month, day.day)

    @classmethod
    def from_iso(cls, text: str) -> BirthDate:
        """Read the output of ``str``: ``1961-04-12``, ``1961-04`` or ``1961``."""
        return cls(*map(int, text.split("-")))

    def __str__(self) -> str:
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)

    @property
    def earliest(self) -> date:
        """The first possible day."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last possible day."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    @property
    def in_words(self) -> str:
        """The date with its month in letters and its unknown parts: ``April 1961, day not known``."""
        return self._in_words(MONTHS)

    @property
    def in_short_words(self) -> str:
        """The same with a three-letter month: ``12 Apr 1961``."""
        return self._in_words(SHORT_MONTHS)

    @property
    def as_entered(self) -> str:
        """The date as entered on a form: ``12 Apr 1961``, ``Apr 1961`` or ``1961``."""
        known = (self.day, gettext(SHORT_MONTHS[self.month - 1]) if self.month else None, self.year)
        return " ".join(str(part) for part in known if part is not None)

    def _in_words(self, months: Sequence[str]) -> str:
        if self.month is None:
            return gettext("{year}, day and month not known").format(year=self.year)
        month_and_year = f"{gettext(months[self.month - 1])} {self.year}"
        if self.day is None:
            return gettext("{month_and_year}, day not known").format(month_and_year=month_and_year)
        return f"{self.day} {month_and_year}"

    def ages_on(self, day: date) -> tuple[int, int]:
        """Return the lowest and highest possible age in whole years on a day that is not before the birth."""
        return _age(min(self.latest, day), day), _age(self.earliest, day)

    def age_in_words(self, day: date) -> str:
        """Return the age on a day: ``65``, or ``64 or 65`` if it depends on the unknown part."""
        youngest, oldest = self.ages_on(day)
        if youngest == oldest:
            return str(oldest)
        return gettext("{first} or {second}").format(first=youngest, second=oldest)

    def agrees_with(self, other: BirthDate) -> bool:
        """True when no part differs that is known in both."""
        both = zip((self.year, self.month, self.day), (other.year, other.month, other.day), strict=True)
        return all(mine == theirs for mine, theirs in both if mine is not None and theirs is not None)


def parse_birth_date(text: str) -> BirthDate:
    """Parse a birth date: any text that ``dates.parse`` accepts, ``Mar 1961``, ``1961-03`` or ``1961``.

    Raises:
        DateError: the text is not a date, has a short year, or is ambiguous because it has only numbers.
    """
    entered = " ".join(text.split())
    if _YEAR.fullmatch(entered):
        return _birth_date(entered)
    if match := _ISO_MONTH.fullmatch(entered):
        return _birth_date(match[1], int(match[2]))
    if match := _MONTH_AND_YEAR.fullmatch(entered):
        return _birth_date(match[2], parse_month(match[1]))
    return BirthDate.of(parse(entered))


def _birth_date(year: str, month: int | None = None) -> BirthDate:
    full_year = parse_year(year)
    try:
        return BirthDate(full_year, month)
    except ValueError:
        raise DateError(gettext("There is no such month in the calendar. Check the month and the year.")) from None


def _age(born: date, day: date) -> int:
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if had_birthday else 1)
