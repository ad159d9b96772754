"""``load_rules``: a file that could not be published is refused before anything is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.utils import timezone

from screening.clinical.text.json_errors import DefinitionError, Fault
from screening.drafts import actions
from screening.models import AuditEvent, Case, DraftChange, Edition, Rule, RuleSet, StoredLexicon
from tests.factories import EditionFactory
from tests.rules import RULES_FILE, changed_rules

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

HIEROGLYPH = "An owl is 𓅓."
FAULTS: dict[str, tuple[Any, ...]] = {
    "a character in a rule that the fonts lack": ("items", 0, "why", HIEROGLYPH, "rule opioid-use, why: The PDF"),
    "a character in a follow-up that the fonts lack": (
        *("items", 0, "follow_ups", 0, "label", HIEROGLYPH),
        "rule opioid-use, follow-up agent, label: The PDF cannot show “𓅓”",
    ),
    "a character in a text that the fonts lack": (
        "not_covered",
        0,
        HIEROGLYPH,
        "not_covered[1]: The PDF cannot show “𓅓”",
    ),
    "a character in a case that the fonts lack": (
        "cases",
        0,
        "words",
        HIEROGLYPH,
        ", words: The PDF cannot show “𓅓”",
    ),
    "a case with an unexpected result": (
        "cases",
        0,
        "outcome",
        "contraindication_flagged",
        "expects “Contraindication flagged”",
    ),
    "a case with an unknown rule": ("cases", 0, "flagged", ["no-rule"], "there is no rule “no-rule”"),
    "a verdict": ("title", "Who is safe", "title: “safe” is a verdict"),
    "a control character": ("basis", "Two\0words", "basis: character 4 cannot be shown or printed"),
    "a text that is too long": ("items", 0, "finding", "x" * 201, "rule opioid-use, finding: this text has 201"),
}


def rules_file(folder: Path, *change: Any) -> Path:
    """Return a file of the shipped rules with one value replaced: the path to the value, then the value."""
    plain: Any = json.loads(RULES_FILE.read_text())
    *path, last, value = change
    part = plain
    for each in path:
        part = part[each]
    part[last] = value
    file = folder / "rules.json"
    file.write_text(json.dumps(plain))
    return file


def everything_stored() -> list[list[dict[str, Any]]]:
    """Return every row that loading or publishing could add or change."""
    models: tuple[type[Model], ...] = (RuleSet, Rule, Case, DraftChange, Edition, StoredLexicon, AuditEvent)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


@pytest.fixture(params=["no edition", "an edition", "another draft"])
def initial_state(request: pytest.FixtureRequest) -> None:
    """The state of the database before a file is loaded."""
    if request.param != "no edition":
        EditionFactory()
    if request.param == "another draft":
        actions.load_rules(changed_rules(pregnancy={"why": "Other words."}), by=None, at=timezone.now())


@pytest.mark.usefixtures("initial_state")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_could_not_be_published_is_refused_and_changes_nothing(tmp_path: Path, fault: str) -> None:
    *change, message = FAULTS[fault]
    file, stored = rules_file(tmp_path, *change), everything_stored()
    for options in ([], ["--publish"], ["--replace"], ["--publish", "--replace"]):
        with pytest.raises(CommandError, match="is not loaded") as refusal:
            call_command("load_rules", file, *options)
        assert message in str(refusal.value)
        assert everything_stored() == stored, options


def test_all_kinds_of_faults_are_listed_together(tmp_path: Path) -> None:
    file = rules_file(tmp_path, "title", f"Who is safe: {HIEROGLYPH}")
    with pytest.raises(CommandError) as refusal:
        call_command("load_rules", file)
    assert "2 to fix" in str(refusal.value)
    assert "“safe” is a verdict" in str(refusal.value)
    assert "The PDF cannot show “𓅓”" in str(refusal.value)


@pytest.mark.usefixtures("initial_state")
def test_an_error_while_publishing_changes_nothing(tmp_path: Path) -> None:
    file, stored = rules_file(tmp_path, "title", "Another title"), everything_stored()
    fault = DefinitionError((Fault("somewhere", "found at the last moment"),))
    with (
        mock.patch("screening.drafts.actions.publish", side_effect=fault),
        mock.patch("screening.drafts.actions.propose", side_effect=fault),
        pytest.raises(CommandError, match="found at the last moment"),
    ):
        call_command("load_rules", file, "--publish", "--replace")
    assert everything_stored() == stored


@pytest.mark.parametrize(
    ("note", "message"),
    [
        pytest.param("x" * 1001, "at most 1000 characters", id="too long"),
        pytest.param("Two\0words", "cannot be shown or printed", id="a control character"),
        pytest.param(" ", "Enter what changed and why", id="empty"),
    ],
)
def test_a_note_that_the_form_would_refuse_is_refused(note: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("load_rules", str(RULES_FILE), "--publish", "--note", note)
    assert not RuleSet.objects.exists()
