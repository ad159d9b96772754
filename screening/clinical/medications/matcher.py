"""Where a line names an opioid or an antagonist: as it is spelt, split, joined, shortened, misspelt or misread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA

from .abbreviations import counts, has_strength_after
from .joining import JOINS, WORD, Word, breaks_of, is_one_name, words_of
from .lexicon import Ingredient, Lexicon, Product, Shorthand
from .normalise import as_scanned, fold
from .scripts import ScriptNames, has_other_script
from .spelling import NAMES, SHORTEST, SUBSTANCES, Known, Tolerance, Vocabulary

MOST_WORDS = 6
SHORTEST_PART = 6
LONGEST = 60
MOST_PARTS = 8
KEPT_WORDS = 65_536

_SEVERAL_WORDS = re.compile(r"([a-z]+)[^a-z0-9]+[a-z]")
_NUMBER_GOES_ON = re.compile(r"[^\W_]|,\d{3}\b|\.\d")
_REST = re.compile(
    r"(?:tab|tabs|tablet|tablets|cap|caps|capsule|capsules|patch|patches|liquid|syrup|elixir|inj|injection|er|"
    r"sr|xr|ir|"
    r"cr|mr|la|pr|hcl|hydrochloride|sulfate|sulphate|phosphate|bitartrate|film|strip|strips|mg|mcg|s|x|hc|po|prn)+"
)


class Term(NamedTuple):
    """What a name stands for; ``product`` is empty where the name is an ingredient's own."""

    name: str
    ingredients: tuple[Ingredient, ...]
    product: str = ""
    interval: str = ""
    well_known: bool = False
    shorthand: Shorthand | None = None


class Hit(NamedTuple):
    """A term in a folded line, between two places; ``misspelt`` when it is not written as it is known."""

    term: Term
    start: int
    end: int
    misspelt: bool = False

    @property
    def is_as_listed(self) -> bool:
        """Whether it is written as it is listed, and no shorthand."""
        return not (self.misspelt or self.term.shorthand)


