"""How many hostile requests are sent, and the figures of the run."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.conftest import FEW_REQUESTS

from .tally import Tally

TALLIES: list[Tally] = []


@pytest.fixture(autouse=True)
def _no_log() -> Iterator[None]:
    """Turn logging off: pytest would keep every refused request, with its traceback, until the end of the test."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def tallies() -> list[Tally]:
    """Collects the figures that are shown at the end of the run."""
    return TALLIES


@pytest.fixture
def requests_of_a_seed(request: pytest.FixtureRequest) -> int:
    """How many requests each of the three seeds sends."""
    return int(request.config.getoption("hostile_requests"))


@pytest.fixture
def is_full_run(request: pytest.FixtureRequest, requests_of_a_seed: int) -> bool:
    """True for ``./test hostile``."""
    return requests_of_a_seed > FEW_REQUESTS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show a line of figures for each seed."""
    for tally in TALLIES:
        terminalreporter.write_line(str(tally))
