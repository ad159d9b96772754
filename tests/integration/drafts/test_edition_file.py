"""An edition is exported as a file and imported as a draft."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from screening.accounts.permissions import Role
from screening.clinical.text.json_errors import content_hash
from screening.editions.edition_file import LARGEST_BYTES
from screening.models import AuditEvent, Edition, RuleSet, User
from tests.drafts import DRAFT, started
from tests.factories import UserFactory
from tests.pages import messages, words
from tests.rules import RULES_FILE, shipped_rules

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

SignIn = Callable[[User], Client]
IMPORT = f"{DRAFT}import/"


@pytest.fixture
def exported(editor: Client) -> bytes:
    """The exported file of edition 1."""
    return bytes(editor.get("/editions/1/edition.json").content)


def import_file(client: Client, content: bytes, name: str = "edition.json") -> Any:
    return client.post(IMPORT, {"edition_file": SimpleUploadedFile(name, content)}, follow=True)


def edited(exported: bytes, change: Callable[[dict[str, Any]], object], *, hashed: bool = False) -> bytes:
    """Return the file after a manual edit; with ``hashed``, the hash was recalculated."""
    plain = json.loads(exported)
    change(plain)
    if hashed:
        rules = json.dumps(plain["rules"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        plain["sha256"] = content_hash(rules)
    return json.dumps(plain).encode()


def test_the_file_contains_the_hash_and_the_cases(exported: bytes, edition: Edition) -> None:
    plain = json.loads(exported)
    assert plain["sha256"] == edition.sha256
    assert len(plain["rules"]["cases"]) == len(shipped_rules().cases)


def test_the_file_is_named_after_the_edition_and_the_export_is_audited(editor: Client) -> None:
    response = editor.get("/editions/1/edition.json")
    assert response.headers["Content-Disposition"] == 'attachment; filename="ldn-screen-edition-1.json"'
    assert AuditEvent.objects.filter(action="edition.exported", subject="edition 1").exists()


def test_an_exported_edition_is_imported_as_the_same_draft(editor: Client, exported: bytes) -> None:
    response = import_file(editor, exported)
    draft = RuleSet.objects.get(is_open=True)
    assert draft.definition() == dataclasses.replace(shipped_rules(), lexicon="")
    assert "A draft was made from the file of edition 1." in words(response)


def test_only_an_editor_can_import_an_edition(client_of: SignIn, exported: bytes) -> None:
    for role in (Role.APPROVER, Role.CLINICIAN):
        client = client_of(UserFactory(role=role))
        assert client.get(IMPORT).status_code == 403
        assert import_file(client, exported).status_code == 403


def test_nothing_is_imported_while_a_draft_is_open(editor: Client, exported: bytes) -> None:
    draft = started()
    response = import_file(editor, exported)
    assert "Nothing was imported" in words(response)
    assert RuleSet.objects.get(is_open=True) == draft


def with_unknown_severity(plain: dict[str, Any]) -> None:
    plain["rules"]["items"][0]["severity"] = "deadly"
    plain["rules"]["items"][1]["trigger"] = "by-magic"


def with_two_hundred_rules(plain: dict[str, Any]) -> None:
    first = plain["rules"]["items"][0]
    plain["rules"]["items"] += [{**first, "link_id": f"rule-{number}"} for number in range(196)]


def with_a_part_of_a_day(plain: dict[str, Any]) -> None:
    plain["rules"]["items"][0]["follow_ups"][1]["choices"][0]["interval"]["days"] = 7.5


def with_a_verdict(plain: dict[str, Any]) -> None:
    plain["rules"]["items"][0]["finding"] = "The patient is safe"


def with_a_broken_case(plain: dict[str, Any]) -> None:
    plain["rules"]["cases"][0]["outcome"] = "cannot_conclude"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (with_unknown_severity, "deadly"),
        (with_two_hundred_rules, "200"),
        (with_a_part_of_a_day, "whole"),
        (with_a_verdict, "verdict"),
        (with_a_broken_case, "Every question is answered no."),
        (lambda plain: plain["rules"]["items"][0].update(sources=[]), "no source"),
        (lambda plain: plain["rules"]["items"][0].update(question=""), "question"),
        (lambda plain: plain["rules"]["items"][1].update(link_id="opioid-use"), "opioid-use"),
        (lambda plain: plain["rules"].update(extra=1), "extra"),
    ],
)
def test_a_file_with_a_fault_is_refused_with_a_list_of_faults_and_nothing_is_stored(
    editor: Client, exported: bytes, edition: Edition, change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    response = import_file(editor, edited(exported, change, hashed=True))
    assert response.status_code == 422
    assert any(sentence in each for each in messages(response))
    assert not RuleSet.objects.filter(is_open=True).exists()
    assert Edition.objects.current() == edition


def test_an_edited_file_is_recognised_by_its_hash(editor: Client, exported: bytes) -> None:
    def soften(plain: dict[str, Any]) -> None:
        plain["rules"]["items"][0]["why"] = "No reason."

    response = import_file(editor, edited(exported, soften))
    assert response.status_code == 422
    assert any("changed after it was exported" in each for each in messages(response))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b"[" * 100_000, b"\xff\xfe\x00", b'{"format": "ldn-screen-edition/2"}', b"9" * 5000],
    ids=["empty", "cut", "null", "list", "deep", "binary", "another format", "number"],
)
def test_a_file_that_is_not_an_edition_is_refused_with_a_message(editor: Client, content: bytes) -> None:
    response = import_file(editor, content)
    assert response.status_code == 422
    assert messages(response)
    assert not RuleSet.objects.filter(is_open=True).exists()


def test_a_truncated_file_is_refused(editor: Client, exported: bytes) -> None:
    response = import_file(editor, exported[: len(exported) // 2])
    assert response.status_code == 422
    assert any("the file is incomplete" in each for each in messages(response))


def test_a_file_of_rules_without_an_edition_is_refused(editor: Client) -> None:
    response = import_file(editor, RULES_FILE.read_bytes())
    assert response.status_code == 422
    assert messages(response)


def test_a_file_larger_than_any_edition_is_not_read(editor: Client) -> None:
    response = import_file(editor, b" " * (LARGEST_BYTES + 1))
    assert response.status_code == 422
    assert any("2 MB" in each for each in messages(response))


def test_a_missing_file_is_reported_beside_the_field(editor: Client) -> None:
    response = editor.post(IMPORT, {})
    assert response.status_code == 422
    assert "Choose a file." in messages(response)


def test_markup_in_a_fault_is_escaped(editor: Client, exported: bytes) -> None:
    def mark_up(plain: dict[str, Any]) -> None:
        plain["rules"]["items"][0]["<script>alert(1)</script>"] = 1

    response = import_file(editor, edited(exported, mark_up))
    assert response.status_code == 422
    assert b"<script>alert" not in response.content
