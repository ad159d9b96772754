"""Processes are killed while people work: nothing that was acknowledged is lost, and nothing is stored twice."""

from __future__ import annotations

import random
import time

import pytest

from .conftest import Begin, Site
from .ledger import audit_fault, faults
from .load import until_acknowledged, work
from .waiting import wait_until
from .web_server import WORKERS

CRASH_LOOP_SECONDS = 6
"""granian ends if a worker process that it has started anew ends within 5.5 seconds."""
AWAY_SECONDS = 3
ON_TIME, ON_TIME_ON_A_BUSY_MACHINE = 3, 15
"""Seconds within which a page says that the database is away."""


def test_a_killed_worker_process_loses_nothing(site: Site, rounds: int, figures: Begin) -> None:
    total = figures("SIGKILL of a web worker process")
    for number in range(rounds):
        with work(site.url) as journal:
            time.sleep(CRASH_LOOP_SECONDS if number else 0)
            random.choice(site.web.workers()).kill()
            recovery = until_acknowledged(journal)
            wait_until(lambda: len(site.web.workers()) == WORKERS, 20, "a worker process was started instead")
        total.add(journal, recovery)
        assert faults(site, journal) == []


def test_all_web_processes_killed_and_started_again_lose_nothing(site: Site, rounds: int, figures: Begin) -> None:
    total = figures("SIGKILL of all web processes, then a start (includes the start)")
    for _ in range(rounds):
        with work(site.url) as journal:
            site.web.kill()
            site.web.start()
            recovery = until_acknowledged(journal)
        total.add(journal, recovery)
        assert faults(site, journal) == []


@pytest.mark.postgresql
def test_a_killed_database_process_loses_nothing(site: Site, rounds: int, figures: Begin) -> None:
    total, database = figures("SIGKILL of a database process of one connection"), site.database
    for _ in range(rounds):
        with work(site.url) as journal:
            database.kill_backend()
            recovery = until_acknowledged(journal)
        total.add(journal, recovery)
        assert faults(site, journal) == []


@pytest.mark.postgresql
def test_a_killed_database_server_loses_nothing_and_pages_say_at_once_that_it_is_away(
    site: Site, rounds: int, figures: Begin, is_full_run: bool
) -> None:
    total, database = figures("SIGKILL of the whole database server, then a start after 3 s"), site.database
    web = [each.pid for each in site.web.workers()]
    for _ in range(rounds):
        with work(site.url) as journal:
            database.kill()
            time.sleep(AWAY_SECONDS)
            ready, live = site.web.status("/readyz"), site.web.status("/livez")
            database.start()
            database.wait_until_ready()
            recovery = until_acknowledged(journal)
        total.add(journal, recovery)
        assert (ready, live) == (503, 200)
        assert journal.with_status(503)
        assert faults(site, journal) == []
    assert total.longest_503 < (ON_TIME if is_full_run else ON_TIME_ON_A_BUSY_MACHINE)
    assert [each.pid for each in site.web.workers()] == web


def test_the_audit_trail_verifies_after_all_this(site: Site) -> None:
    assert audit_fault(site.database) == ""
