"""Rows of append-only tables cannot be changed, deleted or replaced by any statement."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from screening.accounts.permissions import Role
from screening.audit import append_only
from screening.audit.actions import Action, record_event, seal_events
from screening.audit.append_only import REFUSAL, append_only_models
from screening.editions import actions
from screening.models import AuditEvent, Edition, Screening
from screening.operations.actions import withdraw_purge
from screening.screenings import actions as screening_actions
from tests.decisions import decided
from tests.drafts import acting
from tests.factories import VOID_REASON, PaperFormFactory, ScreeningFactory, UserFactory
from tests.purges import purge_confirmed, purge_requested, run_of

ON_BOTH = {
    "update": "UPDATE {table} SET {column} = {column}",
    "delete": "DELETE FROM {table}",
    "delete this one": "DELETE FROM {table} WHERE id = {id}",
    "insert or update": (
        "INSERT INTO {table} SELECT * FROM {table} WHERE id = {id} ON CONFLICT (id) DO UPDATE SET id = excluded.id"
    ),
}
ON_SQLITE = {
    "replace": "REPLACE INTO {table} SELECT * FROM {table} WHERE id = {id}",
    "insert or replace": "INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE id = {id}",
    "update or replace": "UPDATE OR REPLACE {table} SET id = id",
}
ON_POSTGRESQL = {
    "truncate with what refers to it": "TRUNCATE {table} CASCADE",
    "truncate what it refers to": "TRUNCATE {referred} CASCADE",
    "merge": "MERGE INTO {table} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
}
MODELS = append_only_models()
TABLES = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


@pytest.fixture
def _rows(edition: Edition) -> None:
    """A row in each append-only table."""
    screening = ScreeningFactory(edition=edition, taking_opioid=True, opioid_in_list=True, paper=PaperFormFactory())
    prescriber = UserFactory(role=Role.PRESCRIBER)
    for _ in range(2):
        decided(screening, by=prescriber)
    voiding = acting(screening.screened_by, Role.CLINICIAN)
    screening_actions.void_screening(screening, **voiding, reason=VOID_REASON)
    link_id, signer = edition.definition.items[0].link_id, acting(UserFactory(), Role.CLINICIAN)
    actions.confirm_review(edition, [link_id], **signer, next_review=date(2099, 1, 1))
    run_of(purge_confirmed())
    withdraw_purge(purge_requested(), **acting(UserFactory(), Role.ADMINISTRATOR))
    assert sum(seal_events(timezone.now() + timedelta(minutes=5))) > 0
    record_event(Action.RULES_LOADED, by=None)
    assert sum(seal_events(timezone.now() + timedelta(minutes=5))) == 1


@pytest.fixture(params=[True, False], ids=["connection of the application", "other connection"])
def _pragma(request: pytest.FixtureRequest, db: None) -> Iterator[None]:
    """On SQLite, REPLACE fires DELETE triggers only if the connection has ``recursive_triggers`` on."""
    connection.cursor().execute(f"PRAGMA recursive_triggers = {int(request.param)}")
    yield
    connection.cursor().execute("PRAGMA recursive_triggers = 1")


def rows_of(model: type[Model]) -> list[dict[str, Any]]:
    """Return all rows of a table, at least one."""
    rows = list(model._default_manager.order_by("pk").values())
    assert rows
    return rows


def refused(model: type[Model], statement: str) -> str:
    """Return the error message for a statement, which must change nothing."""
    before, names = rows_of(model), {"table": model._meta.db_table, "id": model._default_manager.order_by("pk")[0].pk}
    referred: list[Any] = [each.related_model for each in model._meta.concrete_fields if each.is_relation]
    names["referred"] = referred[0]._meta.db_table if referred else model._meta.db_table
    names["column"] = model._meta.concrete_fields[-1].column
    connection.check_constraints()  # PostgreSQL does not truncate with deferred checks pending
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        connection.cursor().execute(statement.format(**names))
    assert rows_of(model) == before
    return str(refusal.value)


@pytest.mark.usefixtures("_rows")
@TABLES
def test_no_statement_changes_a_row(model: type[Model]) -> None:
    assert [name for name, statement in ON_BOTH.items() if REFUSAL not in refused(model, statement)] == []


@pytest.mark.postgresql
@pytest.mark.usefixtures("_rows")
@TABLES
def test_no_statement_of_postgresql_changes_a_row(model: type[Model]) -> None:
    assert [name for name, statement in ON_POSTGRESQL.items() if REFUSAL not in refused(model, statement)] == []


@pytest.mark.postgresql
@pytest.mark.usefixtures("_rows")
@TABLES
def test_a_table_cannot_be_truncated(model: type[Model]) -> None:
    is_referred_to = any(each.is_relation and each.auto_created for each in model._meta.get_fields())
    message = "referenced in a foreign key" if is_referred_to else REFUSAL
    assert message in refused(model, "TRUNCATE {table}")


@pytest.mark.sqlite
@pytest.mark.usefixtures("_pragma", "_rows")
@TABLES
def test_no_statement_of_sqlite_changes_a_row(model: type[Model]) -> None:
    assert [name for name, statement in ON_SQLITE.items() if REFUSAL not in refused(model, statement)] == []


def keys_of(model: type[Model]) -> list[tuple[str, ...]]:
    """Return the columns of each unique key of a model except the primary key."""
    single = [(str(each.column),) for each in model._meta.concrete_fields if each.unique and not each.primary_key]
    together = [tuple(each.fields) for each in model._meta.total_unique_constraints]
    columns = {each.name: str(each.column) for each in model._meta.concrete_fields}
    return [*single, *(tuple(columns[name] for name in names) for names in together)]


@pytest.mark.sqlite
@pytest.mark.usefixtures("_pragma", "_rows")
@pytest.mark.parametrize(("model", "key"), [(model, key) for model in MODELS for key in keys_of(model)], ids=str)
def test_a_row_cannot_be_replaced_by_one_with_the_same_key(model: type[Model], key: tuple[str, ...]) -> None:
    if key == ("supersedes_id",):
        ScreeningFactory(superseded=True)
    values = [str(each.column) if each.column in key else other_value(each) for each in model._meta.concrete_fields]
    filled = " AND ".join(f"{column} IS NOT NULL" for column in key)
    columns = ", ".join(str(each.column) for each in model._meta.concrete_fields)
    statement = f"REPLACE INTO {{table}} ({columns}) SELECT {', '.join(values)} FROM {{table}} WHERE {filled}"
    assert f"a row with this {', '.join(key)} exists" in refused(model, statement)


def other_value(field: Any) -> str:
    """Return SQL for the value of a new row: a different one for unique columns, else the same."""
    if field.primary_key:
        return "id + 1000000"
    if not field.unique:
        return str(field.column)
    return "NULL" if field.null else "lower(hex(randomblob(16)))"


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_the_sqlite_shell_cannot_replace_an_event() -> None:
    UserFactory()
    event = AuditEvent.objects.get()
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as shell:
        with pytest.raises(sqlite3.IntegrityError, match=REFUSAL):
            shell.execute(
                "INSERT OR REPLACE INTO screening_auditevent SELECT id, at, actor_id, 'somebody else', actor_role,"
                " action, subject, details, address FROM screening_auditevent"
            )
        shell.rollback()
    assert AuditEvent.objects.get().actor_name == event.actor_name


@pytest.mark.sqlite
@pytest.mark.django_db
def test_the_application_turns_recursive_triggers_on() -> None:
    assert connection.cursor().execute("PRAGMA recursive_triggers").fetchone() == (1,)


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_migrating_a_database_of_an_earlier_release_adds_the_replace_trigger(edition: Edition) -> None:
    ScreeningFactory(edition=edition)
    connection.cursor().execute("DROP TRIGGER screening_screening_no_replace")
    call_command("migrate", verbosity=0)
    assert REFUSAL in refused(Screening, ON_SQLITE["replace"])


@pytest.mark.usefixtures("_rows")
def test_removing_the_triggers_removes_all_of_them() -> None:
    append_only.remove(connection)
    AuditEvent.objects.update(subject="changed")
    AuditEvent.objects.all().delete()
    assert not AuditEvent.objects.exists()
