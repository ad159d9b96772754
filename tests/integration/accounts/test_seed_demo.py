"""What ./run does to a database before it serves."""

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


def test_an_empty_database_gets_rules_and_accounts() -> None:
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


def test_the_rules_read_medication_lists() -> None:
    call_command("seed_demo")
    current = Edition.objects.current()
    assert current is not None
    assert current.recogniser() is not None


def test_an_edition_of_an_earlier_release_is_followed_by_one_that_reads_lists() -> None:
    old = EditionFactory(lexicon=None)
    for _ in range(2):
        call_command("seed_demo")
    assert [bool(each.definition.lexicon) for each in Edition.objects.order_by("number")] == [False, True]
    assert Edition.objects.get(number=1).content == old.content


def test_a_draft_that_is_open_is_left_alone_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    EditionFactory(lexicon=None)
    actions.load_rules(changed_rules(pregnancy={"why": "Other."}), by=None, at=timezone.now())
    call_command("seed_demo")
    assert Edition.objects.count() == 1
    assert RuleSet.objects.filter(is_open=True).exists()
    assert "Edition 1 reads no medication lists, and this is not mended: Another draft" in capsys.readouterr().out


@pytest.mark.parametrize("earlier", [False, True], ids=["first start", "later start"])
def test_somebodys_database_is_refused_and_left_alone(earlier: bool) -> None:
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


def test_a_database_out_of_reach_is_one_sentence() -> None:
    away = OperationalError("connection refused\n\tIs the server running?")
    with patch.object(demo, "foreign_rows", side_effect=away), pytest.raises(CommandError) as told:
        call_command("seed_demo")
    assert str(told.value) == "The database cannot be used: connection refused"
