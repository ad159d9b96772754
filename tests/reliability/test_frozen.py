"""A database that holds its connections and answers nothing: pages say so in time, and work goes on afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests import databases

from .conftest import Begin, Site
from .ledger import faults
from .load import until_acknowledged, work
from .waiting import wait_until

ON_TIME, ON_TIME_ON_A_BUSY_MACHINE = 10, 25
"""Seconds within which a page says that the database does not answer."""


@contextmanager
def frozen(site: Site) -> Iterator[None]:
    """Stop all processes of PostgreSQL as they are; on SQLite another process holds the lock for writing."""
    if databases.engine() == "postgresql":
        try:
            site.database.freeze()
            yield
        finally:
            site.database.thaw()
        return
    with closing(sqlite3.connect(site.database.path, timeout=30, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_frozen_database_gives_503_in_time_and_work_goes_on_afterwards(
    site: Site, rounds: int, figures: Begin, is_full_run: bool
) -> None:
    name = "PostgreSQL frozen" if databases.engine() == "postgresql" else "another process holds the write lock"
    total, web = figures(name), [each.pid for each in site.web.workers()]
    for _ in range(rounds):
        with work(site.url) as journal:
            with frozen(site):
                wait_until(lambda: len(journal.with_status(503)) > 3, 60, "pages say so")
                ready, live = site.web.status("/readyz"), site.web.status("/livez")
            recovery = until_acknowledged(journal)
        total.add(journal, recovery)
        # SQLite can still be read.
        assert (ready, live) == (503 if databases.engine() == "postgresql" else 200, 200)
        assert faults(site, journal) == []
    assert total.longest_503 < (ON_TIME if is_full_run else ON_TIME_ON_A_BUSY_MACHINE)
    assert [each.pid for each in site.web.workers()] == web
