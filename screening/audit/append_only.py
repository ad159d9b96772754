"""Tables that only grow: the database itself refuses to change or delete a row, on SQLite and on PostgreSQL.

The triggers are installed after every migrate and created if missing, because a table rebuild on SQLite drops
them without a word.

SQLite's REPLACE deletes the row in its way without a DELETE trigger, unless the connection asks for that
(``recursive_triggers``, see the settings). So a trigger there refuses to insert a row in whose way another one is,
whatever the connection asks for. PostgreSQL has no REPLACE.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from .models import AppendOnlyModel

REFUSAL = "rows of this table are never changed or deleted"

_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION append_only_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
# Django's introspection finds the same, but parses every statement of the schema: most of the time of a flush.
_KEYS_ON_SQLITE = """
SELECT 'primary', name FROM pragma_table_info(%s) WHERE pk
UNION ALL
SELECT keys.name, parts.name
  FROM pragma_index_list(%s) AS keys, pragma_index_info(keys.name) AS parts
 WHERE keys."unique"
"""


def append_only_models() -> list[type[AppendOnlyModel]]:
    """The models whose rows are never changed or deleted."""
    return [model for model in apps.get_models() if issubclass(model, AppendOnlyModel)]


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers that are missing."""
    _execute(connection, _creating(connection))


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers; only a test that flushes its database needs this."""
    _execute(connection, _dropping(connection))


def _execute(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _creating(connection: BaseDatabaseWrapper) -> Iterator[str]:
    if connection.vendor == "postgresql":
        yield _POSTGRESQL_FUNCTION
    for name, event, table in _triggers(connection):
        if connection.vendor == "postgresql":
            yield (
                f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION append_only_refusal()"
            )
        else:
            refusals = _refusals_to_replace(connection, table) if event == "INSERT" else [_refusal()]
            yield f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} BEGIN {' '.join(refusals)} END"


def _refusals_to_replace(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """On SQLite: for each key of a table, what refuses a row that has the key of another one."""
    keys: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_KEYS_ON_SQLITE, [table, table])
        for key, column in cursor.fetchall():
            keys.setdefault(key, []).append(column)
    return [_refusal_to_replace(table, tuple(columns)) for columns in sorted(keys.values())]


def _refusal_to_replace(table: str, key: tuple[str, ...]) -> str:
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    return _refusal(
        f"there is a row with this {', '.join(key)}; ",
        f" WHERE EXISTS (SELECT 1 FROM {table} WHERE {same})",  # noqa: S608 (names of our own tables and columns)
    )


def _refusal(why: str = "", where: str = "") -> str:
    return f"SELECT RAISE(ABORT, '{why}{REFUSAL}'){where};"


def _dropping(connection: BaseDatabaseWrapper) -> Iterator[str]:
    for name, _, table in _triggers(connection):
        yield f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if connection.vendor == "postgresql" else "")


def _triggers(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str, str]]:
    """Name, event and table of each trigger; tables that a reversed migration took away are left out."""
    last = "TRUNCATE" if connection.vendor == "postgresql" else "INSERT"
    tables = {model._meta.db_table for model in append_only_models()}
    for table in sorted(tables & set(connection.introspection.table_names())):
        for event in ("UPDATE", "DELETE", last):
            yield f"{table}_no_{'replace' if event == 'INSERT' else event.lower()}", event, table