class NameMatcher:
    """All names of a lexicon made ready to be found; ``local`` are products that an installation added.

    ``in_scripts`` holds the names that are written in another script than Latin; ``hits`` finds all the others.
    """

    def __init__(self, lexicon: Lexicon, local: Iterable[Product] = ()) -> None:
        known = [*_known_names(lexicon, local)]
        latin = {name: term for name, term in known if not has_other_script(name)}
        self.in_scripts = ScriptNames({name: term for name, term in known if has_other_script(name)})
        self._terms: dict[str, Term | None] = {squeezed(name): term for name, term in latin.items()}
        self._breaks = breaks_of(latin)
        self._beginnings = {key[:length] for key in self._terms for length in range(1, len(key) + 1)}
        self._vocabulary = Vocabulary(
            _known(key, term)
            for key, term in self._terms.items()
            if (_is_one_known_word(key, term) if term else key not in self._breaks)
        )
        self._heads = _heads(self._terms)
        self._first_words = {*_first_words(self._terms.values())}
        self._head_words = Vocabulary(Known(head, True, NAMES) for head in self._heads if len(head) >= SHORTEST_PART)
        self.head = lru_cache(KEPT_WORDS)(self._head)
        self.misspelt = lru_cache(KEPT_WORDS)(self._misspelt)
        self.is_ordinary = lru_cache(KEPT_WORDS)(self._is_ordinary)

    def hits(self, line: str) -> list[Hit]:
        """What a folded line names, in the order in which it stands there; of two that overlap the longer one."""
        words = words_of(line)
        found: list[Hit] = []
        after = 0
        for place, (letters, _, end) in enumerate(words):
            if place < after or (self.is_ordinary(letters) and not self._may_go_on(words, place, letters, end)):
                continue
            hit, after = self._hit_at(line, words, place)
            if hit is not None:
                found.append(hit)
        return found

    def begins_a_name(self, line: str) -> bool:
        """Whether the last word of a folded line is the first one of a name of several words."""
        return not self._first_words.isdisjoint(line.rsplit(maxsplit=1)[-1:])

    def _is_ordinary(self, letters: str) -> bool:
        """Whether a word is no name, no misspelt name, and not the first word of one."""
        if letters in self._terms or letters.isdigit():
            return False
        return self.head(letters) is None and self.misspelt(letters) is None

    def _may_go_on(self, words: Sequence[Word], place: int, letters: str, end: int) -> bool:
        """Whether the next word follows without a gap, or both together begin a name."""
        if place + 1 == len(words):
            return False
        following = words[place + 1]
        return following.start == end or (
            letters in self._beginnings and letters + following.letters in self._beginnings
        )

    def _hit_at(self, line: str, words: Sequence[Word], place: int) -> tuple[Hit | None, int]:
        word = words[place]
        for after, term in self._known_at(line, words, place) if word.letters in self._beginnings else ():
            end = words[after - 1].end
            if term is None:
                if not (after - place > 1 and has_strength_after(line, end) and self._is_name(words[after - 1])):
                    return None, after
            elif counts(term.shorthand, line, word.start, end):
                return Hit(term, word.start, end), after
        if word.letters.isdigit():
            return self._misread(line, words, place)
        if (head := self.head(word.letters)) and (hit := self._misspelt_phrase(line, words, place, head)):
            return hit
        term = self.misspelt(word.letters)
        if term is not None:
            return Hit(term, word.start, word.end, misspelt=True), place + 1
        return self._misread(line, words, place)

    def _is_name(self, word: Word) -> bool:
        term = self._terms.get(word.letters)
        return term is not None and bool(term.product or term.well_known)

    def _known_at(self, line: str, words: Sequence[Word], place: int) -> list[tuple[int, Term | None]]:
        """The names that begin at a word, the longest first: the place after each, and what it stands for."""
        key, end_before = "", words[place].start
        known: list[tuple[int, Term | None]] = []
        for after, (letters, start, end) in enumerate(words[place : place + MOST_WORDS], place):
            key += letters
            if key not in self._beginnings or (start > end_before and not JOINS.fullmatch(line, end_before, start)):
                break
            end_before = end
            if key in self._terms and _stands_alone(line, words[place], end):
                term, parts = self._terms[key], words[place : after + 1]
                if after == place or is_one_name(line, parts, self._breaks.get(key, {}), is_opioid=term is not None):
                    known.append((after + 1, term))
        return known[::-1]

    def _misspelt(self, letters: str) -> Term | None:
        """What a word that is no name as it stands is meant to be, if that can be told."""
        if not SHORTEST <= len(letters) <= LONGEST or not letters.isalpha():
            return None
        if key := self._vocabulary.nearest(letters):
            return self._terms[key]
        return self._joined(letters)

    def _joined(self, letters: str) -> Term | None:
        """A substance that stands within a longer word, or a name with its form: oxycodonehcl, percocettab."""
        if letters in self._terms:
            return None
        for length in range(len(letters) - 1, SHORTEST_PART - 1, -1):
            for part, rest in ((letters[:length], letters[length:]), (letters[-length:], letters[:-length])):
                term = self._terms.get(part)
                if term and not term.shorthand and (_REST.fullmatch(rest) if term.product else term.well_known):
                    return term
        return None

    def _head(self, letters: str) -> str | None:
        """The first word of a name of several words that a word is, or is meant to be."""
        if letters in self._heads:
            return letters
        return self._head_words.nearest(letters) if SHORTEST_PART <= len(letters) <= LONGEST else None

    def _misspelt_phrase(self, line: str, words: Sequence[Word], place: int, head: str) -> tuple[Hit, int] | None:
        """A name of several words of which one is misspelt."""
        for key, count in self._heads[head]:
            last = place + count - 1
            if last >= len(words):
                continue
            parts = words[place : last + 1]
            typed = "".join(part.letters for part in parts)
            gaps = (line[before.end : after.start] for before, after in pairwise(parts))
            term = self._terms[key]
            if term and typed not in self._terms and _is_meant(parts, term) and all(map(JOINS.fullmatch, gaps)):
                return Hit(term, parts[0].start, parts[-1].end, misspelt=True), last + 1
        return None

    def _misread(self, line: str, words: Sequence[Word], place: int) -> tuple[Hit | None, int]:
        """A word with a figure in it that may have been a letter: c0deine, fentany1."""
        last = place
        if place + 1 == len(words) or words[place + 1].start != words[place].end:
            return None, place + 1
        while last + 1 < len(words) and words[last + 1].start == words[last].end and last - place < MOST_PARTS:
            last += 1
        begins = not place or words[place - 1].end != words[place].start
        if not begins or not _may_be_misread(words[place : last + 1]):
            return None, place + 1
        for reading in as_scanned(line[words[place].start : words[last].end]):
            key = next((reading[:end] for end in range(len(reading), 4, -1) if self._terms.get(reading[:end])), "")
            term = self._terms[key] if key else self.misspelt(reading)
            if term is not None and not term.shorthand:
                return Hit(term, words[place].start, words[last].end, misspelt=True), last + 1
        return None, place + 1


