"""How many rules, texts and cases differ between two rule sets, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeAlias

from screening.clinical.text.translation import ngettext

State: TypeAlias = Literal["added", "removed", "changed", "moved", "unchanged"]

CountWords: TypeAlias = Mapping[State, Callable[[int], str]]
"""Formats a number of rules, texts or cases in a state."""


def tally_of(states: Iterable[State], with_noun: CountWords) -> str:
    """Format the number in each state; the first one with its noun."""
    counts = Counter(states)
    found = [state for state in _IN_STATE if counts[state]]
    first = [with_noun[state](counts[state]) for state in found[:1]]
    return ", ".join([*first, *(_IN_STATE[state](counts[state]) for state in found[1:])])


RULES_IN_STATE: CountWords = {
    "changed": lambda count: ngettext("{} rule changed", "{} rules changed", count),
    "moved": lambda count: ngettext("{} rule moved", "{} rules moved", count),
    "added": lambda count: ngettext("{} rule added", "{} rules added", count),
    "removed": lambda count: ngettext("{} rule removed", "{} rules removed", count),
    "unchanged": lambda count: ngettext("{} rule unchanged", "{} rules unchanged", count),
}
TEXTS_IN_STATE: CountWords = {
    "changed": lambda count: ngettext("{} general text changed", "{} general texts changed", count),
}
CASES_IN_STATE: CountWords = {
    "changed": lambda count: ngettext("{} case changed", "{} cases changed", count),
    "moved": lambda count: ngettext("{} case moved", "{} cases moved", count),
    "added": lambda count: ngettext("{} case added", "{} cases added", count),
    "removed": lambda count: ngettext("{} case removed", "{} cases removed", count),
}
_IN_STATE: CountWords = {
    "changed": lambda count: ngettext("{} changed", "{} changed", count),
    "moved": lambda count: ngettext("{} moved", "{} moved", count),
    "added": lambda count: ngettext("{} added", "{} added", count),
    "removed": lambda count: ngettext("{} removed", "{} removed", count),
    "unchanged": lambda count: ngettext("{} unchanged", "{} unchanged", count),
}
"""Also the order of the states."""
