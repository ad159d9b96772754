"""Medication list text → the opioids and naltrexone products that it names, where, and why.

Pure and total: every text gives a result, none an exception. What is not recognised is never evidence of absence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from .assertion import COUNTS, Entry, Verdict, is_plainly_in_use
from .cues import CueKind, Cues
from .lexicon import FormWords, Group, Ingredient, Lexicon, Product
from .matcher import Hit, NameMatcher, squeezed
from .mention_forms import lists_allergies
from .normalise import Folded, fold
from .scripts import has_other_script
from .sections import Section, is_heading, sections
from .tokens import Kind, Span, continues_entry_above, statements

NALTREXONE = "naltrexone"
UNSPECIFIED = "unspecified opioid"
"""The ingredient for a class word such as “opiate”, which counts only where no opioid is named."""

MAINTENANCE = frozenset(("methadone", "levomethadone", "buprenorphine"))
"""Opioids that treat dependence on another one, so that they are taken where that one is denied."""

FORM_WINDOW = (30, 70)
"""Characters before and after a name in which its form is looked for."""


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
    """A list as typed, and what was found in it, in order of appearance.

    ``not_read`` are the numbers, from 1, of the lines in another script that name nothing in use.
    """

    text: str = ""
    found: tuple[ListedMedicine, ...] = ()
    not_read: tuple[int, ...] = ()

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
_OTHERS = re.compile(r"[,;]|\. ")
"""What parts a name from the forms of other medicines before it."""
_TITLE_ENDS = (":", "-", "–", "—")
_HYPHENATED = re.compile(r"[^\W\d_]-\s*\Z")


def lines_of(text: str) -> list[str]:
    """The lines of a list, by which ``ListedMedicine.line`` counts."""
    return _LINE_END.split(text)


class Recogniser:
    """A lexicon and cues compiled for reading lists; ``local`` are names that an installation added."""

    def __init__(self, lexicon: Lexicon, cues: Cues, local: Iterable[Product] = ()) -> None:
        self.lexicon, self._cues = lexicon, cues
        self._names = NameMatcher(lexicon, local)
        self._forms = {each.interval: _Forms.of(each.interval, lexicon.forms) for each in lexicon.forms}

    def knows(self, name: str) -> bool:
        """Whether a name is found without correction, however it is spaced or capitalised."""
        return any(not hit.misspelt for hit in _hits(self._names, name, fold(name)))

    def read(self, text: str, on: date) -> MedicationList:
        """What a list names, as it reads on the day ``on`` of the screening."""
        lines = [*self._lines(text)]
        under = sections(
            [line.plain for line in lines], self._cues, lambda place: self._lists_allergies(lines[place], on)
        )
        named = [
            medicine
            for line, section in zip(lines, under, strict=True)
            if line.hits
            for medicine in self._in_line(line, section, self._lines_about_it(lines, line.number), on)
        ]
        current = {medicine.line for medicine in named if medicine.status is MentionStatus.CURRENT}
        unread = (line.number for line in lines if line.number not in current and has_other_script(line.typed))
        return MedicationList(text, tuple(named), tuple(unread))

    def _lists_allergies(self, line: _Line, on: date) -> bool:
        found, _ = statements(line.folded.text, [*_spans(line.folded.text, line.hits)], self._cues, on)
        return all(map(lists_allergies, found))

    def _lines(self, text: str) -> Iterator[_Line]:
        """Each line with the names that begin in it; a name may go on in the line below."""
        typed, taken = lines_of(text), 0
        for number, line in enumerate(typed):
            folded = fold(line)
            hits = _hits(self._names, line, folded)
            if taken:
                hits = [hit for hit in hits if hit.start >= taken]
            read = _Line(number + 1, line, folded.text, folded, hits, len(hits))
            below = typed[number + 1] if number + 1 < len(typed) else ""
            read, taken = self._with_line_below(read, below) or (read, 0)
            yield read

    def _with_line_below(self, line: _Line, below: str) -> tuple[_Line, int] | None:
        """A line joined with the one below if a name is broken over both, and how much of that line it takes up."""
        is_hyphenated = bool(_HYPHENATED.search(line.typed))
        if not (below and (is_hyphenated or self._names.begins_a_name(line.plain))):
            return None
        first, second = line.typed.rstrip(), below.lstrip()
        if not second[:1].isalpha():
            return None
        first = first[:-1] if is_hyphenated else f"{first} "
        joined = fold(first + second)
        hits = _hits(self._names, first + second, joined)
        spans = [joined.span(hit.start, hit.end) for hit in hits]
        over = next((place for place, (start, end) in enumerate(spans) if start < len(first) < end), None)
        if over is None or not (is_hyphenated or hits[over].is_as_listed):
            return None
        taken = spans[over][1] - len(first) + len(below) - len(second)
        return line._replace(folded=joined, hits=hits, own=over + 1), taken

    def _lines_about_it(self, lines: Sequence[_Line], number: int) -> str:
        """The lines from a place on that name nothing and go on about the medicine above them."""
        below = takewhile(self._goes_on, map(lines.__getitem__, range(number, len(lines))))
        return "\n".join(line.plain for line in below)

    def _goes_on(self, line: _Line) -> bool:
        is_title = is_heading(line.plain) or line.plain.rstrip().endswith(_TITLE_ENDS)
        return not line.hits and not is_title and continues_entry_above(line.plain, self._cues)

    def _in_line(self, line: _Line, section: Section | None, below: str, on: date) -> Iterable[ListedMedicine]:
        """Each ingredient once as current and once as mentioned."""
        text = f"{line.folded.text}\n{below}" if below else line.folded.text
        entry = None
        if not is_plainly_in_use(text, self._cues, section):
            entry = Entry(text, [*_spans(text, line.hits)], section, self._cues, on)
        found: dict[tuple[str, MentionStatus], ListedMedicine] = {}
        for place, named in enumerate(_named(line)):
            for ingredient in named.hit.term.ingredients:
                interval = self._interval(named.interval or ingredient.interval, named)
                never_ends = interval in self.lexicon.never_ended
                verdict = entry.verdict(place, never_ends=never_ends) if entry else COUNTS
                medicine = _medicine(line, named, ingredient, interval, verdict)
                found.setdefault((ingredient.name, medicine.status), medicine)
        if not any(ingredient == UNSPECIFIED for ingredient, _ in found):
            return found.values()
        is_title = line.plain.rstrip().endswith(":") and is_heading(line.plain)
        return _without_class_words(found.values(), is_title=is_title)

    def _interval(self, interval: str, named: _Named) -> str:
        """The kind of interval by the form that is written around a name."""
        forms = self._forms.get(interval)
        return (forms and forms.changed_interval(named.around)) or interval


def _hits(names: NameMatcher, line: str, folded: Folded) -> list[Hit]:
    """What a line names in any script, at places in the folded line; of two that overlap the longer one."""
    hits = names.hits(folded.text)
    in_scripts = [Hit(each.term, *folded.part(each.start, each.end)) for each in names.in_scripts.hits(line)]
    if not in_scripts:
        return hits
    chosen, covered = [], bytearray(len(folded.text))
    for hit in sorted([*in_scripts, *hits], key=lambda each: each.start - each.end):
        if not any(covered[hit.start : hit.end]):
            covered[hit.start : hit.end] = b"1" * (hit.end - hit.start)
            chosen.append(hit)
    return sorted(chosen, key=lambda each: each.start)


class _Forms(NamedTuple):
    """The forms that change an interval: any word of one; and each with what it becomes, its words, and unless."""

    any_word: re.Pattern[str]
    each: tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]

    @classmethod
    def of(cls, interval: str, forms: Iterable[FormWords]) -> _Forms:
        of = [form for form in forms if form.interval == interval]
        each = ((form.becomes, _any_of(form.words), _any_of(form.unless) if form.unless else None) for form in of)
        return cls(_any_of(word for form in of for word in form.words), tuple(each))

    def changed_interval(self, around: str) -> str:
        """What an interval becomes by the words of a form; empty where there are none."""
        if not self.any_word.search(around):
            return ""
        return next(
            (
                becomes
                for becomes, words, unless in self.each
                if words.search(around) and not (unless and unless.search(around))
            ),
            "",
        )


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Any of some words, as a whole word; sorted by what they begin with, so that few are tried."""
    by_beginning: dict[str, list[str]] = defaultdict(list)
    for word in sorted((fold(word).text for word in words), key=len, reverse=True):
        by_beginning[word[0]].append(re.escape(word[1:]))
    any_of = "|".join(f"{re.escape(letter)}(?:{'|'.join(rest)})" for letter, rest in by_beginning.items())
    return re.compile(rf"(?<![a-z])(?:{any_of})(?!\w)")


