"""Tables that only grow: the database itself refuses UPDATE and DELETE, on SQLite and on PostgreSQL.

The triggers are installed after every migrate and created if missing, because a table rebuild on SQLite drops
them without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from .models import (
    Answer,
    AuditEvent,
    DraftChange,
    Edition,
    ListOfMedicines,
    Review,
    Screening,
    StoredLexicon,
    Void,
)

INSERT_ONLY = (
    *(Edition, StoredLexicon, Review, DraftChange),
    *(Screening, ListOfMedicines, Void, Answer, AuditEvent),
)
APPEND_ONLY_TABLES = {model._meta.db_table for model in INSERT_ONLY}
REFUSAL = "rows of this table are never changed or deleted"

_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION append_only_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


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
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )


def _dropping(connection: BaseDatabaseWrapper) -> Iterator[str]:
    for name, _, table in _triggers(connection):
        yield f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if connection.vendor == "postgresql" else "")


def _triggers(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str, str]]:
    """Name, event and table of each trigger; tables that a reversed migration took away are left out."""
    events = ("UPDATE", "DELETE", "TRUNCATE") if connection.vendor == "postgresql" else ("UPDATE", "DELETE")
    for table in sorted(APPEND_ONLY_TABLES & set(connection.introspection.table_names())):
        for event in events:
            yield f"{table}_no_{event.lower()}", event, table
