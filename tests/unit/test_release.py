"""The release is the version of the changelog's first heading."""

from __future__ import annotations

import tomllib

import pytest
from django.core.exceptions import ImproperlyConfigured

from ldn_screen.release import release, version_of
from tests.paths import PROJECT


def test_the_package_has_the_version_of_the_changelog() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == release()


def test_the_first_heading_with_a_version_counts() -> None:
    assert version_of("# Changelog\n\n## 1.20.3\n\n### Rules\n\n## 1.20.2\n") == "1.20.3"


@pytest.mark.parametrize("text", ["", "# Changelog\n\n## Unreleased\n", "### 1.0.0\n", "## 1.0\n", "text ## 1.0.0\n"])
def test_a_changelog_without_a_version_is_an_error(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"CHANGELOG\.md has no heading with a version"):
        version_of(text)
