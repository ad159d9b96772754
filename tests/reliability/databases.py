"""The database whose faults are tried: an SQLite file on a disk, or a PostgreSQL server of our own."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from tests import databases


class Database(Protocol):
    """What tests need of either database."""

    url: str

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, read without the application."""


class SqliteFile:
    """An SQLite file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ldn_screen.sqlite3"
        self.url = f"sqlite:///{self.path}"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with closing(sqlite3.connect(self.path, timeout=30)) as connection:
            return connection.execute(query).fetchall()


@contextmanager
def running_database(folder: Path) -> Iterator[Any]:
    """Run the database of this test run, with its files in a folder."""
    if databases.engine() == "sqlite":
        yield SqliteFile(folder)
    else:
        with running_postgresql(folder) as server:
            yield server


@contextmanager
def running_postgresql(folder: Path) -> Iterator[Any]:
    """Run a PostgreSQL server while the block runs."""
    from .postgres_server import PostgresServer  # which looks for its programs

    server = PostgresServer(folder)
    try:
        server.start()
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


@contextmanager
def folder_on_disk() -> Iterator[Path]:
    """Make a folder on a disk, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="ldn-reliability-", ignore_cleanup_errors=True) as name:
        yield Path(name)
