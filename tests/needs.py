"""Pytest plugin of ``./test``: skips tests whose programs are not installed, and reports them at the end of the run.

With ``CI=true`` a skipped test makes the run fail.
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
"""Chromium without a user interface: half the work. Its Back button reloads every page."""


def chromium(*names_before: str) -> str | None:
    """Return the path of the browser: LDN_CHROMIUM, else one on PATH."""
    names = (os.environ.get("LDN_CHROMIUM", ""), *names_before, *CHROMIUM_NAMES)
    return next(filter(None, map(shutil.which, names)), None)


class RequiredProgram(NamedTuple):
    """A program needed by tests with a certain marker."""

    name: str
    package: str
    find: Callable[[], str | None]


REQUIRED_PROGRAMS = {
    "browser": RequiredProgram("Chromium", "chromium", chromium),
    "gettext": RequiredProgram("GNU gettext", "gettext", lambda: shutil.which("xgettext")),
    "pdftotext": RequiredProgram("pdftotext", "poppler-utils", lambda: shutil.which("pdftotext")),
}
ENGINES = ("sqlite", "postgresql")
UNIT = Path(__file__).parent / "unit"


def pytest_configure() -> None:
    """Exit normally on SIGTERM, so that the database server is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("stopped by SIGTERM", returncode=143))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests of the other database, and skip tests whose programs are not installed."""
    deselect_other_engines(config, items)
    for mark, program in REQUIRED_PROGRAMS.items():
        if program.find() is None:
            reason = f"{program.name} is not installed: apt-get install {program.package}"
            for item in items:
                if item.get_closest_marker(mark):
                    item.add_marker(pytest.mark.skip(reason=reason))


def deselect_other_engines(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests of the other database; they are not reported as skipped."""
    others = {item for item in items if databases.engine() not in _engines_of(item)}
    if others:
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]


def _engines_of(item: pytest.Item) -> set[str]:
    """Return the databases that a test runs on.

    Tests that do not depend on the database run once: tests of appearance on the first, unless a marker names another
    one, unit tests on the last, so that both runs take about the same time.
    """
    first, last = ENGINES
    if UNIT in item.path.parents:
        return {last}
    named = {engine for engine in ENGINES if item.get_closest_marker(engine)}
    return named or ({first} if item.get_closest_marker("look") else set(ENGINES))


def skip_reasons(config: pytest.Config) -> Counter[str]:
    """Return the number of skipped tests by reason."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Report skipped tests and what to install."""
    for reason, count in skip_reasons(config).items():
        terminalreporter.write_line(f"NOT RUN: {count} tests, {reason}", yellow=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run in CI if a test was skipped."""
    if os.environ.get("CI") == "true" and skip_reasons(session.config):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
