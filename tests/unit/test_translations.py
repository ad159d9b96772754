"""The catalogs of translations: complete, compiled, and with the same places for values as the English."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo

from ldn_screen.bootstrap import ROOT, without_project_variables
from tests.languages import catalog

CATALOGS = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
SOURCES = ("ldn_screen", "locale", "screening", "templates", "manage.py")
PLACES = re.compile(r"%\([a-z_]+\)s|\{[a-z_]*\}|</?[a-z][^>]*>")
MAKE_MESSAGES = ("makemessages", "--no-obsolete", "--add-location", "file")


def translations(messages: Catalog) -> dict[tuple[str, ...], list[str]]:
    """Return the translations by context and message."""
    return {(each.context or "", *forms(each.id)): forms(each.string) for each in messages if each.id}


def forms(text: str | Sequence[str] | None) -> list[str]:
    """Return the singular and plural forms of a message or translation, or the only one."""
    return [text] if isinstance(text, str) else list(text or [])


def places(text: str) -> Counter[str]:
    """Count the places for values, and the tags."""
    return Counter(PLACES.findall(text))


def loses_a_place(message: Message) -> bool:
    """True if a form of the translation has other places than every English form."""
    english = [places(each) for each in forms(message.id)]
    return any(places(each) not in english for each in forms(message.string))


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
def test_every_message_is_translated(path: Path) -> None:
    assert [each.id for each in catalog(path) if each.id and not all(forms(each.string) or [""])] == []


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
def test_no_translation_is_marked_as_fuzzy(path: Path) -> None:
    assert [each.id for each in catalog(path) if each.id and each.fuzzy] == []


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
def test_a_translation_has_the_same_places_for_values_as_the_english(path: Path) -> None:
    assert [each.id for each in catalog(path) if each.id and loses_a_place(each)] == []


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
def test_the_compiled_catalog_is_as_new_as_its_source(path: Path) -> None:
    with path.with_suffix(".mo").open("rb") as file:
        assert translations(read_mo(file)) == translations(catalog(path))


@pytest.mark.gettext
@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
def test_a_catalog_has_every_message_of_the_code_and_the_templates_and_no_other(path: Path, tmp_path: Path) -> None:
    for name in SOURCES:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    command = [sys.executable, "manage.py", *MAKE_MESSAGES, "--locale", path.parts[-3]]
    variables = {"SECRET_KEY": "for this command only", "ALLOWED_HOSTS": "ldn.example.org"}
    subprocess.run(
        command, cwd=tmp_path, env=without_project_variables() | variables, check=True, capture_output=True
    )
    made = catalog(tmp_path / path.relative_to(ROOT))
    assert translations(catalog(path)).keys() == translations(made).keys()
