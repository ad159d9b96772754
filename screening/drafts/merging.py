"""Three-way merge of two editors' changes to the same rows.

``base`` is the version that both editors started from, ``theirs`` the version that the other editor saved since then,
``mine`` the version that this editor submits. Everything here is a pure function of the three.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

FieldValues: TypeAlias = Mapping[str, object]
"""Values by field name. A missing field counts as a value of its own: one side removed it or does not have it yet."""


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
