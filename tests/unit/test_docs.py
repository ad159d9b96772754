"""The documents name files that exist, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.paths import PROJECT

DOCUMENTS = sorted(
    path for path in (*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")) if path.name != "CHANGELOG.md"
)
FOLDERS = "screening|templates|static|tests|fixtures|docs|ldn_screen|benchmarks|requirements"
NAMED = re.compile(rf"`((?:{FOLDERS})/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")

of_each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))


def test_the_documents_name_files() -> None:
    assert sum(len(NAMED.findall(path.read_text(encoding="utf-8"))) for path in DOCUMENTS) > 20


@of_each_document
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    named = NAMED.findall(document.read_text(encoding="utf-8"))
    assert [path for path in named if not (PROJECT / path).exists()] == []


@of_each_document
def test_every_link_of_a_document_leads_to_a_file(document: Path) -> None:
    linked = LINK.findall(document.read_text(encoding="utf-8"))
    assert [path for path in linked if not (document.parent / path).exists()] == []


def test_a_walk_of_the_architecture_opens_three_files_at_most() -> None:
    walks = (
        (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Where to make a change")[2]
    )
    opened = {walk: len(NAMED.findall(walk)) for walk in walks.split("\n\n") if walk.startswith("**")}
    assert len(opened) == 11
    assert all(1 <= files <= 3 for files in opened.values()), opened
