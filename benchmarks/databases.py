"""Empty databases on either engine: files in the run's folder, or databases of a PostgreSQL server."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.databases import embedded_postgresql

Database = Callable[[str], str]
"""Makes an empty database of a name; returns its address."""


@contextmanager
def on(engine: str, folder: Path) -> Iterator[Database]:
    """The databases of one engine; those that were made on a server are dropped at the end."""
    if engine == "sqlite":
        yield lambda name: f"sqlite:///{folder / name}.sqlite3"
        return
    server, suffix, names = server_url(), secrets.token_hex(4), list[str]()

    def make(name: str) -> str:
        names.append(f"benchmark_{name}_{suffix}")
        _execute(server, "CREATE DATABASE {}", names[-1])
        return urlunsplit(urlsplit(server)._replace(path=f"/{names[-1]}"))

    try:
        yield make
    finally:
        for each in names:
            _execute(server, "DROP DATABASE {} WITH (FORCE)", each)


def server_url() -> str:
    """The server that the tests would use: a named one, or one that is brought along and ends with this process."""
    return os.environ.get("TEST_DATABASE_URL") or embedded_postgresql()


def server_setting(name: str) -> str:
    """What a setting of the server says, such as ``server_version`` or ``fsync``."""
    with psycopg.connect(server_url()) as connection:
        found = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    return str(found[0]) if found else ""


def _execute(server: str, statement: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
