"""The lexicon of an edition: stored once, covered by the hash of its rules, compiled once."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from screening.clinical.medications import lexicon as lexicons
from screening.clinical.medications.lexicon import Lexicon, Product
from screening.clinical.medications.reader import Recogniser
from screening.clinical.text.json_errors import DefinitionError, content_hash
from screening.drafts import actions
from screening.editions import models as editions
from screening.models import Edition, RuleSet, StoredLexicon
from tests.conftest import guards_lifted
from tests.factories import EditionFactory
from tests.rules import LEXICON_FILE, RULES_FILE, changed_rules, shipped_lexicon, shipped_rules

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
LOCAL = Product(name="Schmerzex", ingredients=("codeine",), sources=("atc",))


@pytest.fixture(autouse=True)
def _nothing_compiled() -> None:
    editions._recogniser.cache_clear()
    editions._names.cache_clear()


def other_lexicon(**changes: Any) -> Lexicon:
    """Return the shipped lexicon with changes."""
    return dataclasses.replace(shipped_lexicon(), **{"title": "Other names"} | changes)


def hash_of(lexicon: Lexicon) -> str:
    """Return the hash of a lexicon's canonical JSON."""
    return content_hash(lexicons.to_json(lexicon))


# Published ----------------------------------------------------------------------------------------------------


def test_an_edition_has_a_lexicon_covered_by_its_hash(edition: Edition) -> None:
    assert edition.lexicon is not None
    assert edition.lexicon.names == shipped_lexicon()
    assert edition.definition.lexicon == edition.lexicon.sha256 == hash_of(shipped_lexicon())
    assert f'"lexicon":"{edition.lexicon.sha256}"' in edition.content


def test_the_same_lexicon_is_stored_once(edition: Edition) -> None:
    EditionFactory(definition=changed_rules(pregnancy={"why": "Other."}))
    EditionFactory(lexicon=other_lexicon())
    assert StoredLexicon.objects.count() == 2
    assert Edition.objects.filter(lexicon__sha256=hash_of(shipped_lexicon())).count() == 2


def test_an_edition_without_a_lexicon_reads_no_lists() -> None:
    edition = EditionFactory(lexicon=None)
    assert (edition.lexicon, edition.definition.lexicon, edition.recogniser()) == (None, "", None)
    assert not StoredLexicon.objects.exists()


def test_a_faulty_lexicon_is_refused_with_all_faults_listed() -> None:
    draft = actions.load_rules(shipped_rules(), by=None, at=timezone.now())
    faulty = other_lexicon(
        products=(
            Product(name="One", ingredients=("nonsense",), sources=("atc",)),
            Product(name="Other", ingredients=("codeine",), sources=()),
        )
    )
    with pytest.raises(DefinitionError) as refusal:
        actions.publish(draft, by=None, at=timezone.now(), change_note="", lexicon=faulty)
    assert {fault.place for fault in refusal.value.faults} == {"One", "Other"}
    assert not Edition.objects.exists()
    assert not StoredLexicon.objects.exists()


def test_a_draft_made_from_an_edition_has_no_lexicon(edition: Edition) -> None:
    draft = actions.load_rules(edition.definition, by=None, at=timezone.now())
    assert draft.definition() == shipped_rules()


@pytest.mark.parametrize("change", ["UPDATE {} SET content = 'x'", "DELETE FROM {}"])
def test_a_stored_lexicon_cannot_be_changed_or_deleted(edition: Edition, change: str) -> None:
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(change.format("screening_storedlexicon"))


# Compiled -----------------------------------------------------------------------------------------------------


def test_an_edition_recognises_the_names_of_its_lexicon(edition: Edition) -> None:
    recogniser = edition.recogniser()
    assert recogniser is not None
    (found,) = recogniser.read("Percocet 5 mg at night", TODAY).current_opioids
    assert (found.ingredient, found.product) == ("oxycodone", "Percocet")


def test_local_names_are_recognised_in_addition(edition: Edition) -> None:
    own, local = edition.recogniser(), edition.recogniser([LOCAL])
    assert own is not None
    assert local is not None
    assert (own.read("Schmerzex", TODAY).opioids, len(local.read("Schmerzex", TODAY).opioids)) == ((), 1)


def test_a_lexicon_is_compiled_once_for_each_set_of_local_names(edition: Edition) -> None:
    with patch.object(editions, "Recogniser", wraps=Recogniser) as compiled:
        again = Edition.objects.get()
        assert edition.recogniser() is again.recogniser()
        assert edition.recogniser([LOCAL]) is again.recogniser((LOCAL,))
    assert compiled.call_count == 2


def test_a_lexicon_that_does_not_match_its_hash_is_refused(edition: Edition) -> None:
    with guards_lifted():
        StoredLexicon.objects.update(content=lexicons.to_json(other_lexicon()))
    with pytest.raises(ValueError, match="do not match their hash"):
        edition.recogniser()


# Loaded from a file -------------------------------------------------------------------------------------------


def use_lexicon(settings: Any, folder: Path, **changes: Any) -> None:
    """Replace the shipped lexicon by one with changes."""
    settings.OPIOID_LEXICON = folder / "names.json"
    plain = json.loads(LEXICON_FILE.read_text(encoding="utf-8"))
    settings.OPIOID_LEXICON.write_text(json.dumps({**plain, **changes}), encoding="utf-8")


def test_loading_the_rules_publishes_them_with_the_shipped_lexicon() -> None:
    call_command("load_rules", RULES_FILE, "--publish")
    assert Edition.objects.get().definition.lexicon == hash_of(shipped_lexicon())


def test_the_same_rules_with_another_lexicon_make_another_edition(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO = True
    call_command("load_rules", RULES_FILE, "--publish")
    use_lexicon(settings, tmp_path, title="Other names")
    for _ in range(2):
        call_command("load_rules", RULES_FILE, "--publish")
    assert [each.number for each in Edition.objects.order_by("number")] == [1, 2]
    assert Edition.objects.get(number=2).definition.lexicon == hash_of(other_lexicon())
    assert "Edition 2 already holds these rules" in capsys.readouterr().out


def test_rules_are_published_again_if_the_current_edition_has_no_lexicon(settings: Any) -> None:
    settings.DEMO = True
    EditionFactory(lexicon=None)
    call_command("load_rules", RULES_FILE, "--publish")
    assert Edition.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"surprise": 1}, "surprise", id="an unknown field"),
        pytest.param({"ingredients": []}, "there is no ingredient", id="no ingredient"),
    ],
)
def test_a_faulty_lexicon_file_is_refused_with_its_faults(
    settings: Any, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    use_lexicon(settings, tmp_path, **changes)
    with pytest.raises(CommandError, match=r"names.json is not loaded") as refusal:
        call_command("load_rules", RULES_FILE, "--publish")
    assert message in str(refusal.value)
    assert not RuleSet.objects.exists()


def test_a_missing_lexicon_file_is_reported_in_one_sentence(settings: Any, tmp_path: Path) -> None:
    settings.OPIOID_LEXICON = tmp_path / "names.json"
    with pytest.raises(CommandError, match=r"names.json cannot be read: No such file or directory\."):
        call_command("load_rules", RULES_FILE, "--publish")
