"""Medication list text → the opioids and naltrexone products that it names, where, and why.

Pure and total: every text gives a result, none an exception. What is not recognised is never evidence of absence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from .letters import Folded, fold
from .lexicon import Group, Ingredient, Lexicon, Product
from .mentions import WINDOW, Surroundings, verdict
from .recognition import Hit, Names, squeezed
from .sections import Section, sections

NALTREXONE = "naltrexone"
FORM_WINDOW = (30, 70)
"""So many letters before and after a name tell its form."""


class MentionStatus(StrEnum):
    """Whether a name counts as a medicine in use; when in doubt it does."""

    CURRENT = "current"
    MENTIONED = "mentioned"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMedicine:
    """An opioid, or an antagonist, that a line names.

    ``line`` counts from 1; ``start`` and ``end`` delimit ``term``, the words that matched, within the line.
    ``product`` is the brand by which it is named, empty when the ingredient is. ``interval`` is the code of the kind
    of opioid that its opioid-free interval goes by. ``why`` says in a sentence what the term stands for, and of one
    that is only mentioned which words say so.
    """

    line: int
    start: int
    end: int
    term: str
    ingredient: str
    product: str
    group: Group
    interval: str
    status: MentionStatus
    why: str


@dataclass(frozen=True, slots=True)
class MedicationList:
    """A list as typed, and what was found in it, in the order in which it stands there."""

    text: str = ""
    found: tuple[ListedMedicine, ...] = ()

    def __bool__(self) -> bool:
        """False when no list was given."""
        return bool(self.text)

    @property
    def opioids(self) -> tuple[ListedMedicine, ...]:
        """The opioids, current or only mentioned."""
        return tuple(each for each in self.found if each.group is not Group.ANTAGONIST)

    @property
    def current_opioids(self) -> tuple[ListedMedicine, ...]:
        """The opioids that count as current."""
        return tuple(each for each in self.opioids if each.status is MentionStatus.CURRENT)

    @property
    def current_naltrexone(self) -> tuple[ListedMedicine, ...]:
        """The naltrexone products that count as current."""
        named = (each for each in self.found if each.ingredient == NALTREXONE)
        return tuple(each for each in named if each.status is MentionStatus.CURRENT)


NO_LIST = MedicationList()

_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_BELOW = re.compile(
    r"[\s\-*•|]*(?:status|stopped|discontinued|ended?|end date|stop date|last (?:taken|dose|filled)|"
    r"(?:patient )?not taking|reason for|completed)\b"
)
"""How a line begins that goes on about the medicine of the line above."""


def lines_of(text: str) -> list[str]:
    """The lines of a list, by which ``ListedMedicine.line`` counts."""
    return _LINE_END.split(text)


class Recogniser:
    """A lexicon compiled for reading lists; ``local`` are names that an installation added."""

    def __init__(self, lexicon: Lexicon, local: Iterable[Product] = ()) -> None:
        self.lexicon = lexicon
        self._names = Names(lexicon, local)
        self._forms = [
            (each, re.compile(rf"\b(?:{'|'.join(map(re.escape, each.words))})\b")) for each in lexicon.forms
        ]

    def knows(self, name: str) -> bool:
        """Whether a name is found as it stands, however it is spaced or capitalised."""
        return any(not hit.misspelt for hit in self._names.hits(fold(name).text))

    def read(self, text: str, on: date) -> MedicationList:
        """What a list names, as it reads on the day ``on`` of the screening."""
        lines = lines_of(text)
        folded = [fold(line) for line in lines]
        hits = {number: found for number, line in enumerate(folded) if (found := self._names.hits(line.text))}
        if not hits:
            return MedicationList(text)
        plain = [line.text for line in folded]
        under = list(sections(plain, on))
        named = (
            each
            for number, in_line in hits.items()
            for each in self._in_line(
                _Line(number + 1, lines[number], folded[number], under[number], _goes_on(plain, number)), in_line, on
            )
        )
        return MedicationList(text, tuple(named))

    def _in_line(self, line: _Line, hits: Sequence[Hit], on: date) -> Iterator[ListedMedicine]:
        """Each ingredient once as current and once as mentioned."""
        told = set()
        for named in _with_surroundings(line.folded.text, hits, line.below):
            for ingredient in named.hit.term.ingredients:
                medicine = self._medicine(line, named, ingredient, on)
                if (medicine.ingredient, medicine.status) not in told:
                    told.add((medicine.ingredient, medicine.status))
                    yield medicine

    def _medicine(self, line: _Line, named: _Named, ingredient: Ingredient, on: date) -> ListedMedicine:
        hit = named.hit
        interval = self._interval(hit.term.interval or ingredient.interval, line.folded.text, named)
        never_ends = interval in self.lexicon.never_ended
        judged = verdict(Surroundings(named.before, named.after, line.section, never_ends), on)
        start, end = line.folded.span(hit.start, hit.end)
        term = line.typed[start:end]
        return ListedMedicine(
            line=line.number,
            start=start,
            end=end,
            term=term,
            ingredient=ingredient.name,
            product=hit.term.product or named.product_beside,
            group=ingredient.group,
            interval=interval,
            status=MentionStatus.CURRENT if judged.counts else MentionStatus.MENTIONED,
            why=f"{_stands_for(term, hit, ingredient)} {judged.because}".strip(),
        )

    def _interval(self, interval: str, line: str, named: _Named) -> str:
        far_before, far_after = FORM_WINDOW
        term = line[named.hit.start : named.hit.end]
        near = named.before[-far_before:] + term + named.after[:far_after]
        for form, words in self._forms:
            if form.interval == interval and words.search(near):
                return form.becomes
        return interval


class _Line(NamedTuple):
    """A line that names something, its heading, and the line below where it goes on about the same."""

    number: int
    typed: str
    folded: Folded
    section: Section | None
    below: str


class _Named(NamedTuple):
    """A hit with what stands before it and after it; and the product that stands beside an ingredient's own name."""

    hit: Hit
    before: str
    after: str
    product_beside: str


