"""Where a line names an opioid or an antagonist: as it is spelt, split, joined, shortened, misspelt or misread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA

from .letters import as_scanned, fold
from .lexicon import Ingredient, Lexicon, Product, Shorthand
from .spelling import NAMES, SHORTEST, SUBSTANCES, Known, Tolerance, Vocabulary

MOST_WORDS = 6
SHORTEST_PART = 6
LONGEST = 60
MOST_PARTS = 8
KEPT_WORDS = 65_536

_WORD = re.compile(r"[a-z]+|\d+")
_JOINS = re.compile(r"(?:[-'./#+&] ?| {1,2}[-'/#+&]? ?)?")
_STRENGTH_AFTER = re.compile(
    r"[\s\-:(,=#]*(?:\d[\d.,/\- ]*(?:mg|mcg|ug|ml|microg\w*|(?:g|tabs?|tablets?|caps?|bid|tid|qid|bd|tds|qds|od|"
    r"prn|po|"
    r"q\d+h?|daily|nocte|hs)\b)|(?:pump|drops|liquid|tabs?|tablets?|caps?|capsules?|patch(?:es)?|pills?|film|"
    r"films|strips?|syrup|elixir|linctus|er|sr|ir|cr|mr|xr|"
    r"prn|po|iv|sc|im|bid|tid|qid|bd|tds|qds|pca|drip|infusion)\b)"
)
_STRENGTH_BEFORE = re.compile(r"\d ?(?:mg|mcg|ug|ml)\b(?: of)?[\s\-:(,]*$")
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


class _Word(NamedTuple):
    letters: str
    start: int
    end: int


class Names:
    """All names of a lexicon made ready to be found; ``local`` are products that an installation added."""

    def __init__(self, lexicon: Lexicon, local: Iterable[Product] = ()) -> None:
        self._terms: dict[str, Term | None] = {squeezed(name): None for name in lexicon.look_alikes}
        for term in _terms(lexicon, local):
            self._terms[squeezed(term.name)] = term
        self._beginnings = {key[:length] for key in self._terms for length in range(1, len(key) + 1)}
        self._vocabulary = Vocabulary(
            _known(key, term) for key, term in self._terms.items() if term is None or _is_one_known_word(key, term)
        )
        self._heads = _heads(self._terms)
        self._head_words = Vocabulary(Known(head, True, NAMES) for head in self._heads if len(head) >= SHORTEST_PART)
        self.head = lru_cache(KEPT_WORDS)(self._head)
        self.misspelt = lru_cache(KEPT_WORDS)(self._misspelt)

    def hits(self, line: str) -> list[Hit]:
        """What a folded line names, in the order in which it stands there; of two that overlap the longer one."""
        words = [_Word(match[0], match.start(), match.end()) for match in _WORD.finditer(line)]
        found: list[Hit] = []
        place = 0
        while place < len(words):
            hit, place = self._hit_at(line, words, place)
            if hit is not None:
                found.append(hit)
        return found

    def _hit_at(self, line: str, words: Sequence[_Word], place: int) -> tuple[Hit | None, int]:
        word = words[place]
        if word.letters in self._beginnings:
            known, after, term = self._longest(line, words, place)
            end = words[after - 1].end
            if known and (term is None or _counts(term, line, word.start, end)):
                return (Hit(term, word.start, end) if term else None), after
        if word.letters.isdigit():
            return self._misread(line, words, place)
        if (head := self.head(word.letters)) and (hit := self._misspelt_phrase(line, words, place, head)):
            return hit
        term = self.misspelt(word.letters)
        if term is not None:
            return Hit(term, word.start, word.end, misspelt=True), place + 1
        return self._misread(line, words, place)

    def _longest(self, line: str, words: Sequence[_Word], place: int) -> tuple[bool, int, Term | None]:
        """The longest name that begins at a word: whether there is one, the place after it, what it stands for."""
        key = ""
        best: tuple[bool, int, Term | None] = (False, place + 1, None)
        for after in range(place, min(place + MOST_WORDS, len(words))):
            letters, start, end = words[after]
            if after > place and not _JOINS.fullmatch(line, words[after - 1].end, start):
                break
            key += letters
            if key not in self._beginnings:
                break
            if key in self._terms and _stands_alone(line, words[place], end):
                best = (True, after + 1, self._terms[key])
        return best

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

    def _misspelt_phrase(self, line: str, words: Sequence[_Word], place: int, head: str) -> tuple[Hit, int] | None:
        """A name of several words of which one is misspelt."""
        for key, count in self._heads[head]:
            last = place + count - 1
            if last >= len(words):
                continue
            parts = words[place : last + 1]
            typed = "".join(part.letters for part in parts)
            gaps = (line[before.end : after.start] for before, after in pairwise(parts))
            term = self._terms[key]
            if term and typed not in self._terms and _is_meant(parts, term) and all(map(_JOINS.fullmatch, gaps)):
                return Hit(term, parts[0].start, parts[-1].end, misspelt=True), last + 1
        return None

    def _misread(self, line: str, words: Sequence[_Word], place: int) -> tuple[Hit | None, int]:
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


def _may_be_misread(parts: Sequence[_Word]) -> bool:
    letters = sum(len(part.letters) for part in parts if part.letters.isalpha())
    return len(parts) > 1 and letters >= SHORTEST and parts[-1].end - parts[0].start <= LONGEST


def _is_meant(parts: Sequence[_Word], term: Term) -> bool:
    """Whether one long word of a name differs in one letter, and all the others in none."""
    differing = [
        (typed.letters, meant)
        for typed, meant in zip(parts, _WORD.findall(fold(term.name).text), strict=True)
        if typed.letters != meant
    ]
    return len(differing) == 1 and all(_is_slip(typed, meant) for typed, meant in differing)


def _is_slip(typed: str, meant: str) -> bool:
    if len(meant) < SHORTEST_PART:
        return len(meant) > 3 and sorted(typed) == sorted(meant) and OSA.distance(typed, meant) == 1
    return OSA.distance(typed, meant) <= (2 if len(meant) >= 8 else 1)


def squeezed(name: str) -> str:
    """The letters and figures of a name, folded and without anything between them."""
    return "".join(_WORD.findall(fold(name).text))


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
    *short, _ = _WORD.findall(fold(term.name).text)
    return term.well_known and key.isalpha() and all(len(word) <= 3 for word in short)


def _heads(terms: dict[str, Term | None]) -> dict[str, list[tuple[str, int]]]:
    """The names of several words by the first of them."""
    heads: dict[str, list[tuple[str, int]]] = {}
    for key, term in terms.items():
        words = _WORD.findall(fold(term.name).text) if term and (term.well_known or term.shorthand) else []
        if len(words) > 1 and term and (term.well_known or len(words[0]) >= SHORTEST_PART):
            heads.setdefault(words[0], []).append((key, len(words)))
    return heads


def _stands_alone(line: str, first: _Word, end: int) -> bool:
    """Not a part of a longer word or number."""
    if line[end - 1].isdigit() and line[end : end + 1].isalnum():
        return False
    return not (first.letters.isdigit() and line[first.start - 1 : first.start].isalnum() and first.start)


def _counts(term: Term, line: str, start: int, end: int) -> bool:
    """Whether shorthand that also means something else stands where it means this."""
    short = term.shorthand
    if short is None:
        return True
    around = line[max(0, start - 25) : start] + "\0" + line[end : end + 25]
    if any(re.search(rf"\b{re.escape(word)}\b", around) for word in short.unless):
        return False
    if not short.beside:
        return True
    if line[max(0, start - 1) : start] == "-":
        return False
    return bool(_STRENGTH_AFTER.match(line, end) or _STRENGTH_BEFORE.search(line[max(0, start - 15) : start]))
