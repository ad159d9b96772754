"""Decide whether separate words on a line form one name: a name of several words, or a split word."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from .normalise import fold

WORD = re.compile(r"[a-z]+|\d+")
JOINS = re.compile(r"(?:[-'./#+&] ?|\. ?[&+] ?| {1,2}[-'/#+&]? ?)?")
"""The characters allowed between the words of one name."""

_CLOSE = re.compile(r" {1,2}|[-'/]| ?& ?| ?#")
_SPLIT = re.compile(r" |- ?")
_SENTENCE_END = re.compile(r"\. ")

MIN_PART, MIN_LINKED, MIN_WHOLE, MIN_BEFORE_NUMBER = 3, 2, 7, 3
"""Fewest letters of a part after a space, of a part after a hyphen, of the whole word, and before a number."""

_COMMON_WORDS = frozenset(
    WORD.findall(
        "age all am an and as at bacon be bio blue box break but by cam care code comp con day dis done dr end "
        "ended for fort free from gas gastro good got had has have he her him his hold if in is it just la label "
        "last late like long low max me method mine mini more most mr mrs ms my new next not now of off oh old on "
        "once one or our out over pain part per press pro red room said same see she slow so solve soul stat "
        "state stop strength sub sun take taken ten that the them then this time to tops top trace try turn twin "
        "two up use vegan via was way we week well when who with yes you your"
    )
)
"""Two of these words next to each other are not a split name."""

_NUMBER_WORDS = {"no", "nr", "number"}


class Word(NamedTuple):
    """A run of letters or of digits in a folded line."""

    letters: str
    start: int
    end: int


NameBreaks = Mapping[str, Mapping[int, bool]]
"""For each name (letters and digits only): the offsets where the lexicon splits it; true where the gap is a space."""


def words_of(line: str) -> list[Word]:
    """Return the words and numbers of a folded line."""
    return [Word(match[0], *match.span()) for match in WORD.finditer(line)]


def name_breaks(names: Iterable[str]) -> NameBreaks:
    """Return where the lexicon splits each name into words."""
    breaks: dict[str, dict[int, bool]] = defaultdict(dict)
    for name in names:
        line = fold(name).text
        words = words_of(line)
        key, offset = "".join(word.letters for word in words), 0
        for before, after in pairwise(words):
            offset += len(before.letters)
            if gap := line[before.end : after.start]:
                breaks[key][offset] = breaks[key].get(offset, False) or gap.isspace()
    return breaks


def is_one_name(line: str, words: Sequence[Word], listed: Mapping[int, bool], *, is_opioid: bool) -> bool:
    """Return whether adjacent words form one name.

    ``listed`` are the offsets where the lexicon splits it. Only the name of an opioid may also be split elsewhere.
    """
    offset = 0
    for before, after in pairwise(words):
        offset += len(before.letters)
        gap = line[before.end : after.start]
        if gap and not _may_join(before.letters, gap, after.letters, listed.get(offset), is_opioid=is_opioid):
            return False
    return True


def _may_join(before: str, gap: str, after: str, listed: bool | None, *, is_opioid: bool) -> bool:
    if listed is None:
        return is_opioid and _is_split_word(before, gap, after)
    if not is_opioid and not _CLOSE.fullmatch(gap):
        return False
    if _SENTENCE_END.fullmatch(gap) and before in _COMMON_WORDS:
        return False
    return listed or not gap.isspace() or not _is_coincidence(before, after)


def _is_split_word(before: str, gap: str, after: str) -> bool:
    """Return whether two parts are fragments of one word, for example after a line break."""
    if after.isdigit():
        return gap in {"-", "#"} or (gap == " " and _takes_a_number(before))
    if gap == "'" and after == "s":
        return True
    if gap == ".":
        return len(before) == len(after) == 1
    least = MIN_PART if " " in gap else MIN_LINKED
    if before.isdigit() or min(len(before), len(after)) < least or len(before) + len(after) < MIN_WHOLE:
        return False
    return bool(_SPLIT.fullmatch(gap)) and not (before in _COMMON_WORDS and after in _COMMON_WORDS)


def _takes_a_number(before: str) -> bool:
    return before in _NUMBER_WORDS or (len(before) >= MIN_BEFORE_NUMBER and before not in _COMMON_WORDS)


def _is_coincidence(before: str, after: str) -> bool:
    """Return whether parts that the name joins by a hyphen or a point may be separate words here."""
    short, other = sorted((before, after), key=len)
    if after.isdigit():
        return len(before) < MIN_BEFORE_NUMBER and before not in _NUMBER_WORDS
    return len(short) == 1 and (len(other) == 1 or other.isdigit() or other in _COMMON_WORDS)
