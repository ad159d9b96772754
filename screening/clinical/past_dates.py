"""When something ended, as lists tell it: the latest day that the words leave open."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TypeAlias

MONTHS = {
    **dict.fromkeys(("jan", "january", "janvier", "enero", "ene", "januar", "stycznia", "styczen"), 1),
    **dict.fromkeys(("feb", "february", "fevrier", "fev", "febrero", "februar", "lutego", "luty"), 2),
    **dict.fromkeys(("mar", "march", "mars", "marzo", "marz", "maerz", "marca", "marzec"), 3),
    **dict.fromkeys(("apr", "april", "avril", "avr", "abril", "abr", "kwietnia", "kwiecien"), 4),
    **dict.fromkeys(("may", "mai", "mayo", "maja", "maj"), 5),
    **dict.fromkeys(("jun", "june", "juin", "junio", "juni", "czerwca", "czerwiec"), 6),
    **dict.fromkeys(("jul", "july", "juillet", "juil", "julio", "juli", "lipca", "lipiec"), 7),
    **dict.fromkeys(("aug", "august", "aout", "agosto", "sierpnia", "sierpien"), 8),
    **dict.fromkeys(("sep", "sept", "september", "septembre", "septiembre", "wrzesnia", "wrzesien"), 9),
    **dict.fromkeys(("oct", "october", "octobre", "octubre", "oktober", "okt", "pazdziernika", "pazdziernik"), 10),
    **dict.fromkeys(("nov", "november", "novembre", "noviembre", "listopada", "listopad"), 11),
    **dict.fromkeys(
        ("dec", "december", "decembre", "diciembre", "dic", "dezember", "dez", "grudnia", "grudzien"), 12
    ),
}
_NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "several": 3,
    "many": 3,
    "un": 1,
    "une": 1,
    "uno": 1,
    "una": 1,
    "deux": 2,
    "dos": 2,
    "trois": 3,
    "tres": 3,
    "plusieurs": 3,
    "varios": 3,
    "einem": 1,
    "einer": 1,
    "zwei": 2,
    "drei": 3,
    "mehreren": 3,
    "dwa": 2,
    "trzy": 3,
    "kilka": 3,
}
_DAYS_IN = {
    **dict.fromkeys(("day", "days", "d", "jour", "jours", "dia", "dias", "tag", "tage", "tagen", "dni", "dzien"), 1),
    **dict.fromkeys(("week", "weeks", "wk", "wks", "w", "semaine", "semaines", "semana", "semanas"), 7),
    **dict.fromkeys(("woche", "wochen", "tydzien", "tygodnie", "tygodni"), 7),
    **dict.fromkeys(("month", "months", "mo", "mos", "mth", "mths", "m", "mois", "mes", "meses"), 30),
    **dict.fromkeys(("monat", "monate", "monaten", "miesiac", "miesiace", "miesiecy"), 30),
    **dict.fromkeys(("year", "years", "yr", "yrs", "y", "an", "ans", "annees", "ano", "anos"), 365),
    **dict.fromkeys(("jahr", "jahre", "jahren", "rok", "lata", "lat"), 365),
}

_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
_UNIT = "(?:" + "|".join(sorted(_DAYS_IN, key=len, reverse=True)) + ")"
_COUNT = r"(?:\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_YEAR = r"(?:19|20)\d\d"

DATE = re.compile(
    rf"\b(?P<iso>{_YEAR})[-/.](?P<iso_month>\d\d?)(?:[-/.](?P<iso_day>\d\d?))?\b"
    rf"|\b(?P<one>\d\d?)[-/.](?P<two>\d\d?)[-/.](?P<short>{_YEAR}|\d\d)\b"
    rf"|\b(?P<month_of>\d\d?)[-/.](?P<year_of>{_YEAR})\b"
    rf"|\b(?:(?P<day_before>\d\d?)(?:st|nd|rd|th|er|\.)?[ \-]*(?:de |of )?)?(?P<named>{_MONTH})\b[. \-,]*"
    rf"(?:(?P<day_after>\d\d?)(?:st|nd|rd|th)?\b[, ]*)?(?:de |of )?"
    rf"(?P<named_year>{_YEAR}|'\d\d\b|(?(day_before)\d\d\b|(?!)))?"
    rf"|\b(?P<to_year>{_YEAR})s?\b"
    rf"|\b(?P<before>il y a |hace |vor |przed )?(?P<count>{_COUNT})(?:\+|-\d+)? ?(?P<unit>{_UNIT})\b"
    rf"(?(before)|(?: or (?:so|more))? (?:ago|back|earlier|prior|temu)\b)"
    rf"|\b(?P<long_ago>years|months) ago\b"
    rf"|\b(?P<last>last|previous) (?P<last_unit>week|month|year)\b"
    rf"|\b(?P<yesterday>yesterday|today|this (?:morning|week|month|year)|hier|ayer|gestern|wczoraj)\b"
)
"""A day, a month, a year, or how long ago: in folded text."""

Reading: TypeAlias = Callable[[re.Match[str], date], date | None]


def latest_end(match: re.Match[str], on: date) -> date | None:
    """The latest day up to ``on`` that a match of ``DATE`` leaves open; None when it is no day that can be."""
    reading = next((read for group, read in _READINGS.items() if match[group]), None)
    try:
        end = reading(match, on) if reading else None
    except (ValueError, OverflowError):
        return None
    return min(end, on) if end else None


def _iso(match: re.Match[str], on: date) -> date:
    year, month = int(match["iso"]), int(match["iso_month"])
    return date(year, month, int(match["iso_day"])) if match["iso_day"] else _last_day(year, month)


def _figures(match: re.Match[str], on: date) -> date | None:
    """Day and month in either order: the later day counts, and one to come has not come."""
    year = _whole_year(match["short"], on)
    return max(_either_order(year, int(match["one"]), int(match["two"])), default=None)


def _either_order(year: int, one: int, two: int) -> Iterator[date]:
    for day, month in ((one, two), (two, one)):
        if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]:
            yield date(year, month, day)


def _month_in_figures(match: re.Match[str], on: date) -> date:
    return _last_day(int(match["year_of"]), int(match["month_of"]))


def _month_in_letters(match: re.Match[str], on: date) -> date:
    month, day = MONTHS[match["named"]], match["day_before"] or match["day_after"]
    if match["named_year"]:
        year = _whole_year(match["named_year"].lstrip("'"), on)
    else:
        year = on.year if month <= on.month else on.year - 1
    return date(year, month, int(day)) if day else _last_day(year, month)


def _year(match: re.Match[str], on: date) -> date:
    year = int(match["to_year"])
    return date(year + 9 if match[0].endswith("s") else year, 12, 31)


def _ago(match: re.Match[str], on: date) -> date | None:
    count = match["count"]
    days = (int(count) if count.isdecimal() else _NUMBERS[count]) * _DAYS_IN[match["unit"]]
    return on - timedelta(days=days)


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _whole_year(figures: str, on: date) -> int:
    year = int(figures)
    if len(figures) == 4:
        return year
    return 2000 + year if 2000 + year <= on.year else 1900 + year


def _last_period(match: re.Match[str], on: date) -> date:
    match match["last_unit"]:
        case "year":
            return date(on.year - 1, 12, 31)
        case "month":
            return on.replace(day=1) - timedelta(days=1)
    return on - timedelta(days=7)


_READINGS: dict[str, Reading] = {
    "iso": _iso,
    "short": _figures,
    "year_of": _month_in_figures,
    "named": _month_in_letters,
    "to_year": _year,
    "count": _ago,
    "long_ago": lambda match, on: on - timedelta(days=2 * (365 if match["long_ago"] == "years" else 30)),
    "last": _last_period,
    "yesterday": lambda _, on: on,
}
