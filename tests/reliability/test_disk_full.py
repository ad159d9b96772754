"""The disk of the database is full: people learn that nothing was recorded, and work goes on when there is space."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest

from tests import databases

from .conftest import Begin, Site
from .databases import folder_on_disk, running_database
from .ledger import faults
from .load import Journal, load, until_acknowledged
from .waiting import wait_until
from .web_server import running

MEGABYTES = {"sqlite": 16, "postgresql": 128}
FULL = "The disk of the server is full. Nothing was recorded."
NOT_KNOWN = "It is not known whether this was recorded"
AWAY = "The database cannot be reached. Nothing was recorded."
CHUNKS = (1024 * 1024, 4096, 1)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount a small file system in memory; skip the test where that is not permitted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "ldn-small-disk", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small file system cannot be mounted: run the tests as root, in a container with SYS_ADMIN")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


@pytest.fixture
def small_site() -> Iterator[Site]:
    """A web server with a database on a small disk."""
    with (
        folder_on_disk() as folder,
        small_disk(folder / "small", MEGABYTES[databases.engine()]) as disk,
        running_database(disk) as database,
        running(database.url, folder) as web,
    ):
        yield Site(web, database, disk)


def fill(ballast: Path) -> None:
    """Fill a disk with a file, to the last byte."""
    with ballast.open("ab", buffering=0) as file:
        for size in CHUNKS:
            with suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass


def is_refused_after_filling(ballast: Path, journal: Journal) -> bool:
    """Fill what was freed meanwhile, and say whether forms are refused."""
    fill(ballast)
    return len(journal.with_status(503)) > 3


@contextmanager
def service_manager(site: Site) -> Iterator[None]:
    """Start PostgreSQL whenever it has ended, while the block runs: it ends if it cannot recover on a full disk."""
    if databases.engine() == "sqlite":
        yield
        return
    stop = Event()

    def watch() -> None:
        while not stop.wait(0.5):
            if not site.database.processes():
                site.database.start()

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def wrong_words(journal: Journal) -> list[str]:
    """Return the words of the pages that say none of the three things that may have happened."""
    return [
        each.words
        for each in journal.with_status(503)
        if not any(say in each.words for say in (FULL, NOT_KNOWN, AWAY))
    ]


def test_on_a_full_disk_nothing_is_half_recorded_and_work_goes_on_when_there_is_space(
    small_site: Site, rounds: int, figures: Begin
) -> None:
    total, ballast = figures("disk full, then space again"), small_site.folder / "ballast"
    for _ in range(rounds):
        with service_manager(small_site), load(small_site.url) as journal:
            wait_until(partial(is_refused_after_filling, ballast, journal), 60, "forms are refused")
            live = small_site.web.status("/livez")
            ballast.unlink()
            recovery = until_acknowledged(journal)
            time.sleep(0.5)
        total.add(journal, recovery)
        assert live == 200
        assert wrong_words(journal) == []
        assert faults(small_site, journal) == []
        if databases.engine() == "sqlite":
            assert any(FULL in each.words for each in journal.with_status(503))
