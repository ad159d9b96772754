"""Tokenise a medication entry: names, dates, numbers, punctuation, and words by kind of cue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from .cues import NUMBER, TOKEN, CueKind, Cues
from .dates import DATE, is_month_alone, last_days

DAYS_UNTIL_PAST = 14
"""Days after its end during which an opioid still counts as current, as in the opioid question."""


class TokenKind(StrEnum):
    """The kinds of tokens that are not cues."""

    NAME = "name"
    OTHER_NAME = "other-name"
    ANTAGONIST = "antagonist"
    MAINTENANCE = "maintenance"
    """The name of an opioid that treats dependence on another one."""
    UNKNOWN = "unknown"
    PAST_DATE = "past-date"
    """More than 14 days ago in every reading."""
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
    """A part of an entry and its kind, a ``TokenKind`` or ``CueKind``. ``name`` is the number of a name."""

    text: str
    kind: str
    name: int | None = None


class NameSpan(NamedTuple):
    """The span of a name in an entry.

    ``repeats`` marks a second name for the medicine before it. ``kind`` is a name, a maintenance opioid, an
    antagonist, or ``CueKind.SUBSTANCE`` for a class word.
    """

    start: int
    end: int
    repeats: bool = False
    kind: str = TokenKind.NAME


PUNCTUATION = frozenset((TokenKind.COLON, TokenKind.COMMA, TokenKind.SLASH, TokenKind.DASH, TokenKind.BRACKET))
_MARKS = {
    **dict.fromkeys("()[]{}", TokenKind.BRACKET),
    ":": TokenKind.COLON,
    ",": TokenKind.COMMA,
    ";": TokenKind.COMMA,
    "|": TokenKind.COMMA,
    "/": TokenKind.SLASH,
    **dict.fromkeys("-–—−‐‑•·*>→=", TokenKind.DASH),
    "?": TokenKind.ASK,
}
_EMPTY_BOX = re.compile(r"\(\s*\)|\[\s*\]")
_IGNORED = frozenset(".'\"*^!")
_SENTENCE_END = re.compile(
    r";|[.!](?=\s|$)(?<!\b[a-z]\.)(?<!approx\.)(?<!incl\.)(?<!etc\.)(?<!tab\.)(?<!cap\.)(?<!ret\.)(?<!pt\.)"
)
_SENTENCE_BREAK = Token("", "")
_NOT_A_YEAR = re.compile(r" ?(?:mg|mcg|ug|iu|units?|ml)\b")
_NUMBERED_ITEM = re.compile(r"\s*\d{1,2}[.)]\s")
_ITEM_NUMBER = re.compile(r"\d{1,2}[.)](?=\s)")
_LESS_BEFORE, _RANGE_BEFORE = re.compile(r"[<≤]\s*\Z"), re.compile(r"\d ?[-/–—]\s*\Z")
_COMBINATION = re.compile(r"[-/] ?([a-z]+)")


def sentences(text: str, spans: Sequence[NameSpan], cues: Cues, on: date) -> tuple[list[list[Token]], list[int]]:
    """Return the sentences of a folded entry as tokens, and the number of the name for each span.

    Dates are compared with ``on``, the day of the screening.
    """
    found: list[list[Token]] = [[]]
    names: list[int] = []
    place = 0
    for number, span in enumerate(spans):
        between = _add(found, text[place : span.start], cues, on)
        place = _end_of_name(text, span.end, cues)
        if span.repeats and _is_second_name(between, text[place:].lstrip()[:1]):
            names.append(names[-1])
            del found[-1][len(found[-1]) - len(between) :]
            while text[place : place + 1] in {" ", ")", "]"}:
                place += 1
        else:
            names.append(number)
            found[-1].append(Token(text[span.start : place], span.kind, number))
    _add(found, text[place:], cues, on)
    return [sentence for sentence in found if sentence], names


def _is_second_name(between: Sequence[Token], after: str) -> bool:
    """Return whether a name follows the one before directly or in brackets: oxyCODONE (ROXICODONE)."""
    kinds = [token.kind for token in between if token.kind != CueKind.FORM]
    return kinds in ([], [TokenKind.DASH], [TokenKind.SLASH]) or (
        kinds == [TokenKind.BRACKET] and after in {")", "]"}
    )


def _end_of_name(text: str, end: int, cues: Cues) -> int:
    """Return the end of a name with its combination partners: hydrocodone-acetaminophen."""
    while (combined := _COMBINATION.match(text, end)) and cues.kinds.get((combined[1],)) is CueKind.PARTNER:
        end = combined.end()
    return end


def _add(found: list[list[Token]], text: str, cues: Cues, on: date) -> list[Token]:
    """Add the tokens of a text without names to the last sentence or to new ones, and return them."""
    tokens = [*_tokenise(text, cues, on)]
    for token in tokens:
        if token is _SENTENCE_BREAK:
            found.append([])
        else:
            found[-1].append(token)
    return tokens


def _tokenise(text: str, cues: Cues, on: date) -> Iterator[Token]:
    found = [*TOKEN.finditer(text)]
    words = [NUMBER if match[0][0].isdigit() else match[0] for match in found]
    dates = {match.start(): match for match in DATE.finditer(text) if not _NOT_A_YEAR.match(text, match.end())}
    ends = {match.start() for match in _SENTENCE_END.finditer(text)}
    place = 0
    while place < len(found):
        match, count = found[place], 1
        dated, cue = dates.get(match.start()), cues.longest_phrase(words, place)
        if dated and not is_month_alone(dated):
            count = sum(each.start() < dated.end() for each in found[place : place + len(dated[0])])
            before = text[max(0, match.start() - 6) : match.start()]
            may_be_later = _LESS_BEFORE.search(before) or (dated["count"] and _RANGE_BEFORE.search(before))
            token = Token(dated[0].strip(" ,.-"), TokenKind.OPEN_DATE if may_be_later else _kind_of_date(dated, on))
        elif _ITEM_NUMBER.match(text, match.start()) and text[match.start() - 1 : match.start()].strip(" \n:(") == "":
            count, token = 2, Token(match[0], TokenKind.COMMA) if not match.start() else _SENTENCE_BREAK
        elif box := _EMPTY_BOX.match(text, match.start()):
            count, token = 2, Token(box[0], TokenKind.UNKNOWN)
        elif match.start() in ends:
            token = _SENTENCE_BREAK
        elif cue:
            count, kind = cue
            token = Token(text[match.start() : found[place + count - 1].end()], kind)
        else:
            token = Token(match[0], _kind_of_text(match, text))
        if token.text not in _IGNORED:
            yield token
        place += count


def _kind_of_text(match: re.Match[str], text: str) -> str:
    sign = match[0]
    if sign[0].isdigit():
        return CueKind.STRENGTH
    if sign == "/" and text[match.end() : match.end() + 1].isspace():
        return TokenKind.COMMA
    return _MARKS.get(sign, TokenKind.UNKNOWN)


def _kind_of_date(match: re.Match[str], on: date) -> TokenKind:
    days = last_days(match, on)
    if not days or max(days) >= on - timedelta(days=DAYS_UNTIL_PAST):
        return TokenKind.OPEN_DATE
    return TokenKind.PAST_YEAR if match["to_year"] and not match["decade"] else TokenKind.PAST_DATE


_BEGINS_ANOTHER_ENTRY = {
    *(CueKind.ALLERGY, CueKind.ALLERGY_LABEL, CueKind.ALLERGIC_TO, CueKind.NO_KNOWN_ALLERGY, CueKind.ALLERGEN),
    *(CueKind.REACTION, CueKind.SIDE_EFFECT, CueKind.CURRENT_HEADING),
    *(CueKind.SUBSTANCE, CueKind.PARTNER, CueKind.OTHER),
}


_RESUMES = frozenset((CueKind.IN_USE, CueKind.TAKING, CueKind.EXCEPTION, CueKind.INSTEAD))
_MEDICINE = frozenset((CueKind.STRENGTH, CueKind.FORM))


def continues_entry_above(line: str, cues: Cues) -> bool:
    """Return whether a folded line without a name continues the entry above.

    It does if it begins with a cue, except one that begins another entry, or if it says anywhere that a medicine is
    taken and has no strength or form of its own.
    """
    first_kind = cues.first_kind(line)
    if first_kind is None or _NUMBERED_ITEM.match(line):
        return False
    if first_kind not in _BEGINS_ANOTHER_ENTRY:
        return True
    return cues.may_contain(line, _RESUMES) and not cues.may_contain(line, _MEDICINE)
