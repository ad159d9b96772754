"""What differs between two rule sets: rule by rule, word by word, in the words of an edition's page.

Rule sets, rules and cases are plain JSON, as ``json.loads(to_json(definition))`` gives it, or the rows of an
unfinished draft, which may lack fields and hold values of any kind. Nothing here raises for that. Whatever differs is
told somewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from rapidfuzz.distance import Indel

from screening.clinical.text.phrases import counted

from .definition import Severity
from .labelled_fields import (
    FieldLine,
    LabelledField,
    Plain,
    as_typed,
    labelled_case,
    labelled_rule,
    labelled_rule_set,
    normalised,
    part,
    parts,
    spelled_out,
)
from .text_diff import Pair, Piece, diff_words, pair_entries

State: TypeAlias = Literal["added", "removed", "changed", "moved", "unchanged"]

SHAPELESS = "blank"
"""The shape beside a rule of a draft whose severity is none of ours."""
MOST_ALIKE = 64
"""Pairs of entries beyond which two lists are not searched for entries that are alike."""
ALIKE = 0.5
"""The share of words in common from which one entry of a list is another one's new wording."""


class EntryChange(NamedTuple):
    """What changed in one entry under a label; ``lead`` says in which, where there are several."""

    lead: str
    pieces: tuple[Piece, ...]


class FieldChange(NamedTuple):
    """What changed under one label."""

    label: str
    entries: tuple[EntryChange, ...]

    @property
    def is_list(self) -> bool:
        """True when the entries need telling apart."""
        return len(self.entries) > 1 or bool(self.entries[0].lead)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The pieces of all entries."""
        return tuple(piece for entry in self.entries for piece in entry.pieces)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What became of one rule. ``severity`` is the name of a shape."""

    link_id: str
    name: str
    severity: str
    state: State
    heading: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class CaseChange:
    """What became of one case; ``words`` are its own."""

    words: tuple[Piece, ...]
    state: State
    heading: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class RuleSetDiff:
    """What differs between two rule sets; of rules and cases only those that do. ``unchanged`` names the others."""

    rules: tuple[RuleChange, ...]
    texts: tuple[FieldChange, ...]
    cases: tuple[CaseChange, ...]
    unchanged: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.is_empty

    @property
    def is_empty(self) -> bool:
        """True when nothing differs."""
        return not (self.rules or self.texts or self.cases)

    @property
    def tally(self) -> str:
        """How much differs: ``2 rules changed, 1 added, 2 unchanged; 1 case added``."""
        rules: list[State] = [each.state for each in self.rules]
        rules += ["unchanged"] * len(self.unchanged)
        texts: list[State] = ["changed"] * len(self.texts)
        told = (
            _tally(rules, "rule", "rules"),
            _tally(texts, "text of the whole set", "texts of the whole set"),
            _tally([each.state for each in self.cases], "case", "cases"),
        )
        return "; ".join(filter(None, told))


def diff_rule_sets(before: object, after: object) -> RuleSetDiff:
    """All that differs between two rule sets."""
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
    """What differs between two states of one rule; None for the one where there was none."""
    return _between(before, after, labelled_rule)


def diff_cases(before: object, after: object, names: Mapping[str, str]) -> tuple[FieldChange, ...]:
    """What differs between two states of one case; ``names`` are those of the rules by link id."""
    return _between(before, after, lambda case: labelled_case(case, names))


def diff_texts(before: object, after: object) -> tuple[FieldChange, ...]:
    """What differs between two rule sets beside their rules and cases."""
    return _between(before, after, labelled_rule_set)


def _between(
    before: object, after: object, told: Callable[[Plain], tuple[LabelledField, ...]]
) -> tuple[FieldChange, ...]:
    old, new = (() if each is None else told(normalised(each)) for each in (before, after))
    return tuple(_changes(old, new))


# Under labels -------------------------------------------------------------------------------------------------


