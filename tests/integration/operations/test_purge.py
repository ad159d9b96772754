"""The command deletes the screenings of a confirmed purge with all that belongs to them, and nothing else."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from ldn_screen.bootstrap import without_project_variables
from screening.accounts.permissions import Role
from screening.audit.actions import seal_events
from screening.models import (
    AuditEvent,
    Decision,
    Edition,
    PurgeRun,
    Screening,
    User,
    Void,
    WorklistEntry,
)
from screening.operations import actions
from screening.operations.backup.contents import OF_SCREENINGS
from screening.screenings import actions as screening_actions
from screening.screenings.submission import PaperForm
from screening.web.transactions import CommitUnknown
from tests.databases import url_of
from tests.decisions import decided
from tests.factories import (
    CURRENT_OPIOID,
    VOID_REASON,
    PaperFormFactory,
    PatientFactory,
    ScreeningFactory,
    UserFactory,
)
from tests.pages import address_of, words
from tests.paths import PROJECT
from tests.purges import administrator, purge_confirmed, purge_requested
from tests.roles import APP, OWNER, acting_as, create_roles
from tests.trail import TRAIL

pytestmark = pytest.mark.django_db

OLD = datetime(2010, 3, 4, 12, tzinfo=UTC)
LATE = datetime(2016, 1, 1, 0, tzinfo=UTC)
JUST_BEFORE = LATE - timedelta(seconds=1)
TABLES = list(actions.PURGED_TABLES)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def prescriber(edition: Edition) -> User:
    return UserFactory(role=Role.PRESCRIBER)


def run(before: str = "2016-01-01", **options: Any) -> str:
    """Run the command and return what it says."""
    out = StringIO()
    call_command("purge", before=before, stdout=out, **options)
    return out.getvalue()


def refusal(before: str = "2016-01-01", **options: Any) -> str:
    """Return why the command ends with an error, which must delete nothing."""
    stored = counted()
    with pytest.raises(CommandError) as fault:
        run(before, **options)
    assert counted() == stored
    assert not PurgeRun.objects.exists()
    return str(fault.value)


def counted() -> dict[str, int]:
    """Return the number of rows of each table that a purge deletes from."""
    return {model._meta.label: model._default_manager.count() for model in TABLES}


def tables_without_refusal() -> list[type[Model]]:
    """Return the tables that let rows be deleted."""
    accepted = []
    for model in TABLES:
        with suppress(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
            accepted.append(model)
            transaction.set_rollback(True)
    return accepted


def purged() -> set[int]:
    """Purge, and return the primary keys of the screenings that are kept."""
    purge_confirmed()
    run()
    return set(Screening.objects.values_list("pk", flat=True))


def everything(prescriber: User, at: datetime) -> list[Screening]:
    """Record a chain of three with a decision, one from paper, a voided one and one with a list, all at one time."""
    first = ScreeningFactory(taking_opioid=True, at=at)
    decided(first, by=prescriber, at=at)
    second = ScreeningFactory(amends=first, at=at)
    third = ScreeningFactory(amends=second, at=at)
    paper: PaperForm = PaperFormFactory(completed_at=at - timedelta(hours=2))
    listed = ScreeningFactory(listed=CURRENT_OPIOID, at=at)
    decided(listed, by=prescriber, at=at)
    return [first, second, third, listed, ScreeningFactory(paper=paper, at=at), ScreeningFactory(voided=True, at=at)]


# Which screenings ---------------------------------------------------------------------------------------------


def test_old_screenings_go_with_all_that_belongs_to_them_and_the_rest_stays(prescriber: User) -> None:
    kept = everything(prescriber, LATE)
    stored = counted()
    assert all(stored.values())
    everything(prescriber, OLD)
    assert purged() == {each.pk for each in kept}
    assert counted() == stored


def test_a_chain_may_be_deleted_in_several_parts(prescriber: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "DELETED_AT_ONCE", 1)
    everything(prescriber, OLD)
    assert purged() == set()
    assert set(counted().values()) == {0}


def test_every_table_that_refers_to_a_screening_or_a_decision_is_purged() -> None:
    referring = {
        model
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.remote_field and field.remote_field.model in {Screening, Decision}
    }
    assert referring | {Screening} == set(TABLES)
    assert {each._meta.label for each in TABLES} == set(OF_SCREENINGS)


def test_the_day_begins_at_midnight_of_the_clinic(edition: Edition, settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"
    midnight = datetime(2016, 1, 1, 5, tzinfo=UTC)
    ScreeningFactory(at=midnight - timedelta(seconds=1))
    kept = ScreeningFactory(at=midnight)
    assert purged() == {kept.pk}


@pytest.mark.parametrize("amended_at", [OLD, JUST_BEFORE])
def test_a_chain_of_amendments_goes_whole(prescriber: User, amended_at: datetime) -> None:
    first = ScreeningFactory(at=OLD)
    ScreeningFactory(amends=ScreeningFactory(amends=first, at=OLD), at=amended_at)
    assert purged() == set()


def amended_late(prescriber: User) -> None:
    ScreeningFactory(amends=ScreeningFactory(amends=ScreeningFactory(at=OLD), at=OLD), at=LATE)


def amended_late_and_then_with_an_old_clock(prescriber: User) -> None:
    ScreeningFactory(amends=ScreeningFactory(amends=ScreeningFactory(at=OLD), at=LATE), at=OLD)


def decided_late(prescriber: User) -> None:
    decided(ScreeningFactory(amends=ScreeningFactory(at=OLD), at=OLD), by=prescriber, at=LATE)


def voided_late(prescriber: User) -> None:
    screening = ScreeningFactory(amends=ScreeningFactory(at=OLD), at=OLD)
    screening_actions.void_screening(screening, by=prescriber, role=Role.PRESCRIBER, at=LATE, reason=VOID_REASON)


def transcribed_late(prescriber: User) -> None:
    ScreeningFactory(paper=PaperFormFactory(completed_at=OLD), at=LATE)


@pytest.mark.parametrize(
    "kept",
    [amended_late, amended_late_and_then_with_an_old_clock, decided_late, voided_late, transcribed_late],
)
def test_a_chain_with_anything_later_stays_whole(prescriber: User, kept: Callable[[User], None]) -> None:
    kept(prescriber)
    stored = counted()
    everything(prescriber, OLD)
    purged()
    assert counted() == stored


# What stays ---------------------------------------------------------------------------------------------------


@pytest.fixture
def gone(prescriber: User, client_of: Callable[[User], Client]) -> Screening:
    """A record that somebody looked at, and that was purged; another of the same record number is kept."""
    patient = PatientFactory(record_number="DEMO-0001")
    screening = ScreeningFactory(at=OLD, patient=patient, taking_opioid=True)
    client_of(prescriber).get(address_of(screening))
    ScreeningFactory(patient=patient)
    purged()
    return screening


def test_the_audit_trail_verifies_before_and_after_with_the_same_anchor(prescriber: User) -> None:
    everything(prescriber, OLD)
    list(seal_events(timezone.now() + timedelta(minutes=5)))
    out, events = StringIO(), list(AuditEvent.objects.order_by("pk").values())
    call_command("verify_audit", stdout=out)
    anchor = out.getvalue().rpartition("anchor: ")[2].strip()
    purged()
    assert list(AuditEvent.objects.order_by("pk").values()[: len(events)]) == events
    call_command("verify_audit", anchor=anchor, stdout=out)
    assert anchor in out.getvalue()


@pytest.mark.parametrize("page", ["", "print/", "summary.txt", "others/", "amend/", "void/", "decision/", "looks/"])
def test_a_page_of_a_purged_record_is_404_with_the_role_and_403_without(
    gone: Screening, prescriber: User, client_of: Callable[[User], Client], page: str
) -> None:
    assert client_of(prescriber).get(address_of(gone, page)).status_code == 404
    assert client_of(UserFactory(role=Role.EDITOR)).get(address_of(gone, page)).status_code == 403


def test_the_audit_page_shows_the_events_of_a_purged_record_and_of_the_purge(
    gone: Screening, client_of: Callable[[User], Client]
) -> None:
    auditor = client_of(UserFactory(role=Role.AUDITOR))
    assert gone.short_id in words(auditor.get(f"{TRAIL}?record={gone.uuid}"))
    page = words(auditor.get(TRAIL))
    for label in ("Purge of old screenings requested", "Purge of old screenings confirmed", "Old screenings purged"):
        assert label in page
    assert auditor.get(f"{TRAIL}?record={gone.short_id}").status_code == 200


def test_lists_search_worklist_others_safety_and_replay_go_on(
    gone: Screening, prescriber: User, client_of: Callable[[User], Client]
) -> None:
    client, left = client_of(prescriber), Screening.objects.get()
    for page in ("/screenings/", f"/screenings/?after={gone.uuid}", "/worklist/", f"/worklist/?after={gone.uuid}"):
        assert client.get(page).status_code == 200
    assert client.post("/screenings/", {"q": "DEMO-0001"}, follow=True).status_code == 200
    assert gone.short_id not in words(client.get(address_of(left, "others/")))
    assert client_of(UserFactory(role=Role.AUDITOR)).get("/safety/").status_code == 200
    out = StringIO()
    call_command("replay_screenings", stdout=out)
    assert "1 screening evaluated, 0 differ." in out.getvalue()


def test_afterwards_the_tables_refuse_to_delete_again(gone: Screening, prescriber: User) -> None:
    everything(prescriber, LATE)
    assert tables_without_refusal() == [WorklistEntry]


# What the command says ----------------------------------------------------------------------------------------


def test_it_exports_then_deletes_and_records_both(prescriber: User, tmp_path: Path) -> None:
    everything(prescriber, OLD)
    request = purge_confirmed()
    said = run("1 Jan 2016")
    made, file = PurgeRun.objects.get(), tmp_path / "purged-before-2016-01-01.ldnbackup"
    content = file.read_bytes()
    assert (made.screenings, made.size, made.sha256) == (6, len(content), hashlib.sha256(content).hexdigest())
    assert "6 screenings before 1 January 2016 deleted." in said
    assert made.sha256 in said
    event = AuditEvent.objects.get(action="screenings.purged")
    assert (event.subject, event.actor_name) == (f"purge {request.pk}", "command line")
    assert event.details == {
        "before": "2016-01-01",
        "screenings": 6,
        "requested_by": request.by.username,
        "confirmed_by": request.confirmation.by.username,
        "sha256": made.sha256,
    }


def test_run_twice_it_says_that_it_was_done(prescriber: User) -> None:
    everything(prescriber, OLD)
    purged()
    assert "was done on" in run()
    assert PurgeRun.objects.count() == 1


def test_without_a_screening_to_delete_the_run_is_recorded(edition: Edition) -> None:
    purge_confirmed()
    assert "0 screenings before 1 January 2016 deleted." in run()
    assert PurgeRun.objects.get().screenings == 0


def test_without_a_request_it_says_how_to_ask_for_it(prescriber: User) -> None:
    everything(prescriber, OLD)
    purge_confirmed(date(2015, 1, 1))
    said = refusal()
    assert "Nobody has requested a purge of the screenings before 1 January 2016." in said
    assert "/purges/new/" in said


def test_before_it_is_confirmed_it_says_who_asked_and_that_it_waits(prescriber: User) -> None:
    everything(prescriber, OLD)
    purge_requested(by=administrator(first_name="First"))
    said = refusal()
    assert "First Administrator requested it on" in said
    assert "waits for a second administrator" in said


def test_an_expired_request_deletes_nothing(prescriber: User) -> None:
    everything(prescriber, OLD)
    purge_confirmed(at=timezone.now() - timedelta(days=31))
    assert "has expired on" in refusal()


def test_a_withdrawn_purge_deletes_nothing(prescriber: User) -> None:
    everything(prescriber, OLD)
    by = administrator(first_name="Third")
    actions.withdraw_purge(purge_confirmed(), by=by, role=Role.ADMINISTRATOR, at=timezone.now())
    assert "Third Administrator withdrew the purge" in refusal()


@pytest.mark.parametrize("day", ["soon", "01/02/2016", "2999-01-01", "2016-13-01", str(timezone.now().date())])
def test_a_day_that_cannot_be_meant_is_refused(edition: Edition, day: str) -> None:
    assert refusal(day)


def test_an_existing_file_is_never_overwritten(prescriber: User, tmp_path: Path) -> None:
    everything(prescriber, OLD)
    purge_confirmed()
    file = tmp_path / "kept.ldnbackup"
    file.write_text("kept")
    said = refusal(export=file)
    assert "exists" in said
    assert "Nothing was deleted." in said
    assert file.read_text() == "kept"


# Nothing or all -----------------------------------------------------------------------------------------------


def decided_meanwhile(prescriber: User, screenings: list[Screening]) -> None:
    decided(screenings[2], by=prescriber)


def amended_meanwhile(prescriber: User, screenings: list[Screening]) -> None:
    ScreeningFactory(amends=screenings[2])


def recorded_meanwhile(prescriber: User, screenings: list[Screening]) -> None:
    ScreeningFactory(at=OLD)  # as by a server whose clock is slow


@pytest.mark.parametrize("change", [decided_meanwhile, amended_meanwhile, recorded_meanwhile])
def test_what_changed_after_the_export_is_not_deleted(
    prescriber: User, monkeypatch: pytest.MonkeyPatch, change: Callable[[User, list[Screening]], None]
) -> None:
    screenings = everything(prescriber, OLD)
    request, delete = purge_confirmed(), actions.purge

    def purge(*args: Any, **options: Any) -> PurgeRun:
        change(prescriber, screenings)
        return delete(*args, **options)

    monkeypatch.setattr(actions, "purge", purge)
    with pytest.raises(CommandError, match="Nothing was deleted") as fault:
        run()
    assert "is not needed: remove it" in str(fault.value)
    assert Screening.objects.filter(pk__in=[each.pk for each in screenings]).count() == len(screenings)
    assert request.status(timezone.now()) == "confirmed"


def test_a_row_that_is_not_in_the_file_stops_the_purge(prescriber: User, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(prescriber, OLD)
    purge_confirmed()
    monkeypatch.setitem(actions.PURGED_TABLES, Void, "screening_id IN ({keys}) AND 1 = 0")
    assert "Nothing was deleted." in refusal()


def test_an_error_in_the_middle_leaves_everything_and_the_triggers(
    prescriber: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything(prescriber, OLD)
    purge_confirmed()
    monkeypatch.setitem(actions.PURGED_TABLES, Screening, "no_such_column IN ({keys})")
    assert "Nothing was deleted. The reason:" in refusal()
    assert tables_without_refusal() == [WorklistEntry]


def test_without_a_confirmation_the_action_itself_refuses(prescriber: User) -> None:
    request = purge_requested()
    with pytest.raises(actions.NotOpen):
        actions.purge(request, [], None, at=timezone.now(), progress=print)  # type: ignore[arg-type]


KILLED = """
import django; django.setup()
import os, signal
from django.core.management import call_command
from screening.operations import actions
place = actions.{place}
def killed(*args, **options):
    {before}
    os.kill(os.getpid(), signal.SIGKILL)
