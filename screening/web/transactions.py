"""Transactions that tell a COMMIT that failed from everything else that fails.

What fails before COMMIT is undone by the database. Where COMMIT itself fails, as when the connection is lost while
the server commits, nobody here knows whether the database kept what was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection, transaction


class CommitUnknown(OperationalError):
    """The database failed during COMMIT; what was written may or may not be kept."""


@contextmanager
def committed() -> Iterator[None]:
    """``transaction.atomic()``, as a context or a decorator, whose COMMIT fails with an error of its own.

    Raises:
        CommitUnknown: the outermost transaction ended, and its COMMIT failed.
    """
    is_done = False
    try:
        with transaction.atomic():
            yield
            is_done = True
    except (InterfaceError, OperationalError) as fault:
        if is_done and not connection.in_atomic_block:
            raise CommitUnknown("it is not known whether the database kept what was written") from fault
        raise
