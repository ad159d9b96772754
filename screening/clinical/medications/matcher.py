"""Match the names of opioids and antagonists in a line: exact, split, joined, abbreviated, misspelt or misread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA

from .abbreviations import has_strength_after, means_opioid
from .joining import JOINS, WORD, Word, is_one_name, name_breaks, words_of
from .lexicon import Ingredient, Lexicon, Product, Shorthand
from .normalise import fold, without_scanned_digits
from .scripts import ScriptNames, has_other_script
from .spelling import MIN_CORRECTED, NAME_TOLERANCES, SUBSTANCE_TOLERANCES, KnownWord, Tolerance, Vocabulary

MAX_WORDS = 6
MIN_LONG_WORD = 6
MAX_LETTERS = 60
MAX_PARTS = 8
CACHED_WORDS = 65_536

_SEVERAL_WORDS = re.compile(r"([a-z]+)[^a-z0-9]+[a-z]")
_NUMBER_CONTINUES = re.compile(r"[^\W_]|,\d{3}\b|\.\d")
_FORM_ENDING = re.compile(
    r"(?:tab|tabs|tablet|tablets|cap|caps|capsule|capsules|patch|patches|liquid|syrup|elixir|inj|injection|er|"
    r"sr|xr|ir|"
    r"cr|mr|la|pr|hcl|hydrochloride|sulfate|sulphate|phosphate|bitartrate|film|strip|strips|mg|mcg|s|x|hc|po|prn)+"
)


class LexiconTerm(NamedTuple):
    """A name in the lexicon and its ingredients; ``product`` is empty for the name of an ingredient."""

    name: str
    ingredients: tuple[Ingredient, ...]
    product: str = ""
    interval: str = ""
    well_known: bool = False
    shorthand: Shorthand | None = None


class NameMatch(NamedTuple):
    """A term matched in a folded line; ``misspelt`` if the spelling was corrected."""

    term: LexiconTerm
    start: int
    end: int
    misspelt: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether it is spelt as in the lexicon and is not shorthand."""
        return not (self.misspelt or self.term.shorthand)