def _changes(before: Sequence[LabelledField], after: Sequence[LabelledField]) -> Iterator[FieldChange]:
    for old, new, is_moved in pair_entries(before, after, lambda each: each.key):
        if old and new and old.lines == new.lines and not is_moved:
            continue
        entries = tuple(_entries(old.lines if old else (), new.lines if new else ()))
        if old and new and is_moved:
            entries = (EntryChange("", (Piece("same", _sentence(_move(old.place, new.place))),)), *entries)
        told = new or old
        if told and entries:
            yield FieldChange(told.label, entries)


def _entries(before: Sequence[FieldLine], after: Sequence[FieldLine]) -> Iterator[EntryChange]:
    for old, new, is_moved in pair_entries(*_with_alike(before, after), lambda each: each.key):
        move = _move(old.place, new.place) if old and new and is_moved else ""
        pieces = _pieces(old, new) if move or not (old and new and old.value == new.value) else ()
        told = new or old
        if told and pieces:
            yield EntryChange(_sentence(told.lead, move), pieces)


def _pieces(old: FieldLine | None, new: FieldLine | None) -> tuple[Piece, ...]:
    before, after = old.words if old else "", new.words if new else ""
    if old and new and before == after and old.value != new.value:
        before, after = spelled_out(old.value), spelled_out(new.value)
    return diff_words(before, after)


def _with_alike(
    before: Sequence[FieldLine], after: Sequence[FieldLine]
) -> tuple[Sequence[FieldLine], Sequence[FieldLine]]:
    """Two lists in which an entry and its new wording have one key."""
    was, now = {each.key for each in before}, {each.key for each in after}
    gone = [each for each in before if each.key not in now and _is_known_by_its_words(each)]
    new = [each for each in after if each.key not in was and _is_known_by_its_words(each)]
    keys = dict(_alike(gone, new)) if len(gone) * len(new) <= MOST_ALIKE else {}
    return before, [each._replace(key=keys.get(each.key, each.key)) for each in after]


def _is_known_by_its_words(line: FieldLine) -> bool:
    return bool(line.place and not line.lead)


def _alike(gone: Sequence[FieldLine], new: Iterable[FieldLine]) -> Iterator[tuple[str, str]]:
    """The key of each new wording with that of the first entry left that it is alike to."""
    left = list(gone)
    for each in new:
        found = next((old for old in left if _likeness(old.words, each.words) >= ALIKE), None)
        if found:
            left.remove(found)
            yield each.key, found.key


def _likeness(one: str, other: str) -> float:
    return Indel.normalized_similarity(one.split(), other.split())


def _move(
    old: int, new: int, moved: str = "moved from {} to {}", passed: str = "moved among the others, still {1}"
) -> str:
    """Where something went. Where others came and went around it, it may move and keep its number."""
    return (passed if old == new else moved).format(old, new)


def _sentence(*told: str) -> str:
    words = ", ".join(filter(None, told))
    return words[:1].upper() + words[1:]


# Rules and cases ----------------------------------------------------------------------------------------------


class _DiffSection(NamedTuple):
    """How one list says that an entry came, came from another list, changed its place or only its order, or went."""

    added: str
    came: str
    moved: str
    passed: str
    removed: str


_ASKED = _DiffSection(
    added="Added, as question {}",
    came="now asked, as question {}",
    moved="moved from question {} to {}",
    passed="moved among the others, still question {1}",
    removed="No longer asked",
)
_LISTED = _DiffSection(
    added="Added, raised by a medication list alone",
    came="no longer asked, raised by a medication list alone",
    moved="moved from place {} to {} of the rules that are not asked",
    passed="moved among the rules that are not asked, still at place {1}",
    removed="No longer raised by a medication list",
)
_CASES = _DiffSection(
    added="Added, as case {}",
    came="",
    moved="moved from case {} to {}",
    passed="moved among the others, still case {1}",
    removed="No longer there",
)


class _Placed(NamedTuple):
    """A rule or a case with what it is known by, the list that it stands in and its place there from 1."""

    plain: Plain
    key: str
    section: _DiffSection
    number: int

    def text(self, field: str) -> str:
        return as_typed(part(self.plain).get(field, ""))


