"""A backup that is written while people work, restored to the other database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import pytest

from tests import databases

from .conftest import Begin, Site
from .databases import Database, SqliteFile, folder_on_disk, running_postgresql
from .ledger import Ledger
from .load import Journal, load
from .web_server import manage


@pytest.fixture
def other_database() -> Iterator[Database]:
    """An empty database of the other engine."""
    with folder_on_disk() as folder:
        if databases.engine() == "postgresql":
            yield SqliteFile(folder)
        else:
            with running_postgresql(folder) as server:
                yield server


def acknowledged_before(journal: Journal, moment: float) -> Journal:
    """Return what was acknowledged before a moment."""
    screenings = [copy(each) for each in journal.screenings if each.acknowledged and each.acknowledged < moment]
    decisions = [copy(each) for each in journal.decisions if each.acknowledged and each.acknowledged < moment]
    return Journal(screenings, decisions)


def test_a_backup_written_while_people_work_restores_everything_acknowledged_before_it_to_the_other_database(
    site: Site, other_database: Database, rounds: int, figures: Begin, tmp_path: Path
) -> None:
    total, file = figures("backup while in use"), tmp_path / "backup"
    with load(site.url) as journal:
        time.sleep(0.5)
        moment = time.monotonic()
        written = manage(site.database.url, "backup", str(file))
    total.add(journal)
    assert written.returncode == 0, written.stderr
    for arguments in (["migrate"], ["restore", str(file)]):
        done = manage(other_database.url, *arguments)
        assert done.returncode == 0, done.stderr
    restored, before = Ledger(other_database), acknowledged_before(journal, moment)
    assert before.screenings
    assert list(restored.missing(before)) == []
    assert list(restored.half_records()) == []
