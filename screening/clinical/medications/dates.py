"""Parse the dates in medication entries, in every possible reading."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TypeAlias

MONTHS = {
    **dict.fromkeys(
        (
            "jan",
            "january",
            "janvier",
            "enero",
            "ene",
            "januar",
            "januari",
            "stycznia",
            "styczen",
            "styczniu",
            "janeiro",
        ),
        1,
    ),
    **dict.fromkeys(
        ("feb", "february", "fevrier", "fev", "febrero", "februar", "lutego", "luty", "lutym", "fevereiro"), 2
    ),
    **dict.fromkeys(("mar", "march", "mars", "marzo", "marz", "maerz", "marca", "marzec", "marcu", "marco"), 3),
    **dict.fromkeys(("apr", "april", "avril", "avr", "abril", "abr", "kwietnia", "kwiecien", "kwietniu"), 4),
    **dict.fromkeys(("may", "mai", "mayo", "maja", "maj", "maju", "maio"), 5),
    **dict.fromkeys(("jun", "june", "juin", "junio", "juni", "czerwca", "czerwiec", "czerwcu", "junho"), 6),
    **dict.fromkeys(("jul", "july", "juillet", "juil", "julio", "juli", "lipca", "lipiec", "lipcu", "julho"), 7),
    **dict.fromkeys(("aug", "august", "aout", "agosto", "sierpnia", "sierpien", "sierpniu", "augusti"), 8),
    **dict.fromkeys(
        ("sep", "sept", "september", "septembre", "septiembre", "wrzesnia", "wrzesien", "wrzesniu", "setembro"), 9
    ),
    **dict.fromkeys(
        (
            "oct",
            "october",
            "octobre",
            "octubre",
            "oktober",
            "okt",
            "pazdziernika",
            "pazdziernik",
            "pazdzierniku",
            "outubro",
        ),
        10,
    ),
    **dict.fromkeys(
        ("nov", "november", "novembre", "noviembre", "listopada", "listopad", "listopadzie", "novembro"), 11
    ),
    **dict.fromkeys(
        (
            "dec",
            "december",
            "decembre",
            "diciembre",
            "dic",
            "dezember",
            "dez",
            "grudnia",
            "grudzien",
            "grudniu",
            "dezembro",
        ),
        12,
    ),
}
NUMBERS = {
    **dict.fromkeys(("a", "an", "one", "un", "une", "uno", "una", "einem", "einer"), 1),
    **dict.fromkeys(("two", "deux", "dos", "zwei", "dwa"), 2),
    **dict.fromkeys(("three", "several", "many", "trois", "tres", "plusieurs", "varios", "drei", "mehreren"), 3),
    **dict.fromkeys(("trzy", "kilka"), 3),
    **{
        word: number
        for number, word in enumerate(["four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 4)
    },
}
DAYS_IN = {
    **dict.fromkeys(("day", "days", "d", "jour", "jours", "dia", "dias", "tag", "tage", "tagen", "dni", "dzien"), 1),
    **dict.fromkeys(("week", "weeks", "wk", "wks", "w", "semaine", "semaines", "semana", "semanas"), 7),
    **dict.fromkeys(("woche", "wochen", "tydzien", "tygodnie", "tygodni"), 7),
    **dict.fromkeys(("month", "months", "mo", "mos", "mth", "mths", "mois", "mes", "meses"), 30),
    **dict.fromkeys(("monat", "monate", "monaten", "miesiac", "miesiace", "miesiecy"), 30),
    **dict.fromkeys(("year", "years", "yr", "yrs", "y", "an", "ans", "annees", "ano", "anos"), 365),
    **dict.fromkeys(("jahr", "jahre", "jahren", "rok", "lata", "lat"), 365),
}


def _any_of(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_YEAR = r"(?:19|20)\d\d"

DATE = re.compile(
    rf"\b(?P<iso>{_YEAR})[-/.](?P<iso_month>\d\d?)(?:[-/.](?P<iso_day>\d\d?))?\b"
    rf"|\b(?P<one>\d\d?)[-/.](?P<two>\d\d?)[-/.](?P<short>{_YEAR}|\d\d)\b"
    rf"|\b(?P<month_of>\d\d?)[-/.](?P<year_of>{_YEAR})\b"
    rf"|\b(?:(?P<day_before>\d\d?)(?:st|nd|rd|th|er|\.)?[ \-]*(?:de |of )?)?(?P<named>{_any_of(MONTHS)})\b[. \-,]*"
    rf"(?(day_before)|(?:(?P<day_after>\d\d?)(?P<ordinal>st|nd|rd|th)?\b(?![/.:]\d)[, ]*)?)(?:de |of )?"
    rf"(?P<named_year>{_YEAR}\b|'\d\d\b|(?(day_before)\d\d\b|(?!)))?"
    rf"|\b(?P<to_year>{_YEAR})(?P<decade>s)?\b"
    rf"|\b(?P<before>il y a |hace |ha |vor |przed )?(?P<count>\d{{1,3}}|{_any_of(NUMBERS)})(?:\+|-\d+)? ?"
    rf"(?P<unit>{_any_of(DAYS_IN)})\b(?(before)|(?: or (?:so|more))? "
    rf"(?:ago|back(?! (?:pain|ache|spasm|problem|surgery|injury|op))|temu|atras|sedan|siden)\b)"
    rf"|\b(?P<long_ago>years|months) ago\b"
    rf"|\b(?P<last>last|previous) (?P<last_unit>week|month|year)\b"
    rf"|\b(?P<now>yesterday|today|tonight|this (?:morning|week|month|year)|hier|ayer|gestern|wczoraj|hoy|heute)\b"
)
"""A day, a month, a year or a time ago, in folded text."""

LAST_TIME_OF_DAY = 1960
"""Four digits below this may be a time of day: stopped 1930."""

DateReader: TypeAlias = Callable[[re.Match[str], date], Iterator[date]]


def last_days(match: re.Match[str], on: date) -> tuple[date, ...]:
    """Return the last day of the period that a match of ``DATE`` names, for each reading; empty if it is not a date.

    A two-digit year may be in either century. Day and month may be in either order, and a two-digit year may come
    first if it is at most a year after ``on``, the day of the screening. A month without a year may be next year’s.
    """
    try:
        return tuple(next(read(match, on) for group, read in _READINGS.items() if match[group]))
    except (ValueError, OverflowError):
        return ()


def is_month_alone(match: re.Match[str]) -> bool:
    """Return whether a match is only the name of a month, which may be another word: may, mar, dec."""
    return bool(match["named"] and not (match["named_year"] or match["day_before"] or match["day_after"]))


def _iso(match: re.Match[str], on: date) -> Iterator[date]:
    year, month = int(match["iso"]), int(match["iso_month"])
    yield date(year, month, int(match["iso_day"])) if match["iso_day"] else _end_of_month(year, month)


def _in_digits(match: re.Match[str], on: date) -> Iterator[date]:
    one, two = int(match["one"]), int(match["two"])
    for year in _years(match["short"]):
        yield from _either_order(year, one, two)
    if len(match["short"]) == 2 and 1 <= two <= 12:
        day = int(match["short"])
        yield from (
            date(year, two, day)
            for year in _years(match["one"])
            if year <= on.year + 1 and 1 <= day <= monthrange(year, two)[1]
        )


def _either_order(year: int, one: int, two: int) -> Iterator[date]:
    for day, month in ((one, two), (two, one)):
        if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]:
            yield date(year, month, day)


def _month_in_digits(match: re.Match[str], on: date) -> Iterator[date]:
    yield _end_of_month(int(match["year_of"]), int(match["month_of"]))


def _month_by_name(match: re.Match[str], on: date) -> Iterator[date]:
    digits = match["named_year"]
    for year in _years(digits.lstrip("'")) if digits else (on.year + 1,):
        yield on if len(digits or "") == 4 and year < LAST_TIME_OF_DAY else _in_month(year, match)


def _in_month(year: int, match: re.Match[str]) -> date:
    month, day = MONTHS[match["named"]], match["day_before"] or match["day_after"]
    return date(year, month, int(day)) if day else _end_of_month(year, month)


def _year(match: re.Match[str], on: date) -> Iterator[date]:
    year = int(match["to_year"])
    yield on if year < LAST_TIME_OF_DAY else date(year + 9 if match["decade"] else year, 12, 31)


def _ago(match: re.Match[str], on: date) -> Iterator[date]:
    count = match["count"]
    yield on - timedelta(days=(int(count) if count.isdecimal() else NUMBERS[count]) * DAYS_IN[match["unit"]])


def _long_ago(match: re.Match[str], on: date) -> Iterator[date]:
    yield on - timedelta(days=2 * DAYS_IN[match["long_ago"]])


def _last_period(match: re.Match[str], on: date) -> Iterator[date]:
    yield date(on.year - 1, 12, 31) if match["last_unit"] == "year" else on  # “last month” may end today


def _now(match: re.Match[str], on: date) -> Iterator[date]:
    yield on


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _years(digits: str) -> tuple[int, ...]:
    year = int(digits)
    return (year,) if len(digits) == 4 else (1900 + year, 2000 + year)


_READINGS: dict[str, DateReader] = {
    "iso": _iso,
    "short": _in_digits,
    "year_of": _month_in_digits,
    "named": _month_by_name,
    "to_year": _year,
    "count": _ago,
    "long_ago": _long_ago,
    "last": _last_period,
    "now": _now,
}
