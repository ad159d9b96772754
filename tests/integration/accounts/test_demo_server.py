"""When the demonstration server collects the static files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ldn_screen.demo_server import collect_static_files


@pytest.fixture(autouse=True)
def project(settings: Any, tmp_path: Path) -> Path:
    """A project with one static file, already collected."""
    settings.BASE_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "var" / "static"
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    # The real storage: the age of its manifest matters.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "runtime.txt").touch()
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "look.css").write_text("old")
    collect_static_files()
    return tmp_path


def test_unchanged_files_are_not_collected_again(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (project / "var" / "static" / "look.css").read_text() == "old"
    capsys.readouterr()
    collect_static_files()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "change", ["a changed file", "a new file with an old date", "another package", "no manifest"]
)
def test_files_are_collected_after_a_change(project: Path, capsys: pytest.CaptureFixture[str], change: str) -> None:
    collected = project / "var" / "static" / "look.css"
    if change == "a changed file":
        (project / "static" / "look.css").write_text("new")
    elif change == "a new file with an old date":
        (project / "static" / "look.css").write_text("new")
        os.utime(project / "static" / "look.css", (1, 1))
    elif change == "another package":
        (project / "requirements" / "runtime.txt").write_text("other==2\n")
    else:
        (project / "var" / "static" / "staticfiles.json").unlink()
    capsys.readouterr()
    collect_static_files()
    assert "Collecting" in capsys.readouterr().out
    assert collected.read_text() == (project / "static" / "look.css").read_text()
