"""Read a medication list: find the opioids and antagonists that it names, and decide which are current.

Every text gives a result and no text raises an exception. A list in which nothing is recognised does not show that
no opioid is taken.
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

from .assertion import PLAINLY_CURRENT, Assessment, EntryContext, is_plainly_current
from .cues import CueKind, Cues
from .lexicon import FormWords, Ingredient, Lexicon, OpioidGroup, Product
from .matcher import NameMatch, NameMatcher, letters_and_digits
from .mention_forms import may_list_allergies
from .normalise import Folded, fold
from .scripts import has_other_script
from .sections import ListSection, is_heading, sections
from .tokens import NameSpan, TokenKind, continues_entry_above, sentences

NALTREXONE = "naltrexone"
UNSPECIFIED = "unspecified opioid"
"""The ingredient for a class word such as “opiate”, which adds nothing to a named opioid on the line."""

MAINTENANCE_OPIOIDS = frozenset(("methadone", "levomethadone", "buprenorphine"))
"""Opioids that treat dependence on another opioid, so they may be current where that opioid is denied."""

FORM_WINDOW = (30, 70)
"""Characters before and after a name in which words for its form are searched."""


class MentionStatus(StrEnum):
    """Whether a listed medicine is in use (current, also in doubt) or only mentioned."""

    CURRENT = "current"
    MENTIONED = "mentioned"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMedicine:
    """An opioid or an antagonist named in a line.

    ``line`` counts from 1; ``start`` and ``end`` delimit ``term``, the matched words, within the line. ``product`` is
    the brand, empty if the list names the ingredient. ``interval`` is the code of the kind of opioid that determines
    the opioid-free interval. ``why`` explains in a sentence or two what the term means and which words decide its
    status.
    """

    line: int
    start: int
    end: int
    term: str
    ingredient: str
    product: str
    group: OpioidGroup
    interval: str
    status: MentionStatus
    why: str


@dataclass(frozen=True, slots=True)
class MedicationList:
    """A list as entered and the medicines found in it, in order.

    ``not_read`` are the numbers, from 1, of the lines in another script without a current medicine.
    """

    text: str = ""
    found: tuple[ListedMedicine, ...] = ()
    not_read: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Return False if no list was entered."""
        return bool(self.text)

    @property
    def opioids(self) -> tuple[ListedMedicine, ...]:
        """The opioids, current or only mentioned."""
        return tuple(each for each in self.found if each.group is not OpioidGroup.ANTAGONIST)

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
_NEXT_MEDICINE = re.compile(r"[,;]|\. ")
"""Separates a name from the form of another medicine before it."""
_TITLE_ENDS = (":", "-", "–", "—")
_WRAPPED = re.compile(r"\s*[^\W\d_A-Z][^\d\n]*\Z")
"""A line in lower case without a number: the rest of a sentence, or a medicine without a strength."""
_RESUMES = frozenset((CueKind.IN_USE, CueKind.TAKING, CueKind.EXCEPTION))
"""Cues with which a line refers to a medicine above although it names another one."""
MAX_LINES_BELOW = 8
"""Lines that may continue an entry."""
_HYPHENATED = re.compile(r"[^\W\d_]-\s*\Z")


def lines_of(text: str) -> list[str]:
    """Split a list into the lines that ``ListedMedicine.line`` counts."""
    return _LINE_END.split(text)


