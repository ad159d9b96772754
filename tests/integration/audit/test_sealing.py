"""Audit events are sealed in batches, and any later change to them is found."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.core.management import CommandError
from django.db import OperationalError, connection, connections
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ldn_screen.bootstrap import without_project_variables
from screening.audit import actions, background
from screening.audit.actions import SealedMeanwhile, seal_events
from screening.audit.seals import START, hash_of_seal
from screening.models import AuditEvent, Seal
from tests.audit import anchor_of, covered, happened, run, sealed
from tests.conftest import guards_lifted
from tests.databases import url_of
from tests.queries import capture_queries

pytestmark = pytest.mark.django_db


def change(sql: str, *values: str | int | datetime | None) -> None:
    """Change stored rows behind the application's back."""
    with guards_lifted(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def difference(*arguments: str) -> str:
    """Return what a verification says that finds a difference."""
    with pytest.raises(CommandError) as refusal:
        run("verify_audit", *arguments)
    return str(refusal.value)


# Sealing ------------------------------------------------------------------------------------------------------


def test_an_empty_trail_verifies_and_has_the_anchor_of_the_start() -> None:
    assert run("seal_audit") == "0 events sealed.\n"
    assert anchor_of(run("verify_audit")) == START


def test_a_seal_covers_every_event_since_the_seal_before() -> None:
    ids = sealed(3, 2)
    assert covered(list(Seal.objects.order_by("number").values_list("events", flat=True))) == ids
    assert run("verify_audit").startswith("5 events as sealed.\nanchor: ")


@pytest.mark.app_role
def test_a_seal_is_chained_to_the_one_before() -> None:
    sealed(1, 1)
    first, second = Seal.objects.order_by("number")
    assert (first.previous, second.previous) == (START, first.hash)


def test_the_anchor_is_the_hash_of_the_last_seal() -> None:
    sealed(2, 2)
    assert anchor_of(run("verify_audit")) == Seal.objects.get(number=2).hash


def test_an_event_of_the_last_minute_is_not_sealed_yet() -> None:
    happened(2)
    happened(1, ago=timedelta(seconds=50))
    assert run("seal_audit") == "2 events sealed.\n"
    assert "1 event is not sealed yet." in run("verify_audit")


def test_an_event_of_the_last_minute_holds_back_those_after_it_whose_clock_was_slow() -> None:
    before = happened(1)
    happened(1, ago=timedelta(seconds=20))
    happened(1, ago=timedelta(minutes=3))
    run("seal_audit")
    assert covered(list(Seal.objects.values_list("events", flat=True))) == before


def test_an_event_below_a_settled_one_is_sealed_although_the_clock_was_set_back() -> None:
    from_before = happened(1, ago=-timedelta(days=3))
    after = happened(1)
    run("seal_audit")
    assert covered(list(Seal.objects.values_list("events", flat=True))) == from_before + after


def test_a_clock_set_back_behind_the_last_seal_delays_nothing_that_has_settled() -> None:
    sealed(2)
    with time_machine.travel(timezone.now() - timedelta(days=3)):
        happened(2, ago=timedelta(minutes=5))
        assert run("seal_audit") == "2 events sealed.\n"
    assert run("verify_audit").startswith("4 events as sealed.")


def test_a_seal_holds_a_bounded_number_of_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "EVENTS_OF_A_SEAL", 3)
    happened(7)
    assert list(seal_events(timezone.now())) == [3, 3, 1]
    assert run("verify_audit").startswith("7 events as sealed.")


def test_sealing_again_without_new_events_makes_no_seal() -> None:
    sealed(2)
    assert run("seal_audit") == "0 events sealed.\n"
    assert Seal.objects.count() == 1


def test_an_event_is_still_one_insert_while_there_are_seals() -> None:
    sealed(2)
    with capture_queries() as queries:
        actions.record_event(actions.Action.SCREENING_READ, by=None)
    assert [query.split()[0] for query in queries.all] == ["INSERT"]


def test_of_two_that_seal_at_once_only_one_makes_the_next_seal() -> None:
    happened(2)
    slower = seal_events(timezone.now())
    with pytest.MonkeyPatch.context() as patch:
        made = actions.hash_of_seal

        def overtaken(*arguments: object) -> str:
            patch.setattr(actions, "hash_of_seal", made)
            list(seal_events(timezone.now()))
            return hash_of_seal(*arguments)  # type: ignore[arg-type]

        patch.setattr(actions, "hash_of_seal", overtaken)
        with pytest.raises(SealedMeanwhile):
            next(slower)
    assert Seal.objects.count() == 1
    assert run("verify_audit").startswith("2 events as sealed.")


@pytest.mark.django_db(transaction=True)
def test_four_processes_that_seal_at_once_make_one_chain() -> None:
    happened(20)
    barrier = Barrier(4)

    def seal(_: int) -> None:
        barrier.wait()
        try:
            run("seal_audit")
        finally:
            connections.close_all()

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(4) as pool:
        patch.setattr(actions, "EVENTS_OF_A_SEAL", 2)
        list(pool.map(seal, range(4)))
        run("seal_audit")
    assert run("verify_audit").startswith("20 events as sealed.")


