"""The diff of two rule sets: rule by rule and word by word, under the labels of an edition's page.

Rule sets, rules and cases are plain JSON, as in ``json.loads(to_json(definition))``, or the rows of an unfinished
draft. Missing fields, unknown fields and values of any type are accepted. Every difference is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import Indel

from screening.clinical.text.translation import gettext, gettext_noop

from .definition import Severity
from .diff_tally import CASES_IN_STATE, RULES_IN_STATE, TEXTS_IN_STATE, State, tally_of
from .labelled_fields import (
    FieldLine,
    LabelledField,
    Plain,
    as_json,
    as_text,
    labelled_case,
    labelled_rule,
    labelled_rule_set,
    normalised,
    part,
    parts,
)
from .text_diff import EntryPair, Piece, diff_words, pair_entries

NO_SHAPE = "blank"
"""The shape of a rule in a draft whose severity is missing or unknown."""
MOST_COMPARISONS = 64
"""With more pairs of removed and added entries, two lists are not searched for reworded entries."""
REWORDED = 0.5
"""The minimum similarity, from 0 to 1, at which an added entry counts as a rewording of a removed one."""


class EntryChange(NamedTuple):
    """The change of one entry of a field. ``lead`` names the entry where a field has several.

    ``is_rule_text`` is true if the words are in the language of the rules.
    """

    lead: str
    pieces: tuple[Piece, ...]
    is_rule_text: bool = False


class FieldChange(NamedTuple):
    """The changes of one field, under its label."""

    label: str
    entries: tuple[EntryChange, ...]

    @property
    def is_list(self) -> bool:
        """True when the entries must be shown as a list."""
        return len(self.entries) > 1 or bool(self.entries[0].lead)

    @property
    def is_rule_text(self) -> bool:
        """True when the words of every entry are in the language of the rules."""
        return all(each.is_rule_text for each in self.entries)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(piece for entry in self.entries for piece in entry.pieces)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """The change of one rule. ``severity`` is the name of the shape to show."""

    link_id: str
    name: str
    severity: str
    state: State
    heading: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class CaseChange:
    """The change of one case. ``words`` is the diff of its description."""

    words: tuple[Piece, ...]
    state: State
    heading: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class RuleSetDiff:
    """The diff of two rule sets: rules, general texts and cases that differ. ``unchanged`` names the other rules."""

    rules: tuple[RuleChange, ...]
    texts: tuple[FieldChange, ...]
    cases: tuple[CaseChange, ...]
    unchanged: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.is_empty

    @property
    def is_empty(self) -> bool:
        return not (self.rules or self.texts or self.cases)

    @property
    def tally(self) -> str:
        """The counts in one line: ``2 rules changed, 1 added, 2 unchanged; 1 case added``."""
        rules: list[State] = [each.state for each in self.rules]
        rules += ["unchanged"] * len(self.unchanged)
        texts: list[State] = ["changed"] * len(self.texts)
        counts = (
            tally_of(rules, RULES_IN_STATE),
            tally_of(texts, TEXTS_IN_STATE),
            tally_of([each.state for each in self.cases], CASES_IN_STATE),
        )
        return "; ".join(filter(None, counts))


def diff_rule_sets(before: object, after: object) -> RuleSetDiff:
    """Compare two rule sets."""
    old, new = part(normalised(before)), part(normalised(after))
    names = {**_names(old), **_names(new)}
    rules = tuple(_rules(old, new))
    return RuleSetDiff(
        rules=tuple(each for each in rules if each.state != "unchanged"),
        texts=tuple(_changes(labelled_rule_set(old), labelled_rule_set(new))),
        cases=tuple(_cases(old.get("cases", ""), new.get("cases", ""), names)),
        unchanged=tuple(each.name for each in rules if each.state == "unchanged"),
    )


def diff_rules(before: object, after: object) -> tuple[FieldChange, ...]:
    """Compare two versions of one rule; None for a version that does not exist."""
    return _between(before, after, labelled_rule)


def diff_cases(before: object, after: object, names: Mapping[str, str]) -> tuple[FieldChange, ...]:
    """Compare two versions of one case; ``names`` are the names of the rules by link id."""
    return _between(before, after, lambda case: labelled_case(case, names))


def diff_texts(before: object, after: object) -> tuple[FieldChange, ...]:
    """Compare the general texts of two rule sets: everything except rules and cases."""
    return _between(before, after, labelled_rule_set)


def _between(
    before: object, after: object, labelled: Callable[[Plain], tuple[LabelledField, ...]]
) -> tuple[FieldChange, ...]:
    old, new = (() if each is None else labelled(normalised(each)) for each in (before, after))
    return tuple(_changes(old, new))


# Fields and their entries -------------------------------------------------------------------------------------


def _changes(before: Sequence[LabelledField], after: Sequence[LabelledField]) -> Iterator[FieldChange]:
    for old, new, is_moved in pair_entries(before, after, lambda each: each.key):
        if old and new and old.lines == new.lines and not is_moved:
            continue
        entries = tuple(_entries(old.lines if old else (), new.lines if new else ()))
        if old and new and is_moved:
            entries = (EntryChange("", (Piece("same", _sentence(_move(old.place, new.place))),)), *entries)
        field = new or old
        if field and entries:
            yield FieldChange(field.label, entries)


def _entries(before: Sequence[FieldLine], after: Sequence[FieldLine]) -> Iterator[EntryChange]:
    for old, new, is_moved in pair_entries(before, _with_reworded(before, after), lambda each: each.key):
        move = _move(old.place, new.place) if old and new and is_moved else ""
        pieces = _pieces(old, new) if move or not (old and new and old.value == new.value) else ()
        line = new or old
        if line and pieces:
            yield EntryChange(_sentence(line.lead, move), pieces, line.is_rule_text)


def _pieces(old: FieldLine | None, new: FieldLine | None) -> tuple[Piece, ...]:
    before, after = old.words if old else "", new.words if new else ""
    if old and new and before == after and old.value != new.value:
        before, after = as_json(old.value), as_json(new.value)
    return diff_words(before, after)


def _with_reworded(before: Sequence[FieldLine], after: Sequence[FieldLine]) -> list[FieldLine]:
    """Return ``after`` with each reworded entry under the key that it has in ``before``."""
    old_keys, new_keys = {each.key for each in before}, {each.key for each in after}
    removed = [each for each in before if each.key not in new_keys and _is_keyed_by_content(each)]
    added = [each for each in after if each.key not in old_keys and _is_keyed_by_content(each)]
    keys = dict(_reworded(removed, added)) if len(removed) * len(added) <= MOST_COMPARISONS else {}
    return [each._replace(key=keys.get(each.key, each.key)) for each in after]


def _is_keyed_by_content(line: FieldLine) -> bool:
    return bool(line.place and not line.lead)


def _reworded(removed: Iterable[FieldLine], added: Iterable[FieldLine]) -> Iterator[tuple[str, str]]:
    """Pair the key of each added entry with that of the first unpaired removed entry that is similar enough."""
    unpaired = list(removed)
    for new in added:
        found = next((old for old in unpaired if _similarity(old.words, new.words) >= REWORDED), None)
        if found:
            unpaired.remove(found)
            yield new.key, found.key


def _similarity(one: str, other: str) -> float:
    return Indel.normalized_similarity(one.split(), other.split())


def _move(
    old: int,
    new: int,
    moved: str = gettext_noop("moved from {old} to {new}"),
    reordered: str = gettext_noop("order changed, still {new}"),
) -> str:
    """Describe a move. An entry may move and still have the same number, when others were added and removed."""
    return gettext(reordered if old == new else moved).format(old=old, new=new)


def _sentence(*parts_of_sentence: str) -> str:
    words = ", ".join(filter(None, parts_of_sentence))
    return words[:1].upper() + words[1:]


# Rules and cases ----------------------------------------------------------------------------------------------


class _ListHeadings(NamedTuple):
    """The headings for the changes of one list, in English. ``transferred``: the entry was in another list before."""

    added: str
    transferred: str
    moved: str
    reordered: str
    removed: str


_ASKED = _ListHeadings(
    added=gettext_noop("Added, as question {new}"),
    transferred=gettext_noop("now asked, as question {new}"),
    moved=gettext_noop("moved from question {old} to {new}"),
    reordered=gettext_noop("order changed, still question {new}"),
    removed=gettext_noop("No longer asked"),
)
_LISTED = _ListHeadings(
    added=gettext_noop("Added, raised by a medication list alone"),
    transferred=gettext_noop("no longer asked, raised by a medication list alone"),
    moved=gettext_noop("moved from place {old} to {new} of the rules that are not asked"),
    reordered=gettext_noop("order changed, still at place {new} of the rules that are not asked"),
    removed=gettext_noop("No longer raised by a medication list"),
)
_CASES = _ListHeadings(
    added=gettext_noop("Added, as case {new}"),
    transferred="",
    moved=gettext_noop("moved from case {old} to {new}"),
    reordered=gettext_noop("order changed, still case {new}"),
    removed=gettext_noop("Removed"),
)


class _NumberedPart(NamedTuple):
    """A rule or case with its key, the headings of its list, and its number in that list, from 1."""

    plain: Plain
    key: str
    headings: _ListHeadings
    number: int

    def text(self, field: str) -> str:
        return as_text(part(self.plain).get(field, ""))


def _rules(before: Mapping[str, Plain], after: Mapping[str, Plain]) -> Iterator[RuleChange]:
    for pair in pair_entries(_numbered_rules(before), _numbered_rules(after), _key, _headings):
        old, new, _ = pair
        fields = _fields(pair)
        if rule := new or old:
            yield RuleChange(
                link_id=rule.text("link_id"),
                name=rule.text("name") or rule.text("link_id") or gettext("a rule without a name"),
                severity=rule.text("severity") if rule.text("severity") in set(Severity) else NO_SHAPE,
                state=_state(pair, bool(fields)),
                heading=_heading(pair, bool(fields)),
                fields=fields,
            )


def _fields(pair: EntryPair[_NumberedPart]) -> tuple[FieldChange, ...]:
    old, new, _ = pair
    if old and new:
        return () if old.plain == new.plain else tuple(_changes(labelled_rule(old.plain), labelled_rule(new.plain)))
    return tuple(_changes(*(_without_name(labelled_rule(each.plain)) if each else () for each in (old, new))))


def _without_name(rule: Sequence[LabelledField]) -> list[LabelledField]:
    """Leave out the name: the heading of an added or removed rule shows it."""
    return [each for each in rule if each.key != "name"]


def _numbered_rules(rules: Mapping[str, Plain]) -> list[_NumberedPart]:
    return [
        _NumberedPart(plain, as_text(part(plain).get("link_id", "")), headings, number)
        for headings, field in ((_ASKED, "items"), (_LISTED, "listed"))
        for number, plain in enumerate(parts(rules.get(field, "")), start=1)
    ]


def _names(rules: Mapping[str, Plain]) -> dict[str, str]:
    return {each.key: each.text("name") for each in _numbered_rules(rules)}


def _cases(before: Plain, after: Plain, names: Mapping[str, str]) -> Iterator[CaseChange]:
    for pair in pair_entries(*_numbered_cases(before, after), _key, _headings):
        old, new, _ = pair
        is_changed = not (old and new and old.plain == new.plain)
        state = _state(pair, is_changed)
        if state != "unchanged":
            labelled = [labelled_case(each.plain, names) if each else () for each in (old, new)]
            words = diff_words(old.text("words") if old else "", new.text("words") if new else "")
            fields = tuple(_changes(*([each for each in fields if each.key != "words"] for fields in labelled)))
            yield CaseChange(words, state, _heading(pair, is_changed), fields)


def _numbered_cases(before: Plain, after: Plain) -> tuple[list[_NumberedPart], list[_NumberedPart]]:
    """Number the cases. The key is the words where both rule sets have a case with these words, else the answers."""
    old, new = (
        [_NumberedPart(plain, "", _CASES, number) for number, plain in enumerate(parts(cases), start=1)]
        for cases in (before, after)
    )
    both = {each.text("words") for each in old} & {each.text("words") for each in new}

    def with_key(each: _NumberedPart) -> _NumberedPart:
        answers = f"{each.text('answers')} {each.text('otherwise')}"
        return each._replace(key=f"words {each.text('words')}" if each.text("words") in both else answers)

    return [with_key(each) for each in old], [with_key(each) for each in new]


def _key(numbered: _NumberedPart) -> str:
    return numbered.key


def _headings(numbered: _NumberedPart) -> _ListHeadings:
    return numbered.headings


def _state(pair: EntryPair[_NumberedPart], is_changed: bool) -> State:
    old, new, is_moved = pair
    if old is None:
        return "added"
    if new is None:
        return "removed"
    if is_changed:
        return "changed"
    return "moved" if is_moved or old.headings is not new.headings else "unchanged"


def _heading(pair: EntryPair[_NumberedPart], is_changed: bool) -> str:
    old, new, is_moved = pair
    if new is None:
        return gettext(old.headings.removed) if old else ""
    if old is None:
        return gettext(new.headings.added).format(new=new.number)
    if old.headings is not new.headings:
        move = gettext(new.headings.transferred).format(new=new.number)
    else:
        move = _move(old.number, new.number, new.headings.moved, new.headings.reordered) if is_moved else ""
    return _sentence(gettext("changed") if is_changed else "", move)
