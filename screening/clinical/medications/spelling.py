"""Words that are not spelt as they should be: the nearest known word, if it is near enough.

Candidates come from rapidfuzz by the optimal string alignment distance. What decides is that distance with the weight
of each slip: a vowel for a vowel is slight, a letter for its neighbour on the keyboard is likely, any other letter is
not, and people get the first letter of a name right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from .normalise import sound

SHORTEST = 5
"""Words of fewer letters are only known as they are spelt."""

VOWEL, LIKELY, EXTRA, UNLIKELY, FIRST = 0.35, 0.7, 0.8, 1.2, 0.8

_VOWELS = frozenset("aeiou")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = frozenset(pair for row in _ROWS for one, two in pairwise(row) for pair in ((one, two), (two, one)))
_SOUND_ALIKE = frozenset(
    pair for one, two in ("bp", "mn", "dt", "gk", "vf", "sx", "kx", "lr", "td") for pair in ((one, two), (two, one))
)


class Tolerance(NamedTuple):
    """The weight that may lie between words of so many letters, by how they sound."""

    from_length: int
    weight: float


SUBSTANCES = (Tolerance(13, 2.4), Tolerance(11, 1.8), Tolerance(9, 1.4), Tolerance(8, 1.2), Tolerance(6, 0.7))
NAMES = (Tolerance(11, 1.4), Tolerance(9, 1.05), Tolerance(6, 0.7), Tolerance(5, 0.35))


class Known(NamedTuple):
    """A known word: whether it is sought, and how far from it a word may be."""

    word: str
    sought: bool
    tolerances: tuple[Tolerance, ...]

    def tolerates(self, weight: float, length: int) -> bool:
        """Whether a word at this distance from it, which sounds of this length, still counts."""
        allowed = next((each.weight for each in self.tolerances if length >= each.from_length), 0.0)
        return weight <= allowed


class Vocabulary:
    """Known words, by how they sound. A word nearer to another one than to any that is sought is not taken for it."""

    def __init__(self, words: Iterable[Known]) -> None:
        self._known: dict[str, Known] = {}
        for known in words:
            key = sound(known.word)
            if key not in self._known or known.sought:
                self._known[key] = known
        self._heads, self._tails = _by(self._known, slice(0, 2)), _by(self._known, slice(-3, None))

    def nearest(self, word: str) -> str | None:
        """The sought word that a folded word is meant to be, as far as anyone can tell; else None."""
        key = sound(word)
        if len(word) < SHORTEST:
            return None
        near = min(self._near(key), default=None, key=lambda each: (each[0], not each[2].sought))
        if near is None:
            return None
        weight, length, known = near
        return known.word if known.sought and known.tolerates(weight, length) else None

    def _near(self, key: str) -> Iterator[tuple[float, int, Known]]:
        most = 3 if len(key) >= SUBSTANCES[0].from_length - 1 else 2
        for place in (self._heads.get(key[:2], ()), self._tails.get(key[-3:], ())):
            for found, _, _ in extract(key, place, scorer=OSA.distance, score_cutoff=most, limit=None):
                yield weight_between(key, found), len(found), self._known[found]


def weight_between(typed: str, meant: str) -> float:
    """How unlikely it is that one word, as it sounds, was typed for the other: 0 for the same word."""
    before: list[float] = []
    last: list[float] = []
    row = [0.0]
    for place in range(len(meant)):
        row.append(row[-1] + _missing(meant, place))
    for at, letter in enumerate(typed):
        before, last, row = last, row, [row[0] + _extra(typed, at)]
        for to, expected in enumerate(meant):
            best = last[to] + (0.0 if letter == expected else _instead(letter, expected, at))
            best = min(best, last[to + 1] + _extra(typed, at), row[to] + _missing(meant, to))
            if at and to and letter == meant[to - 1] and typed[at - 1] == expected:
                best = min(best, before[to - 1] + LIKELY)
            row.append(best)
    return row[-1]


def _instead(letter: str, expected: str, place: int) -> float:
    if place == 0:
        return UNLIKELY + FIRST
    if letter in _VOWELS and expected in _VOWELS:
        return VOWEL
    return LIKELY if (letter, expected) in _NEIGHBOURS or (letter, expected) in _SOUND_ALIKE else UNLIKELY


def _missing(meant: str, place: int) -> float:
    if place == 0:
        return LIKELY + FIRST
    if meant[place] in _VOWELS:
        return VOWEL + VOWEL / 2
    return EXTRA if place == len(meant) - 1 else LIKELY


def _extra(typed: str, place: int) -> float:
    if place == 0:
        return EXTRA + FIRST
    if typed[place] in _VOWELS:
        return VOWEL + VOWEL / 2
    return LIKELY if place == len(typed) - 1 else EXTRA


def _by(known: Mapping[str, Known], part: slice) -> dict[str, list[str]]:
    places: dict[str, list[str]] = defaultdict(list)
    for key in known:
        places[key[part]].append(key)
    return dict(places)
