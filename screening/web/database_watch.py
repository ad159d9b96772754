"""Ends a wait for a database server that no longer answers.

A frozen server, for example on a disk that hangs, keeps its connections open but answers nothing, and enforces none
of its own time limits. psycopg then waits without end, and a few requests would occupy every thread of a process. A
thread of each web process therefore looks for long waits. If a new connection gets no answer either, it shuts down
the sockets, and the waiting threads continue with an OperationalError. A server that is only slow answers the new
connection; its ``statement_timeout`` applies.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from contextlib import suppress
from threading import Lock, Thread
from typing import Any

import psycopg

EVERY_SECONDS = 0.5
PATIENCE_SECONDS = 2
ANSWER_SECONDS = 2
HOPELESS_SECONDS = 25
"""A server that works ends a statement earlier: see ``statement_timeout`` in the settings."""

_logger = logging.getLogger(__name__)
_waits: dict[psycopg.Connection[Any], float] = {}
_lock = Lock()
"""Held while a wait ends, so that no socket is shut down after its number was given to another one."""


class WatchedConnection(psycopg.Connection[Any]):
    """A connection that notes since when it waits for the server."""

    def wait(self, *args: Any, **kwargs: Any) -> Any:
        """Wait as psycopg does: for the result of a statement, of COMMIT and of every other exchange."""
        _waits[self] = time.monotonic()
        try:
            return super().wait(*args, **kwargs)
        finally:
            with _lock:
                del _waits[self]


def start() -> None:
    """Start the thread; once in each process that serves pages."""
    Thread(target=_watch, name="watch database waits", daemon=True).start()


def end_hopeless_waits(now: float, patience: float = PATIENCE_SECONDS) -> bool:
    """End all waits if one is longer than ``patience`` and the server does not answer a new connection.

    ``now`` is the time of ``time.monotonic()``. Returns True if the server did not answer.
    """
    waits = dict(_waits)
    if not any(now - since > patience for since in waits.values()):
        return False
    is_frozen = not _answers(next(iter(waits)))
    for connection, since in waits.items():
        if is_frozen or now - since > HOPELESS_SECONDS:
            _logger.error("The database does not answer; a wait of %.0f seconds was ended.", now - since)
            _end(connection, since)
    return is_frozen


def _watch() -> None:
    is_frozen = False  # then the next waits are as hopeless, and a request may have several
    while True:
        time.sleep(EVERY_SECONDS)
        try:
            is_frozen = end_hopeless_waits(time.monotonic(), 0 if is_frozen else PATIENCE_SECONDS)
        except Exception:  # the thread must go on: nothing else ends the waits
            _logger.exception("The waits for the database could not be checked.")


def _answers(waiting: psycopg.Connection[Any]) -> bool:
    """Say whether the server answers a new connection; an error is an answer, too."""
    try:
        info = waiting.info
        psycopg.connect(info.dsn, password=info.password, connect_timeout=ANSWER_SECONDS).close()
    except psycopg.errors.ConnectionTimeout:
        return False
    except psycopg.Error:
        pass
    return True


def _end(connection: psycopg.Connection[Any], since: float) -> None:
    with _lock, suppress(OSError, psycopg.Error):
        if _waits.get(connection) == since:
            with socket.socket(fileno=os.dup(connection.fileno())) as same:
                same.shutdown(socket.SHUT_RDWR)
