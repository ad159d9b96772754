"""A backup of one database can be restored to the other, and back, and each row is as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from screening.models import AuditEvent, DraftChange, LocalName, RuleSet, UnsentForm, User
from screening.operations.backup.actions import make_backup
from screening.operations.backup.file_format import Table
from screening.operations.backup.reading import opened
from tests.backups import empty_the_database, rebuilt, refusal, run, stored
from tests.factories import PatientFactory, ScreeningFactory, UserFactory
from tests.paths import PROJECT
from tests.trail import sealed_later

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = [
    "Zoë O’Dálaigh Łukasz İıŋß",
    "李明 欧阳夏 𠮷野家 やまだ 김",
    "محمد علي \u202b\u200f שלום",
    "कि ग़ालिब ไทย ᚠᚢᚦ",
    "👩🏽‍⚕️🇺🇦 \U0010ffff",
    "e\u0301 \u00e9 \u2028\u2029\u0085\u00a0\ufeff\x0b\x0c\x1c\x7f",
    "'; DROP TABLE x; -- \" \\ \\u0000 {} [] %s %% $1 <b>&amp;",
    "  both ends, a tab\t, and lines\r\nof both\nkinds  ",
    "null",
    "",
]
NUMBERS = [0, -1, 2**31, 2**63, 2**70, 1.0, 0.1, 1e5, 1e-7, 123456789.125, 1.7976931348623157e15]


def nested(depth: int) -> Any:
    """Return lists and objects, one in the other."""
    return [] if depth == 0 else {"in": [nested(depth - 1)]}


def hostile_json() -> list[Any]:
    """Return values of JSON that databases write or sort differently."""
    keys: dict[str, Any] = {"bb": 1, "a": 2, "": 3, "Ä": None, "aa": [], "B": {}}
    return [{}, [], "", False, TEXTS, NUMBERS, keys, {text: text for text in TEXTS}, nested(60), [[[]], {}, [None]]]


def record_hostile_rows() -> None:
    """Store rows whose values are as unlike as the columns allow."""
    person = UserFactory(username="a.b+c@d-e_f", last_name=TEXTS[1])
    for number, text in enumerate(TEXTS):
        patient = PatientFactory(
            name=text[:90] or "x", record_number=f"DEMO-{number}", dose_mg=Decimal(number) / 1000
        )
        ScreeningFactory(patient=patient, listed=text * 400, by=person)
        AuditEvent.objects.create(at=datetime(2026, 1, 1, 0, 0, 0, number, UTC), actor_name=text, action="x" * 60)
    for address in ("192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1", "::1"):
        AuditEvent.objects.create(at=datetime(1999, 12, 31, 23, 59, 59, 999999, UTC), address=address)
    rule_set, fields = RuleSet.objects.get(), {"at": datetime(2400, 2, 29, tzinfo=UTC), "by_name": TEXTS[2]}
    for value in hostile_json():
        DraftChange.objects.create(rule_set=rule_set, what="loaded", before=value, after=None, **fields)
    added: dict[str, Any] = {"added_at": datetime(2026, 11, 30, 1, 2, 3, 40, UTC), "added_by": person}
    LocalName.objects.create(name=TEXTS[4], key=TEXTS[4], ingredient="oxycodone", note=TEXTS[5], **added)
    times = {"stored_at": datetime(1, 1, 2, tzinfo=UTC), "expires_at": datetime(9999, 12, 30, tzinfo=UTC)}
    for _ in range(5):
        UnsentForm.objects.create(user=person, path="/", content='{"a": ["\\u0000"]}', **times)
    RuleSet.objects.update(dose_low_mg=Decimal("0.001"), dose_high_mg=Decimal("999.999"), not_covered=hostile_json())
    User.objects.filter(pk=person.pk).update(last_login=datetime(2026, 3, 29, 1, 30, tzinfo=UTC))


ON_SQLITE = """
import sys, django
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
call_command("restore", sys.argv[1])
call_command("backup", sys.argv[2])
"""


def restored_and_backed_up_on_sqlite(file: Path) -> Path:
    """Restore a backup to a new SQLite database, in a process of its own, and return a backup of that."""
    again = file.with_name("again.backup")
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "SECRET_KEY") if name in os.environ} | {
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": f"sqlite:///{file.with_name('other.sqlite3')}",
        "DJANGO_SETTINGS_MODULE": "ldn_screen.settings",
        "TIME_ZONE": "Australia/Sydney",
    }
    command = [sys.executable, "-c", ON_SQLITE, str(file), str(again)]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stdout
    return again


def tables_in(file: Path) -> dict[str, Table]:
    """Return the counts and hashes of a backup."""
    with opened(file) as backup:
        return backup.tables


@pytest.mark.postgresql
def test_hostile_rows_are_the_same_on_both_databases_there_and_back(tmp_path: Path) -> None:
    record_hostile_rows()
    sealed_later(5)
    file = tmp_path / "ldn.backup"
    there = make_backup(file).tables
    again = restored_and_backed_up_on_sqlite(file)
    back = tables_in(again)
    assert {label for label in there if there[label] != back[label]} == {"screening.AuditEvent"}  # the second backup
    assert back["screening.AuditEvent"].rows == there["screening.AuditEvent"].rows + 1
    empty_the_database()
    assert "WARNING" not in run("restore", again)
    assert stored() == back


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A backup with the JSON ``[12345]`` and the text ``a text``; the database is empty then."""
    UserFactory(last_name="a text")
    ScreeningFactory()
    RuleSet.objects.update(counselling=[12345])
    make_backup(tmp_path / "ldn.backup")
    empty_the_database()
    return tmp_path / "ldn.backup"


@pytest.mark.postgresql
@pytest.mark.parametrize("number", [b"1e+16", b"-0.0"])
def test_a_number_that_would_be_stored_in_another_way_is_refused(file: Path, number: bytes) -> None:
    """No column of JSON has such numbers: the application stores numbers as texts or whole."""
    message = refusal("restore", rebuilt(file, change=(b"[12345]", b"[" + number + b"]")))
    assert (
        message == "The rows of screening.RuleSet read back differ from those in the backup, so nothing was restored."
    )
    assert not any(table.rows for table in stored().values())


@pytest.mark.postgresql
def test_a_character_that_postgresql_cannot_store_is_refused(file: Path) -> None:
    message = refusal("restore", rebuilt(file, change=(b"a text", b"a \\u0000")))
    assert message.startswith("A row of the backup cannot be stored, so nothing was restored: ")
    assert not any(table.rows for table in stored().values())


def test_a_row_that_is_none_of_this_release_is_refused_without_its_content(file: Path) -> None:
    message = refusal("restore", rebuilt(file, change=(b'"last_name":"a text"', b'"no_such_name":"Secret"')))
    assert message == "A row of the backup cannot be read, so nothing was restored."


def test_a_row_among_those_of_another_table_is_refused(file: Path) -> None:
    message = refusal("restore", rebuilt(file, change=(b'"model":"screening.case"', b'"model":"screening.rule"')))
    assert message == "A row of the backup cannot be read, so nothing was restored."