class Recogniser:
    """Reads medication lists with a lexicon, cues and the ``local`` names of an installation."""

    def __init__(self, lexicon: Lexicon, cues: Cues, local: Iterable[Product] = ()) -> None:
        self.lexicon, self._cues = lexicon, cues
        self._names = NameMatcher(lexicon, local)
        self._forms = {each.interval: _FormPatterns.of(each.interval, lexicon.forms) for each in lexicon.forms}

    def knows(self, name: str) -> bool:
        """Return whether a name is matched without correction, whatever its spacing and case."""
        return any(not match.misspelt for match in _matches(self._names, name, fold(name)))

    def read(self, text: str, on: date) -> MedicationList:
        """Read a list; dates in it are compared with ``on``, the day of the screening."""
        lines = [*self._lines(text)]
        section_of_each = sections(
            [line.folded_text for line in lines], self._cues, lambda place: self._may_list_allergies(lines[place], on)
        )
        found = [
            medicine
            for line, section in zip(lines, section_of_each, strict=True)
            if line.matches
            for medicine in self._medicines_in(line, section, self._continuation(lines, line.number), on)
        ]
        current = {medicine.line for medicine in found if medicine.status is MentionStatus.CURRENT}
        unread = (line.number for line in lines if line.number not in current and has_other_script(line.text))
        return MedicationList(text, tuple(found), tuple(unread))

    def _may_list_allergies(self, line: _ListLine, on: date) -> bool:
        found, _ = sentences(line.folded.text, [*_spans(line.folded.text, line.matches)], self._cues, on)
        return all(map(may_list_allergies, found))

    def _lines(self, text: str) -> Iterator[_ListLine]:
        """Yield each line with the names that begin in it; a name may continue in the next line."""
        texts, used = lines_of(text), 0
        for number, line in enumerate(texts):
            folded = fold(line)
            matches = _matches(self._names, line, folded)
            if used:
                matches = [match for match in matches if match.start >= used]
            read = _ListLine(number + 1, line, folded.text, folded, matches, len(matches))
            below = texts[number + 1] if number + 1 < len(texts) else ""
            read, used = self._with_line_below(read, below) or (read, 0)
            yield read

    def _with_line_below(self, line: _ListLine, below: str) -> tuple[_ListLine, int] | None:
        """Join a line with the next one if a name spans both; also return how much of the next line the name uses."""
        is_hyphenated = bool(_HYPHENATED.search(line.text))
        if not (below and (is_hyphenated or self._names.begins_a_name(line.folded_text))):
            return None
        first, second = line.text.rstrip(), below.lstrip()
        if not (second[:1].isalpha() or second.startswith("#")):
            return None
        first = first[:-1] if is_hyphenated else f"{first} "
        folded = fold(first + second)
        matches = _matches(self._names, first + second, folded)
        spans = [folded.span_in_original(match.start, match.end) for match in matches]
        over = next((place for place, (start, end) in enumerate(spans) if start < len(first) < end), None)
        if over is None or not (is_hyphenated or matches[over].is_exact):
            return None
        used = spans[over][1] - len(first) + len(below) - len(second)
        return line._replace(folded=folded, matches=matches, own=over + 1), used

    def _continuation(self, lines: Sequence[_ListLine], number: int) -> str:
        """Return the following lines, from this place on, that continue the entry."""
        below = takewhile(self._continues, lines[number : number + MAX_LINES_BELOW])
        return ";\n".join(line.folded_text for line in below)

    def _continues(self, line: _ListLine) -> bool:
        text = line.folded_text
        if not text.strip():
            return True
        if any(_kind(match) != TokenKind.ANTAGONIST for match in line.matches):
            return self._cues.first_kind(text) in _RESUMES
        if text.rstrip().endswith(_TITLE_ENDS) or is_heading(text):
            return False
        return bool(_WRAPPED.match(line.text)) or continues_entry_above(text, self._cues)

    def _medicines_in(
        self, line: _ListLine, section: ListSection | None, below: str, on: date
    ) -> Iterable[ListedMedicine]:
        """Return each ingredient at most once as current and once as mentioned."""
        text = f"{line.folded.text};\n{below}" if below else line.folded.text
        context = None
        if not is_plainly_current(text, self._cues, section):
            context = EntryContext(text, [*_spans(text, line.matches)], section, self._cues, on)
        found: dict[tuple[str, MentionStatus], ListedMedicine] = {}
        for number, name in enumerate(_names_in_context(line)):
            for ingredient in name.match.term.ingredients:
                interval = self._interval(name.interval or ingredient.interval, name)
                never_ends = interval in self.lexicon.never_ended
                assessment = context.assess(number, never_ends=never_ends) if context else PLAINLY_CURRENT
                medicine = _medicine(line, name, ingredient, interval, assessment)
                found.setdefault((ingredient.name, medicine.status), medicine)
        if not any(ingredient == UNSPECIFIED for ingredient, _ in found):
            return found.values()
        is_title = line.folded_text.rstrip().endswith(":") and is_heading(line.folded_text)
        return _without_class_words(found.values(), is_title=is_title)

    def _interval(self, interval: str, name: _NameInContext) -> str:
        """Return the interval after the words for a form around a name."""
        forms = self._forms.get(interval)
        return (forms and forms.changed_interval(name.around)) or interval


def _matches(names: NameMatcher, line: str, folded: Folded) -> list[NameMatch]:
    """Return the names in a line, in any script, at places in the folded line; the longest of overlapping names."""
    matches = names.matches(folded.text)
    in_scripts = [
        NameMatch(each.term, *folded.span_in_folded(each.start, each.end)) for each in names.in_scripts.matches(line)
    ]
    if not in_scripts:
        return matches
    chosen, covered = [], bytearray(len(folded.text))
    for match in sorted([*in_scripts, *matches], key=lambda each: each.start - each.end):
        if not any(covered[match.start : match.end]):
            covered[match.start : match.end] = b"1" * (match.end - match.start)
            chosen.append(match)
    return sorted(chosen, key=lambda each: each.start)


class _FormPatterns(NamedTuple):
    """The forms that change one interval: a pattern of any word, and for each form its interval and patterns."""

    any_word: re.Pattern[str]
    each: tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]

    @classmethod
    def of(cls, interval: str, forms: Iterable[FormWords]) -> _FormPatterns:
        changing = [form for form in forms if form.interval == interval]
        each = (
            (form.becomes, _any_of(form.words), _any_of(form.unless) if form.unless else None) for form in changing
        )
        return cls(_any_of(word for form in changing for word in form.words), tuple(each))

    def changed_interval(self, around: str) -> str:
        """Return the interval for the first form that applies; empty if none applies."""
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
    """Compile a pattern for any of some whole words, grouped by first letter for speed."""
    by_beginning: dict[str, list[str]] = defaultdict(list)
    for word in sorted((fold(word).text for word in words), key=len, reverse=True):
        by_beginning[word[0]].append(re.escape(word[1:]))
    any_of = "|".join(f"{re.escape(letter)}(?:{'|'.join(rest)})" for letter, rest in by_beginning.items())
    return re.compile(rf"(?<![a-z])(?:{any_of})(?!\w)")


