"""Transactions that report a failed COMMIT with an exception of its own.

After an error before COMMIT the database rolls back. If COMMIT itself fails, for example because the connection is
lost while the server commits, the application cannot know whether the changes were stored.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Model

POSTGRESQL_DISK_FULL = "53100"  # the SQLSTATE disk_full


class CommitUnknown(OperationalError):
    """COMMIT failed; the changes may or may not be stored."""


def is_disk_full(fault: BaseException | None) -> bool:
    """Return True if the database refused to write because its disk is full."""
    error = fault.__cause__ if fault else None
    sqlite_code, sqlstate = getattr(error, "sqlite_errorcode", None), getattr(error, "sqlstate", None)
    return sqlite_code == sqlite3.SQLITE_FULL or sqlstate == POSTGRESQL_DISK_FULL


@contextmanager
def committed() -> Iterator[None]:
    """``transaction.atomic()``, as a context manager or decorator, that raises CommitUnknown if COMMIT fails.

    On a full disk both databases refuse the COMMIT and roll back, so that nothing is stored.

    Raises:
        CommitUnknown: the COMMIT of the outermost transaction failed for another reason.
    """
    is_done = False
    try:
        with transaction.atomic():
            yield
            is_done = True
    except (InterfaceError, OperationalError) as fault:
        if is_done and not connection.in_atomic_block and not is_disk_full(fault):
            raise CommitUnknown("COMMIT failed; the changes may or may not be stored") from fault
        raise


def lock(locked: Model | type[Model]) -> None:
    """Wait until no other transaction has locked the same row, or the same whole table; hold it until this one ends.

    It is a lock of PostgreSQL by name, not of the row: locking a row needs the right to change it, which the
    application does not have on append-only tables. It stops only those who lock the same. On SQLite each transaction
    locks the whole database when it begins.

    Raises:
        TransactionManagementError: there is no transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a lock lasts as long as its transaction, and there is none")
    if connection.vendor != "postgresql":
        return
    name = locked._meta.db_table
    if isinstance(locked, Model):
        name += f" {locked.pk}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
