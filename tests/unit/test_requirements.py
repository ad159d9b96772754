"""The locked lists of packages."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ldn_screen.bootstrap import REQUIREMENTS, ROOT

LOCKS = ("runtime", "dev")
OTHER_LOCKS = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.txt"}


def entries(lock: str) -> list[str]:
    """Each package of a lock with its hashes, on one line."""
    text = re.sub(r"#.*", "", (REQUIREMENTS / f"{lock}.txt").read_text()).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


def pins(lock: str) -> dict[str, str]:
    """Each package of a lock with its exact version."""
    pinned = (Requirement(entry.partition("--hash")[0]) for entry in entries(lock))
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pinned}


def wanted(lock: str) -> list[Requirement]:
    """What pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = project["project"]["dependencies"]
    return [Requirement(line) for line in listed + (project["dependency-groups"]["dev"] if lock == "dev" else [])]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_folder(lock: str) -> None:
    text = (REQUIREMENTS / f"{lock}.txt").read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|(^|\s)/|file:|@ ", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_and_hashed(lock: str) -> None:
    for entry in entries(lock):
        assert re.fullmatch(r"[a-z0-9.-]+(\[[a-z,]+\])?==\S+( ; [^-]+?)?(\s+--hash=sha256:[0-9a-f]{64})+", entry)


@pytest.mark.parametrize("lock", LOCKS)
def test_the_pins_satisfy_the_project_file(lock: str) -> None:
    pinned = pins(lock)
    for requirement in wanted(lock):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


def test_tests_run_with_the_versions_that_are_served() -> None:
    assert pins("runtime").items() <= pins("dev").items()


def test_no_other_tool_keeps_a_lock() -> None:
    assert not OTHER_LOCKS & {path.name for path in ROOT.iterdir()}
    assert {path.stem for path in REQUIREMENTS.iterdir()} == set(LOCKS)
