"""Loading a rules table from a file: what publishing would refuse is refused before anything is written."""

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

pytestmark = pytest.mark.django_db

HIEROGLYPH = "An owl is 𓅓."
THAT_STOP_PUBLISHING: dict[str, tuple[Any, ...]] = {
    "the fonts lack a character of a rule": ("items", 0, "why", HIEROGLYPH, "rule opioid-use, why: The PDF"),
    "the fonts lack a character of a detail": (
        *("items", 0, "follow_ups", 0, "label", HIEROGLYPH),
        "rule opioid-use, follow-up agent, label: The PDF cannot show “𓅓”",
    ),
    "the fonts lack a character of a text": ("not_covered", 0, HIEROGLYPH, "not_covered[1]: The PDF cannot show “𓅓”"),
    "the fonts lack a character of a case": ("cases", 0, "words", HIEROGLYPH, ", words: The PDF cannot show “𓅓”"),
    "a case does not hold": ("cases", 0, "outcome", "contraindication_flagged", "expects “Contraindication flagged”"),
    "a case names no rule": ("cases", 0, "flagged", ["no-rule"], "there is no rule “no-rule”"),
    "a verdict": ("title", "Who is safe", "title: “safe” is a verdict"),
    "a control character": ("basis", "Two\0words", "basis: character 4 cannot be shown or printed"),
    "a text that is too long": ("items", 0, "finding", "x" * 201, "rule opioid-use, finding: this text has 201"),
}


def rules_file(folder: Path, *change: Any) -> Path:
    """The shipped rules as a file in which one value is another: the way to it, then the value."""
    plain: Any = json.loads(RULES_FILE.read_text())
    *way, last, value = change
    part = plain
    for each in way:
        part = part[each]
    part[last] = value
    file = folder / "rules.json"
    file.write_text(json.dumps(plain))
    return file


def everything_stored() -> list[list[dict[str, Any]]]:
    """Every row that loading or publishing could make or change."""
    models: tuple[type[Model], ...] = (RuleSet, Rule, Case, DraftChange, Edition, StoredLexicon, AuditEvent)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


@pytest.fixture(params=["no edition", "an edition", "another draft"])
def before(request: pytest.FixtureRequest) -> None:
    """What there is before a file is loaded."""
    if request.param != "no edition":
        EditionFactory()
    if request.param == "another draft":
        actions.load_rules(changed_rules(pregnancy={"why": "Other words."}), by=None, at=timezone.now())


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize("fault", THAT_STOP_PUBLISHING)
def test_a_file_that_cannot_be_published_is_refused_and_changes_nothing(tmp_path: Path, fault: str) -> None:
    *change, said = THAT_STOP_PUBLISHING[fault]
    file, stored = rules_file(tmp_path, *change), everything_stored()
    for options in ([], ["--publish"], ["--replace"], ["--publish", "--replace"]):
        with pytest.raises(CommandError, match="is not loaded") as refusal:
            call_command("load_rules", file, *options)
        assert said in str(refusal.value)
        assert everything_stored() == stored, options


def test_faults_of_every_kind_are_listed_together(tmp_path: Path) -> None:
    file = rules_file(tmp_path, "title", f"Who is safe: {HIEROGLYPH}")
    with pytest.raises(CommandError) as refusal:
        call_command("load_rules", file)
    assert "2 to mend" in str(refusal.value)
    assert "“safe” is a verdict" in str(refusal.value)
    assert "The PDF cannot show “𓅓”" in str(refusal.value)


@pytest.mark.usefixtures("before")
def test_what_goes_wrong_while_it_is_published_leaves_nothing(tmp_path: Path) -> None:
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
    ("note", "said"),
    [
        pytest.param("x" * 1001, "at most 1000 characters", id="too long"),
        pytest.param("Two\0words", "cannot be shown or printed", id="a control character"),
        pytest.param(" ", "Enter what changed and why", id="empty"),
    ],
)
def test_a_note_that_no_page_would_take_is_refused(note: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("load_rules", str(RULES_FILE), "--publish", "--note", note)
    assert not RuleSet.objects.exists()
