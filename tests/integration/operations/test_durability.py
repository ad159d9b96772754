"""A server refuses to start, and is not ready, with a database that may lose records or has an older schema."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.test import Client

from screening.audit import append_only
from screening.models import Edition
from screening.operations import durability
from screening.operations.durability import BEHIND, WITHOUT_TRIGGERS, faults, refuse_faults
from screening.operations.views import health
from tests.databases import NOT_DURABLE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an installation; what the process remembers of earlier tests is forgotten."""
    settings.REQUIRE_DURABLE_DATABASE = True
    monkeypatch.setattr(durability, "_is_current", False)
    monkeypatch.setattr(health, "_logged", [])


@pytest.fixture
def _durable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The PostgreSQL of the tests is not durable, to be faster."""
    if connection.vendor == "postgresql":
        monkeypatch.setattr(durability, "_weak_settings", list)


@pytest.mark.usefixtures("_durable")
def test_a_durable_database_with_the_schema_of_this_release_has_no_faults() -> None:
    assert faults() == []
    refuse_faults()


@pytest.mark.postgresql
def test_each_weak_setting_of_postgresql_is_named() -> None:
    found = faults()
    assert [any(f" {name} = off" in each for each in found) for name in NOT_DURABLE] == [True, True, True]
    assert len(found) == 3


@pytest.mark.postgresql
@pytest.mark.parametrize("value", ["on", "local", "remote_write", "remote_apply"])
def test_a_commit_that_waits_for_the_disk_of_the_server_is_durable(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('synchronous_commit', %s, true)", [value])
    assert not any("synchronous_commit" in each for each in faults())


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("pragma", "usual"),
    [("synchronous = NORMAL", "FULL"), ("foreign_keys = OFF", "ON"), ("recursive_triggers = OFF", "ON")],
)
def test_each_weak_setting_of_sqlite_is_named(pragma: str, usual: str) -> None:
    name = pragma.partition(" ")[0]
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")
        found = faults()
        cursor.execute(f"PRAGMA {name} = {usual}")
    assert len(found) == 1
    assert f" {name} = " in found[0]


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_journal_that_is_not_wal_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = DELETE")
        found = faults()
        cursor.execute("PRAGMA journal_mode = WAL")
    assert found == ["SQLite runs with journal_mode = delete, which can lose or damage records. It must be WAL."]


@pytest.fixture
def _behind() -> None:
    """A database to which the last migration was not yet applied."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, app, name, applied FROM django_migrations WHERE app = 'screening' ORDER BY id DESC"
        )
        last = cursor.fetchone()
        cursor.execute("DELETE FROM django_migrations WHERE id = %s", [last[0]])


@pytest.mark.usefixtures("_durable", "_behind")
def test_a_schema_that_is_behind_is_named() -> None:
    assert faults() == [BEHIND]


@pytest.mark.usefixtures("_durable", "_behind")
def test_a_server_does_not_start_with_a_schema_that_is_behind() -> None:
    with pytest.raises(ImproperlyConfigured, match="The schema of the database is older"):
        refuse_faults()


@pytest.mark.usefixtures("_durable")
def test_a_missing_trigger_is_named() -> None:
    append_only.remove(connection)
    assert faults() == [WITHOUT_TRIGGERS]


@pytest.mark.postgresql
@pytest.mark.usefixtures("_durable")
def test_a_disabled_trigger_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE screening_screening DISABLE TRIGGER ALL")
    assert append_only.missing(connection) == {
        f"screening_screening_no_{each}" for each in ("update", "delete", "truncate")
    }


def test_a_server_starts_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
    with pytest.raises(OperationalError):
        faults()
    refuse_faults()


# Readiness ----------------------------------------------------------------------------------------------------


def asked(client: Client) -> tuple[int, bytes]:
    response: Any = client.get("/readyz")
    return response.status_code, response.content


NOT_READY = (503, b"not ready\n")


@pytest.mark.usefixtures("_durable")
def test_ready_with_a_durable_current_database_and_an_edition(edition: Edition) -> None:
    assert asked(Client()) == (200, b"ready\n")


@pytest.mark.usefixtures("_durable")
def test_not_ready_without_an_edition() -> None:
    assert asked(Client()) == NOT_READY


@pytest.mark.usefixtures("_durable", "_behind")
def test_not_ready_while_the_schema_is_behind(edition: Edition) -> None:
    assert asked(Client()) == NOT_READY


@pytest.mark.usefixtures("_durable")
def test_not_ready_while_triggers_are_missing(edition: Edition) -> None:
    append_only.remove(connection)
    assert asked(Client()) == NOT_READY


@pytest.mark.usefixtures("_durable")
def test_the_log_says_once_why_and_when_it_is_ready_again(
    edition: Edition, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(durability, "faults", lambda: ["Something is weak."])
        answers = [asked(Client()), asked(Client())]
    assert [*answers, asked(Client()), asked(Client())] == [NOT_READY] * 2 + [(200, b"ready\n")] * 2
    said = [each.getMessage() for each in caplog.records if each.name == health.__name__]
    assert said == ["Not ready: Something is weak.", "Ready again."]


@pytest.mark.usefixtures("_durable")
def test_once_current_the_schema_is_not_asked_again(edition: Edition, django_assert_num_queries: Any) -> None:
    asked(Client())
    settings_of_sqlite = 4 if connection.vendor == "sqlite" else 0  # on PostgreSQL the fixture leaves them out
    with django_assert_num_queries(settings_of_sqlite + 2):
        asked(Client())