@pytest.mark.django_db(transaction=True)
def test_a_killed_seal_command_leaves_whole_seals_and_the_next_run_continues() -> None:
    happened(12)
    program = (
        "import django; django.setup()\n"
        "import os, signal\n"
        "from django.utils import timezone\n"
        "from screening.audit import actions\n"
        "actions.EVENTS_OF_A_SEAL = 5\n"
        "for sealed in actions.seal_events(timezone.now()):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = without_project_variables() | {
        "DJANGO_SETTINGS_MODULE": "ldn_screen.settings",
        "DATABASE_URL": url_of(str(connection.settings_dict["NAME"])),
        "SECRET_KEY": "a key for this process",
    }
    killed = subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert list(Seal.objects.values_list("number", flat=True)) == [1]
    assert run("seal_audit") == "7 events sealed.\n"
    assert run("verify_audit").startswith("12 events as sealed.")


# What a verification finds ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_name", "somebody else"),
        ("actor_role", "auditor"),
        ("action", "screening.printed"),
        ("subject", "another record"),
        ("address", "192.0.2.1"),
        ("actor_id", 7),
        ("details", "{}"),
        ("at", "2020-01-01 00:00:00+00:00"),
    ],
)
def test_a_changed_event_is_named(column: str, value: str | int) -> None:
    ids = sealed(3, 3)
    change(f"UPDATE screening_auditevent SET {column} = %s WHERE id = %s", value, ids[4])
    assert difference() == f"Event {ids[4]} was changed: it differs from what is in seal 2."


def test_the_first_of_several_changed_events_is_named() -> None:
    ids = sealed(3, 3)
    change("UPDATE screening_auditevent SET subject = 'x' WHERE id IN (%s, %s)", ids[5], ids[1])
    assert difference().startswith(f"Event {ids[1]} was changed")


def test_a_removed_event_is_named() -> None:
    ids = sealed(3, 3)
    change("DELETE FROM screening_auditevent WHERE id = %s", ids[2])
    assert difference() == f"Event {ids[2]} was removed: it is in seal 1 and no longer stored."


COLUMNS = "at, actor_id, actor_name, actor_role, action, subject, address, details"


@pytest.mark.parametrize("place", ["below the first", "between", "below zero"])
def test_an_event_inserted_below_a_seal_is_named(place: str) -> None:
    ids = sealed(1)
    happened(1)
    gap = max(AuditEvent.objects.values_list("pk", flat=True)) + 5
    change(
        f"INSERT INTO screening_auditevent (id, {COLUMNS}) SELECT %s, {COLUMNS} FROM screening_auditevent LIMIT 1",
        gap,
    )
    run("seal_audit")
    inserted = {"below the first": ids[0] - 1, "between": gap - 2, "below zero": -1}[place]
    change(
        f"INSERT INTO screening_auditevent (id, {COLUMNS}) SELECT %s, {COLUMNS} FROM screening_auditevent"
        " WHERE id = %s",
        inserted,
        ids[0],
    )
    assert difference().startswith(f"Event {inserted} was inserted: it is not in seal ")


@pytest.mark.parametrize(("one", "other"), [(0, 2), (1, 4)], ids=["in one seal", "in two seals"])
def test_swapped_events_are_named(one: int, other: int) -> None:
    ids = sealed(3, 3)
    for before, after in ((ids[one], -5), (ids[other], ids[one]), (-5, ids[other])):
        change("UPDATE screening_auditevent SET id = %s WHERE id = %s", after, before)
    assert difference() == f"Event {ids[one]} was swapped: it holds what was sealed as event {ids[other]}."


def test_a_removed_end_is_found_by_the_anchor() -> None:
    sealed(3)
    ids = sealed(3)
    anchor = anchor_of(run("verify_audit"))
    change("DELETE FROM screening_auditevent WHERE id >= %s", ids[0])
    change("DELETE FROM screening_seal WHERE number = 2")
    assert run("verify_audit").startswith("3 events as sealed.")
    assert "the end of the audit trail was removed or rewritten" in difference("--anchor", anchor)


def test_a_trail_that_was_sealed_again_after_a_change_is_found_by_the_anchor() -> None:
    ids = sealed(3)
    anchor = anchor_of(run("verify_audit"))
    change("UPDATE screening_auditevent SET subject = 'x' WHERE id = %s", ids[1])
    change("DELETE FROM screening_seal")
    run("seal_audit")
    assert run("verify_audit").startswith("3 events as sealed.")
    assert "rewritten" in difference("--anchor", anchor)


def test_an_earlier_anchor_holds_after_more_was_sealed() -> None:
    sealed(3)
    anchor = anchor_of(run("verify_audit"))
    sealed(2)
    assert run("verify_audit", "--anchor", anchor.upper()).startswith("5 events as sealed.")


