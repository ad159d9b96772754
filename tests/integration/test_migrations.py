"""Migrations can be undone and done again where records exist already, and leave them guarded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from screening.clinical.medications import NO_LIST
from screening.models import Screening
from tests.factories import EditionFactory, ScreeningFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def screening() -> Iterator[Screening]:
    """A record from before amending and voiding; every migration is applied again when the test is over."""
    yield ScreeningFactory(taking_opioid=True)
    call_command("migrate", "screening", verbosity=0)


def migrate_to(name: str) -> None:
    """Go forward or back to a migration."""
    call_command("migrate", "screening", name, verbosity=0)


def there_and_back() -> None:
    """Undo amending, voiding and all that came after, and do it again."""
    migrate_to("0002")
    call_command("migrate", "screening", verbosity=0)


def rows() -> list[tuple[Any, ...]]:
    """What the database holds of screenings but for what the migration adds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT uuid, patient_name, content_hash, headline, screened_at FROM screening_screening")
        return list(cursor.fetchall())


def test_undoing_it_keeps_the_records(screening: Screening) -> None:
    before = rows()
    migrate_to("0002")
    assert "screening_void" not in connection.introspection.table_names()
    assert rows() == before


def test_a_record_from_before_supersedes_nothing_and_stands(screening: Screening) -> None:
    before = rows()
    there_and_back()
    kept = Screening.objects.with_standing().get()
    assert (kept.supersedes, kept.amendment_reason, kept.standing) == (None, "", None)
    assert rows() == before


def test_a_record_from_before_can_be_amended(screening: Screening) -> None:
    there_and_back()
    ScreeningFactory(amends=Screening.objects.get())
    assert Screening.objects.with_standing().get(pk=screening.pk).standing is not None


@pytest.mark.parametrize(
    "change",
    ["UPDATE screening_screening SET patient_name = 'x'", "DELETE FROM screening_answer"],
)
@pytest.mark.parametrize("name", ["0002", "0003", "0004"])
def test_records_stay_guarded_on_the_way_there_and_back(screening: Screening, change: str, name: str) -> None:
    migrate_to("0002")
    migrate_to(name)
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(change)


def test_voids_are_guarded_after_it_was_done_again(screening: Screening) -> None:
    there_and_back()
    ScreeningFactory(voided=True)
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute("DELETE FROM screening_void")


# Medication lists ---------------------------------------------------------------------------------------------


def lists_there_and_back() -> None:
    """Undo what keeps medication lists, and do it again."""
    migrate_to("0003")
    call_command("migrate", "screening", verbosity=0)


def editions() -> list[tuple[Any, ...]]:
    """What the database holds of editions but for what the migration adds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, content, sha256, change_note FROM screening_edition")
        return list(cursor.fetchall())


def test_undoing_lists_keeps_records_and_editions(screening: Screening) -> None:
    before = rows(), editions()
    migrate_to("0003")
    tables = set(connection.introspection.table_names())
    assert not {"screening_listofmedicines", "screening_storedlexicon"} & tables
    assert (rows(), editions()) == before


@pytest.mark.parametrize(
    "change", ["UPDATE screening_edition SET change_note = 'x'", "DELETE FROM screening_edition"]
)
@pytest.mark.parametrize("there", [True, False], ids=["undone", "done again"])
def test_editions_stay_guarded_though_their_table_is_rebuilt(screening: Screening, change: str, there: bool) -> None:
    migrate_to("0003") if there else lists_there_and_back()
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(change)


def test_a_record_from_before_lists_has_none_and_reads_as_before() -> None:
    screening = ScreeningFactory(taking_opioid=True, edition=EditionFactory(lexicon=None))
    lists_there_and_back()
    kept = Screening.objects.read(screening.uuid)
    assert (kept.listed, kept.edition.recogniser()) == (NO_LIST, None)
    assert kept.record().evaluation == screening.record().evaluation


def test_undoing_lines_that_are_not_read_keeps_the_lists() -> None:
    ScreeningFactory(listed="Metformin\nЭналаприл 5 мг\nPercocet", edition=EditionFactory())
    before = Screening.objects.get().listed
    assert before.not_read == (2,)
    migrate_to("0006")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM screening_listofmedicines")
        assert cursor.fetchall() == [(before.text,)]
    call_command("migrate", "screening", verbosity=0)
    assert Screening.objects.get().listed == replace(before, not_read=())


@pytest.mark.parametrize("name", ["0006", "0007"])
def test_lists_stay_guarded_on_the_way_there_and_back(screening: Screening, name: str) -> None:
    ScreeningFactory(listed="Эналаприл 5 мг", edition=EditionFactory())
    migrate_to("0006")
    migrate_to(name)
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute("UPDATE screening_listofmedicines SET text = 'x'")


@pytest.mark.parametrize("table", ["screening_listofmedicines", "screening_storedlexicon"])
def test_lists_and_names_are_guarded_after_it_was_done_again(screening: Screening, table: str) -> None:
    lists_there_and_back()
    ScreeningFactory(opioid_in_list=True, edition=EditionFactory())
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(f"DELETE FROM {table}")
