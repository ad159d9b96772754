"""The real server and its database, how many rounds each fault is tried, and the figures of the run."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ldn_screen.bootstrap import ROOT
from tests import databases
from tests.conftest import FEW_ROUNDS

from .databases import folder_on_disk, running_database
from .figures import Figures, table, write
from .web_server import GRANIAN, WebServer

HERE = Path(__file__).parent
ONLY_IN_LONG_RUNS = (HERE / "deployment", HERE / "test_backup_in_use.py", HERE / "test_clock.py")
"""Tests that take long, or need nginx and OpenSSL: ``./test reliability`` runs them."""
ALL_FIGURES: list[Figures] = []
Begin = Callable[[str], Figures]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect some tests in a run of all tests; they are not reported as skipped."""
    if int(config.getoption("reliability_rounds")) > FEW_ROUNDS:
        return
    left_out = {item for item in items if {item.path, *item.path.parents} & set(ONLY_IN_LONG_RUNS)}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


@dataclass
class Site:
    """A web server and its database; ``folder`` holds their files."""

    web: WebServer
    database: Any
    folder: Path

    @property
    def url(self) -> str:
        """The address of the web server."""
        return self.web.url


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for other runs of the tests: a server that starts collects the static files if they are not there yet."""
    folder = ROOT / "var"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "reliability.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def running_site() -> Iterator[Site]:
    """Run a web server and a database of its own while the block runs."""
    with folder_on_disk() as folder, running_database(folder) as database:
        server = WebServer(database.url, folder / "web.log")
        try:
            with one_at_a_time():
                server.start()
                server.wait_until_ready()
            server.command = GRANIAN  # started again, it finds the database prepared
            yield Site(server, database, folder)
        finally:
            server.stop()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The server that most faults are tried on, one after the other."""
    with running_site() as site:
        yield site


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How often each fault is made."""
    return int(request.config.getoption("reliability_rounds"))


@pytest.fixture
def is_full_run(rounds: int) -> bool:
    """True for ``./test reliability``."""
    return rounds > FEW_ROUNDS


@pytest.fixture
def figures() -> Begin:
    """Return a function that begins the figures of a fault; they are shown at the end of the run."""

    def begin(fault: str) -> Figures:
        ALL_FIGURES.append(Figures(fault))
        return ALL_FIGURES[-1]

    return begin


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show the figures of a full run, and write them to the page that was asked for."""
    page = config.getoption("reliability_page")
    if ALL_FIGURES and int(config.getoption("reliability_rounds")) > FEW_ROUNDS:
        terminalreporter.write_line(table(ALL_FIGURES))
    if ALL_FIGURES and page:
        write(Path(page), databases.engine(), ALL_FIGURES)
