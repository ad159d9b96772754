"""``backup`` writes all rows as they are at one moment, while others go on writing."""

from __future__ import annotations

import errno
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connection, connections

from ldn_screen.release import release
from screening.models import AuditEvent, Edition, Screening, User
from screening.operations.backup import contents, writing
from screening.operations.backup.actions import make_backup
from screening.operations.backup.writing import write_backup
from tests.backups import refusal, rows_in, run, sha256, stored, verified
from tests.decisions import decided
from tests.factories import ScreeningFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a backup is written."""
    return tmp_path / "ldn.backup"


# What it holds ------------------------------------------------------------------------------------------------


def test_each_table_is_in_a_backup_or_named_with_a_reason() -> None:
    included = contents.models_in_order()
    tables = {each._meta.db_table for each in included} | set(contents.TABLES_WITHOUT_MODEL)
    tables |= {field.m2m_db_table() for each in included for field in each._meta.local_many_to_many}
    tables |= {apps.get_model(label)._meta.db_table for label in contents.NOT_IN_A_BACKUP}
    assert tables == set(connection.introspection.table_names())


def test_a_row_comes_after_the_rows_that_it_needs() -> None:
    labels = [each._meta.label for each in contents.models_in_order()]
    for earlier, later in [("User", "Screening"), ("Edition", "Screening"), ("Screening", "Answer")]:
        assert labels.index(f"screening.{earlier}") < labels.index(f"screening.{later}")


def test_what_is_needed_to_read_some_screenings_refers_to_nothing_else() -> None:
    included = contents.models_of_screenings()
    fields = [(each, field.related_model) for each in included for field in each._meta.local_fields]
    assert {target for _, target in fields if target} <= set(included)
    belonging = {each._meta.label for each, target in fields if target is Screening}
    assert belonging <= contents.OF_SCREENINGS.keys()


def test_the_head_says_what_made_it_and_when(edition: Edition, file: Path) -> None:
    head = make_backup(file).head
    assert verified(file) == head
    assert (head.release, head.content) == (release(), "everything")
    assert head.migrations["screening"][0] == "0001_initial"
    assert head.migrations["sessions"] == ["0001_initial"]


def test_it_holds_each_row_with_microseconds_and_roles(file: Path) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    make_backup(file)
    (row,) = rows_in(file, "screening.screening")
    assert (row["pk"], row["fields"]["uuid"]) == (screening.pk, str(screening.uuid))
    assert row["fields"]["screened_at"] == screening.screened_at.isoformat(timespec="microseconds")
    assert len(rows_in(file, "screening.answer")) == 4
    (person,) = rows_in(file, "screening.user")
    assert person["fields"]["groups"] == [["clinician"]]


def test_its_own_event_is_in_it_so_that_database_and_file_agree(edition: Edition, file: Path) -> None:
    written = make_backup(file)
    events = rows_in(file, "screening.auditevent")
    assert (events[-1]["fields"]["action"], events[-1]["fields"]["actor_name"]) == ("backup.started", "command line")
    assert written.tables == stored()


def test_two_backups_of_the_same_rows_have_the_same_rows(file: Path) -> None:
    ScreeningFactory(taking_opioid=True)
    first, second = write_backup(file), write_backup(file.with_name("second"))
    assert first.tables == second.tables


def test_some_screenings_come_with_what_belongs_to_them_and_without_audit_events(file: Path) -> None:
    kept, other = ScreeningFactory(opioid_in_list=True), ScreeningFactory(voided=True)
    for each in (kept, other):
        if each is kept:
            decided(Screening.objects.with_status().get(pk=each.pk), by=UserFactory())
    written = write_backup(file, screenings=Screening.objects.filter(pk=kept.pk))
    assert written.head.content == "purged screenings"
    counts = {label.removeprefix("screening."): table.rows for label, table in written.tables.items()}
    assert (counts["Screening"], counts["Answer"], counts["ListOfMedicines"]) == (1, 4, 1)
    assert (counts["Decision"], counts["DecisionReason"], counts["Void"]) == (1, 1, 0)
    assert (counts["User"], counts["Edition"]) == (User.objects.count(), 1)
    assert not {"AuditEvent", "Seal", "UnsentForm", "mfa.Authenticator"} & counts.keys()


def test_the_command_prints_counts_and_the_hash_of_the_file(edition: Edition, file: Path) -> None:
    printed = run("backup", file)
    assert re.search(r"^ +1  screening\.Edition$", printed, re.MULTILINE)
    assert printed.rstrip().endswith(f"sha256: {sha256(file.read_bytes())}")


# While others write -------------------------------------------------------------------------------------------


def test_others_go_on_writing_and_what_they_write_is_not_in_it(edition: Edition, file: Path) -> None:
    before, after = ScreeningFactory(), list[Screening]()

    def record() -> Screening:
        try:
            return ScreeningFactory(taking_opioid=True)
        finally:
            connections.close_all()

    def somebody_records(done: int, total: int) -> None:
        if not after:
            with ThreadPoolExecutor(1) as pool:
                after.append(pool.submit(record).result(timeout=30))

    written = make_backup(file, somebody_records)
    assert Screening.objects.count() == 2
    assert [row["pk"] for row in rows_in(file, "screening.screening")] == [before.pk]
    assert written.tables["screening.Answer"].rows == 4
    assert str(after[0].uuid) not in {row["fields"]["subject"] for row in rows_in(file, "screening.auditevent")}


def test_afterwards_the_connection_is_as_before(edition: Edition, file: Path) -> None:
    make_backup(file)
    assert not connection.in_atomic_block
    ScreeningFactory()
    assert Screening.objects.count() == 1


# The file -----------------------------------------------------------------------------------------------------


def test_only_its_owner_can_read_the_file(edition: Edition, file: Path) -> None:
    file.with_name("ldn.backup.partial").touch(mode=0o666)
    make_backup(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["ldn.backup"]


def test_an_existing_file_is_not_overwritten(edition: Edition, file: Path) -> None:
    file.write_text("another backup")
    events = AuditEvent.objects.count()
    assert refusal("backup", file) == f"{file} exists. A backup never overwrites a file."
    assert file.read_text() == "another backup"
    assert AuditEvent.objects.count() == events


def test_a_file_that_appears_meanwhile_is_not_overwritten(edition: Edition, file: Path) -> None:
    with pytest.raises(writing.CannotBackUp, match="never overwrites"):
        make_backup(file, lambda done, total: file.write_text("another"))
    assert [each.name for each in file.parent.iterdir()] == ["ldn.backup"]


def test_two_backups_to_one_file_do_not_mix(edition: Edition, file: Path) -> None:
    messages = set[str]()
    make_backup(file, lambda done, total: messages.add(refusal("backup", file)))
    assert messages == {f"Another backup is being written to {file}."}
    assert verified(file)


def test_a_missing_folder_is_named(edition: Edition, tmp_path: Path) -> None:
    file = tmp_path / "none" / "ldn.backup"
    assert refusal("backup", file) == f"{file} cannot be written: No such file or directory. Nothing was kept."


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "FILE cannot be written: No space left on device.",
        ),
        (OperationalError("server closed the connection\nDETAIL"), "The database cannot be read: server closed the"),
        (KeyboardInterrupt(), "Interrupted. Nothing was kept."),
    ],
)
def test_nothing_is_left_of_a_backup_that_failed(
    edition: Edition, file: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException, message: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(writing, "write_rows", fail)
    assert refusal("backup", file).replace(str(file), "FILE").startswith(message)
    assert list(file.parent.iterdir()) == []
    assert not connection.in_atomic_block
    call_command("seal_audit", verbosity=0)
