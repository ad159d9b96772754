"""What the application has to reach, and whether it did."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from benchmarks.figures import Figures, Key, Phase, Read, pooled_p99, ratio

KILOBYTE, MILLION = 1000, 1_000_000


class Value(NamedTuple):
    """What was measured, in words, and whether that is enough."""

    words: str
    met: bool


@dataclass(frozen=True)
class Target:
    """``read`` gives None where the measure was not asked for, or does not concern the engine."""

    measure: str
    limit: str
    read: Callable[[Figures], Value | None]


def cpu(phase: Phase) -> float:
    """The server's processor time for one request, in milliseconds."""
    return phase.cpu_each


def p50(phase: Phase) -> float:
    """The median time of a request, in milliseconds."""
    return phase.p50


def p99(phase: Phase) -> float:
    """The time that one request of a hundred exceeds, in milliseconds."""
    return phase.p99


def rate(phase: Phase) -> float:
    """Requests a second."""
    return phase.rate


def _statements(measure: str, page: str, limit: int) -> Target:
    def read(figures: Figures) -> Value | None:
        count = figures.statements.get(page)
        return Value(str(count["statements"]), count["statements"] <= limit) if count else None

    return Target(measure, f"at most {limit}", read)


def _one_commit(measure: str) -> Target:
    def read(figures: Figures) -> Value | None:
        count = figures.statements.get("post")
        return Value(str(count["commits"]), count["commits"] == 1) if count else None

    return Target(measure, "1", read)


def _compared(measure: str, step: str, read: Read, limit: float, *, server: str = "app", unit: str = "ms") -> Target:
    """At most so many times the floor's figure, for one person."""

    def value(figures: Figures) -> Value | None:
        return _beside(figures, Key(server, 1, step), Key("floor", 1, step), read, unit, lambda times: times <= limit)

    return Target(measure, f"at most {limit} × floor", value)


def _throughput(measure: str, limit: float) -> Target:
    def value(figures: Figures) -> Value | None:
        keys = Key("app", 8, "post"), Key("floor", 8, "post")
        return _beside(figures, *keys, rate, "a second", lambda times: times >= limit)

    return Target(measure, f"at least {limit} × floor", value)


def _beside(
    figures: Figures, one: Key, other: Key, read: Read, unit: str, enough: Callable[[float], bool]
) -> Value | None:
    mine, theirs = figures.series.get(one), figures.series.get(other)
    if not mine or not theirs:
        return None
    times = ratio(mine, theirs, read)
    words = f"{times:.2f} × ({_median(mine, read):.1f} to {_median(theirs, read):.1f} {unit})"
    return Value(words, enough(times))


def _median(phases: Iterable[Phase], read: Read) -> float:
    return median(read(phase) for phase in phases)


def _slowest(measure: str, users: int, step: str, limit_ms: int) -> Target:
    def read(figures: Figures) -> Value | None:
        phases = figures.series.get(Key("app", users, step))
        if not phases:
            return None
        slowest = pooled_p99(phases)
        return Value(f"{slowest:.1f} ms", slowest <= limit_ms)

    return Target(measure, f"at most {limit_ms} ms", read)


def _first_load_bytes(encoding: str, limit_kb: int) -> Target:
    def read(figures: Figures) -> Value | None:
        load = figures.first_load.get(encoding)
        return Value(f"{load.bytes / KILOBYTE:.1f} kB", load.bytes <= limit_kb * KILOBYTE) if load else None

    return Target(f"First load of the form, bytes ({encoding})", f"at most {limit_kb} kB", read)


def _first_load_requests(limit: int) -> Target:
    def read(figures: Figures) -> Value | None:
        counts = [len(load.sizes) for load in figures.first_load.values()]
        return Value(str(max(counts)), max(counts) <= limit) if counts else None

    return Target("First load of the form, requests", f"at most {limit}", read)


def _no_other_host(measure: str) -> Target:
    def read(figures: Figures) -> Value | None:
        foreign = [address for load in figures.first_load.values() for address in load.foreign]
        return Value(str(len(foreign)), not foreign) if figures.first_load else None

    return Target(measure, "none", read)