def _rules(before: Mapping[str, Plain], after: Mapping[str, Plain]) -> Iterator[RuleChange]:
    for pair in pair_entries(_placed_rules(before), _placed_rules(after), _key, _section):
        old, new, _ = pair
        fields = _fields(pair)
        if rule := new or old:
            yield RuleChange(
                link_id=rule.text("link_id"),
                name=rule.text("name") or rule.text("link_id") or "a rule without a name",
                severity=rule.text("severity") if rule.text("severity") in set(Severity) else SHAPELESS,
                state=_state(pair, bool(fields)),
                heading=_heading(pair, bool(fields)),
                fields=fields,
            )


def _fields(pair: Pair[_Placed]) -> tuple[FieldChange, ...]:
    old, new, _ = pair
    if old and new:
        return () if old.plain == new.plain else tuple(_changes(labelled_rule(old.plain), labelled_rule(new.plain)))
    return tuple(_changes(*(_without_name(labelled_rule(each.plain)) if each else () for each in (old, new))))


def _without_name(rule: Sequence[LabelledField]) -> list[LabelledField]:
    """A rule that came or went has its name in its heading already."""
    return [each for each in rule if each.key != "name"]


def _placed_rules(rules: Mapping[str, Plain]) -> list[_Placed]:
    return [
        _Placed(plain, as_typed(part(plain).get("link_id", "")), section, number)
        for section, field in ((_ASKED, "items"), (_LISTED, "listed"))
        for number, plain in enumerate(parts(rules.get(field, "")), start=1)
    ]


def _names(rules: Mapping[str, Plain]) -> dict[str, str]:
    return {each.key: each.text("name") for each in _placed_rules(rules)}


def _cases(before: Plain, after: Plain, names: Mapping[str, str]) -> Iterator[CaseChange]:
    for pair in pair_entries(*_placed_cases(before, after), _key, _section):
        old, new, _ = pair
        is_changed = not (old and new and old.plain == new.plain)
        state = _state(pair, is_changed)
        if state != "unchanged":
            told = [labelled_case(each.plain, names) if each else () for each in (old, new)]
            words = diff_words(old.text("words") if old else "", new.text("words") if new else "")
            fields = tuple(_changes(*([each for each in fields if each.key != "words"] for fields in told)))
            yield CaseChange(words, state, _heading(pair, is_changed), fields)


def _placed_cases(before: Plain, after: Plain) -> tuple[list[_Placed], list[_Placed]]:
    """The cases known by their words, those whose words the other side does not have by their answers."""
    old, new = (
        [_Placed(plain, "", _CASES, number) for number, plain in enumerate(parts(cases), start=1)]
        for cases in (before, after)
    )
    both = {each.text("words") for each in old} & {each.text("words") for each in new}

    def known(each: _Placed) -> _Placed:
        answers = f"{each.text('answers')} {each.text('otherwise')}"
        return each._replace(key=f"words {each.text('words')}" if each.text("words") in both else answers)

    return [known(each) for each in old], [known(each) for each in new]


def _key(placed: _Placed) -> str:
    return placed.key


def _section(placed: _Placed) -> _DiffSection:
    return placed.section


def _state(pair: Pair[_Placed], is_changed: bool) -> State:
    old, new, is_moved = pair
    if old is None:
        return "added"
    if new is None:
        return "removed"
    if is_changed:
        return "changed"
    return "moved" if is_moved or old.section is not new.section else "unchanged"


def _heading(pair: Pair[_Placed], is_changed: bool) -> str:
    old, new, is_moved = pair
    if new is None:
        return old.section.removed if old else ""
    if old is None:
        return new.section.added.format(new.number)
    if old.section is not new.section:
        move = new.section.came.format(new.number)
    else:
        move = _move(old.number, new.number, new.section.moved, new.section.passed) if is_moved else ""
    return _sentence("changed" if is_changed else "", move)


def _tally(states: Iterable[State], one: str, several: str) -> str:
    counts = Counter(states)
    told = [(counts[state], words) for state, words in _TALLY.items() if counts[state]]
    first = [f"{counted(count, one, several)} {words}" for count, words in told[:1]]
    return ", ".join([*first, *(f"{count} {words}" for count, words in told[1:])])


_TALLY: dict[State, str] = {
    "changed": "changed",
    "moved": "moved",
    "added": "added",
    "removed": "no longer there",
    "unchanged": "unchanged",
}