class NameMatcher:
    """Matches the names of a lexicon and the ``local`` names of an installation.

    ``matches`` finds names in Latin script; ``in_scripts`` matches names in other scripts.
    """

    def __init__(self, lexicon: Lexicon, local: Iterable[Product] = ()) -> None:
        known = [*_known_names(lexicon, local)]
        latin = {name: term for name, term in known if not has_other_script(name)}
        self.in_scripts = ScriptNames({name: term for name, term in known if has_other_script(name)})
        self._terms: dict[str, LexiconTerm | None] = {letters_and_digits(name): term for name, term in latin.items()}
        self._breaks = name_breaks(latin)
        self._beginnings = {key[:length] for key in self._terms for length in range(1, len(key) + 1)}
        self._vocabulary = Vocabulary(
            _known_word(key, term)
            for key, term in self._terms.items()
            if (_is_one_known_word(key, term) if term else key not in self._breaks)
        )
        self._heads = _heads(self._terms)
        self._first_words = {*_first_words(self._terms.values())}
        self._head_words = Vocabulary(
            KnownWord(head, True, NAME_TOLERANCES) for head in self._heads if len(head) >= MIN_LONG_WORD
        )
        self.head = lru_cache(CACHED_WORDS)(self._head)
        self.misspelt = lru_cache(CACHED_WORDS)(self._misspelt)
        self.is_ordinary = lru_cache(CACHED_WORDS)(self._is_ordinary)

    def matches(self, line: str) -> list[NameMatch]:
        """Return the names in a folded line, in order, without overlaps; the longest name wins."""
        words = words_of(line)
        found: list[NameMatch] = []
        after = 0
        for place, (letters, _, end) in enumerate(words):
            if place < after or (self.is_ordinary(letters) and not self._may_continue(words, place, letters, end)):
                continue
            match, after = self._match_at(line, words, place)
            if match is not None:
                found.append(match)
        return found

    def begins_a_name(self, line: str) -> bool:
        """Return whether the last word of a folded line is the first word of a longer name."""
        return not self._first_words.isdisjoint(line.rsplit(maxsplit=1)[-1:])

    def _is_ordinary(self, letters: str) -> bool:
        """Return whether a word is not a name, not a misspelling and not the first word of a name."""
        if letters in self._terms:
            return False
        return self.head(letters) is None and self.misspelt(letters) is None

    def _may_continue(self, words: Sequence[Word], place: int, letters: str, end: int) -> bool:
        """Return whether the next word follows without a gap, or both words begin a name."""
        if place + 1 == len(words):
            return False
        following = words[place + 1]
        return following.start == end or (
            letters in self._beginnings and letters + following.letters in self._beginnings
        )

    def _match_at(self, line: str, words: Sequence[Word], place: int) -> tuple[NameMatch | None, int]:
        word = words[place]
        for after, term in self._names_at(line, words, place) if word.letters in self._beginnings else ():
            end = words[after - 1].end
            if term is None:
                if not (after - place > 1 and has_strength_after(line, end) and self._is_name(words[after - 1])):
                    return None, after
            elif means_opioid(term.shorthand, line, word.start, end):
                return NameMatch(term, word.start, end), after
        if word.letters.isdigit():
            return self._misread(line, words, place)
        if (head := self.head(word.letters)) and (match := self._misspelt_phrase(line, words, place, head)):
            return match
        term = self.misspelt(word.letters)
        if term is not None:
            return NameMatch(term, word.start, word.end, misspelt=True), place + 1
        return self._misread(line, words, place)

    def _is_name(self, word: Word) -> bool:
        term = self._terms.get(word.letters)
        return term is not None and bool(term.product or term.well_known)

    def _names_at(self, line: str, words: Sequence[Word], place: int) -> list[tuple[int, LexiconTerm | None]]:
        """Return the names that begin at a word, longest first: the place after each, and its term."""
        key, end_before = "", words[place].start
        known: list[tuple[int, LexiconTerm | None]] = []
        for after, (letters, start, end) in enumerate(words[place : place + MAX_WORDS], place):
            key += letters
            if key not in self._beginnings or (start > end_before and not JOINS.fullmatch(line, end_before, start)):
                break
            end_before = end
            if key in self._terms and _is_whole_word(line, words[place], end):
                term, parts = self._terms[key], words[place : after + 1]
                if after == place or is_one_name(line, parts, self._breaks.get(key, {}), is_opioid=term is not None):
                    known.append((after + 1, term))
        return known[::-1]

    def _misspelt(self, letters: str) -> LexiconTerm | None:
        """Return the term that a word is a misspelling or an extension of, or None."""
        if not MIN_CORRECTED <= len(letters) <= MAX_LETTERS or not letters.isalpha():
            return None
        if key := self._vocabulary.nearest(letters):
            return self._terms[key]
        return self._joined(letters)

    def _joined(self, letters: str) -> LexiconTerm | None:
        """Return the term inside a longer word, such as a name with its form: oxycodonehcl, percocettab."""
        if letters in self._terms:
            return None
        for length in range(len(letters) - 1, MIN_LONG_WORD - 1, -1):
            for part, rest in ((letters[:length], letters[length:]), (letters[-length:], letters[:-length])):
                term = self._terms.get(part)
                if (
                    term
                    and not term.shorthand
                    and (_FORM_ENDING.fullmatch(rest) if term.product else term.well_known)
                ):
                    return term
        return None

    def _head(self, letters: str) -> str | None:
        """Return the first word of a longer name that a word matches, exactly or misspelt."""
        if letters in self._heads:
            return letters
        return self._head_words.nearest(letters) if MIN_LONG_WORD <= len(letters) <= MAX_LETTERS else None

    def _misspelt_phrase(
        self, line: str, words: Sequence[Word], place: int, head: str
    ) -> tuple[NameMatch, int] | None:
        """Match a name of several words, one of them misspelt."""
        for key, intended in self._heads[head]:
            last = place + len(intended) - 1
            if last >= len(words):
                continue
            parts = words[place : last + 1]
            written = "".join(part.letters for part in parts)
            gaps = (line[before.end : after.start] for before, after in pairwise(parts))
            term = self._terms[key]
            if (
                term
                and written not in self._terms
                and _has_one_slip(parts, intended)
                and all(map(JOINS.fullmatch, gaps))
            ):
                return NameMatch(term, parts[0].start, parts[-1].end, misspelt=True), last + 1
        return None

    def _misread(self, line: str, words: Sequence[Word], place: int) -> tuple[NameMatch | None, int]:
        """Match a word with a digit that may be a misread letter: c0deine, fentany1."""
        last = place
        if place + 1 == len(words) or words[place + 1].start != words[place].end:
            return None, place + 1
        while last + 1 < len(words) and words[last + 1].start == words[last].end and last - place < MAX_PARTS:
            last += 1
        begins = not place or words[place - 1].end != words[place].start
        if not begins or not _may_be_misread(words[place : last + 1]):
            return None, place + 1
        for reading in without_scanned_digits(line[words[place].start : words[last].end]):
            key = next((reading[:end] for end in range(len(reading), 4, -1) if self._terms.get(reading[:end])), "")
            term = self._terms[key] if key else self.misspelt(reading)
            if term is not None and not term.shorthand:
                return NameMatch(term, words[place].start, words[last].end, misspelt=True), last + 1
        return None, place + 1