class _Line(NamedTuple):
    """A line with what it names. ``folded`` holds the line below too where a name goes on there.

    ``own`` of the ``hits`` begin in the line itself.
    """

    number: int
    typed: str
    plain: str
    folded: Folded
    hits: Sequence[Hit]
    own: int


class _Named(NamedTuple):
    """A name, and the words around it up to names of something else.

    ``product`` and ``interval`` are those of the name, or of a product named after it for the same medicine.
    """

    hit: Hit
    around: str
    product: str
    interval: str


def _named(line: _Line) -> list[_Named]:
    """The names that begin in a line."""
    text, (far_before, far_after) = line.folded.text, FORM_WINDOW
    named: list[_Named] = []
    end, product, interval = len(text), "", ""
    for before, hit, after in reversed([*zip([None, *line.hits], line.hits, [*line.hits[1:], None], strict=False)]):
        if after and not _repeats(hit, after):
            end, product, interval = after.start, "", ""
        product, interval = hit.term.product or product, hit.term.interval or interval
        start = max(before.end if before else 0, hit.start - far_before)
        ahead = _OTHERS.split(text[start : hit.start])[-1]
        rest = text[hit.start : min(end, hit.end + far_after)].partition(";")[0]
        named.append(_Named(hit, ahead + rest, product, interval))
    return named[::-1][: line.own]


