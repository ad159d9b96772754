"""Waits for a PostgreSQL server that is frozen or slow."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any
from unittest.mock import Mock

import psycopg
import pytest
from django.db import OperationalError, connection

from screening.web.database_watch import HOPELESS_SECONDS, PATIENCE_SECONDS, end_hopeless_waits
from screening.web.transactions import CommitUnknown, committed
from tests import databases

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

SLOW_COMMIT = """
CREATE TEMPORARY TABLE slow (id int);
CREATE FUNCTION pg_temp.sleep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(20); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION pg_temp.sleep();
INSERT INTO slow VALUES (1)
"""
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND state = 'active' AND pid != pg_backend_pid()
"""
LONG = PATIENCE_SECONDS + 1
Begin = Callable[[str], Future[None]]


@pytest.fixture
def _silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """New connections go to a port at which nobody answers."""
    connect = psycopg.connect
    with socket.create_server(("127.0.0.1", 0)) as silent:
        to_it = {"host": "127.0.0.1", "port": silent.getsockname()[1], "connect_timeout": 1}
        monkeypatch.setattr(psycopg, "connect", lambda *args, **kwargs: connect(**to_it))
        yield


@pytest.fixture
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """New connections are not answered in time."""
    monkeypatch.setattr(psycopg, "connect", Mock(side_effect=psycopg.errors.ConnectionTimeout))


def execute(statements: str, executed: Event) -> None:
    """Execute statements in one transaction, as a thread of its own."""
    try:
        with committed(), connection.cursor() as cursor:
            for statement in statements.split(";\n"):
                cursor.execute(statement)
            executed.set()
    finally:
        connection.close()


@pytest.fixture
def executed() -> Event:
    """Set when the statements were executed, before COMMIT."""
    return Event()


@pytest.fixture
def begin(executed: Event) -> Iterator[Begin]:
    """Return a function that executes statements in a thread."""
    with ThreadPoolExecutor(2) as pool:
        yield lambda statements: pool.submit(execute, statements, executed)
    with connection.cursor() as cursor:  # until its statement ends, the server does not notice that a client is gone
        cursor.execute(END_OTHERS)


def timeout_of(server: psycopg.Connection, name: str) -> int:
    """Return a time limit of a connection in milliseconds."""
    ((setting,),) = server.execute("SELECT setting FROM pg_settings WHERE name = %s", [name]).fetchall()
    return int(setting)


def watch(result: Future[None], *, waited: int) -> None:
    """Look for waits as if each had already lasted some seconds, until the thread has ended."""
    while not result.done():
        end_hopeless_waits(time.monotonic() + waited)
        time.sleep(0.05)


@pytest.mark.usefixtures("_silent")
def test_a_statement_that_a_frozen_server_does_not_answer_fails(begin: Begin) -> None:
    result = begin("SELECT pg_sleep(20)")
    watch(result, waited=LONG)
    with pytest.raises(OperationalError):
        result.result()


@pytest.mark.usefixtures("_frozen")
def test_after_a_commit_that_is_not_answered_nobody_knows_whether_it_is_stored(begin: Begin, executed: Event) -> None:
    result = begin(SLOW_COMMIT)
    executed.wait()
    watch(result, waited=LONG)
    with pytest.raises(CommitUnknown):
        result.result()


@pytest.mark.usefixtures("_frozen")
def test_a_short_wait_is_not_ended(begin: Begin) -> None:
    result = begin("SELECT pg_sleep(0.3)")
    watch(result, waited=0)
    assert result.exception() is None


@pytest.mark.usefixtures("_frozen")
def test_with_a_long_wait_the_short_ones_end_too(begin: Begin) -> None:
    first = begin("SELECT pg_sleep(20)")
    time.sleep(1)
    second = begin("SELECT pg_sleep(20)")
    time.sleep(0.2)
    end_hopeless_waits(time.monotonic() + PATIENCE_SECONDS - 0.9)
    for result in (first, second):
        with pytest.raises(OperationalError):
            result.result(timeout=5)


@pytest.mark.usefixtures("_frozen")
def test_without_patience_a_short_wait_ends_if_the_server_does_not_answer(begin: Begin) -> None:
    result = begin("SELECT pg_sleep(20)")
    while not result.done():
        end_hopeless_waits(time.monotonic(), patience=0)
    with pytest.raises(OperationalError):
        result.result()


def test_a_slow_statement_of_a_server_that_answers_is_not_ended(begin: Begin) -> None:
    result = begin("SELECT pg_sleep(0.5)")
    watch(result, waited=LONG)
    assert result.exception() is None


def test_a_wait_ends_that_is_longer_than_the_server_permits(begin: Begin) -> None:
    result = begin("SELECT pg_sleep(20)")
    watch(result, waited=HOPELESS_SECONDS + 1)
    with pytest.raises(OperationalError):
        result.result()


def test_the_next_statement_has_a_new_connection(begin: Begin) -> None:
    watch(begin("SELECT pg_sleep(20)"), waited=HOPELESS_SECONDS + 1)
    result = begin("SELECT 1")
    result.result()
    assert result.exception() is None


def test_statements_of_pages_have_limits_below_the_one_of_the_watch(settings: Any) -> None:
    with psycopg.connect(databases.url(), options=settings.WEB_PGOPTIONS) as web:
        limits = {name: timeout_of(web, name) for name in ("statement_timeout", "lock_timeout")}
    assert limits == {"statement_timeout": 20_000, "lock_timeout": 8_000}
    assert limits["statement_timeout"] < HOPELESS_SECONDS * 1000


def test_statements_of_commands_have_no_limit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