def _first_words(terms: Iterable[LexiconTerm | None]) -> Iterator[str]:
    """Yield the first word of each name of several words that is not shorthand."""
    for term in terms:
        if term and not term.shorthand and (found := _SEVERAL_WORDS.match(fold(term.name).text)):
            yield found[1]


def _may_be_misread(parts: Sequence[Word]) -> bool:
    letters = sum(len(part.letters) for part in parts if part.letters.isalpha())
    return len(parts) > 1 and letters >= MIN_CORRECTED and parts[-1].end - parts[0].start <= MAX_LETTERS


def _has_one_slip(parts: Sequence[Word], intended: Sequence[str]) -> bool:
    """Return whether exactly one word of a name is written differently, by a small slip."""
    differing = [(part.letters, word) for part, word in zip(parts, intended, strict=True) if part.letters != word]
    return len(differing) == 1 and _is_slip(*differing[0])


def _is_slip(written: str, intended: str) -> bool:
    if len(intended) < MIN_LONG_WORD:
        return len(intended) > 3 and sorted(written) == sorted(intended) and OSA.distance(written, intended) == 1
    return OSA.distance(written, intended) <= (2 if len(intended) >= 8 else 1)


def letters_and_digits(name: str) -> str:
    """Return the letters and digits of a name, folded, without spaces and punctuation."""
    return "".join(WORD.findall(fold(name).text))


def _known_names(lexicon: Lexicon, local: Iterable[Product]) -> Iterator[tuple[str, LexiconTerm | None]]:
    """Yield every name with its term, None for a look-alike; later entries take precedence."""
    yield from ((name, None) for name in lexicon.look_alikes)
    yield from ((term.name, term) for term in _terms(lexicon, local))


def _terms(lexicon: Lexicon, local: Iterable[Product]) -> Iterator[LexiconTerm]:
    ingredients = lexicon.by_name
    for short in lexicon.shorthand:
        yield LexiconTerm(
            short.text, tuple(ingredients[name] for name in short.ingredients), "", short.interval, shorthand=short
        )
    for product in (*lexicon.products, *local):
        substances = tuple(ingredients[name] for name in product.ingredients)
        yield LexiconTerm(product.name, substances, product.name, product.interval, product.well_known)
    for ingredient in lexicon.ingredients:
        for name in (*ingredient.synonyms, ingredient.name):
            yield LexiconTerm(name, (ingredient,), well_known=name in ingredient.well_known)


def _known_word(key: str, term: LexiconTerm | None) -> KnownWord:
    tolerances: tuple[Tolerance, ...] = ()
    if term:
        tolerances = NAME_TOLERANCES if term.product else SUBSTANCE_TOLERANCES
    return KnownWord(key, term is not None, tolerances)


def _is_one_known_word(key: str, term: LexiconTerm) -> bool:
    """Return whether a well-known name is one word, apart from short words before it: co-codamol."""
    *short, _ = WORD.findall(fold(term.name).text)
    return term.well_known and key.isalpha() and all(len(word) <= 3 for word in short)


def _heads(terms: dict[str, LexiconTerm | None]) -> dict[str, list[tuple[str, list[str]]]]:
    """Group the names of several words by their first word: the key and the words of each."""
    heads: dict[str, list[tuple[str, list[str]]]] = {}
    for key, term in terms.items():
        words = WORD.findall(fold(term.name).text) if term and (term.well_known or _is_phrase(term)) else []
        if len(words) > 1 and term and (term.well_known or len(words[0]) >= MIN_LONG_WORD):
            heads.setdefault(words[0], []).append((key, words))
    return heads


def _is_phrase(term: LexiconTerm) -> bool:
    """Return whether a term is shorthand of several words as people write it, not as claims print it."""
    return term.shorthand is not None and " " in term.name and not term.name.isupper()


def _is_whole_word(line: str, first: Word, end: int) -> bool:
    if line[end - 1].isdigit() and _NUMBER_CONTINUES.match(line, end):
        return False
    return not (first.letters.isdigit() and line[first.start - 1 : first.start].isalnum() and first.start)