class _ListLine(NamedTuple):
    """A line as entered (``text``) and folded (``folded_text``), with its names.

    ``folded`` includes the next line if a name continues there; ``own`` is the number of ``matches`` that begin in
    this line.
    """

    number: int
    text: str
    folded_text: str
    folded: Folded
    matches: Sequence[NameMatch]
    own: int


class _NameInContext(NamedTuple):
    """A name and the words around it, up to the name of another medicine.

    ``product`` and ``interval`` are those of the name, or of a product named after it for the same medicine.
    """

    match: NameMatch
    around: str
    product: str
    interval: str


def _names_in_context(line: _ListLine) -> list[_NameInContext]:
    """Return the names that begin in a line, each with its context."""
    text, (far_before, far_after) = line.folded.text, FORM_WINDOW
    names: list[_NameInContext] = []
    end, product, interval = len(text), "", ""
    neighbours = zip([None, *line.matches], line.matches, [*line.matches[1:], None], strict=False)
    for before, match, after in reversed([*neighbours]):
        if after and not _is_same_medicine(match, after):
            end, product, interval = after.start, "", ""
        product, interval = match.term.product or product, match.term.interval or interval
        start = max(before.end if before else 0, match.start - far_before)
        ahead = _NEXT_MEDICINE.split(text[start : match.start])[-1]
        rest = text[match.start : min(end, match.end + far_after)].partition(";")[0]
        names.append(_NameInContext(match, ahead + rest, product, interval))
    return names[::-1][: line.own]


def _spans(text: str, matches: Sequence[NameMatch]) -> Iterator[NameSpan]:
    for before, match in zip([None, *matches], matches, strict=False):
        gap = text[before.end : match.start] if before else ""
        is_linked = gap in {"-", "/"} or gap.rstrip().endswith(("(", "["))
        is_same = (
            before is not None
            and _is_same_medicine(before, match)
            and not (before.term.product and match.term.product)
        )
        yield NameSpan(match.start, match.end, is_linked and is_same, _kind(match))


def _kind(match: NameMatch) -> str:
    ingredients = match.term.ingredients
    if all(each.group is OpioidGroup.ANTAGONIST for each in ingredients):
        return TokenKind.ANTAGONIST
    if ingredients[0].name == UNSPECIFIED:
        return CueKind.SUBSTANCE
    return TokenKind.MAINTENANCE if ingredients[0].name in MAINTENANCE_OPIOIDS else TokenKind.NAME


def _is_same_medicine(before: NameMatch, match: NameMatch) -> bool:
    """Return whether a name repeats the one before, or is the antagonist combined with it."""
    is_combined = all(each.group is OpioidGroup.ANTAGONIST for each in match.term.ingredients)
    return is_combined or before.term.ingredients == match.term.ingredients


def _medicine(
    line: _ListLine, name: _NameInContext, ingredient: Ingredient, interval: str, assessment: Assessment
) -> ListedMedicine:
    match = name.match
    start, end = line.folded.span_in_original(match.start, match.end)
    term = line.text[start:end] if end <= len(line.text) else line.folded.text[match.start : match.end]
    end = min(end, len(line.text))
    return ListedMedicine(
        line=line.number,
        start=start,
        end=end,
        term=line.text[start:end],
        ingredient=ingredient.name,
        product=name.product,
        group=ingredient.group,
        interval=interval,
        status=MentionStatus.CURRENT if assessment.is_current else MentionStatus.MENTIONED,
        why=f"{_explanation(term, match, ingredient)} {assessment.reason}".strip(),
    )


def _without_class_words(found: Collection[ListedMedicine], *, is_title: bool) -> list[ListedMedicine]:
    """Drop class words in a heading, and those next to a named opioid of the same status or a current one."""
    named = {
        each.status for each in found if each.ingredient != UNSPECIFIED and each.group is not OpioidGroup.ANTAGONIST
    }
    return [
        each
        for each in found
        if each.ingredient != UNSPECIFIED or not (is_title or each.status in named or MentionStatus.CURRENT in named)
    ]


def _explanation(term: str, match: NameMatch, ingredient: Ingredient) -> str:
    name, product = match.term.product or match.term.name, match.term.product
    if ingredient.name == UNSPECIFIED:
        return f"“{term}” means an opioid but does not say which."
    if match.misspelt:
        contents = f", which contains {ingredient.name}" if product else ""
        return f"“{term}” is read as {name}{contents}."
    if product:
        return f"“{term}” contains {ingredient.name}."
    if match.term.shorthand:
        return f"“{term}” means {ingredient.name}."
    if letters_and_digits(term) != letters_and_digits(ingredient.name):
        return f"“{term}” is {ingredient.name}."
    return f"“{term}” is an opioid{' antagonist' if ingredient.group is OpioidGroup.ANTAGONIST else ''}."
