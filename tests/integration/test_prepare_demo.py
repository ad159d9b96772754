"""What ./run does to a database before it serves."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from screening import actions
from screening.management.commands import prepare_demo
from screening.models import Edition, RuleSet, User
from tests.factories import EditionFactory, UserFactory
from tests.rules import changed_rules

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demonstration(settings: Any, tmp_path: Path) -> None:
    settings.DEMO, settings.DEMO_PASSWORD = True, "bafo-kilu-demo"
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    # The real one, because a second start looks for the manifest that it writes.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }


def test_an_empty_database_gets_rules_and_accounts() -> None:
    call_command("prepare_demo", verbosity=0)
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
    call_command("prepare_demo")
    current = Edition.objects.current()
    assert current is not None
    assert current.recogniser() is not None


def test_an_edition_of_an_earlier_release_is_followed_by_one_that_reads_lists() -> None:
    old = EditionFactory(lexicon=None)
    for _ in range(2):
        call_command("prepare_demo")
        prepare_demo.note().unlink()
    assert [bool(each.definition.lexicon) for each in Edition.objects.order_by("number")] == [False, True]
    assert Edition.objects.get(number=1).content == old.content


def test_a_draft_that_is_open_is_left_alone_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    EditionFactory(lexicon=None)
    actions.load_rules(changed_rules(pregnancy={"why": "Other."}), by=None, at=timezone.now())
    call_command("prepare_demo")
    assert Edition.objects.count() == 1
    assert RuleSet.objects.filter(is_open=True).exists()
    assert "Edition 1 reads no medication lists. A draft is open" in capsys.readouterr().out


def test_a_second_start_does_nothing() -> None:
    call_command("prepare_demo")
    with patch.object(prepare_demo, "call_command") as called:
        call_command("prepare_demo")
    assert not called.called


@pytest.mark.parametrize("change", ["another password", "no static files", "nothing remembered"])
def test_what_changed_is_prepared_again(settings: Any, change: str) -> None:
    call_command("prepare_demo")
    if change == "another password":
        settings.DEMO_PASSWORD = "later"
    elif change == "no static files":
        (settings.STATIC_ROOT / "staticfiles.json").unlink()
    else:
        prepare_demo.note().unlink()
    assert not prepare_demo.is_prepared()
    call_command("prepare_demo")
    assert prepare_demo.is_prepared()


@pytest.mark.parametrize("earlier", [False, True], ids=["first start", "later start"])
def test_somebodys_database_is_refused_and_left_alone(earlier: bool) -> None:
    if earlier:
        call_command("prepare_demo")
    UserFactory(username="a-real-person")
    before = User.objects.count()
    with pytest.raises(CommandError, match="accounts"):
        call_command("prepare_demo")
    assert User.objects.count() == before


def test_outside_a_demonstration_it_refuses(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demonstration"):
        call_command("prepare_demo")


def test_a_database_out_of_reach_is_one_sentence() -> None:
    away = OperationalError("connection refused\n\tIs the server running?")
    with patch.object(prepare_demo, "reach_database", side_effect=away), pytest.raises(CommandError) as told:
        call_command("prepare_demo")
    assert str(told.value) == "The database cannot be used: connection refused"
