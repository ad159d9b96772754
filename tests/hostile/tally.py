"""The figures of a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """What a run sent and found."""

    seed: int
    requests: int = 0
    posts: int = 0
    stored: int = 0
    looks: int = 0
    seconds: float = 0
    slowest: tuple[float, str] = (0.0, "")
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        seconds, label = self.slowest
        return (
            f"seed {self.seed}: {self.requests} requests ({self.posts} posts, {self.stored} accepted), "
            f"then {self.looks} pages of what was stored, in {self.seconds:.0f} s; "
            f"slowest {seconds:.2f} s ({label}); by status {statuses}; {len(self.faults)} faults"
        )
