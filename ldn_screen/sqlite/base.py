"""Django's SQLite backend, with one queue of writers in front of the database's write lock.

SQLite lets a writer that finds the lock taken sleep and try again, for longer each time: under load some wait very
long while others overtake them. Here the threads of a process queue at a lock of their own, and the first of each
process at a file lock, which the operating system hands on at once and takes back from a process that dies.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

try:
    import fcntl
except ImportError:  # Windows has none: writers wait there in SQLite's own way
    fcntl = None  # type: ignore[assignment]

TIMEOUT_SECONDS = 20.0

_THREADS: dict[str, threading.Lock] = {}


class Turn:
    """The right to write to a database file, held until it is given back.

    Raises:
        OperationalError: other writers held it for too long, or the folder cannot be written.
    """

    def __init__(self, path: str) -> None:
        self._lock = _THREADS.setdefault(path, threading.Lock())
        if not self._lock.acquire(timeout=TIMEOUT_SECONDS):
            raise OperationalError("database is locked: other writers take too long")
        try:
            self._file = _locked_file(path)
        except BaseException:
            self._lock.release()
            raise

    def give_back(self) -> None:
        """Let the next writer begin."""
        os.close(self._file)
        self._lock.release()


def _locked_file(path: str) -> int:
    try:
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise OperationalError("the database's folder cannot be written") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        os.close(file)
        raise OperationalError("the database's file system knows no locks") from error
    return file


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that waits for its turn before each transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn: Turn | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
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
        if fcntl is not None and not self.is_in_memory_db():
            self._turn = Turn(f"{self.settings_dict['NAME']}-turn")

    def _give_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.give_back()
