"""Link the faults of a draft to the fields where they can be corrected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from django.db.models import prefetch_related_objects
from django.urls import reverse

from screening.clinical.text.json_errors import Fault

from .models import Case, FollowUp, Rule, RuleSet

Step: TypeAlias = tuple[str, int | str]
"""A step to a field: the name of a list with an entry, by its number from 1 or by its code; or a field, with 0."""
Path: TypeAlias = Sequence[Step]

_NAMED_STEP = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")
_RULE = re.compile(r"rule (?P<link_id>[a-z][a-z0-9-]*)\b(?:, )?")
_CASE = re.compile(r"case (?P<number>\d+)\b(?:, “.*”)?(?:, )?")
_ROW = re.compile(r"(?P<rows>items|listed|cases)\[(?P<number>\d+)\]\.?")
_ENTRY_LISTS = {
    "source": "sources",
    "reason": "not_applicable_reasons",
    "choice": "choices",
    "follow-up": "follow_ups",
}
_FIRST_COLUMNS = {"sources": "title", "not_applicable_reasons": "label", "choices": "label"}
_INTERVAL_COLUMNS = {"words": "interval", "days": "days", "counted_from": "counted_from"}
_SECTIONS = {"cases": "cases", "follow-ups": "details", "follow_ups": "details"}
_GROUPS = ("trigger", "listed", "severity", "flagged")
"""Fields whose controls are a group of buttons or checkboxes; a link leads to the first one."""


class LinkedFault(NamedTuple):
    """A fault with the address of the field where it can be corrected; empty if there is none."""

    place: str
    sentence: str
    address: str


class FaultLinks:
    """Links faults to the fields of a draft's texts, rules, follow-ups and cases."""

    def __init__(self, rules: list[Rule], cases: list[Case]) -> None:
        prefetch_related_objects(rules, "follow_ups")
        self._rules = {rule.link_id: rule for rule in rules}
        self._rows: dict[str, list[Rule] | list[Case]] = {
            "items": [rule for rule in rules if not rule.is_raised_by_list],
            "listed": [rule for rule in rules if rule.is_raised_by_list],
            "cases": cases,
        }

    def link(self, fault: Fault) -> LinkedFault:
        """Return a fault with its link. A place such as ``items[2]`` is replaced by the name of that rule or case."""
        if (found := _RULE.match(fault.place)) and (rule := self._rules.get(found["link_id"])):
            path = [_step(each) for each in fault.place[found.end() :].split(", ") if each]
            return LinkedFault(*fault, _rule_address(rule, path))
        if found := _CASE.match(fault.place):
            path = _named_steps(fault.place[found.end() :])
            return LinkedFault(*fault, _case_address(int(found["number"]), path))
        if (found := _ROW.match(fault.place)) and (row := self._row(found["rows"], int(found["number"]))):
            rest, number = fault.place[found.end() :], int(found["number"])
            if isinstance(row, Rule):
                name, address = f"rule {row.link_id}", _rule_address(row, _named_steps(rest))
            else:
                name, address = f"case {number}, “{row.words}”", _case_address(number, _named_steps(rest))
            return LinkedFault(f"{name}, {rest}" if rest else name, fault.sentence, address)
        return LinkedFault(*fault, _draft_address(_named_steps(fault.place)))

    def _row(self, rows: str, number: int) -> Rule | Case | None:
        known = self._rows[rows]
        return known[number - 1] if 0 < number <= len(known) else None


def _named_steps(place: str) -> list[Step]:
    """Return the steps of ``sources[1].title``."""
    return [(name, int(number or 0)) for name, number in _NAMED_STEP.findall(place)]


def _step(words: str) -> Step:
    """Return the step for ``source 1``, ``follow-up last-dose``, ``choice methadone`` or the name of a field."""
    noun, _, which = words.partition(" ")
    if noun in _ENTRY_LISTS:
        return _ENTRY_LISTS[noun], int(which) if noun == "source" else which
    return (noun, 0) if noun in _SECTIONS else _named_steps(words)[0]


def _rule_address(rule: Rule, path: Path) -> str:
    """Return the address of a field of a rule, or of one of its follow-ups."""
    follow_ups = list(rule.follow_ups.all())
    match path:
        case [("follow_ups", which), *rest]:
            number = _number_of(which, [each.link_id for each in follow_ups])
            return _follow_up_address(rule, follow_ups[number - 1], rest) if number else _rule_address(rule, [])
        case [("choices", which), *_]:  # without its follow-up: a kind of opioid that has no interval
            found = next((each for each in follow_ups if which in _codes(each.choices)), None)
            return _follow_up_address(rule, found, path) if found else _rule_address(rule, [])
    return reverse("screening:rule_edit", args=[rule.link_id]) + _fragment(path, rule.not_applicable_reasons)


def _follow_up_address(rule: Rule, follow_up: FollowUp, path: Path) -> str:
    address = reverse("screening:follow_up_edit", args=[rule.link_id, follow_up.link_id])
    return address + _fragment(path, follow_up.choices)


def _codes(entries: Sequence[dict[str, str]]) -> list[str]:
    return [entry.get("code", "") for entry in entries]


def _number_of(which: int | str, codes: list[str]) -> int:
    """Return the number of an entry, from 1; 0 if there is none with this code."""
    if isinstance(which, int):
        return which
    return codes.index(which) + 1 if which in codes else 0


def _case_address(number: int, path: Path) -> str:
    if path and path[0][0] == "answers":
        return reverse("screening:case_edit", args=[number]) + "#answers"
    return reverse("screening:case_edit", args=[number]) + _fragment(path)


def _draft_address(path: Path) -> str:
    """Return the address for a fault of the draft as a whole: a general text, or the number of rules or cases."""
    name = path[0][0] if path else ""
    if name == "cases":
        return reverse("screening:case_list")
    if name in RuleSet.FIELDS:
        return f"{reverse('screening:draft_texts')}#id_{name}"
    return ""


def _fragment(path: Path, entries: Sequence[dict[str, str]] = ()) -> str:
    """Return the fragment with the HTML id of a field, an entry of a list, or a section.

    ``entries`` are those of the list whose entries are named by their codes.
    """
    if not path:
        return ""
    (name, which), rest = path[0], [each for each, _ in path[1:]]
    if name in _SECTIONS:
        return f"#{_SECTIONS[name]}"
    if name in _FIRST_COLUMNS:
        field = rest[-1] if rest and rest[-1] != "interval" else _FIRST_COLUMNS[name]
        number = _number_of(which, _codes(entries))
        return f"#id_{name}-{number - 1}-{_INTERVAL_COLUMNS.get(field, field)}" if number else f"#div_id_{name}"
    return f"#id_{name}_0" if name in _GROUPS else f"#id_{name}"
