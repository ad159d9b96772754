"""Rules of the project that no linter checks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from screening.accounts.permissions import Permission
from tests.paths import PROJECT

ROOT = PROJECT
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete", "insert"}
SIGNAL_USERS = {"receivers.py", "apps.py"}
MODULES = sorted(path for path in (ROOT / "screening").rglob("*.py") if "migrations" not in path.parts)
WRITERS = {path for path in MODULES if path.name == "actions.py" or path.parent.name == "actions"}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    """All parts of a module."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def calls(path: Path) -> Iterator[str]:
    """The name of every method and function that a module calls."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id


def test_the_verbs_do_write_so_that_the_next_test_can_find_what_should_not() -> None:
    assert WRITES & {name for path in WRITERS for name in calls(path)}


def test_only_actions_and_audit_write() -> None:
    assert [path for path in MODULES if path not in WRITERS and WRITES & set(calls(path))] == []


def test_signals_are_used_only_after_migrate_and_for_signing_in() -> None:
    uses = re.compile(r"django\.dispatch|import .*signal|\.signals")
    others = [path for path in MODULES if path.name not in SIGNAL_USERS]
    assert [path for path in others if uses.search(path.read_text(encoding="utf-8"))] == []


def test_nothing_reaches_into_django() -> None:
    inside = re.compile(r"get_compiler|\._state\b|\.from_db\(|SessionStore|db\.backends\.(?!base)|_start_transaction")
    assert [path for path in MODULES if inside.search(path.read_text(encoding="utf-8"))] == []


def test_nothing_is_cached_but_the_blank_form_the_navigation_and_the_lists_of_a_draft() -> None:
    cached = re.compile(r"{%\s*cache\s+(.*?)\s*%}", re.DOTALL)
    assert {each for path in TEMPLATES for each in cached.findall(path.read_text(encoding="utf-8"))} == {
        "86400 blank_form_asked blank_form_of language",
        "86400 blank_form blank_form_of language",
        "86400 navigation role_words here waiting language",
        "86400 row row.vary_on language",
        "86400 question question_key language",
    }


def test_no_page_renders_a_field_by_hand() -> None:
    pages = [path for path in TEMPLATES if path.parent.name not in {"bootstrap5", "layout"}]
    assert [path for path in pages if "bootstrap5/" in path.read_text(encoding="utf-8")] == []


def test_no_logic_hides_in_save() -> None:
    named = {path: {each.name for each in nodes(path) if isinstance(each, ast.FunctionDef)} for path in MODULES}
    assert [path for path in MODULES if {"save", "delete"} & named[path]] == []


def test_no_template_decides_by_outcome_or_severity() -> None:
    conditions = re.compile(r"{%\s*(?:el)?if ([^%]*)%}")
    decides = re.compile(r"outcome|severity|\.state\b|\.finding\b")
    said = {path: conditions.findall(path.read_text(encoding="utf-8")) for path in TEMPLATES}
    assert {path: each for path, all_said in said.items() for each in all_said if decides.search(each)} == {}


def test_templates_ask_only_for_permissions_that_there_are() -> None:
    for path in TEMPLATES:
        tags = re.findall(r"{[{%].*?[}%]}", path.read_text(encoding="utf-8"))
        asked = {name for tag in tags for name in re.findall(r"\bperms\b(?:\.([\w.]+))?", tag)}
        assert asked <= set(Permission), path


ONLY_BUTTONS = {
    "draft_detail.html",
    "draft_library.html",
    "draft_none.html",
    "draft_publish.html",
    "rule_retire.html",
    "parts/rule_row.html",
    "rule/follow_ups.html",
}
"""Templates of the draft whose forms hold nothing that was typed."""
NOT_STORED = {
    "base.html",
    "purge_list.html",
    "recovery_codes.html",
    "remove_second_factors.html",
    "resubmit_form.html",
    "screening_list.html",
    "screening_print.html",
    "unsent_form.html",
}
"""Other templates whose forms hold nothing that was typed, or only a search."""


def test_every_form_with_a_text_says_who_opened_it_so_that_it_can_be_stored() -> None:
    for path in TEMPLATES:
        text, name = path.read_text(encoding="utf-8"), path.relative_to(ROOT / "templates").as_posix()
        is_password_page = name.startswith(("account/", "mfa/", "socialaccount/"))
        says_who = "{{ form_owner }}" in text
        if is_password_page or path.name in NOT_STORED or name.removeprefix("screening/drafts/") in ONLY_BUTTONS:
            assert not says_who, name
        elif "{% csrf_token %}" in text:
            assert says_who or "form_start.html" in text, name


def test_the_clinical_core_knows_no_clock() -> None:
    core = (ROOT / "screening" / "clinical").rglob("*.py")
    assert [path for path in core if {"now", "today", "utcnow"} & set(calls(path))] == []


def own_addresses(resolver: URLResolver) -> Iterator[URLPattern]:
    """The addresses of views that are functions of this project; the Django admin names its own pages."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from own_addresses(each)
        elif each.callback.__module__.startswith("screening.") and "." not in each.callback.__qualname__:
            yield each


def test_a_view_and_its_address_have_one_name() -> None:
    addresses = list(own_addresses(get_resolver()))
    assert len(addresses) > 40
    assert [each.name for each in addresses if each.name != each.callback.__name__] == []


def test_a_topic_renders_its_own_templates_or_those_of_the_topics_below() -> None:
    topics = ["web", "audit", "accounts", "medications", "editions", "screenings", "decisions", "drafts"]
    topics += ["safety", "audit_trail", "operations"]
    named = re.compile(r'"screening/(\w+)/[\w/]+\.(?:html|typ)"')
    for place, topic in enumerate(topics):
        for path in sorted((ROOT / "screening" / topic).rglob("*.py")):
            assert set(named.findall(path.read_text(encoding="utf-8"))) <= set(topics[: place + 1]), path


def test_every_template_of_a_topic_is_used() -> None:
    sources = [*MODULES, *sorted((ROOT / "templates").rglob("*.html"))]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    folder = ROOT / "templates" / "screening"
    pages = [path.relative_to(folder.parent).as_posix() for path in sorted(folder.rglob("*.html"))]
    assert [page for page in pages if page not in text] == []
