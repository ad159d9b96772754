"""How far the work on a backup is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], object]
"""Is called with the number of rows done so far and the number of all rows."""


def no_progress(done: int, total: int) -> None:
    """Report no progress."""


class Counting:
    """Adds up rows that are done, and reports the progress."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total, self._progress, self._done = total, progress, 0

    def add(self, rows: int) -> None:
        """Count more rows."""
        self._done += rows
        self._progress(self._done, self._total)
