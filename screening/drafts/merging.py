"""Three-way merge of two editors' changes to the same rows.

``base`` is the version that both editors started from, ``theirs`` the version that the other editor saved since then,
``mine`` the version that this editor submits. Everything here is a pure function of the three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

FieldValues: TypeAlias = Mapping[str, object]
"""Values by field name. A missing field counts as a value of its own: one side removed it or does not have it yet."""
RowsByKey: TypeAlias = Mapping[str, FieldValues]
"""Rows by key, in display order."""


class _Missing(Enum):
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class MergedFields:
    """The merged fields of one row, and who changed which field.

    ``theirs`` and ``mine`` name the fields that only one editor changed. ``conflicts`` names the fields that both
    changed to different values; ``values`` has my value for them. A field that both changed to the same value is in
    none of the three.
    """

    values: dict[str, object]
    theirs: tuple[str, ...]
    mine: tuple[str, ...]
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergedRows:
    """The merged rows in display order.

    Merged without a conflict: the rows that only the other editor ``added`` or ``removed``, and their new order
    (``is_reordered``). Conflicts: fields within a row; ``removed_by_them`` (I changed the row; it stays with my
    values); ``removed_by_me`` (they changed the row; it stays with their values); ``order_conflicts`` (both changed
    the order; mine is used).
    """

    rows: dict[str, MergedFields]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    removed_by_them: tuple[str, ...]
    removed_by_me: tuple[str, ...]
    is_reordered: bool
    order_conflicts: bool

    @property
    def values(self) -> dict[str, dict[str, object]]:
        """The merged values by row key."""
        return {key: row.values for key, row in self.rows.items()}

    @property
    def has_conflicts(self) -> bool:
        """True if an editor has to resolve a conflict."""
        in_rows = any(row.conflicts for row in self.rows.values())
        return in_rows or bool(self.removed_by_them or self.removed_by_me or self.order_conflicts)


def merge(base: FieldValues, theirs: FieldValues, mine: FieldValues) -> MergedFields:
    """Merge two versions of a row field by field."""
    values: dict[str, object] = {}
    by_them, by_me, conflicts = [], [], []
    for name in dict.fromkeys([*base, *theirs, *mine]):
        base_value, their_value, my_value = (side.get(name, _Missing.MISSING) for side in (base, theirs, mine))
        merged_value = my_value
        if my_value != their_value:
            if my_value == base_value:
                by_them.append(name)
                merged_value = their_value
            elif their_value == base_value:
                by_me.append(name)
            else:
                conflicts.append(name)
        if merged_value is not _Missing.MISSING:
            values[name] = merged_value
    return MergedFields(values, tuple(by_them), tuple(by_me), tuple(conflicts))


def merge_rows(base: RowsByKey, theirs: RowsByKey, mine: RowsByKey) -> MergedRows:
    """Merge two versions of a list of rows: row by row, and field by field within a row."""
    merged: dict[str, MergedFields] = {}
    added, removed, removed_by_them, removed_by_me = [], [], [], []
    for key in dict.fromkeys([*base, *theirs, *mine]):
        base_row = base.get(key, {})
        if key in theirs and key in mine:
            merged[key] = merge(base_row, theirs[key], mine[key])
        elif key in theirs and key not in base:
            added.append(key)
            merged[key] = merge({}, theirs[key], {})
        elif key in theirs and theirs[key] != base_row:
            removed_by_me.append(key)
            merged[key] = merge(base_row, theirs[key], base_row)
        elif key in mine and key not in base:
            merged[key] = merge({}, {}, mine[key])
        elif key in mine and mine[key] != base_row:
            removed_by_them.append(key)
            merged[key] = merge(base_row, base_row, mine[key])
        elif key in mine:
            removed.append(key)
    order, is_reordered, order_conflicts = _merge_order(list(base), list(theirs), list(mine), merged)
    return MergedRows(
        rows={key: merged[key] for key in order},
        added=tuple(added),
        removed=tuple(removed),
        removed_by_them=tuple(removed_by_them),
        removed_by_me=tuple(removed_by_me),
        is_reordered=is_reordered,
        order_conflicts=order_conflicts,
    )


def _merge_order(
    base: Sequence[str], theirs: Sequence[str], mine: Sequence[str], merged: Mapping[str, object]
) -> tuple[list[str], bool, bool]:
    """Return the merged order, whether it is the other editor's new order, and whether the two orders conflict."""
    common = {*base} & {*theirs} & {*mine}
    base_order, their_order, my_order = ([key for key in side if key in common] for side in (base, theirs, mine))
    first, second = (theirs, mine) if my_order in (base_order, their_order) else (mine, theirs)
    order = _insert_missing([key for key in first if key in merged], [key for key in second if key in merged])
    is_reordered = my_order == base_order != their_order
    order_conflicts = my_order != their_order and base_order not in (my_order, their_order)
    return order, is_reordered, order_conflicts


def _insert_missing(order: list[str], other: Sequence[str]) -> list[str]:
    """Insert each key that only ``other`` has behind its predecessor there, and behind the keys new in ``order``."""
    merged, previous = list(order), ""
    for key in other:
        if key not in merged:
            index = merged.index(previous) + 1 if previous else 0
            while index < len(merged) and merged[index] not in other:
                index += 1
            merged[index:index] = [key]
        previous = key
    return merged