actions.{place} = killed
call_command("purge", before="2016-01-01")
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("place", "before"), [("purge", "pass"), ("_delete", "place(*args)"), ("_insert_run", "place(*args)")]
)
def test_killed_at_any_point_it_has_deleted_nothing_and_the_next_run_deletes_all(
    prescriber: User, tmp_path: Path, place: str, before: str
) -> None:
    everything(prescriber, OLD)
    purge_confirmed()
    stored = counted()
    environment = without_project_variables() | {
        "DJANGO_SETTINGS_MODULE": "ldn_screen.settings",
        "DATABASE_URL": url_of(str(connection.settings_dict["NAME"])),
        "SECRET_KEY": "a key for this process",
        "ALLOWED_HOSTS": "x",
        "PYTHONPATH": str(PROJECT),
    }
    program = KILLED.format(place=place, before=before)
    killed = subprocess.run([sys.executable, "-c", program], env=environment, cwd=tmp_path, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (counted(), PurgeRun.objects.count()) == (stored, 0)
    assert tables_without_refusal() == [WorklistEntry]
    run(export=tmp_path / "again.ldnbackup")
    assert set(counted().values()) == {0}


def test_a_lost_connection_at_the_end_says_to_run_it_again(prescriber: User, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(prescriber, OLD)
    purge_confirmed()

    def purge(*args: Any, **options: Any) -> PurgeRun:
        raise CommitUnknown("lost")

    monkeypatch.setattr(actions, "purge", purge)
    assert "Run the same command again" in refusal()


def test_interrupted_it_deletes_nothing(prescriber: User, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(prescriber, OLD)
    purge_confirmed()

    def delete(*args: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "_delete", delete)
    assert "Interrupted. Nothing was deleted." in refusal()


@pytest.mark.postgresql
def test_as_the_role_of_the_application_it_is_refused_before_anything(prescriber: User, tmp_path: Path) -> None:
    create_roles()
    everything(prescriber, OLD)
    purge_confirmed()
    with acting_as(APP):
        assert "may not delete screenings" in refusal()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.postgresql
def test_the_owner_purges_without_being_a_superuser(edition: Edition) -> None:
    create_roles()
    with acting_as(OWNER):
        everything(UserFactory(role=Role.PRESCRIBER), OLD)
        assert purged() == set()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_while_it_deletes_nobody_can_write_to_the_tables_and_everybody_can_read(
    prescriber: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything(prescriber, OLD)
    purge_confirmed()
    insert_run, seen = actions._insert_run, list[Any]()

    def look(*args: Any) -> PurgeRun:
        with psycopg.connect(url_of(str(connection.settings_dict["NAME"])), autocommit=True) as other:
            other.execute("SET lock_timeout = '100ms'")
            seen.append(other.execute("SELECT count(*) FROM screening_screening").fetchone())
            for table in (model._meta.db_table for model in TABLES):
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    other.execute(f"INSERT INTO {table} SELECT * FROM {table} WHERE false")
        return insert_run(*args)

    monkeypatch.setattr(actions, "_insert_run", look)
    run()
    assert seen == [(6,)]
