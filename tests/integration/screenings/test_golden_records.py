"""Records of an earlier release, shown by this one: their words must not have changed.

The files in ``tests/golden`` hold their rows and their editions, so new rules or new logic must not affect them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import serializers
from django.test import Client

from screening.accounts.permissions import Role
from screening.models import Screening, User
from tests.pages import address_of
from tests.paths import GOLDEN

pytestmark = pytest.mark.django_db

STORED = ("records.json", "records_with_lists.json")
READ_AT = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
RECORDS = {
    "clear": "5d3a91c7-0000-4000-8000-000000000001",
    "flagged": "0b7e24f6-0000-4000-8000-000000000002",
    "open": "c41f8a3d-0000-4000-8000-000000000003",
    "four_flags": "9e60d5b2-0000-4000-8000-000000000004",
    "superseded": "71ac3e08-0000-4000-8000-000000000005",
    "amendment": "e2953f4b-0000-4000-8000-000000000006",
    "void": "38d7c61a-0000-4000-8000-000000000007",
    "list_against_the_answer": "a85b21d4-0000-4000-8000-000000000008",
    "list_without_an_opioid": "f17c90be-0000-4000-8000-000000000009",
}
CHANGED = """
The words of record “{name}” have changed. The words of old records must not change: see
docs/adr/0004-what-a-record-keeps.md. If a fixed word that is not clinical was changed on purpose, say so in
CHANGELOG.md and accept the new words:
cp {now} {golden}
"""


@pytest.fixture
def reader() -> Iterator[Client]:
    """A client on which Ada Example, who recorded them, is signed in on the evening of that day."""
    for name in STORED:
        for row in serializers.deserialize("json", (GOLDEN / name).read_text(encoding="utf-8")):
            row.save(force_insert=True)
    ada = User.objects.get(username="ada.example")
    ada.groups.add(Group.objects.get(name=Role.CLINICIAN))
    with time_machine.travel(READ_AT, tick=False):
        client = Client()
        client.force_login(ada)
        yield client


def test_every_stored_record_is_loaded(reader: Client) -> None:
    assert {str(each) for each in Screening.objects.values_list("uuid", flat=True)} == set(RECORDS.values())


@pytest.mark.parametrize("name", RECORDS)
def test_an_old_record_has_the_same_words_as_when_it_was_recorded(reader: Client, name: str, tmp_path: Path) -> None:
    golden, now = GOLDEN / f"{name}.txt", tmp_path / f"{name}.txt"
    response = reader.get(address_of(Screening(uuid=UUID(RECORDS[name])), "summary.txt"))
    assert response.status_code == 200
    now.write_bytes(response.content)
    actual, expected = (file.read_text(encoding="utf-8").split() for file in (now, golden))
    assert actual == expected, CHANGED.format(name=name, now=now, golden=golden)