def _spans(text: str, hits: Sequence[Hit]) -> Iterator[Span]:
    for before, hit in zip([None, *hits], hits, strict=False):
        gap = text[before.end : hit.start] if before else ""
        is_joined = gap in {"-", "/"} or gap.rstrip().endswith(("(", "["))
        is_same = before is not None and _repeats(before, hit) and not (before.term.product and hit.term.product)
        yield Span(hit.start, hit.end, is_joined and is_same, _kind(hit))


def _kind(hit: Hit) -> str:
    ingredients = hit.term.ingredients
    if all(each.group is Group.ANTAGONIST for each in ingredients):
        return Kind.ANTAGONIST
    if ingredients[0].name == UNSPECIFIED:
        return CueKind.SUBSTANCE
    return Kind.MAINTENANCE if ingredients[0].name in MAINTENANCE else Kind.NAME


def _repeats(before: Hit, hit: Hit) -> bool:
    """Whether a name repeats the one before, or is the antagonist that goes with it."""
    goes_along = all(each.group is Group.ANTAGONIST for each in hit.term.ingredients)
    return goes_along or before.term.ingredients == hit.term.ingredients


def _medicine(line: _Line, named: _Named, ingredient: Ingredient, interval: str, verdict: Verdict) -> ListedMedicine:
    hit = named.hit
    start, end = line.folded.span(hit.start, hit.end)
    written = line.typed[start:end] if end <= len(line.typed) else line.folded.text[hit.start : hit.end]
    end = min(end, len(line.typed))
    return ListedMedicine(
        line=line.number,
        start=start,
        end=end,
        term=line.typed[start:end],
        ingredient=ingredient.name,
        product=named.product,
        group=ingredient.group,
        interval=interval,
        status=MentionStatus.CURRENT if verdict.counts else MentionStatus.MENTIONED,
        why=f"{_stands_for(written, hit, ingredient)} {verdict.because}".strip(),
    )


def _without_class_words(found: Collection[ListedMedicine], *, is_title: bool) -> list[ListedMedicine]:
    """A class word says nothing more in a heading, or where an opioid is named that counts as much."""
    named = {each.status for each in found if each.ingredient != UNSPECIFIED and each.group is not Group.ANTAGONIST}
    return [
        each
        for each in found
        if each.ingredient != UNSPECIFIED or not (is_title or each.status in named or MentionStatus.CURRENT in named)
    ]


def _stands_for(term: str, hit: Hit, ingredient: Ingredient) -> str:
    name, product = hit.term.product or hit.term.name, hit.term.product
    if ingredient.name == UNSPECIFIED:
        return f"“{term}” is an opioid without a name."
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
