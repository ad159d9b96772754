"""Outside a demonstration the application refuses to start with settings that endanger patients' data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

ROOT = Path(__file__).parents[2]
GOOD = {"SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "ldn.example.org", "DATABASE_URL": "sqlite://:memory:"}


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "import ldn_screen.settings"],
        cwd=ROOT,
        env={**environment, **GOOD, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_starts_with_good_settings() -> None:
    assert start().returncode == 0


@pytest.mark.parametrize("paper", ["a4", "letter", "Letter", " A4 "])
def test_it_starts_with_either_paper(paper: str) -> None:
    assert start(LDN_PAPER=paper).returncode == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"LDN_PAPER": "a5"}, "LDN_PAPER is neither a4 nor letter."),
        ({"LDN_PAPER": "a4,letter"}, "LDN_PAPER is neither a4 nor letter."),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS holds"),
        ({"ALLOWED_HOSTS": "ldn.example.org,*"}, "ALLOWED_HOSTS holds"),
    ],
)
def test_it_refuses_to_start(changes: dict[str, str], sentence: str) -> None:
    refused = start(**changes)
    assert refused.returncode != 0
    assert sentence in refused.stderr


@pytest.mark.django_db(transaction=True)
def test_every_migration_can_be_undone_and_done_again() -> None:
    call_command("migrate", "screening", "zero", verbosity=0)
    assert "screening_screening" not in connection.introspection.table_names()
    call_command("migrate", verbosity=0)
    assert MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes()) == []


@pytest.mark.django_db(transaction=True)
def test_after_every_migrate_missing_triggers_are_back() -> None:
    from django.db import IntegrityError

    from screening import append_only
    from screening.models import AuditEvent
    from tests.factories import UserFactory

    UserFactory()
    append_only.remove(connection)
    call_command("migrate", verbosity=0)
    with pytest.raises(IntegrityError):
        AuditEvent.objects.update(action="changed")
