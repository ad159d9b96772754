"""Each heading and fixed sentence is defined once, in ``wording``, and each label of a code once, in ``labels``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from screening.clinical.rules import labels
from screening.clinical.text import wording
from tests.paths import PROJECT

DEFINED_IN = {PROJECT / "screening" / "clinical" / folder for folder in ("text/wording.py", "rules/labels.py")}
MODULES = [
    path
    for path in sorted((PROJECT / "screening").rglob("*.py"))
    if path not in DEFINED_IN and "migrations" not in path.parts
]
TEMPLATES = sorted(path for path in (PROJECT / "templates").rglob("*") if path.suffix in {".html", ".typ"})
FIXED_TEXTS = {name: text for name, text in vars(wording).items() if name.isupper() and isinstance(text, str)}
LABELS = {
    label
    for table in (labels.ANSWER_WORDS, labels.OUTCOME_SHORT, labels.SEVERITY_WORDS, labels.TRIGGER_WORDS)
    for label in table.values()
}
MARKUP = re.compile(r"<!--.*?-->|{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>", re.DOTALL)


def strings_of_module(source: str) -> Iterator[str]:
    """Every string of a module that is not a docstring; of an f-string its fixed parts."""
    tree = ast.parse(source)
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in statements:
            yield node.value


def texts_of_template(path: Path, source: str) -> Iterator[str]:
    """Every text between the markup of a template, and every quoted string."""
    yield from re.findall(r'"([^"]*)"', re.sub(r"{% wording .*?%}", "", source))
    yield from re.split(r"[\[\]#\n]", re.sub(r"//.*", "", source)) if path.suffix == ".typ" else MARKUP.split(source)


@cache
def texts_of(path: Path) -> frozenset[str]:
    """The texts of a file, in single spaces and without the punctuation at their ends."""
    source = path.read_text(encoding="utf-8")
    texts = strings_of_module(source) if path.suffix == ".py" else texts_of_template(path, source)
    return frozenset(map(bare, texts))


def bare(text: str) -> str:
    """A text in single spaces and without the punctuation at its ends."""
    return " ".join(text.split()).strip(" .:,;")


def written_in(text: str, paths: list[Path]) -> list[str]:
    """The files that repeat a text: as a whole, or, if it has several words, within another text."""
    wanted = bare(text)
    return [
        str(path.relative_to(PROJECT))
        for path in paths
        if any(found == wanted or (" " in wanted and wanted in found) for found in texts_of(path))
    ]


@pytest.mark.parametrize("name", FIXED_TEXTS)
def test_a_heading_or_fixed_sentence_is_written_only_where_it_is_defined(name: str) -> None:
    assert written_in(FIXED_TEXTS[name], [*MODULES, *TEMPLATES]) == []


@pytest.mark.parametrize("label", sorted(LABELS))
def test_the_label_of_a_code_is_written_in_no_template(label: str) -> None:
    assert written_in(label, TEMPLATES) == []


@pytest.mark.parametrize(
    ("suffix", "source"),
    [
        (".py", 'heading = "What this screen does not cover:"'),
        (".py", 'sentence = f"Add it to “What this screen does not cover” in {place}"'),
        (".html", "<h2>What this screen\n  does not cover</h2>"),
        (".html", '{% include "list.html" with heading="What this screen does not cover" %}'),
        (".typ", '#heading("What this screen does not cover")'),
        (".typ", "#bold[What this screen does not cover:]"),
    ],
)
def test_a_heading_that_is_written_again_is_found(suffix: str, source: str, tmp_path: Path) -> None:
    path = tmp_path / f"copy{suffix}"
    path.write_text(source, encoding="utf-8")
    assert any(wording.NOT_COVERED in text for text in texts_of(path))


def test_the_print_repeats_the_footer_and_the_watermarks_in_its_margins() -> None:
    styles = (PROJECT / "static" / "screening" / "print.css").read_text(encoding="utf-8")
    margins = set(re.findall(r'content: "([^"]+?)(?: of)?";', styles)) - {"Page ", "• "}
    assert {wording.FOOTER, wording.SUPERSEDED, wording.VOID, wording.DRAFT} <= margins
