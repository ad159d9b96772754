"""Backup files in tests."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.db import connection

from screening.audit import append_only
from screening.operations.backup.contents import models_in_order
from screening.operations.backup.file_format import Foot, Head, Table
from screening.operations.backup.progress import Progress, no_progress
from screening.operations.backup.reading import CannotRestore, opened
from screening.operations.backup.rows import Discarded, write_rows
from screening.operations.backup.writing import HashedFile

HEAD = Head(release="0.1.0", content="everything", made_at=datetime(2026, 11, 30, tzinfo=UTC), key="", migrations={})


def write_file(path: Path, head: bytes, tables: Mapping[str, Sequence[bytes]], foot: Foot | None = None) -> Path:
    """Write a backup file of these lines, with a foot of its own unless one is given, and return its path."""
    with path.open("wb") as raw:
        file = HashedFile(raw)
        with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as compressed:
            compressed.write(head + b"".join(line for lines in tables.values() for line in lines))
        own = {label: Table(rows=len(lines), sha256=sha256(*lines)) for label, lines in tables.items()}
        before = file.hash.hexdigest()
        raw.write(Foot(tables=foot.tables if foot else own, before=before).member())
    return path


def sha256(*lines: bytes) -> str:
    """Return the hash of lines."""
    return hashlib.sha256(b"".join(lines)).hexdigest()


def lines_of(path: Path) -> list[bytes]:
    """Return all lines of a backup, with the head and the foot."""
    with gzip.open(path) as lines:
        return list(lines)


def rows_in(path: Path, model: str) -> list[dict[str, Any]]:
    """Return the rows of a model, named in lower case, in a backup."""
    rows: Iterator[dict[str, Any]] = map(json.loads, lines_of(path)[1:-1])
    return [row for row in rows if row["model"] == model]


def rebuilt(path: Path, *, without: str = "", change: tuple[bytes, bytes] = (b"", b""), **head: object) -> Path:
    """Write the same backup with another head, without the rows of a model, or with a text replaced by another.

    Return its path.
    """
    first, *rows, foot = lines_of(path)
    rows = [row.replace(*change) if change[0] else row for row in rows]
    tables, place = dict[str, list[bytes]](), 0
    for label, table in Foot.model_validate_json(foot).tables.items():
        tables[label] = rows[place : place + table.rows] if label != without else []
        place += table.rows
    line = json.dumps(json.loads(first) | head).encode() + b"\n"
    return write_file(path.with_suffix(".changed"), line, tables)


def verified(path: Path, progress: Progress = no_progress) -> Head:
    """Read a whole backup as a restore does before it writes, and return its head."""
    with opened(path) as backup:
        backup.verify(progress)
        return backup.head


def is_refused(path: Path) -> bool:
    """Return True if a file is refused before its first row is used."""
    try:
        verified(path)
    except CannotRestore:
        return True
    return False


def run(command: str, path: Path) -> str:
    """Run ``backup`` or ``restore``, and return what it printed."""
    printed = StringIO()
    call_command(command, str(path), stdout=printed)
    return printed.getvalue()


def refusal(command: str, path: Path) -> str:
    """Return the one sentence or two with which a command ended; empty if it did not fail."""
    try:
        run(command, path)
    except CommandError as error:
        return str(error)
    return ""


def stored() -> dict[str, Table]:
    """Return the number of rows of each table in the database, and the hash of their lines."""
    return {each._meta.label: write_rows(each, Discarded(), wrote=int) for each in models_in_order()}


def empty_the_database() -> None:
    """Remove all rows; migrate's own rows and the triggers are created again."""
    append_only.remove(connection)
    call_command("flush", interactive=False, verbosity=0)
