"""``restore`` loads a backup into an empty database, all or nothing, and every row is as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from ldn_screen.release import release
from screening.audit import append_only
from screening.models import AuditEvent, Edition, Screening, User
from screening.operations.backup import actions
from screening.operations.backup.actions import make_backup
from screening.operations.backup.reading import opened
from screening.operations.backup.writing import write_backup
from tests import audit
from tests.backups import empty_the_database, rebuilt, refusal, run, stored
from tests.decisions import decided
from tests.factories import EditionFactory, ScreeningFactory, UserFactory
from tests.replays import nothing_differs, replay, tamper
from tests.second_factors import add_totp
from tests.trail import sealed_later

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A backup of an installation that was used; the database is empty then."""
    path = tmp_path / "ldn.backup"
    first = ScreeningFactory(all_flagged=True, opioid_in_list=True, superseded=True)
    ScreeningFactory(voided=True)
    person = UserFactory(first_name="Zoë", last_name="O’Neill")
    decided(Screening.objects.with_status().get(supersedes=first), by=person)
    add_totp(person)
    SocialAccount.objects.create(user=person, provider="oidc", uid="1", extra_data={"groups": ["ä"], "nonce": None})
    SocialAccount.objects.update(last_login=datetime(2020, 1, 2, 3, 4, 5, 678901, tzinfo=UTC))
    sealed_later(3, 2)
    make_backup(path)
    empty_the_database()
    return path


def nothing_is_stored() -> bool:
    """Return True if the tables of a backup have no rows."""
    return not any(table.rows for table in stored().values())


# What it restores ---------------------------------------------------------------------------------------------


def test_all_rows_seals_and_results_are_as_they_were(file: Path) -> None:
    assert nothing_is_stored()
    printed = run("restore", file)
    with opened(file) as backup:
        assert stored() == backup.tables
    assert replay(read_lists=True) == nothing_differs(3)
    assert audit.anchor_of(printed) == audit.anchor_of(audit.run("verify_audit"))
    assert f"{AuditEvent.objects.count() - 1} audit events as sealed." in printed


def test_an_anchor_kept_before_is_found_again(edition: Edition, tmp_path: Path) -> None:
    sealed_later(3)
    anchor = audit.anchor_of(audit.run("verify_audit"))
    make_backup(tmp_path / "ldn.backup")
    empty_the_database()
    run("restore", tmp_path / "ldn.backup")
    assert audit.anchor_of(audit.run("verify_audit", "--anchor", anchor)) == anchor


def test_an_older_backup_shows_by_an_anchor_kept_later(edition: Edition, tmp_path: Path) -> None:
    make_backup(tmp_path / "ldn.backup")
    sealed_later(3)
    anchor = audit.anchor_of(audit.run("verify_audit"))
    empty_the_database()
    run("restore", tmp_path / "ldn.backup")
    with pytest.raises(CommandError, match="the end of the audit trail was removed"):
        audit.run("verify_audit", "--anchor", anchor)


