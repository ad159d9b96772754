"""Django's SQLite backend, with one queue of writers in front of the database's write lock.

SQLite lets a writer that finds the lock taken sleep and try again, for longer each time, so that under load some wait
very long while others overtake them. Here they queue at a file lock of the operating system instead, which hands it
on at once, between threads and between processes. A process that dies gives its lock back.
"""

from __future__ import annotations

import os
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

try:
    import fcntl
except ImportError:  # Windows has none: writers wait there in SQLite's own way
    fcntl = None  # type: ignore[assignment]


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that waits for its turn before each transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn: int | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._give_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _take_turn(self) -> None:
        if fcntl is None or self.is_in_memory_db():
            return
        try:
            self._turn = os.open(f"{self.settings_dict['NAME']}-turn", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise OperationalError("the database's folder cannot be written") from error
        fcntl.flock(self._turn, fcntl.LOCK_EX)

    def _give_turn(self) -> None:
        if self._turn is not None:
            os.close(self._turn)
            self._turn = None
