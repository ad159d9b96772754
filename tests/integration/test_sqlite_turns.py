"""On SQLite those who write queue at a file lock: one after the other, in this process and in others."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.sqlite3 import base as plain
from django.db.utils import ConnectionHandler
from django.test import Client

from ldn_screen.sqlite.base import DatabaseWrapper
from screening.models import AuditEvent, Edition, Screening
from screening.models.prepared import insert
from tests.factories import ScreeningFactory, UserFactory
from tests.integration.test_prepared import event
from tests.pages import CLEAR_FORM, NEW, ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 30
"""After which a test that waits in vain is over; no test waits so long unless it fails."""

WRITER_ELSEWHERE = """
import django; django.setup()
from django.db import transaction
from django.utils import timezone
from screening.models import AuditEvent
with transaction.atomic():
    AuditEvent.objects.create(at=timezone.now(), actor_name="elsewhere", action="tested")
    print("in", flush=True)
    input()
"""


def turn_file() -> Path:
    """Where those who write queue."""
    return Path(f"{connection.settings_dict['NAME']}-turn")


def is_taken() -> bool:
    """Whether somebody has the turn now; asked of the operating system, without waiting."""
    if not turn_file().exists():
        return False
    with turn_file().open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def in_thread(work: Callable[[], object]) -> Thread:
    """Do something in a thread of its own, with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run, daemon=True)
    thread.start()
    return thread


def ended(thread: Thread) -> bool:
    """Whether a thread comes to its end."""
    thread.join(WAIT_SECONDS)
    return not thread.is_alive()


# Given and taken ----------------------------------------------------------------------------------------------


def test_a_transaction_has_the_turn_until_it_is_committed() -> None:
    with transaction.atomic():
        assert is_taken()
    assert not is_taken()


def test_a_transaction_that_is_undone_gives_the_turn_back() -> None:
    taken = []

    def fail() -> None:
        with transaction.atomic():
            taken.append(is_taken())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (taken, is_taken()) == ([True], False)


def test_the_end_of_a_part_of_a_transaction_keeps_the_turn() -> None:
    with transaction.atomic():
        with transaction.atomic():
            pass
        assert is_taken()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            raise ZeroDivisionError
        assert is_taken()


def test_a_transaction_that_cannot_begin_gives_the_turn_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object) -> None:
        assert is_taken()
        raise OperationalError("BEGIN")

    with monkeypatch.context() as without_begin:
        without_begin.setattr(plain.DatabaseWrapper, "_start_transaction_under_autocommit", refuse)
        with pytest.raises(OperationalError, match="BEGIN"), transaction.atomic():
            pass
    assert not is_taken()


def test_a_transaction_that_cannot_be_committed_gives_the_turn_back() -> None:
    nobody = "INSERT INTO screening_user_groups (user_id, group_id) VALUES (0, 0)"
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(nobody)  # refused at COMMIT, where foreign keys are looked at
    assert not is_taken()


