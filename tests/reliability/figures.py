"""The figures of a run, and the table of them in docs/reliability.md."""

from __future__ import annotations

import fcntl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .load import Journal
from .people import UNANSWERED

COLUMNS = (
    "fault",
    "rounds",
    "acknowledged",
    "sent again",
    "unanswered",
    "answered 503",
    "longest wait for a 503, s",
    "longest until the next acknowledgement, s",
)


@dataclass
class Figures:
    """What happened in all rounds of one fault; times in seconds."""

    fault: str
    rounds: int = 0
    acknowledged: int = 0
    repeated: int = 0
    unanswered: int = 0
    unavailable: int = 0
    longest_503: float = 0
    longest_recovery: float = 0

    def add(self, journal: Journal, recovery: float = 0) -> None:
        """Add a round; ``recovery`` is how long it took until a form was acknowledged after the fault ended."""
        refused = journal.with_status(503)
        self.rounds += 1
        self.acknowledged += journal.acknowledged()
        self.repeated += journal.repeated()
        self.unanswered += len(journal.with_status(UNANSWERED))
        self.unavailable += len(refused)
        self.longest_503 = max([self.longest_503, *(each.seconds for each in refused)])
        self.longest_recovery = max(self.longest_recovery, recovery)

    def cells(self) -> list[str]:
        """Return the cells of a row of the table."""
        longest_503 = f"{self.longest_503:.1f}" if self.unavailable else "none"
        counts = (self.rounds, self.acknowledged, self.repeated, self.unanswered, self.unavailable)
        recovery = f"{self.longest_recovery:.1f}" if self.longest_recovery else "none"
        return [self.fault, *map(str, counts), longest_503, recovery]


def table(figures: Sequence[Figures]) -> str:
    """Return the figures as a table in Markdown."""
    rows = [COLUMNS, ["---", *["--:"] * (len(COLUMNS) - 1)], *(each.cells() for each in figures)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def write(path: Path, engine: str, figures: Sequence[Figures]) -> None:
    """Replace the table of an engine in a page; the runs of both engines may end at the same time."""
    start, end = f"<!-- figures: {engine} -->\n", "<!-- end of figures -->"
    with path.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before, _, rest = file.read().partition(start)
        _, _, after = rest.partition(end)
        file.seek(0)
        file.write(f"{before}{start}\n{table(figures)}\n{end}{after}")
        file.truncate()
