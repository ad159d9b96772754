"""Transactions that report a failed COMMIT with an exception of its own.

After an error before COMMIT the database rolls back. If COMMIT itself fails, for example because the connection is
lost while the server commits, the application cannot know whether the changes were stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection, transaction


class CommitUnknown(OperationalError):
    """COMMIT failed; the changes may or may not be stored."""


@contextmanager
def committed() -> Iterator[None]:
    """``transaction.atomic()``, as a context manager or decorator, that raises CommitUnknown if COMMIT fails.

    Raises:
        CommitUnknown: the COMMIT of the outermost transaction failed.
    """
    is_done = False
    try:
        with transaction.atomic():
            yield
            is_done = True
    except (InterfaceError, OperationalError) as fault:
        if is_done and not connection.in_atomic_block:
            raise CommitUnknown("COMMIT failed; the changes may or may not be stored") from fault
        raise
