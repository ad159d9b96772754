"""The columns of a list of choices: which are shown, and which must be filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from screening.clinical.rules.definition import Feeds

CHOICE_COLUMNS: Final = frozenset({"code", "label"})
NEXT_STEP_COLUMNS: Final = frozenset({"next_step"})
INTERVAL_COLUMNS: Final = frozenset({"days", "interval", "counted_from"})
POINTS_COLUMNS: Final = frozenset({"points"})


def columns_with_text(rows: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the columns of choices that are shown because a row has text in them; an interval shows its three."""
    filled = {name for row in rows for name, value in row.items() if value}
    optional = (NEXT_STEP_COLUMNS, INTERVAL_COLUMNS, POINTS_COLUMNS)
    return CHOICE_COLUMNS.union(*(columns for columns in optional if filled & columns))


def columns_for(feeds: str | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the columns of choices for the calculation that they feed, and those of them that must be filled."""
    columns = CHOICE_COLUMNS | NEXT_STEP_COLUMNS
    if feeds == Feeds.INTERVAL_KIND:
        return columns | INTERVAL_COLUMNS, frozenset({"interval"})
    if feeds == Feeds.CHILD_PUGH:
        return columns | POINTS_COLUMNS, POINTS_COLUMNS
    return columns, frozenset()
