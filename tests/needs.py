"""What a test may need of the machine. Where it is missing the test is skipped, and named at the end of the run.

A pytest plugin, loaded by ``./test``. With ``CI=true`` a skipped test makes the run fail.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import databases

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
HEADLESS_SHELL = "chromium-headless-shell"
"""Chromium without windows and what belongs to them: half the work. Its Back button loads every page anew."""


def chromium(*names_before: str) -> str | None:
    """The browser that the tests drive: the one named in LDN_CHROMIUM, else one on the path."""
    names = (os.environ.get("LDN_CHROMIUM", ""), *names_before, *CHROMIUM_NAMES)
    return next(filter(None, map(shutil.which, names)), None)


class Need(NamedTuple):
    """A program that tests with a certain mark need."""

    name: str
    package: str
    find: Callable[[], str | None]


NEEDS = {
    "browser": Need("Chromium", "chromium", chromium),
    "pdftotext": Need("pdftotext", "poppler-utils", lambda: shutil.which("pdftotext")),
}
ENGINES = ("sqlite", "postgresql")
UNIT = Path(__file__).parent / "unit"


def pytest_configure() -> None:
    """End in peace when told to, so that the database server does not stay behind."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to stop", returncode=143))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is of the other database, skip what this machine cannot run."""
    leave_out_other_engines(config, items)
    for mark, need in NEEDS.items():
        if need.find() is None:
            reason = f"no {need.name} here: apt-get install {need.package}"
            for item in items:
                if item.get_closest_marker(mark):
                    item.add_marker(pytest.mark.skip(reason=reason))


def leave_out_other_engines(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, not skip: a test of PostgreSQL's triggers has no business on SQLite."""
    left_out = {item for item in items if databases.engine() not in _engines_of(item)}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def _engines_of(item: pytest.Item) -> set[str]:
    """The databases that a test runs on.

    What no database can change runs once: pages and their scripts on the first unless another one is named, what
    needs no database on the last, so that both take about as long.
    """
    first, last = ENGINES
    if UNIT in item.path.parents:
        return {last}
    named = {engine for engine in ENGINES if item.get_closest_marker(engine)}
    return named or ({first} if item.get_closest_marker("look") else set(ENGINES))


def skip_reasons(config: pytest.Config) -> Counter[str]:
    """How many tests were skipped for which reason."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was not run, and how to have it run."""
    for reason, count in skip_reasons(config).items():
        terminalreporter.write_line(f"NOT RUN: {count} of the tests, {reason}", yellow=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Take no skip for an answer in CI."""
    if os.environ.get("CI") == "true" and skip_reasons(session.config):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
