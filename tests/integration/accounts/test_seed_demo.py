"""How ./run prepares the database."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from screening.drafts import actions
from screening.management.commands import seed_demo as demo
from screening.models import Edition, RuleSet, User
from tests.factories import EditionFactory, UserFactory
from tests.rules import changed_rules

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demonstration(settings: Any) -> None:
    settings.DEMO, settings.DEMO_PASSWORD = True, "bafo-kilu-demo"


def test_rules_and_accounts_are_added_to_an_empty_database() -> None:
    call_command("seed_demo")
    assert Edition.objects.count() == 1
    assert {user.username for user in User.objects.all() if user.check_password("bafo-kilu-demo")} == {
        "clinician",
        "prescriber",
        "editor",
        "approver",
        "auditor",
        "admin",
    }


def test_the_published_rules_read_medication_lists() -> None:
    call_command("seed_demo")
    current = Edition.objects.current()
    assert current is not None
    assert current.recogniser() is not None


def test_after_an_edition_of_an_earlier_release_one_that_reads_lists_is_published() -> None:
    old = EditionFactory(lexicon=None)
    for _ in range(2):
        call_command("seed_demo")
    assert [bool(each.definition.lexicon) for each in Edition.objects.order_by("number")] == [False, True]
    assert Edition.objects.get(number=1).content == old.content


def test_an_open_draft_is_not_changed_and_a_message_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    EditionFactory(lexicon=None)
    actions.load_rules(changed_rules(pregnancy={"why": "Other."}), by=None, at=timezone.now())
    call_command("seed_demo")
    assert Edition.objects.count() == 1
    assert RuleSet.objects.filter(is_open=True).exists()
    output = capsys.readouterr().out
    assert (
        "Edition 1 does not read medication lists, and the shipped rules were not published: Another draft" in output
    )


@pytest.mark.parametrize("earlier", [False, True], ids=["first start", "later start"])
def test_the_database_of_a_real_installation_is_refused_and_not_changed(earlier: bool) -> None:
    if earlier:
        call_command("seed_demo")
    UserFactory(username="a-real-person")
    before = User.objects.count()
    with (
        patch("screening.management.commands.seed_demo.call_command") as migrate,
        pytest.raises(CommandError, match="accounts"),
    ):
        call_command("seed_demo")
    assert not migrate.called
    assert User.objects.count() == before


def test_an_unreachable_database_is_reported_in_one_sentence() -> None:
    unreachable = OperationalError("connection refused\n\tIs the server running?")
    with patch.object(demo, "foreign_rows", side_effect=unreachable), pytest.raises(CommandError) as error:
        call_command("seed_demo")
    assert str(error.value) == "The database cannot be used: connection refused"
