"""The laws of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from screening.permissions import Permission

ROOT = Path(__file__).parents[2]
ACTIONS = sorted((ROOT / "screening" / "actions").glob("*.py"))
WRITERS = {*ACTIONS, ROOT / "screening" / "audit.py"}
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete", "insert"}
SIGNAL_USERS = {"audit.py", "apps.py"}
MODULES = sorted(path for path in (ROOT / "screening").rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def calls(path: Path) -> Iterator[str]:
    """The name of every method and function that a module calls."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id


def test_the_verbs_do_write_so_that_the_next_test_can_find_what_should_not() -> None:
    assert WRITES & {name for path in ACTIONS for name in calls(path)}


@pytest.mark.parametrize("path", [each for each in MODULES if each not in WRITERS], ids=lambda path: path.name)
def test_only_actions_and_audit_write(path: Path) -> None:
    assert not WRITES & set(calls(path))


@pytest.mark.parametrize(
    "path", [each for each in MODULES if each.name not in SIGNAL_USERS], ids=lambda path: path.name
)
def test_signals_are_used_only_after_migrate_and_for_signing_in(path: Path) -> None:
    assert not re.search(r"django\.dispatch|import .*signal|\.signals", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_nothing_reaches_into_django(path: Path) -> None:
    assert not re.search(
        r"get_compiler|\._state\b|\.from_db\(|SessionStore|db\.backends\.(?!base)|_start_transaction",
        path.read_text(encoding="utf-8"),
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_only_the_blank_form_is_cached(path: Path) -> None:
    cached = re.findall(r"{%\s*cache [^%]*%}", path.read_text(encoding="utf-8"))
    assert cached == (["{% cache 86400 blank_form blank_form_of %}"] if path.name == "form.html" else [])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_logic_hides_in_save(path: Path) -> None:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    assert not {"save", "delete"} & {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_decides_by_outcome_or_severity(path: Path) -> None:
    conditions = re.findall(r"{%\s*(?:el)?if ([^%]*)%}", path.read_text(encoding="utf-8"))
    assert not [each for each in conditions if re.search(r"outcome|severity|\.state\b|\.finding\b", each)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_ask_only_for_permissions_that_there_are(path: Path) -> None:
    tags = re.findall(r"{[{%].*?[}%]}", path.read_text(encoding="utf-8"))
    asked = {name for tag in tags for name in re.findall(r"\bperms\b(?:\.([\w.]+))?", tag)}
    assert asked <= set(Permission)


@pytest.mark.parametrize("path", sorted((ROOT / "screening" / "clinical").glob("*.py")), ids=lambda path: path.name)
def test_the_clinical_core_knows_no_clock(path: Path) -> None:
    assert not {"now", "today", "utcnow"} & set(calls(path))