def test_events_removed_with_their_end_but_not_their_seal_are_named() -> None:
    ids = sealed(3)
    change("DELETE FROM screening_auditevent WHERE id > %s", ids[0])
    assert difference().startswith(f"Event {ids[1]} was removed")


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE screening_seal SET hash = '00' WHERE number = 2", "Seal 2 was changed."),
        ("UPDATE screening_seal SET events = '[]' WHERE number = 2", "Seal 2 was changed."),
        ("UPDATE screening_seal SET events = '{\"a\": 1}' WHERE number = 2", "Seal 2 was changed."),
        ("UPDATE screening_seal SET events = 'null' WHERE number = 2", "Seal 2 was changed."),
        ("UPDATE screening_seal SET last_event = last_event + 1 WHERE number = 2", "Seal 2 was changed."),
        ("UPDATE screening_seal SET sealed_at = '2020-01-01 00:00+00:00' WHERE number = 2", "Seal 2 was changed."),
        ("UPDATE screening_seal SET previous = hash WHERE number = 2", "Seal 2 was changed."),
        ("DELETE FROM screening_seal WHERE number = 2", "Seal 2 was removed."),
        ("DELETE FROM screening_seal WHERE number = 1", "Seal 1 was removed."),
        ("UPDATE screening_seal SET number = 0 WHERE number = 1", "Seal 1 was removed."),
    ],
)
def test_a_changed_or_removed_seal_is_named(sql: str, found: str) -> None:
    sealed(2, 2, 2)
    change(sql)
    assert difference() == found


def test_a_seal_that_was_made_again_breaks_the_chain() -> None:
    sealed(2, 2)
    first = Seal.objects.get(number=1)
    again = timezone.now() - timedelta(days=1)
    remade = hash_of_seal(1, START, first.events, again)
    change("UPDATE screening_seal SET hash = %s, sealed_at = %s WHERE number = 1", remade, again)
    assert "Seal 2 is not chained to the seal before it" in difference()


@pytest.mark.sqlite
def test_an_event_that_cannot_be_read_is_named() -> None:
    ids = sealed(4)
    change("UPDATE screening_auditevent SET at = '2020-13-45 00:00:00' WHERE id = %s", ids[2])
    assert difference().startswith(f"Event {ids[2]} was changed")


@pytest.mark.sqlite
def test_a_seal_that_cannot_be_read_is_found() -> None:
    sealed(2)
    change("UPDATE screening_seal SET sealed_at = '2020-13-45 00:00:00'")
    assert difference() == "A seal was changed: it cannot be read."


@pytest.mark.parametrize("anchor", ["", "anchor", "0" * 63, "g" * 64, "é" * 64, "0" * 65])
def test_a_text_that_is_no_anchor_is_refused(anchor: str) -> None:
    assert "The anchor is not one" in difference(f"--anchor={anchor}")


def test_the_anchor_of_another_trail_is_refused() -> None:
    sealed(2)
    assert "belongs to none of the seals" in difference("--anchor", "a" * 64)


# Sealing by the server ----------------------------------------------------------------------------------------


def test_the_server_seals_what_has_settled() -> None:
    happened(3)
    background.seal_if_due(timedelta(minutes=5))
    assert run("verify_audit").startswith("3 events as sealed.")


def test_the_server_does_not_seal_shortly_after_another_process_did() -> None:
    sealed(1)
    happened(1)
    background.seal_if_due(timedelta(minutes=5))
    assert Seal.objects.count() == 1


def test_the_server_seals_although_the_last_seal_lies_in_the_future() -> None:
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        sealed(1)
    happened(1)
    background.seal_if_due(timedelta(minutes=5))
    assert Seal.objects.count() == 2


def test_the_server_makes_a_few_seals_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "EVENTS_OF_A_SEAL", 1)
    happened(background.MOST_SEALS_AT_ONCE + 2)
    background.seal_if_due(timedelta(minutes=5))
    assert Seal.objects.count() == background.MOST_SEALS_AT_ONCE


def test_sealing_without_a_database_harms_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(on: object) -> None:
        raise OperationalError

    monkeypatch.setattr(background, "seal_events", away)
    background.seal_if_due(timedelta(minutes=5))
    assert "Audit events could not be sealed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_request_seals_what_is_due(settings: object) -> None:
    happened(3)
    settings.SEAL_EVERY = timedelta(minutes=5)  # type: ignore[attr-defined]
    middleware = background.SealWhenDue(lambda request: HttpResponse())
    middleware(HttpRequest())
    assert middleware.thread is not None
    middleware.thread.join(timeout=20)
    assert run("verify_audit").startswith("3 events as sealed.")


def test_sealing_by_the_server_can_be_turned_off() -> None:
    middleware = background.SealWhenDue(lambda request: HttpResponse())
    middleware(HttpRequest())
    assert middleware.thread is None