def _evaluation(measure: str, limit_us: int) -> Target:
    """The answers that take longest count, by the least of the repeats: whatever is more is other work."""

    def read(figures: Figures) -> Value | None:
        times = sorted((min(repeats), words) for words, repeats in figures.evaluation.items())
        if not times:
            return None
        longest, words = times[-1]
        return Value(f"{times[0][0]:.1f} to {longest:.1f} µs ({words})", longest <= limit_us)

    return Target(measure, f"at most {limit_us} µs", read)


def _reading(lines: str, limit_ms: int) -> Target:
    def read(figures: Figures) -> Value | None:
        times = figures.medications.get(f"{lines} lines")
        return Value(f"{min(times):.1f} ms", min(times) <= limit_ms) if times else None

    return Target(f"Reading a medication list of {lines} lines", f"at most {limit_ms} ms", read)


def _reading_twice_as_much(limit: float) -> Target:
    def read(figures: Figures) -> Value | None:
        if not figures.medications:
            return None
        times = min(figures.medications["20,000 lines"]) / min(figures.medications["10,000 lines"])
        return Value(f"{times:.2f} ×", times <= limit)

    return Target("Reading 20,000 lines", f"at most {limit} × the time of 10,000", read)


def _list(page: str, limit: float) -> Target:
    def value(figures: Figures) -> Value | None:
        keys = Key("million", 1, page), Key("thousand", 1, page)
        return _beside(figures, *keys, p50, "ms", lambda times: times <= limit)

    return Target(f"List, {page} of 1,000,000 screenings, p50", f"at most {limit} × the time at 1,000", value)


def _slowest_search(limit_ms: int) -> Target:
    def value(figures: Figures) -> Value | None:
        if not figures.searches:
            return None
        slowest, words = max((median(times), words) for words, times in figures.searches.items())
        return Value(f"{slowest:.1f} ms ({words})", slowest <= limit_ms)

    return Target("Searching 1,000,000 screenings, slowest of the medians", f"at most {limit_ms} ms", value)


def _impact(limit_s: int) -> Target:
    def value(figures: Figures) -> Value | None:
        looks = figures.impact.get("same")
        if not looks:
            return None
        seconds, screenings = median(each.seconds for each in looks), looks[0].screenings
        return Value(f"{seconds:.1f} s for {screenings:,}", seconds <= limit_s * screenings / MILLION)

    return Target("A draft held against past screenings, time", f"at most {limit_s} s a million", value)


def _impact_memory(limit_mb: int) -> Target:
    def value(figures: Figures) -> Value | None:
        peaks = [each.megabytes for looks in figures.impact.values() for each in looks]
        return Value(f"{max(peaks):.0f} MB", max(peaks) <= limit_mb) if peaks else None

    return Target("A draft held against past screenings, peak of memory", f"at most {limit_mb} MB", value)


def _pdf(measure: str, limit_ms: int) -> Target:
    def read(figures: Figures) -> Value | None:
        if "pdf" in figures.absent:
            return Value("not there", met=False)
        phases = figures.series.get(Key("app", 1, "pdf"))
        return Value(f"{_median(phases, p50):.1f} ms", _median(phases, p50) <= limit_ms) if phases else None

    return Target(measure, f"at most {limit_ms} ms", read)


TARGETS = (
    _statements("Recording a screening, statements", "post", 10),
    _one_commit("Recording a screening, commits"),
    _compared("Recording a screening, CPU", "post", cpu, 1.4),
    _compared("Recording a screening, p50", "post", p50, 1.4),
    _throughput("Eight people recording, screenings a second", 0.7),
    _slowest("Eight people recording, p99", 8, "post", 60),
    _statements("Form page, statements", "form", 3),
    _compared("Form page, CPU", "form", cpu, 1.5),
    _compared("Form page of 14 rules, CPU", "form", cpu, 2.0, server="rules14"),
    _statements("Result page, statements", "result", 6),
    _compared("Result page, CPU", "result", cpu, 1.5),
    _first_load_bytes("br", 40),
    _first_load_bytes("gzip", 40),
    _first_load_requests(4),
    _no_other_host("First load of the form, requests to another host"),
    _evaluation("Evaluation of four rules", 10),
    _reading("30", 2),
    _reading("10,000", 1_000),
    _reading_twice_as_much(2.2),
    _list("first page", 1.2),
    _list("last page", 1.2),
    _slowest_search(50),
    _impact(30),
    _impact_memory(300),
    _pdf("PDF of one page, warm, p50", 25),
)
