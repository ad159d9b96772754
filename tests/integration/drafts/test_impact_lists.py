"""Which stored medication lists are read again for a draft, with which names and for which date."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from screening.accounts.permissions import Role
from screening.clinical.medications import lexicon
from screening.clinical.medications.reader import Recogniser
from screening.clinical.report.impact import ImpactKind
from screening.drafts import actions as draft_actions
from screening.medications import actions as medication_actions
from screening.models import Edition, ListOfMedicines, LocalName
from tests.drafts import acting
from tests.factories import CURRENT_OPIOID, NO_OPIOID, EditionFactory, UserFactory
from tests.past import add_local_name, drafted, impact_of, screened, without
from tests.rules import changed_rules, shipped_lexicon, shipped_rules

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _first_edition(edition: Edition) -> None:
    """Create the edition that patients are screened with."""


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """The lists that are read, each with its date."""
    read, reads = Recogniser.read, list[tuple[str, Any]]()

    def logged(self: Recogniser, text: str, on: Any) -> Any:
        reads.append((text, on))
        return read(self, text, on)

    monkeypatch.setattr(Recogniser, "read", logged)
    return reads


def test_a_list_read_with_the_same_names_is_not_read_again(reads: list[Any]) -> None:
    screened(opioid_in_list=True)
    reads.clear()
    assert impact_of(drafted(shipped_rules())).changed == 0
    assert reads == []


def test_the_stored_findings_are_used_if_the_names_are_the_same() -> None:
    screened(listed=NO_OPIOID)
    found = [each.found for each in ListOfMedicines.objects.all()]
    assert found == [[]]
    rules = changed_rules(opioid_use={"listed": None})
    assert impact_of(drafted(rules)).changed == 0


def test_a_list_is_read_again_if_a_local_name_was_added(reads: list[Any]) -> None:
    screened(listed="Zorbelan forte 10 mg")
    add_local_name()
    reads.clear()
    found = impact_of(drafted(shipped_rules()))
    assert len(reads) == 1
    assert found.rules[ImpactKind.NEWLY_FLAGGED] == {"opioid-use": 1}


def test_a_list_is_read_again_if_a_local_name_was_retired() -> None:
    add_local_name()
    edition = Edition.objects.get()
    names = edition.local_names()
    screened(listed="Zorbelan forte 10 mg", local_names=names)
    editor = UserFactory(role=Role.EDITOR)
    medication_actions.retire_local_name(LocalName.objects.get(), **acting(editor))
    assert impact_of(drafted(shipped_rules())).rules[ImpactKind.NO_LONGER_FLAGGED] == {"opioid-use": 1}


def test_the_order_of_local_names_does_not_matter(reads: list[Any]) -> None:
    for name in ("Zorbelan", "Abelan"):
        add_local_name(name)
    names = Edition.objects.get().local_names()
    screened(listed=NO_OPIOID, local_names=tuple(reversed(names)))
    reads.clear()
    impact_of(drafted(shipped_rules()))
    assert reads == []


def test_a_list_is_read_with_the_names_of_the_release(reads: list[Any]) -> None:
    screened(listed=CURRENT_OPIOID, edition=EditionFactory(lexicon=None))
    assert reads == []
    found = impact_of(drafted(shipped_rules()))
    assert len(reads) == 1
    assert found.rules[ImpactKind.NEWLY_FLAGGED] == {"opioid-use": 1}


def test_an_edition_published_again_uses_its_own_names_or_none() -> None:
    earlier = EditionFactory(lexicon=None)
    later = EditionFactory(definition=without("breastfeeding"))
    screened(listed=CURRENT_OPIOID, edition=later)
    editor = UserFactory(role=Role.EDITOR)
    again = draft_actions.start_draft(earlier, **acting(editor), again=True)
    assert impact_of(again).rules[ImpactKind.NO_LONGER_FLAGGED] == {"opioid-use": 1}


def test_names_stored_before_the_lexicon_gained_a_field_count_as_the_same_names(
    reads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = json.loads(lexicon.to_json(shipped_lexicon()))
    for form in names["forms"]:
        del form["unless"]
    with monkeypatch.context() as earlier_release:
        earlier_release.setattr(lexicon, "to_json", lambda _: json.dumps(names))
        earlier = EditionFactory()
    screened(listed=NO_OPIOID, edition=earlier)
    EditionFactory(definition=without("breastfeeding"))
    again = draft_actions.start_draft(earlier, **acting(UserFactory(role=Role.EDITOR)), again=True)
    reads.clear()
    impact_of(again)
    assert reads == []


def test_each_text_is_read_once(reads: list[Any]) -> None:
    for number in range(5):
        screened(f"DEMO-{number}", number + 1, listed=CURRENT_OPIOID)
    add_local_name()
    reads.clear()
    impact_of(drafted(shipped_rules()))
    assert [text for text, _ in reads] == [CURRENT_OPIOID]


def test_a_text_with_the_end_date_of_an_opioid_is_read_for_each_day(reads: list[Any]) -> None:
    today = datetime.now(UTC)
    ended = today - timedelta(days=30)
    text = f"Codeine 30 mg, stopped {ended.day} {ended:%B %Y}"
    for number, days_ago in enumerate((1, 25, 25)):
        screened(f"DEMO-{number}", days_ago, listed=text)
    add_local_name()
    reads.clear()
    found = impact_of(drafted(shipped_rules()))
    assert {on for _, on in reads} == {(today - timedelta(days=back)).date() for back in (1, 25)}
    assert found.changed == 0


def test_lists_of_screenings_that_are_not_compared_are_not_read(reads: list[Any]) -> None:
    screened("DEMO-0001", 9, listed=CURRENT_OPIOID)
    screened("DEMO-0001", 2, listed=NO_OPIOID)
    add_local_name()
    reads.clear()
    impact_of(drafted(shipped_rules()))
    assert [text for text, _ in reads] == [NO_OPIOID]
