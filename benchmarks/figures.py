"""What was measured, and the few statistics that are told of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple


@dataclass(frozen=True)
class Phase:
    """One step in one round: each request's time, and the whole phase's processor and wall time."""

    wall_ms: list[float]
    cpu_ms: float
    seconds: float

    @property
    def p50(self) -> float:
        """Half of the requests took at most so many milliseconds."""
        return percentile(self.wall_ms, 50)

    @property
    def p99(self) -> float:
        """99 of 100 requests took at most so many milliseconds."""
        return percentile(self.wall_ms, 99)

    @property
    def cpu_each(self) -> float:
        """The server's processor time for one request, in milliseconds."""
        return self.cpu_ms / len(self.wall_ms)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.wall_ms) / self.seconds


class Key(NamedTuple):
    """Which requests: to which server, by how many people, in which step."""

    server: str
    users: int
    step: str


Read = Callable[[Phase], float]
Series = dict[Key, list[Phase]]


@dataclass
class FirstLoad:
    """What a browser fetches to show the form for the first time, under one ``Accept-Encoding``."""

    sizes: dict[str, int] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """The bodies of all answers together, as they go over the wire."""
        return sum(self.sizes.values())


@dataclass(frozen=True)
class Look:
    """A draft held against past screenings: of so many patients, in so many seconds, with a peak of memory."""

    screenings: int
    patients: int
    seconds: float
    megabytes: float


@dataclass
class Figures:
    """Everything measured on one engine; what was not asked for stays empty.

    ``evaluation`` holds microseconds, ``medications`` and ``searches`` milliseconds, ``impact`` looks by whether
    lists are read by the same names or by others, ``absent`` the addresses that do not exist.
    """

    series: Series = field(default_factory=dict)
    statements: dict[str, dict[str, int]] = field(default_factory=dict)
    first_load: dict[str, FirstLoad] = field(default_factory=dict)
    evaluation: dict[str, list[float]] = field(default_factory=dict)
    medications: dict[str, list[float]] = field(default_factory=dict)
    searches: dict[str, list[float]] = field(default_factory=dict)
    impact: dict[str, list[Look]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)

    def add(self, server: str, users: int, phases: dict[str, dict[str, object]]) -> None:
        """Keep what one round of one server gave."""
        for step, phase in phases.items():
            self.series.setdefault(Key(server, users, step), []).append(Phase(**phase))  # type: ignore[arg-type]


def percentile(values: Iterable[float], rank: int) -> float:
    """The smallest value that so many of 100 do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * rank / 100) - 1, 0)]


def ratio(phases: Sequence[Phase], floor: Sequence[Phase], read: Read) -> float:
    """The median of the ratios of the rounds."""
    return median(read(one) / read(other) for one, other in zip(phases, floor, strict=True))


def pooled_p99(phases: Iterable[Phase]) -> float:
    """Over the requests of all rounds together, in milliseconds."""
    return percentile([each for phase in phases for each in phase.wall_ms], 99)
