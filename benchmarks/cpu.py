"""Processor time of a server and everything that it started, as Linux counts it."""

from __future__ import annotations

import time
from pathlib import Path

NS_IN_MS = 1_000_000
_PROCESS_CLOCK = 2  # what clock_getcpuclockid(3) puts beside the process: user and system time, all threads


def tree(pid: int) -> list[int]:
    """The process and its descendants, as they are now."""
    parents = _parents()
    found = [pid]
    for each in found:
        found.extend(child for child, parent in parents.items() if parent == each)
    return found


def _parents() -> dict[int, int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        parents[int(path.parent.name)] = int(after_name[1])
    return parents


def used_ms(pids: list[int]) -> float:
    """User and system time of processes since they began, in milliseconds, exact to far below one."""
    return sum(time.clock_gettime_ns(~pid << 3 | _PROCESS_CLOCK) for pid in pids) / NS_IN_MS
