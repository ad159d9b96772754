"""Letters made comparable: case, accents and look-alikes folded, each with its place; how a word sounds and scans."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_WITHOUT_DECOMPOSITION = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "®": " ",
        "™": " ",
        "©": " ",
        "№": "no ",
    }
)
_LOOK_ALIKES = str.maketrans(
    "авеѕіјкмнорстухԁɡһԛԝαβειηκνορτυχμγωɑɩօոս’‘`´",
    "abesijkmhopctyxdghqwabeinkvoptuxuywaionu''''",
)
"""Cyrillic, Greek and other letters that look like a Latin one; quotation marks that stand for an apostrophe."""


class Folded(NamedTuple):
    """A text in small plain letters; ``places`` are those in the original, None where all are the same.

    ``marks`` are the places in the original of the marks that fell away.
    """

    text: str
    places: Sequence[int] | None
    marks: frozenset[int] = frozenset()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place of a part of the folded text in the original, with the marks on its last letter."""
        if self.places is None:
            return start, end
        last = self.places[end - 1] + 1
        while last in self.marks:
            last += 1
        return self.places[start], last

    def part(self, start: int, end: int) -> tuple[int, int]:
        """The place of a part of the original in the folded text."""
        if self.places is None:
            return start, end
        return bisect_left(self.places, start), bisect_left(self.places, end)


def fold(text: str) -> Folded:
    """Fold a text; what is invisible or a mark on a letter falls away."""
    if text.isascii():
        return Folded(text.lower(), None)
    pieces, places, marks = [], [], set()
    for place, character in enumerate(text):
        piece = _folded_character(character)
        pieces.append(piece)
        places.extend([place] * len(piece))
        if not piece and unicodedata.category(character).startswith("M"):
            marks.add(place)
    return Folded("".join(pieces), places, frozenset(marks))


@lru_cache(maxsize=4096)
def _folded_character(character: str) -> str:
    lowered = character.casefold().translate(_WITHOUT_DECOMPOSITION)
    decomposed = unicodedata.normalize("NFKD", lowered).casefold().translate(_LOOK_ALIKES)
    return "".join(each for each in decomposed if unicodedata.category(each) not in {"Mn", "Me", "Cf"})


_SOUNDS = (
    (re.compile(r"rn"), "m"),  # as scanners read it
    (re.compile(r"vv"), "w"),
    (re.compile(r"(?<=.)cl"), "d"),
    (re.compile(r"prh"), "rf"),
    (re.compile(r"ph|hp"), "f"),
    (re.compile(r"(?<=.)h"), ""),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"ck|qu|[cq]"), "k"),
    (re.compile(r"ks"), "x"),
    (re.compile(r"y|j"), "i"),
    (re.compile(r"z"), "s"),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile(r"(?<=.{4})e$"), ""),
)


def sound(word: str) -> str:
    """How a folded word sounds and scans: words that are easily written for one another come out alike."""
    for pattern, sounds_like in _SOUNDS:
        word = pattern.sub(sounds_like, word)
    return word


_SCANNED = str.maketrans("0158", "olsb")
_SCANNED_OTHERWISE = str.maketrans("0158", "oisb")


def as_scanned(chunk: str) -> tuple[str, ...]:
    """What letters the digits of a folded chunk may have been before a scanner read them."""
    return tuple(dict.fromkeys((chunk.translate(_SCANNED), chunk.translate(_SCANNED_OTHERWISE))))