def test_times_that_django_sets_by_itself_are_those_of_the_file(file: Path) -> None:
    run("restore", file)
    assert SocialAccount.objects.get().last_login == datetime(2020, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def test_people_have_their_roles(file: Path) -> None:
    run("restore", file)
    assert {name for user in User.objects.all() for name in user.group_names} == {"clinician"}


def test_work_goes_on_with_numbers_of_its_own(file: Path) -> None:
    run("restore", file)
    screening = ScreeningFactory(edition=Edition.objects.get(), opioid_in_list=True)
    assert Screening.objects.order_by("pk").last() == screening
    sealed_later(2)
    assert "events as sealed" in audit.run("verify_audit")


def test_restored_rows_are_append_only(file: Path) -> None:
    run("restore", file)
    with_rows = [each._meta.db_table for each in append_only.append_only_models() if each._default_manager.exists()]
    assert len(with_rows) > 8
    for table in with_rows:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")


def test_it_says_what_was_restored_and_made_when(file: Path) -> None:
    printed = run("restore", file)
    assert "           3  screening.Screening" in printed
    assert f"The backup holds everything, made by release {release()} at 20" in printed
    assert "WARNING" not in printed


def test_it_warns_if_the_secret_key_is_another(file: Path, settings: Any) -> None:
    settings.SECRET_KEY = "another key of some length, for this test"
    assert "WARNING: SECRET_KEY is not that of the installation that made the backup." in run("restore", file)


def test_an_earlier_secret_key_that_is_still_accepted_is_no_reason_to_warn(file: Path, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key of some length", [settings.SECRET_KEY]
    assert "WARNING" not in run("restore", file)


def test_it_says_if_the_trail_was_changed_before_the_backup(edition: Edition, tmp_path: Path) -> None:
    first = AuditEvent.objects.earliest("pk").pk
    sealed_later(3)
    tamper("screening_auditevent", "subject = 'x'", where=f"id = {first}")
    make_backup(tmp_path / "ldn.backup")
    empty_the_database()
    printed = run("restore", tmp_path / "ldn.backup")
    assert (
        f"WARNING: the audit trail differs from its seals, as it did when it was backed up. Event {first}" in printed
    )


def test_purged_screenings_can_be_read_in_an_installation_of_their_own(tmp_path: Path) -> None:
    first = ScreeningFactory(opioid_in_list=True, superseded=True)
    ScreeningFactory(voided=True)
    purged = Screening.objects.filter(record_number=first.record_number)
    written = write_backup(tmp_path / "purged.backup", screenings=purged)
    empty_the_database()
    assert "The backup holds purged screenings, made by release" in run("restore", tmp_path / "purged.backup")
    assert {label: stored()[label] for label in written.tables} == written.tables
    assert replay(read_lists=True) == nothing_differs(2)
    assert not AuditEvent.objects.exists()


# What it refuses ----------------------------------------------------------------------------------------------


def test_a_damaged_file_is_refused(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert refusal("restore", file) == f"{file} is damaged: it is not as it was written. Use another backup."
    assert nothing_is_stored()


def test_a_backup_of_a_later_release_is_refused(file: Path) -> None:
    assert refusal("restore", rebuilt(file, release="9.0.0")) == (
        f"The backup was made by release 9.0.0; this is release {release()}, which does not know all of it. Install "
        "release 9.0.0 or later, and restore the backup with that."
    )
    assert nothing_is_stored()


def test_a_backup_with_a_migration_that_is_not_known_is_refused(file: Path) -> None:
    with opened(file) as backup:
        known = backup.head.migrations
    later = {**known, "screening": [*known["screening"], "9999_later"]}
    assert "which does not know all of it" in refusal("restore", rebuilt(file, migrations=later))
    assert nothing_is_stored()


def test_a_backup_of_an_earlier_schema_is_refused_with_what_to_do(file: Path) -> None:
    with opened(file) as backup:
        known = backup.head.migrations
    earlier = {**known, "screening": known["screening"][:-1]}
    assert refusal("restore", rebuilt(file, migrations=earlier, release="0.1.0")) == (
        f"The backup was made by release 0.1.0, whose tables are not those of release {release()}. Install release "
        "0.1.0, restore the backup with that, and then upgrade."
    )
    assert nothing_is_stored()


def test_a_database_that_is_not_migrated_is_refused(file: Path) -> None:
    call_command("migrate", "screening", "0016", verbosity=0)
    try:
        assert refusal("restore", file) == "The database is not migrated. Run manage.py migrate first."
    finally:
        call_command("migrate", verbosity=0)
    assert nothing_is_stored()


@pytest.mark.parametrize("make", [UserFactory, EditionFactory, audit.happened])
def test_a_database_with_rows_is_refused(file: Path, make: Callable[[], object]) -> None:
    make()
    before = stored()
    assert refusal("restore", file).startswith("The database is not empty: there are rows of ")
    assert stored() == before


@pytest.mark.postgresql
def test_a_role_that_does_not_own_the_tables_is_refused(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE ldn_other")
        cursor.execute("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO ldn_other")
        cursor.execute("SET ROLE ldn_other")
        try:
            message = refusal("restore", file)
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP OWNED BY ldn_other")
            cursor.execute("DROP ROLE ldn_other")
    assert message == (
        "The database role ldn_other does not own the tables. Restore with the DATABASE_URL of the owner."
    )
    assert nothing_is_stored()


# All or nothing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["reading", "loading", "comparing"])
def test_nothing_is_stored_if_it_is_interrupted(file: Path, step: str) -> None:
    def interrupt(done: int, total: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with opened(file) as backup, pytest.raises(KeyboardInterrupt):
        actions.restore(backup, **{step: interrupt})
    assert nothing_is_stored()
    run("restore", file)


def test_nothing_is_stored_if_a_row_read_back_differs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = actions._load

    def load_and_change(*arguments: object) -> None:
        load(*arguments)  # type: ignore[arg-type]
        User.objects.filter(last_name="O’Neill").update(last_name="ONeill")

    monkeypatch.setattr(actions, "_load", load_and_change)
    assert refusal("restore", file) == (
        "The rows of screening.User read back differ from those in the backup, so nothing was restored."
    )
    assert nothing_is_stored()


@pytest.mark.parametrize("missing", ["screening.User", "screening.Edition", "screening.Screening"])
def test_rows_that_refer_to_missing_rows_are_refused(file: Path, missing: str) -> None:
    message = refusal("restore", rebuilt(file, without=missing))
    assert message.startswith("A row of the backup cannot be stored, so nothing was restored: ")
    assert nothing_is_stored()
