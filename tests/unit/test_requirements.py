"""The lock files."""

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
    """Return one line per package, with its hashes."""
    text = re.sub(r"#.*", "", (REQUIREMENTS / f"{lock}.txt").read_text()).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


def pins(lock: str) -> dict[str, str]:
    """Return the exact version of each package in a lock file."""
    pinned = (Requirement(entry.partition("--hash")[0]) for entry in entries(lock))
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pinned}


def required(lock: str) -> list[Requirement]:
    """Return the requirements in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = project["project"]["dependencies"]
    return [Requirement(line) for line in listed + (project["dependency-groups"]["dev"] if lock == "dev" else [])]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_contains_no_url_and_no_path(lock: str) -> None:
    text = (REQUIREMENTS / f"{lock}.txt").read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|(^|\s)/|file:|@ ", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_and_hashed(lock: str) -> None:
    for entry in entries(lock):
        assert re.fullmatch(r"[a-z0-9.-]+(\[[a-z,]+\])?==\S+( ; [^-]+?)?(\s+--hash=sha256:[0-9a-f]{64})+", entry)


@pytest.mark.parametrize("lock", LOCKS)
def test_the_pinned_versions_satisfy_pyproject(lock: str) -> None:
    pinned = pins(lock)
    for requirement in required(lock):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


def test_tests_use_the_same_versions_as_production() -> None:
    assert pins("runtime").items() <= pins("dev").items()


def test_there_are_no_other_lock_files() -> None:
    assert not OTHER_LOCKS & {path.name for path in ROOT.iterdir()}
    assert {path.stem for path in REQUIREMENTS.iterdir()} == set(LOCKS)
