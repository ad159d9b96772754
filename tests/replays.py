"""Running ``replay_screenings`` in a test."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any, NamedTuple

from django.core import serializers
from django.core.management import call_command
from django.db import connection

from screening.models import Screening
from tests.conftest import guards_lifted
from tests.paths import GOLDEN

GOLDEN_FILES = ("records.json", "records_with_lists.json")
JSON_COLUMNS = {"details", "notes", "unrecognised", "overdue", "found", "not_read", "local_names"}


class Replayed(NamedTuple):
    """The exit code and the lines printed."""

    code: int
    lines: list[str]


def replay(**options: Any) -> Replayed:
    """Run the command in this process."""
    out, code = io.StringIO(), 0
    try:
        call_command("replay_screenings", stdout=out, **options)
    except SystemExit as end:
        code = int(str(end.code))
    return Replayed(code, out.getvalue().splitlines())


def nothing_differs(count: int) -> Replayed:
    """Return what a run over ``count`` screenings gives if the release changed nothing."""
    return Replayed(0, [f"{count} {'screening' if count == 1 else 'screenings'} evaluated, 0 differ."])


def one_differs(screening: Screening, what: str, *, of: int = 1) -> Replayed:
    """Return what a run gives in which this screening differs."""
    line = f"{screening.short_id} {screening.uuid} edition {screening.edition.number}: {what}"
    return Replayed(1, [line, f"{of} {'screening' if of == 1 else 'screenings'} evaluated, 1 differs."])


def tamper(table: str, change: str, *values: str | datetime, where: str = "TRUE") -> None:
    """Change rows by SQL, as nobody can while the triggers are installed; a JSON value may be damaged on SQLite."""
    with guards_lifted(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")

        statement = f"DELETE FROM {table}" if change == "DELETE" else f"UPDATE {table} SET {change}"
        cursor.execute(f"{statement} WHERE {where}", values)
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def load_golden_records() -> None:
    """Store the records of an earlier release."""
    for name in GOLDEN_FILES:
        for row in serializers.deserialize("json", (GOLDEN / name).read_text(encoding="utf-8")):
            row.save(force_insert=True)
