"""Whether separate words on a line form one name: a name of several words, or one that was split."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from .normalise import fold

WORD = re.compile(r"[a-z]+|\d+")
JOINS = re.compile(r"(?:[-'./#+&] ?|\. ?& ?| {1,2}[-'/#+&]? ?)?")
"""What may be written between the words of one name."""

_CLOSE = re.compile(r" {1,2}|[-'/]| ?& ?")
_SPLIT = re.compile(r" |- ?")
_SENTENCE_END = re.compile(r"\. ")

LEAST_PART, LEAST_LINKED, LEAST_WHOLE, LEAST_BEFORE_FIGURE = 3, 2, 7, 3

_EVERYDAY = frozenset(
    WORD.findall(
        "age all am an and as at bacon be bio blue box break but by cam care code comp con day dis done dr end "
        "ended for fort free from gas gastro good got had has have he her him his hold if in is it just la label "
        "last late like long low max me method mine mini more most mr mrs ms my new next not now of off oh old on "
        "once one or our out over pain part per press pro red room said same see she slow so solve soul stat "
        "state stop strength sub sun take taken ten that the them then this time to tops top trace try turn twin "
        "two up use vegan via was way we week well when who with yes you your"
    )
)
"""Common words; two of them side by side are no split name."""

_NUMBERED = {"no", "nr", "number"}


class Word(NamedTuple):
    """A run of letters or of figures in a folded line."""

    letters: str
    start: int
    end: int


Breaks = Mapping[str, Mapping[int, bool]]
"""For each name, letters and figures only: the places where it is listed in parts, and whether the gap is a space."""


def words_of(line: str) -> list[Word]:
    """The words and figures of a folded line."""
    return [Word(match[0], *match.span()) for match in WORD.finditer(line)]


def breaks_of(names: Iterable[str]) -> Breaks:
    """Where names are listed in parts."""
    breaks: dict[str, dict[int, bool]] = defaultdict(dict)
    for name in names:
        line = fold(name).text
        words = words_of(line)
        key, place = "".join(word.letters for word in words), 0
        for before, after in pairwise(words):
            place += len(before.letters)
            if gap := line[before.end : after.start]:
                breaks[key][place] = breaks[key].get(place, False) or gap.isspace()
    return breaks


def is_one_name(line: str, words: Sequence[Word], listed: Mapping[int, bool], *, is_opioid: bool) -> bool:
    """Whether words form a name that is listed in the parts ``listed``; a look-alike may not be split elsewhere."""
    place = 0
    for before, after in pairwise(words):
        place += len(before.letters)
        gap = line[before.end : after.start]
        if gap and not _joins(before.letters, gap, after.letters, listed.get(place), is_opioid=is_opioid):
            return False
    return True


def _joins(before: str, gap: str, after: str, listed: bool | None, *, is_opioid: bool) -> bool:
    if listed is None:
        return is_opioid and _is_split(before, gap, after)
    if not is_opioid and not _CLOSE.fullmatch(gap):
        return False
    if _SENTENCE_END.fullmatch(gap) and before in _EVERYDAY:
        return False
    return listed or not gap.isspace() or not _is_by_chance(before, after)


def _is_split(before: str, gap: str, after: str) -> bool:
    """Whether two parts are fragments of one word, as a line that was broken leaves them."""
    if after.isdigit():
        return gap in {"-", "#"} or (gap == " " and _takes_a_figure(before))
    if gap == "'" and after == "s":
        return True
    if gap == ".":
        return len(before) == len(after) == 1
    least = LEAST_PART if " " in gap else LEAST_LINKED
    if before.isdigit() or min(len(before), len(after)) < least or len(before) + len(after) < LEAST_WHOLE:
        return False
    return bool(_SPLIT.fullmatch(gap)) and not (before in _EVERYDAY and after in _EVERYDAY)


def _takes_a_figure(before: str) -> bool:
    return before in _NUMBERED or (len(before) >= LEAST_BEFORE_FIGURE and before not in _EVERYDAY)


def _is_by_chance(before: str, after: str) -> bool:
    """Whether parts that a hyphen or a point links in the name may be side by side as separate words."""
    short, other = sorted((before, after), key=len)
    if after.isdigit():
        return len(before) < LEAST_BEFORE_FIGURE and before not in _NUMBERED
    return len(short) == 1 and (len(other) == 1 or other.isdigit() or other in _EVERYDAY)