def test_a_commit_that_is_interrupted_gives_the_turn_back(monkeypatch: pytest.MonkeyPatch) -> None:
    commit = plain.DatabaseWrapper._commit  # type: ignore[attr-defined]

    def interrupted(self: object) -> None:
        commit(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupting:
        interrupting.setattr(plain.DatabaseWrapper, "_commit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            insert(event())
    taken = is_taken()
    connection.close()
    assert not taken


def test_a_connection_that_is_closed_gives_the_turn_back() -> None:
    other = ConnectionHandler(settings.DATABASES).create_connection("default")
    other.settings_dict = connection.settings_dict
    other.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    assert is_taken()
    other.in_atomic_block = False
    other.close()
    assert not is_taken()


def test_after_each_of_them_the_same_connection_writes_again() -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            raise ZeroDivisionError
        insert(event())
    assert AuditEvent.objects.count() == 3


def test_no_transaction_leaves_a_file_open() -> None:
    insert(event())
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        insert(event())
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_reading_waits_for_nobody() -> None:
    person = UserFactory()
    found = []
    with transaction.atomic():
        assert ended(in_thread(lambda: found.extend(type(person).objects.all())))
    assert found == [person]


def test_a_single_insert_has_the_turn_too(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []

    def note(execute: Any, *statement: Any) -> Any:
        taken.append(is_taken())
        return execute(*statement)

    with connection.execute_wrapper(note):
        insert(event())
    assert taken[-1]


def test_only_the_owner_reads_the_file_of_turns() -> None:
    insert(event())
    assert (turn_file().stat().st_mode & 0o777, turn_file().stat().st_size) == (0o600, 0)


# Queueing -----------------------------------------------------------------------------------------------------


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Set as soon as somebody asks for the turn."""
    asked, take = Event(), DatabaseWrapper._take_turn

    def ask(self: DatabaseWrapper) -> None:
        asked.set()
        take(self)

    monkeypatch.setattr(DatabaseWrapper, "_take_turn", ask)
    return asked


def test_who_waits_too_long_for_another_thread_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ldn_screen.sqlite.base.TIMEOUT_SECONDS", 0.01)
    told: list[str] = []

    def wait() -> None:
        try:
            insert(event())
        except OperationalError as error:
            told.append(str(error))

    with transaction.atomic():
        assert ended(in_thread(wait))
    assert told == ["database is locked: other writers take too long"]
    insert(event())


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens, in its order; each BEGIN is put down by itself."""
    told: list[str] = []
    begin = plain.DatabaseWrapper._start_transaction_under_autocommit  # type: ignore[attr-defined]

    def note(self: Any) -> None:
        told.append("begins")
        begin(self)

    monkeypatch.setattr(plain.DatabaseWrapper, "_start_transaction_under_autocommit", note)
    return told


def test_a_second_writer_begins_only_after_the_first_ended(queued: Event, begun: list[str]) -> None:
    with transaction.atomic():
        queued.clear()
        second = in_thread(lambda: insert(event()))
        assert queued.wait(WAIT_SECONDS)
        begun.append("ends")
    assert ended(second)
    assert begun == ["begins", "ends", "begins"]


def test_a_second_writer_sees_what_the_first_wrote(queued: Event) -> None:
    seen = []

    def look() -> None:
        with transaction.atomic():
            seen.append(AuditEvent.objects.count())

    with transaction.atomic():
        insert(event())
        queued.clear()
        second = in_thread(look)
        assert queued.wait(WAIT_SECONDS)
    assert ended(second)
    assert seen == [1]


def test_many_writers_who_do_not_wait_for_the_database_all_write() -> None:
    """SQLite itself would refuse whoever finds another one writing, were it not for the queue."""
    writers, rows = 8, 20
    at_once = {**connection.settings_dict["OPTIONS"], "timeout": 0}

    def write(_: int) -> None:
        connection.close()
        connection.settings_dict = {**connection.settings_dict, "OPTIONS": at_once}
        try:
            for _ in range(rows):
                insert(event())
        finally:
            connection.close()

    connection.ensure_connection()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    assert AuditEvent.objects.count() == writers * rows


@contextmanager
def writer_elsewhere() -> Iterator[subprocess.Popen[str]]:
    """Another process that is in the middle of a transaction, and commits when it is sent a line."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "ldn_screen.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": "testserver",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER_ELSEWHERE],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_writer_in_another_process_is_waited_for(queued: Event, begun: list[str]) -> None:
    with writer_elsewhere() as process:
        assert is_taken()
        here = in_thread(lambda: insert(event()))
        assert queued.wait(WAIT_SECONDS)
        assert begun == []
        process.communicate("\n", timeout=WAIT_SECONDS)
        assert ended(here)
    assert list(AuditEvent.objects.order_by("pk").values_list("actor_name", flat=True)) == [
        "elsewhere",
        "Sample Person",
    ]


def test_a_process_that_is_killed_gives_its_turn_back_and_leaves_nothing(queued: Event) -> None:
    with writer_elsewhere() as process:
        here = in_thread(lambda: insert(event()))
        assert queued.wait(WAIT_SECONDS)
        process.kill()
        assert ended(here)
    assert AuditEvent.objects.get().actor_name == "Sample Person"


def test_a_program_that_is_started_in_a_transaction_does_not_keep_the_turn() -> None:
    with transaction.atomic():
        started = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        assert not is_taken()
    finally:
        started.kill()
        started.wait()


# Where there is no file to lock -------------------------------------------------------------------------------


@pytest.fixture
def no_turn_file() -> Iterator[None]:
    """The file of turns cannot be opened; root, too, cannot open a folder for writing."""
    turn_file().unlink(missing_ok=True)
    turn_file().mkdir()
    yield
    turn_file().rmdir()


def test_a_folder_that_cannot_be_written_is_an_operational_error(no_turn_file: None) -> None:
    with pytest.raises(OperationalError, match="folder cannot be written"), transaction.atomic():
        pass


def test_without_a_turn_nothing_is_begun_and_reading_goes_on(no_turn_file: None) -> None:
    with pytest.raises(OperationalError):
        insert(event())
    assert not connection.in_atomic_block
    assert AuditEvent.objects.count() == 0


def test_when_the_folder_can_be_written_again_so_can_the_database() -> None:
    turn_file().unlink(missing_ok=True)
    turn_file().mkdir()
    with pytest.raises(OperationalError):
        insert(event())
    turn_file().rmdir()
    insert(event())
    assert AuditEvent.objects.count() == 1


def test_recording_without_a_turn_says_that_the_database_is_away(client: Client, edition: Edition) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    client.raise_request_exception = False
    turn_file().unlink(missing_ok=True)
    turn_file().mkdir()
    try:
        response = client.post(NEW, form)
    finally:
        turn_file().rmdir()
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert not Screening.objects.exists()


@pytest.mark.parametrize("name", [":memory:", "file:shared?mode=memory&cache=shared"])
def test_a_database_in_memory_makes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    database = {**settings.DATABASES["default"], "NAME": name}
    memory = ConnectionHandler({"default": database}).create_connection("default")
    assert isinstance(memory, DatabaseWrapper)
    memory.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    memory.cursor().execute("CREATE TABLE tested (id integer)")
    memory.commit()
    memory.connection.close()
    assert list(tmp_path.iterdir()) == []


def test_where_the_system_knows_no_such_locks_writers_wait_as_sqlite_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ldn_screen.sqlite.base.fcntl", None)
    ScreeningFactory()
    assert Screening.objects.count() == 1
    assert not is_taken()
