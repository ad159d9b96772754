"""The release that is installed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"
_HEADING = re.compile(r"^## (\d+\.\d+\.\d+)\s*$", re.MULTILINE)


@cache
def release() -> str:
    """Return the version of the first heading of the changelog, such as ``0.2.0``.

    Raises:
        ImproperlyConfigured: the changelog is missing, or no heading of it is a version.
    """
    try:
        return version_of(CHANGELOG.read_text(encoding="utf-8"))
    except OSError as error:
        raise ImproperlyConfigured(f"{CHANGELOG} cannot be read: {error.strerror}.") from None


def version_of(changelog: str) -> str:
    """Return the version of the first heading of this text.

    Raises:
        ImproperlyConfigured: no heading of the text is a version.
    """
    found = _HEADING.search(changelog)
    if found is None:
        raise ImproperlyConfigured(f"{CHANGELOG.name} has no heading with a version, such as ## 0.2.0.")
    return found[1]
