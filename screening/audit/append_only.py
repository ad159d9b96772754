"""Database triggers for append-only tables: SQLite and PostgreSQL refuse to change or delete a row.

Missing triggers are created after every migrate, because rebuilding a table on SQLite silently drops its triggers.

On SQLite, REPLACE deletes the conflicting row without firing a DELETE trigger, unless ``recursive_triggers`` is on
(see the settings). Another trigger therefore refuses to insert a row that conflicts with an existing one, whatever
the setting of the connection. PostgreSQL has no REPLACE.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.apps import apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from .models import AppendOnlyModel

MARK = "append-only"
"""The comment of each append-only table on PostgreSQL: deploy/postgresql/roles.sql reads it."""
REFUSAL = "rows of this table are never changed or deleted"

_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION append_only_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
# Django's introspection returns the same but parses every statement of the schema, which would make a flush slow.
_KEYS_ON_SQLITE = """
SELECT 'primary', name FROM pragma_table_info(%s) WHERE pk
UNION ALL
SELECT keys.name, parts.name
  FROM pragma_index_list(%s) AS keys, pragma_index_info(keys.name) AS parts
 WHERE keys."unique"
"""


def append_only_models() -> list[type[AppendOnlyModel]]:
    """Return all models based on AppendOnlyModel."""
    return [model for model in apps.get_models() if issubclass(model, AppendOnlyModel)]


def install(connection: BaseDatabaseWrapper) -> None:
    """Create missing triggers."""
    _execute(connection, _create_statements(connection))


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers. Only for tests, which flush their database."""
    _execute(connection, _drop_statements(connection))


def missing(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of the triggers that a database lacks, or that are disabled in it."""
    in_force = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(in_force)
        found = {name for (name,) in cursor.fetchall()}
    tables = [model._meta.db_table for model in append_only_models()]
    return {name for name, _, _ in _triggers_of(tables, connection)} - found


@contextmanager
def deletable(connection: BaseDatabaseWrapper, models: Sequence[type[Model]]) -> Iterator[None]:
    """Let the block delete rows of these tables. Nobody else can write to them until the transaction ends.

    On PostgreSQL only the owner of the tables may do it. Give them in the order in which the application inserts into
    them, so that neither waits for the other. Foreign keys are checked at the end of the block. After an error the
    transaction must be rolled back, which puts the triggers back.

    Raises:
        TransactionManagementError: there is no transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("triggers are suspended only within a transaction")
    tables = [each._meta.db_table for each in models]
    guarded = [each._meta.db_table for each in models if issubclass(each, AppendOnlyModel)]
    if connection.vendor == "postgresql":
        connection.check_constraints()  # what is still to be checked keeps a table from being altered
        _execute(connection, [f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE"])
        _execute(connection, (f"ALTER TABLE {each} DISABLE TRIGGER {each}_no_delete" for each in guarded))
        yield
        connection.check_constraints()
        _execute(connection, (f"ALTER TABLE {each} ENABLE TRIGGER {each}_no_delete" for each in guarded))
    else:
        _execute(connection, (f"DROP TRIGGER {each}_no_delete" for each in guarded))
        yield
        install(connection)


def _execute(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _create_statements(connection: BaseDatabaseWrapper) -> Iterator[str]:
    if connection.vendor == "postgresql":
        yield _POSTGRESQL_FUNCTION
        yield from (f"COMMENT ON TABLE {table} IS '{MARK}'" for table in _tables(connection))
    for name, event, table in _triggers(connection):
        if connection.vendor == "postgresql":
            yield (
                f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION append_only_refusal()"
            )
        else:
            refusals = _replace_refusals(connection, table) if event == "INSERT" else [_refusal()]
            yield f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} BEGIN {' '.join(refusals)} END"


def _replace_refusals(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """For SQLite: for each unique key of a table, the statement that refuses a duplicate."""
    keys: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_KEYS_ON_SQLITE, [table, table])
        for key, column in cursor.fetchall():
            keys.setdefault(key, []).append(column)
    return [_replace_refusal(table, tuple(columns)) for columns in sorted(keys.values())]


def _replace_refusal(table: str, key: tuple[str, ...]) -> str:
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    return _refusal(
        f"a row with this {', '.join(key)} exists; ",
        f" WHERE EXISTS (SELECT 1 FROM {table} WHERE {same})",  # noqa: S608 (table and column names of this project)
    )


def _refusal(reason: str = "", where: str = "") -> str:
    return f"SELECT RAISE(ABORT, '{reason}{REFUSAL}'){where};"


def _drop_statements(connection: BaseDatabaseWrapper) -> Iterator[str]:
    for name, _, table in _triggers(connection):
        yield f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if connection.vendor == "postgresql" else "")


def _triggers(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str, str]]:
    """Yield name, event and table of each trigger of the tables that there are."""
    yield from _triggers_of(_tables(connection), connection)


def _triggers_of(tables: list[str], connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str, str]]:
    last = "TRUNCATE" if connection.vendor == "postgresql" else "INSERT"
    for table in tables:
        for event in ("UPDATE", "DELETE", last):
            yield f"{table}_no_{'replace' if event == 'INSERT' else event.lower()}", event, table


def _tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the append-only tables, without those that a reversed migration dropped."""
    tables = {model._meta.db_table for model in append_only_models()}
    return sorted(tables & set(connection.introspection.table_names()))
