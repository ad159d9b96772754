"""A server refuses to start, and is not ready, with a database that may lose what it acknowledges."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ldn_screen.bootstrap import ROOT

from .conftest import Site
from .waiting import wait_until
from .web_server import GRANIAN, WebServer, manage

LONGEST_REFUSAL = 60
GIVES_UP = tuple(part for part in GRANIAN if part != "--respawn-failed-workers")
"""A server that ends with its first worker process; the other option tries again a few times."""


def words_of_refused_start(database_url: str, folder: Path) -> str:
    """Start a server, wait until it has ended, and return what it wrote."""
    server = WebServer(database_url, folder / "refused.log", GIVES_UP)
    try:
        server.start()
        wait_until(lambda: server.has_ended, LONGEST_REFUSAL, "the server has ended")
        return server.log.read_text()
    finally:
        server.stop()
        server.log.unlink()


@contextmanager
def weak(site: Site, setting: str) -> Iterator[None]:
    """Turn a setting of PostgreSQL off while it runs."""
    try:
        site.database.execute(f"ALTER SYSTEM SET {setting} = off")
        site.database.execute("SELECT pg_reload_conf()")
        yield
    finally:
        site.database.execute(f"ALTER SYSTEM RESET {setting}")
        site.database.execute("SELECT pg_reload_conf()")


@pytest.mark.sqlite
def test_a_server_does_not_start_with_a_schema_that_is_behind(site: Site, tmp_path: Path) -> None:
    older = tmp_path / "older.sqlite3"
    with closing(sqlite3.connect(site.database.path)) as source, closing(sqlite3.connect(older)) as target:
        source.backup(target)
    before = sorted(path.stem for path in (ROOT / "screening" / "migrations").glob("0*.py"))[-2]
    back = manage(f"sqlite:///{older}", "migrate", "screening", before)
    assert back.returncode == 0, back.stderr
    assert "The schema of the database is older than this release." in words_of_refused_start(
        f"sqlite:///{older}", tmp_path
    )


@pytest.mark.postgresql
def test_a_server_does_not_start_with_a_database_that_is_not_durable(site: Site, tmp_path: Path) -> None:
    with weak(site, "fsync"):
        words = words_of_refused_start(site.database.url, tmp_path)
    assert "PostgreSQL runs with fsync = off, which can lose or damage records." in words


@pytest.mark.postgresql
def test_a_server_is_not_ready_while_its_database_is_not_durable(site: Site) -> None:
    assert site.web.status("/readyz") == 200
    with weak(site, "synchronous_commit"):
        wait_until(lambda: site.web.status("/readyz") == 503, 10, "the server is not ready")
        assert site.web.status("/livez") == 200
    wait_until(lambda: site.web.status("/readyz") == 200, 10, "the server is ready again")
