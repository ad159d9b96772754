"""Tables, as Markdown and for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Cells of plain text under a heading; ``note`` stands between the heading and the table."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def as_markdown(table: Table) -> str:
    """A section of a Markdown page."""
    lines = [_markdown_line(table.head), _markdown_line("---" for _ in table.head), *map(_markdown_line, table.rows)]
    return "\n\n".join(filter(None, (f"## {table.title}", table.note, "\n".join(lines))))


def as_text(table: Table) -> str:
    """Columns for a terminal."""
    widths = [max(map(len, column)) for column in zip(table.head, *table.rows, strict=True)]
    lines = [table.head, ["-" * width for width in widths], *table.rows]
    return "\n".join([table.title.upper(), *(_text_line(line, widths) for line in lines)])


def _markdown_line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text_line(cells: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