def _goes_on(plain: Sequence[str], number: int) -> str:
    return plain[number + 1] if number + 1 < len(plain) and _BELOW.match(plain[number + 1]) else ""


def _with_surroundings(line: str, hits: Sequence[Hit], below: str) -> Iterator[_Named]:
    """Each hit with what stands before it and after it, up to the next name of something else.

    Other names of the same thing are blank, so that what is said of one is said of all. ``below`` is the line below,
    where it goes on about the last name.
    """
    blank, marked, next_start, product = _repeats_blank(line, hits), _names_marked(line, hits), len(line), ""
    surroundings = []
    for place in range(len(hits) - 1, -1, -1):
        hit = hits[place]
        if place + 1 < len(hits) and not _says_the_same(hit, hits[place + 1]):
            next_start, product = hits[place + 1].start, ""
        product = hit.term.product or product
        after = blank[hit.end : min(next_start, hit.end + WINDOW)]
        whole = f"{after} {below}" if below and next_start == len(line) else after
        surroundings.append(_Named(hit, marked[max(0, hit.start - WINDOW) : hit.start], whole, product))
    return reversed(surroundings)


def _says_the_same(before: Hit, hit: Hit) -> bool:
    """Whether a name repeats the one before, or is the antagonist that goes with it."""
    goes_along = all(each.group is Group.ANTAGONIST for each in hit.term.ingredients)
    return goes_along or before.term.ingredients == hit.term.ingredients


def _names_marked(line: str, hits: Sequence[Hit]) -> str:
    """The line with a mark in place of each name, so that a list of names is known as one."""
    pieces, place = [], 0
    for hit in hits:
        pieces += [line[place : hit.start], "@".ljust(hit.end - hit.start)]
        place = hit.end
    return "".join([*pieces, line[place:]])


def _repeats_blank(line: str, hits: Sequence[Hit]) -> str:
    """The line without the names that repeat the one before."""
    pieces, place = [], 0
    for before, hit in pairwise(hits):
        if _says_the_same(before, hit):
            pieces += [line[place : hit.start], " " * (hit.end - hit.start)]
            place = hit.end
    return "".join([*pieces, line[place:]])


def _stands_for(term: str, hit: Hit, ingredient: Ingredient) -> str:
    name, product = hit.term.product or hit.term.name, hit.term.product
    if hit.misspelt:
        of = f", a product with {ingredient.name}" if product else ""
        return f"“{term}” is written like {name}{of}."
    if product:
        return f"“{term}” is a product with {ingredient.name}."
    if hit.term.shorthand:
        return f"“{term}” is short for {ingredient.name}."
    if squeezed(term) != squeezed(ingredient.name):
        return f"“{term}” is {ingredient.name}."
    return f"“{term}” is an opioid{' antagonist' if ingredient.group is Group.ANTAGONIST else ''}."
