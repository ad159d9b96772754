"""A medication entry as tokens: names, dates, numbers, marks, and words by what they say of a medicine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from .cues import NUMBER, TOKEN, CueKind, Cues
from .dates import DATE, is_month_alone, last_days

STILL_COUNTS_DAYS = 14
"""Days after its end for which an opioid still counts, as the opioid question of the rules asks."""


class Kind(StrEnum):
    """What a token is, besides the kinds of cues."""

    NAME = "name"
    OTHER_NAME = "other-name"
    ANTAGONIST = "antagonist"
    MAINTENANCE = "maintenance"
    """A name of an opioid that treats dependence on another one."""
    UNKNOWN = "unknown"
    PAST_DATE = "past-date"
    """More than 14 days back in every reading."""
    DATE_WITHOUT_YEAR = "date-without-year"
    """More than 14 days back, if it is past at all."""
    PAST_YEAR = "past-year"
    """A year alone, which may also be a time of day: last dose 2000."""
    OPEN_DATE = "open-date"
    COLON = "colon"
    COMMA = "comma"
    SLASH = "slash"
    DASH = "dash"
    BRACKET = "bracket"
    ASK = "ask"


class Token(NamedTuple):
    """A part of an entry and its kind. ``name`` is the number of a name."""

    text: str
    kind: str
    name: int | None = None


class Span(NamedTuple):
    """Where a name is written in an entry.

    ``repeats`` when it is the same medicine as the name before it. ``kind`` is a name, one of maintenance, an
    antagonist, or a substance where only the class is named.
    """

    start: int
    end: int
    repeats: bool = False
    kind: str = Kind.NAME


PUNCTUATION = frozenset((Kind.COLON, Kind.COMMA, Kind.SLASH, Kind.DASH, Kind.BRACKET))
_MARKS = {
    **dict.fromkeys("()[]{}", Kind.BRACKET),
    ":": Kind.COLON,
    ",": Kind.COMMA,
    ";": Kind.COMMA,
    "/": Kind.SLASH,
    "?": Kind.ASK,
}
_BOXES = frozenset("☐☑☒□■✓✔✗✘")
_EMPTY_BOX = re.compile(r"\(\s*\)|\[\s*\]")
_SILENT = frozenset(".'\"*^_!")
_SENTENCE_END = re.compile(
    r"[;\n]|[.!](?=\s|$)(?<!\b[a-z]\.)(?<!approx\.)(?<!incl\.)(?<!etc\.)(?<!tab\.)(?<!cap\.)(?<!ret\.)(?<!pt\.)"
)
_END = Token("", "")
_NOT_A_YEAR = re.compile(r" ?(?:mg|mcg|ug|iu|units?|ml)\b")
_ITEM = re.compile(r"\s*\d{1,2}[.)]\s")
_NUMBER_OF_AN_ITEM = re.compile(r"\d{1,2}[.)](?=\s)")
_GLUED = re.compile(r"[-/] ?([a-z]+)")
_BEFORE_A_MONTH = {
    *(CueKind.TIME, CueKind.SINCE, CueKind.STOPPED, CueKind.END, CueKind.LAST_USE, CueKind.TO),
    *(Kind.DASH, Kind.COMMA, ""),
}
"""What a month without day or year follows; elsewhere “may” and “mar” are other words."""


def statements(text: str, spans: Sequence[Span], cues: Cues, on: date) -> tuple[list[list[Token]], list[int]]:
    """The sentences of a folded entry as tokens; and for each span the number of the name that it belongs to.

    ``on`` is the day of the screening, by which a date is past or not.
    """
    found: list[list[Token]] = [[]]
    names: list[int] = []
    place = 0
    for number, span in enumerate(spans):
        between = _add(found, text[place : span.start], cues, on)
        place = _end_of_name(text, span.end, cues)
        if span.repeats and _is_another_name_for_it(between, text[place:].lstrip()[:1]):
            names.append(names[-1])
            del found[-1][len(found[-1]) - len(between) :]
            while text[place : place + 1] in {" ", ")", "]"}:
                place += 1
        else:
            names.append(number)
            found[-1].append(Token(text[span.start : place], span.kind, number))
    _add(found, text[place:], cues, on)
    return [statement for statement in found if statement], names


def _is_another_name_for_it(between: Sequence[Token], after: str) -> bool:
    """Whether a name is written in brackets, or joined directly, to the one before: oxyCODONE (ROXICODONE)."""
    kinds = [token.kind for token in between if token.kind != CueKind.FORM]
    return kinds in ([], [Kind.DASH], [Kind.SLASH]) or (kinds == [Kind.BRACKET] and after in {")", "]"})


def _end_of_name(text: str, end: int, cues: Cues) -> int:
    """Where a name ends with what is combined with it: hydrocodone-acetaminophen."""
    while (glued := _GLUED.match(text, end)) and cues.kinds.get((glued[1],)) is CueKind.PARTNER:
        end = glued.end()
    return end


def _add(found: list[list[Token]], text: str, cues: Cues, on: date) -> list[Token]:
    """Add the tokens of a text without names to the last statement, or to new ones; and give them."""
    tokens = [*_tagged(text, cues, on)]
    for token in tokens:
        if token is _END:
            found.append([])
        else:
            found[-1].append(token)
    return tokens


def _tagged(text: str, cues: Cues, on: date) -> Iterator[Token]:
    found = [*TOKEN.finditer(text)]
    words = [NUMBER if match[0][0].isdigit() else match[0] for match in found]
    dates = {match.start(): match for match in DATE.finditer(text) if not _NOT_A_YEAR.match(text, match.end())}
    ends = {match.start() for match in _SENTENCE_END.finditer(text)}
    place, before = 0, ""
    while place < len(found):
        match, count = found[place], 1
        dated, cue = dates.get(match.start()), cues.longest(words, place)
        if dated and not (is_month_alone(dated) and before not in _BEFORE_A_MONTH):
            count = sum(each.start() < dated.end() for each in found[place : place + len(dated[0])])
            is_less = text[: match.start()].rstrip().endswith(("<", "≤"))
            token = Token(dated[0].strip(" ,.-"), Kind.OPEN_DATE if is_less else _kind_of_date(dated, on))
        elif (
            _NUMBER_OF_AN_ITEM.match(text, match.start())
            and text[match.start() - 1 : match.start()].strip(" \n:(") == ""
        ):
            count, token = 2, Token(match[0], Kind.COMMA)
        elif box := _EMPTY_BOX.match(text, match.start()):
            count, token = 2, Token(box[0], Kind.UNKNOWN)
        elif match.start() in ends:
            token = _END
        elif cue:
            count, kind = cue
            token = Token(text[match.start() : found[place + count - 1].end()], kind)
        else:
            token = Token(match[0], _kind_of_sign(match, text))
        if token.text not in _SILENT:
            yield token
        place, before = place + count, token.kind


def _kind_of_sign(match: re.Match[str], text: str) -> str:
    sign = match[0]
    if sign[0].isdigit():
        return CueKind.STRENGTH
    if sign == "/" and text[match.end() : match.end() + 1].isspace():
        return Kind.COMMA
    return Kind.UNKNOWN if sign[0].isalpha() or sign in _BOXES else _MARKS.get(sign, Kind.DASH)


def _kind_of_date(match: re.Match[str], on: date) -> Kind:
    if _is_over(last_days(match, on), on):
        return Kind.PAST_YEAR if match["to_year"] and not match["decade"] else Kind.PAST_DATE
    return Kind.DATE_WITHOUT_YEAR if _is_over(last_days(match, on, is_past=True), on) else Kind.OPEN_DATE


def _is_over(days: Sequence[date], on: date) -> bool:
    return bool(days) and max(days) < on - timedelta(days=STILL_COUNTS_DAYS)


_BEGINS_ANOTHER = {
    *(CueKind.ALLERGY, CueKind.ALLERGY_LABEL, CueKind.ALLERGIC_TO, CueKind.NO_KNOWN_ALLERGY, CueKind.ALLERGEN),
    *(CueKind.REACTION, CueKind.SIDE_EFFECT, CueKind.CURRENT_HEADING, CueKind.LABORATORY),
    *(CueKind.SUBSTANCE, CueKind.PARTNER, CueKind.OTHER),
}


def continues_entry_above(line: str, cues: Cues) -> bool:
    """Whether a folded line that names nothing goes on about the medicine above: it begins with a known word."""
    first = cues.first(line)
    return first is not None and first not in _BEGINS_ANOTHER and not _ITEM.match(line)