def _first_words(terms: Iterable[Term | None]) -> Iterator[str]:
    """The first word of each name of several words that is no shorthand."""
    for term in terms:
        if term and not term.shorthand and (found := _SEVERAL_WORDS.match(fold(term.name).text)):
            yield found[1]


def _may_be_misread(parts: Sequence[Word]) -> bool:
    letters = sum(len(part.letters) for part in parts if part.letters.isalpha())
    return len(parts) > 1 and letters >= SHORTEST and parts[-1].end - parts[0].start <= LONGEST


def _is_meant(parts: Sequence[Word], term: Term) -> bool:
    """Whether one long word of a name differs in one letter, and all the others in none."""
    differing = [
        (typed.letters, meant)
        for typed, meant in zip(parts, WORD.findall(fold(term.name).text), strict=True)
        if typed.letters != meant
    ]
    return len(differing) == 1 and all(_is_slip(typed, meant) for typed, meant in differing)


def _is_slip(typed: str, meant: str) -> bool:
    if len(meant) < SHORTEST_PART:
        return len(meant) > 3 and sorted(typed) == sorted(meant) and OSA.distance(typed, meant) == 1
    return OSA.distance(typed, meant) <= (2 if len(meant) >= 8 else 1)


def squeezed(name: str) -> str:
    """The letters and figures of a name, folded and without anything between them."""
    return "".join(WORD.findall(fold(name).text))


def _known_names(lexicon: Lexicon, local: Iterable[Product]) -> Iterator[tuple[str, Term | None]]:
    """Every name with what it stands for, None for a look-alike; later entries take precedence."""
    yield from ((name, None) for name in lexicon.look_alikes)
    yield from ((term.name, term) for term in _terms(lexicon, local))


def _terms(lexicon: Lexicon, local: Iterable[Product]) -> Iterator[Term]:
    """Every name with what it stands for, those that are told last take precedence."""
    of = lexicon.by_name
    for short in lexicon.shorthand:
        yield Term(short.text, tuple(of[name] for name in short.ingredients), "", short.interval, shorthand=short)
    for product in (*lexicon.products, *local):
        substances = tuple(of[name] for name in product.ingredients)
        yield Term(product.name, substances, product.name, product.interval, product.well_known)
    for ingredient in lexicon.ingredients:
        for name in (*ingredient.synonyms, ingredient.name):
            yield Term(name, (ingredient,), well_known=name in ingredient.well_known)


def _known(key: str, term: Term | None) -> Known:
    tolerances: tuple[Tolerance, ...] = ()
    if term:
        tolerances = NAMES if term.product else SUBSTANCES
    return Known(key, term is not None, tolerances)


def _is_one_known_word(key: str, term: Term) -> bool:
    """Whether a well-known name is one word, or a long one with short ones before it: co-codamol."""
    *short, _ = WORD.findall(fold(term.name).text)
    return term.well_known and key.isalpha() and all(len(word) <= 3 for word in short)


def _heads(terms: dict[str, Term | None]) -> dict[str, list[tuple[str, int]]]:
    """The names of several words by the first of them."""
    heads: dict[str, list[tuple[str, int]]] = {}
    for key, term in terms.items():
        words = WORD.findall(fold(term.name).text) if term and (term.well_known or _is_said(term)) else []
        if len(words) > 1 and term and (term.well_known or len(words[0]) >= SHORTEST_PART):
            heads.setdefault(words[0], []).append((key, len(words)))
    return heads


def _is_said(term: Term) -> bool:
    """Whether a name is shorthand of several words that people write, not one that a claim prints."""
    return term.shorthand is not None and " " in term.name and not term.name.isupper()


def _stands_alone(line: str, first: Word, end: int) -> bool:
    """Not a part of a longer word or number."""
    if line[end - 1].isdigit() and _NUMBER_GOES_ON.match(line, end):
        return False
    return not (first.letters.isdigit() and line[first.start - 1 : first.start].isalnum() and first.start)
