"""Restoring and writing a backup of many screenings, with their answers, lists, decisions and audit events."""

import gzip
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone

from benchmarks.large import SAMPLES, make_samples
from benchmarks.report import Figure
from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event, seal_events
from screening.models import Screening
from screening.operations.backup.actions import make_backup, restore
from screening.operations.backup.contents import OF_SCREENINGS
from screening.operations.backup.file_format import Foot, Table
from screening.operations.backup.reading import BackupFile, opened
from screening.operations.backup.rows import Hashed, encode
from screening.operations.backup.writing import HashedFile, new_file
from tests.decisions import decided
from tests.factories import UserFactory

SECTION, LIMIT = "Backup", 300  # seconds
COPIED = {*OF_SCREENINGS, "screening.AuditEvent"}
MODELS_COPIED = {label.lower() for label in COPIED}
REFERS_TO = {
    "screening": "screening.screening",
    "decision": "screening.decision",
    "superseded_decision": "screening.decision",
}
"""Fields that refer to a copied row by its number, and its model."""


def main(step: str, file: str, rows: str = "") -> list[Figure]:
    """Write a file with ``rows`` screenings, copies of a few samples; or restore such a file and back it up."""
    if step == "measure":
        return list(measured(Path(file)))
    record_samples()
    small = Path(file).with_suffix(".samples")
    make_backup(small)
    with opened(small) as samples, new_file(Path(file)) as large:
        write_copies(samples, HashedFile(large), int(rows) // SAMPLES)
    return []


def record_samples() -> None:
    """Record screenings, all but one of ten with a decision, and two looks at each."""
    make_samples()
    prescriber = UserFactory(role=Role.PRESCRIBER)
    for number, screening in enumerate(Screening.objects.with_status().filter(void=None).order_by("pk")):
        if number % 10:
            decided(screening, by=prescriber)
        for _ in range(2):
            record_event(Action.SCREENING_READ, by=prescriber, subject=str(screening.uuid), page="screening_result")


def write_copies(samples: BackupFile, file: HashedFile, copies: int) -> None:
    """Write a backup with ``copies`` of the rows that belong to screenings, and of the audit events."""
    lines, tables = samples.lines(), dict[str, Table]()
    numbers = highest_numbers(samples)
    with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as compressed:
        compressed.write(samples.head.line())
        for label, table in samples.tables.items():
            rows = [json.loads(line) for line in islice(lines, table.rows)]
            hashed = Hashed(compressed, int)
            for copy in range(copies if label in COPIED else 1):
                for row in rows:
                    hashed.write(encode(copied(row, copy, numbers) if copy else row).encode() + b"\n")
            tables[label] = hashed.table()
    file.write(Foot(tables=tables, before=file.hash.hexdigest()).member())


def highest_numbers(samples: BackupFile) -> dict[str, int]:
    """Return the highest number of the rows of each model that is copied."""
    found = dict[str, int]()
    for line in islice(samples.lines(), samples.rows):
        row = json.loads(line)
        if row["model"] in MODELS_COPIED:
            found[row["model"]] = max(found.get(row["model"], 0), int(row["pk"]))
    return found


def copied(row: dict[str, Any], copy: int, numbers: dict[str, int]) -> dict[str, Any]:
    """Return a row with the numbers of another copy."""
    fields = dict(row["fields"])
    for name, model in REFERS_TO.items():
        if fields.get(name) is not None:
            fields[name] += copy * numbers[model]
    if row["model"] == "screening.screening":
        fields |= {name: str(UUID(int=UUID(fields[name]).int ^ copy)) for name in ("uuid", "submission")}
    own = "screening.screening" if row["model"] == "screening.worklistentry" else row["model"]
    return row | {"pk": row["pk"] + copy * numbers[own], "fields": fields}


def measured(file: Path) -> Iterator[Figure]:
    """Measure restoring, then seal the audit trail and measure a backup."""
    with opened(file) as backup:
        count = f"{backup.tables['screening.Screening'].rows:,} screenings"
        began, cpu = time.perf_counter(), time.process_time()
        restore(backup)
        note = f"{time.process_time() - cpu:.0f} s of CPU"
        yield Figure(SECTION, f"restore {count}", time.perf_counter() - began, "s", LIMIT, note)
        sealed = sum(seal_events(timezone.now() + timedelta(hours=1)))
        began, cpu = time.perf_counter(), time.process_time()
        written = make_backup(file.with_suffix(".again"))
        note = f"{time.process_time() - cpu:.0f} s of CPU, {sealed:,} events sealed"
        yield Figure(SECTION, f"backup {count}", time.perf_counter() - began, "s", LIMIT, note)
        differing = {label for label, table in backup.tables.items() if written.tables[label] != table}
        assert differing == {"screening.AuditEvent", "screening.Seal"}, differing
    yield Figure(SECTION, "backup file", written.size / 1_000_000, "MB")
    peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    yield Figure(SECTION, "peak memory of both", int(peak) * 1024 / 1_000_000, "MB", 300)
