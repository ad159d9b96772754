"""Normalise text for matching: fold case, accents and look-alike letters, and reduce words to a sound key."""

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
"""Cyrillic, Greek and other letters that resemble a Latin one; quotation marks used as an apostrophe."""


class Folded(NamedTuple):
    """Folded text, with the offset in the original of each character; None if all offsets are unchanged.

    ``marks`` are the offsets of the combining marks that were dropped.
    """

    text: str
    offsets: Sequence[int] | None
    marks: frozenset[int] = frozenset()

    def span_in_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the original of a span of the folded text, including marks on its last letter."""
        if self.offsets is None:
            return start, end
        last = self.offsets[end - 1] + 1
        while last in self.marks:
            last += 1
        return self.offsets[start], last

    def span_in_folded(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the folded text of a span of the original."""
        if self.offsets is None:
            return start, end
        return bisect_left(self.offsets, start), bisect_left(self.offsets, end)


def fold(text: str) -> Folded:
    """Fold a text: plain lower-case letters, without marks and invisible characters."""
    if text.isascii():
        return Folded(text.lower(), None)
    folded, offsets, marks = [], [], set()
    for offset, character in enumerate(text):
        letters = _folded_character(character)
        folded.append(letters)
        offsets.extend([offset] * len(letters))
        if not letters and unicodedata.category(character).startswith("M"):
            marks.add(offset)
    return Folded("".join(folded), offsets, frozenset(marks))


@lru_cache(maxsize=4096)
def _folded_character(character: str) -> str:
    lowered = character.casefold().translate(_WITHOUT_DECOMPOSITION)
    decomposed = unicodedata.normalize("NFKD", lowered).casefold().translate(_LOOK_ALIKES)
    return "".join(each for each in decomposed if unicodedata.category(each) not in {"Mn", "Me", "Cf"})


_SOUNDS = (
    (re.compile(r"rn"), "m"),  # a scanning error
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


def sound_key(word: str) -> str:
    """Return the sound key of a folded word: words that sound alike or scan alike have the same key."""
    for pattern, sounds_like in _SOUNDS:
        word = pattern.sub(sounds_like, word)
    return word


_SCANNED_AS_L = str.maketrans("0158", "olsb")
_SCANNED_AS_I = str.maketrans("0158", "oisb")


def without_scanned_digits(word: str) -> tuple[str, ...]:
    """Return the readings of a folded word whose digits may be misread letters: c0deine."""
    return tuple(dict.fromkeys((word.translate(_SCANNED_AS_L), word.translate(_SCANNED_AS_I))))
