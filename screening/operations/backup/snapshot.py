"""Reading the whole database as it was at one moment, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all queries see the database as it was at the first of them. Nobody waits for it, and it waits for nobody.

    Inside a transaction that is already open it changes nothing: what is read then is what that transaction sees.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with _deferred_transaction():
            yield


@contextmanager
def _deferred_transaction() -> Iterator[None]:
    """Read in one transaction of SQLite.

    ``atomic()`` begins with BEGIN IMMEDIATE (see the settings), which would keep everyone else from writing until the
    end. A deferred transaction that only reads takes no lock: in WAL mode it sees its snapshot, and writers go on.
    """
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
