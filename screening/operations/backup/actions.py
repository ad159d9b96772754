"""Making a backup, and restoring one to an empty database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError, DeserializedObject
from django.db import DataError, IntegrityError, connection, models, transaction

from screening.audit.actions import Action, record_event

from .contents import Model, models_in_order
from .file_format import Table, Written
from .progress import Counting, Progress, no_progress
from .readiness import keep_others_out, refuse_other_release, refuse_other_role, refuse_rows
from .reading import BackupFile, CannotRestore
from .rows import Discarded, read_rows, write_rows
from .writing import new_file, write_snapshot

ROWS_OF_A_STATEMENT = 1_000


def make_backup(path: Path, progress: Progress = no_progress) -> Written:
    """Write all rows to a new file, while others go on writing, and return what was written.

    The event of the audit trail is recorded before, so that it is in the file too, and file and database agree.

    Raises:
        CannotBackUp: there is a file at ``path``, or the file cannot be written.
        DatabaseError: the database cannot be used.
    """
    with new_file(path) as file:
        record_event(Action.BACKUP_STARTED, by=None)
        return write_snapshot(file, None, progress)


def restore(
    backup: BackupFile,
    *,
    reading: Progress = no_progress,
    loading: Progress = no_progress,
    comparing: Progress = no_progress,
) -> None:
    """Load a backup into the database, and compare what is stored then with the file. All or nothing.

    It records no event: the audit trail is that of the file, with its seals and its anchor.

    Raises:
        CannotRestore: the backup or the database is not fit for it; nothing was written.
        DatabaseError: the database cannot be used; nothing was written.
    """
    refuse_other_release(backup.head)
    included = models_in_order()
    refuse_other_role(included)
    refuse_rows(included)
    named = _models_named(backup, included)
    backup.verify(reading)
    try:
        with transaction.atomic():
            keep_others_out(included)
            refuse_rows(included)
            _load(backup, named, Counting(backup.rows, loading))
            _compare(backup, named, Counting(backup.rows, comparing))
    except (DataError, IntegrityError) as fault:
        reason = str(fault).strip().partition("\n")[0]
        raise CannotRestore(f"A row of the backup cannot be stored, so nothing was restored: {reason}") from fault
    except (DeserializationError, ValueError) as fault:  # its text may hold the content of the row
        raise CannotRestore("A row of the backup cannot be read, so nothing was restored.") from fault


def _models_named(backup: BackupFile, included: list[Model]) -> list[Model]:
    by_label = {each._meta.label: each for each in included}
    if unknown := backup.tables.keys() - by_label.keys():
        raise CannotRestore(f"The backup has rows of {', '.join(sorted(unknown))}, which this release does not have.")
    return [by_label[label] for label in backup.tables]


def _load(backup: BackupFile, named: list[Model], count: Counting) -> None:
    lines = backup.lines()
    for model in named:
        rows = read_rows(model, islice(lines, backup.tables[model._meta.label].rows))
        if _must_be_saved_singly(model):
            _save_singly(rows, count)
        else:
            _save_in_batches(model, rows, count)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), named):
            cursor.execute(statement)


def _must_be_saved_singly(model: Model) -> bool:
    """Return True for tables with related rows, and for those in which Django would set a time of its own."""
    is_timed = any(
        getattr(each, "auto_now", False) or getattr(each, "auto_now_add", False) for each in _fields(model)
    )
    return is_timed or bool(model._meta.local_many_to_many)


def _fields(model: Model) -> Iterable[models.Field]:
    return model._meta.local_fields


def _save_singly(rows: Iterator[DeserializedObject], count: Counting) -> None:
    for row in rows:
        row.save(force_insert=True)
        count.add(1)


def _save_in_batches(model: Model, rows: Iterator[DeserializedObject], count: Counting) -> None:
    while batch := [row.object for row in islice(rows, ROWS_OF_A_STATEMENT)]:
        model._default_manager.bulk_create(batch)
        count.add(len(batch))


def _compare(backup: BackupFile, named: list[Model], count: Counting) -> None:
    for model in named:
        label = model._meta.label
        stored: Table = write_rows(model, Discarded(), wrote=count.add)
        if stored != backup.tables[label]:
            raise CannotRestore(
                f"The rows of {label} read back differ from those in the backup, so nothing was restored."
            )
