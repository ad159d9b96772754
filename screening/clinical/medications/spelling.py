"""Correct misspelt words: find the nearest known word, if it is near enough.

rapidfuzz finds the candidates by optimal string alignment distance. The same distance with weighted edits decides:
a wrong vowel costs little, a neighbour on the keyboard or a similar sound costs less than any other letter, and a
wrong first letter costs more, because people rarely get it wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from .normalise import sound_key

MIN_CORRECTED = 5
"""Shorter words are not corrected."""

VOWEL, LIKELY, EXTRA, UNLIKELY, FIRST = 0.35, 0.7, 0.8, 1.2, 0.8
"""Weights of edits; ``FIRST`` is added at the first letter."""

_VOWELS = frozenset("aeiou")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = frozenset(pair for row in _ROWS for one, two in pairwise(row) for pair in ((one, two), (two, one)))
_SIMILAR_SOUNDS = frozenset(
    pair for one, two in ("bp", "mn", "dt", "gk", "vf", "sx", "kx", "lr", "td") for pair in ((one, two), (two, one))
)


class Tolerance(NamedTuple):
    """The greatest weighted distance allowed for a sound key of at least this length."""

    from_length: int
    weight: float


SUBSTANCE_TOLERANCES = (
    Tolerance(13, 2.4),
    Tolerance(11, 1.8),
    Tolerance(9, 1.4),
    Tolerance(8, 1.2),
    Tolerance(6, 0.7),
)
NAME_TOLERANCES = (Tolerance(11, 1.4), Tolerance(9, 1.05), Tolerance(6, 0.7), Tolerance(5, 0.35))


class KnownWord(NamedTuple):
    """A known word: whether a misspelling is corrected to it, and how far away the misspelling may be."""

    word: str
    is_target: bool
    tolerances: tuple[Tolerance, ...]

    def allows(self, weight: float, length: int) -> bool:
        """Return whether a word at this weighted distance, with a sound key of this length, is near enough."""
        allowed = next((each.weight for each in self.tolerances if length >= each.from_length), 0.0)
        return weight <= allowed


class Vocabulary:
    """Known words by sound key. A word nearer to a non-target, such as a look-alike, is not corrected."""

    def __init__(self, words: Iterable[KnownWord]) -> None:
        self._known: dict[str, KnownWord] = {}
        for known in words:
            key = sound_key(known.word)
            if key not in self._known or known.is_target:
                self._known[key] = known
        self._heads, self._tails = _grouped(self._known, slice(0, 2)), _grouped(self._known, slice(-3, None))

    def nearest(self, word: str) -> str | None:
        """Return the target word that a folded word is a misspelling of, or None."""
        key = sound_key(word)
        if len(word) < MIN_CORRECTED:
            return None
        nearest_word = min(self._near(key), default=None, key=lambda each: (each[0], not each[2].is_target))
        if nearest_word is None:
            return None
        weight, length, known = nearest_word
        return known.word if known.is_target and known.allows(weight, length) else None

    def _near(self, key: str) -> Iterator[tuple[float, int, KnownWord]]:
        cutoff = 3 if len(key) >= SUBSTANCE_TOLERANCES[0].from_length - 1 else 2
        for keys in (self._heads.get(key[:2], ()), self._tails.get(key[-3:], ())):
            for found, _, _ in extract(key, keys, scorer=OSA.distance, score_cutoff=cutoff, limit=None):
                yield weighted_distance(key, found), len(found), self._known[found]


def weighted_distance(written: str, intended: str) -> float:
    """Return the weighted distance between two sound keys; 0 if they are equal."""
    before: list[float] = []
    last: list[float] = []
    row = [0.0]
    for place in range(len(intended)):
        row.append(row[-1] + _deletion_weight(intended, place))
    for at, letter in enumerate(written):
        before, last, row = last, row, [row[0] + _insertion_weight(written, at)]
        for to, expected in enumerate(intended):
            best = last[to] + (0.0 if letter == expected else _substitution_weight(letter, expected, at))
            best = min(best, last[to + 1] + _insertion_weight(written, at), row[to] + _deletion_weight(intended, to))
            if at and to and letter == intended[to - 1] and written[at - 1] == expected:
                best = min(best, before[to - 1] + LIKELY)
            row.append(best)
    return row[-1]


def _substitution_weight(letter: str, expected: str, place: int) -> float:
    if place == 0:
        return UNLIKELY + FIRST
    if letter in _VOWELS and expected in _VOWELS:
        return VOWEL
    return LIKELY if (letter, expected) in _NEIGHBOURS or (letter, expected) in _SIMILAR_SOUNDS else UNLIKELY


def _deletion_weight(intended: str, place: int) -> float:
    if place == 0:
        return LIKELY + FIRST
    if intended[place] in _VOWELS:
        return VOWEL + VOWEL / 2
    return EXTRA if place == len(intended) - 1 else LIKELY


def _insertion_weight(written: str, place: int) -> float:
    if place == 0:
        return EXTRA + FIRST
    if written[place] in _VOWELS:
        return VOWEL + VOWEL / 2
    return LIKELY if place == len(written) - 1 else EXTRA


def _grouped(known: Mapping[str, KnownWord], part: slice) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for key in known:
        groups[key[part]].append(key)
    return dict(groups)
