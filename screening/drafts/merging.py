"""Three-way merge: what two people made of one thing, joined where they changed different parts of it.

``base`` is what both began with, ``theirs`` what the other one stored meanwhile, ``mine`` what this person sends now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

Fields: TypeAlias = Mapping[str, object]
"""Values by name. A name that one side lacks counts as a value of its own."""
Rows: TypeAlias = Mapping[str, Fields]
"""Rows by key, in their order."""


class _Absent(Enum):
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Merge:
    """The fields joined, and who changed which of them.

    ``theirs`` and ``mine`` name the fields that only one changed; ``conflicts`` those that both changed to different
    values, of which ``values`` holds mine. A field that both changed to the same value is named nowhere.
    """

    values: dict[str, object]
    theirs: tuple[str, ...]
    mine: tuple[str, ...]
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergedRows:
    """The rows joined, in their order.

    ``added`` and ``removed`` are what the other one did alone, and ``is_reordered`` says that the order is theirs. To
    be asked about are conflicts within a row, ``removed_by_them`` (I changed it: it is kept as mine),
    ``removed_by_me`` (they changed it: it is kept as theirs) and an order that both changed (it is mine).
    """

    rows: dict[str, Merge]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    removed_by_them: tuple[str, ...]
    removed_by_me: tuple[str, ...]
    is_reordered: bool
    order_conflicts: bool

    @property
    def values(self) -> dict[str, dict[str, object]]:
        """The values of each row."""
        return {key: row.values for key, row in self.rows.items()}

    @property
    def has_conflicts(self) -> bool:
        """True when something is to be asked."""
        in_rows = any(row.conflicts for row in self.rows.values())
        return in_rows or bool(self.removed_by_them or self.removed_by_me or self.order_conflicts)


def merge(base: Fields, theirs: Fields, mine: Fields) -> Merge:
    """Join two sets of changes field by field."""
    values: dict[str, object] = {}
    by_them, by_me, conflicts = [], [], []
    for name in dict.fromkeys([*base, *theirs, *mine]):
        was, other, own = (each.get(name, _Absent.ABSENT) for each in (base, theirs, mine))
        chosen = own
        if own != other:
            if own == was:
                by_them.append(name)
                chosen = other
            elif other == was:
                by_me.append(name)
            else:
                conflicts.append(name)
        if chosen is not _Absent.ABSENT:
            values[name] = chosen
    return Merge(values, tuple(by_them), tuple(by_me), tuple(conflicts))


def merge_rows(base: Rows, theirs: Rows, mine: Rows) -> MergedRows:
    """Join two sets of changes row by row, and within a row field by field."""
    found: dict[str, Merge] = {}
    added, removed, by_them, by_me = [], [], [], []
    for key in dict.fromkeys([*base, *theirs, *mine]):
        was = base.get(key, {})
        if key in theirs and key in mine:
            found[key] = merge(was, theirs[key], mine[key])
        elif key in theirs and key not in base:
            added.append(key)
            found[key] = merge({}, theirs[key], {})
        elif key in theirs and theirs[key] != was:
            by_me.append(key)
            found[key] = merge(was, theirs[key], was)
        elif key in mine and key not in base:
            found[key] = merge({}, {}, mine[key])
        elif key in mine and mine[key] != was:
            by_them.append(key)
            found[key] = merge(was, was, mine[key])
        elif key in mine:
            removed.append(key)
    order, is_theirs, conflicts = _order(list(base), list(theirs), list(mine), found)
    return MergedRows(
        rows={key: found[key] for key in order},
        added=tuple(added),
        removed=tuple(removed),
        removed_by_them=tuple(by_them),
        removed_by_me=tuple(by_me),
        is_reordered=is_theirs,
        order_conflicts=conflicts,
    )


def _order(
    base: Sequence[str], theirs: Sequence[str], mine: Sequence[str], kept: Mapping[str, object]
) -> tuple[list[str], bool, bool]:
    """The keys that are kept, in order; whether that is the other's new order, and whether both made one."""
    common = {*base} & {*theirs} & {*mine}
    was, other, own = ([key for key in each if key in common] for each in (base, theirs, mine))
    first, second = (theirs, mine) if own in (was, other) else (mine, theirs)
    order = _inserted([key for key in first if key in kept], [key for key in second if key in kept])
    return order, own == was != other, own != other and was not in (own, other)


def _inserted(order: list[str], others: Sequence[str]) -> list[str]:
    """An order with what only another one has: each behind what it follows there, and behind what was added here."""
    joined, before = list(order), ""
    for key in others:
        if key not in joined:
            place = joined.index(before) + 1 if before else 0
            while place < len(joined) and joined[place] not in others:
                place += 1
            joined[place:place] = [key]
        before = key
    return joined
