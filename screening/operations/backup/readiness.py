"""Whether a backup can be restored to the database, by this release and this role."""

from __future__ import annotations

from django.db import connection

from ldn_screen.release import release

from .contents import Model
from .file_format import Head, version_numbers
from .migrations import Migrations, applied_migrations, known_migrations
from .reading import CannotRestore


def refuse_other_release(head: Head) -> None:
    """Refuse a backup that this release does not know, and one of another schema.

    Raises:
        CannotRestore: the backup needs another release, or the database is not migrated.
    """
    known, applied = known_migrations(), applied_migrations()
    if version_numbers(head.release) > version_numbers(release()) or _without(head.migrations, known):
        raise CannotRestore(
            f"The backup was made by release {head.release}; this is release {release()}, which does not know all of "
            f"it. Install release {head.release} or later, and restore the backup with that."
        )
    if _without(known, applied):
        raise CannotRestore("The database is not migrated. Run manage.py migrate first.")
    if head.migrations != applied:
        raise CannotRestore(
            f"The backup was made by release {head.release}, whose tables are not those of release {release()}. "
            f"Install release {head.release}, restore the backup with that, and then upgrade."
        )


def refuse_other_role(models: list[Model]) -> None:
    """Refuse a role that does not own the tables. Only PostgreSQL has roles.

    Raises:
        CannotRestore: the role owns not all tables.
    """
    if connection.vendor != "postgresql":
        return
    tables = [each._meta.db_table for each in models]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, count(*) FROM pg_class WHERE relname = ANY(%s) AND relkind IN ('r', 'p') "
            "AND relnamespace = current_schema()::regnamespace AND NOT pg_has_role(relowner, 'USAGE')",
            [tables],
        )
        role, not_owned = cursor.fetchone()
    if not_owned:
        raise CannotRestore(
            f"The database role {role} does not own the tables. Restore with the DATABASE_URL of the owner."
        )


def refuse_rows(models: list[Model]) -> None:
    """Refuse a database that has rows already: a restore never mixes two installations.

    Raises:
        CannotRestore: a table has rows.
    """
    for each in models:
        if each._default_manager.exists():
            raise CannotRestore(
                f"The database is not empty: there are rows of {each._meta.label}. Restore to a new database, "
                "migrated and not used yet."
            )


def keep_others_out(models: list[Model]) -> None:
    """Let nobody else insert rows until the transaction ends. On SQLite each transaction does that itself."""
    if connection.vendor != "postgresql":
        return
    tables = ", ".join(connection.ops.quote_name(each._meta.db_table) for each in models)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")


def _without(migrations: Migrations, others: Migrations) -> set[tuple[str, str]]:
    return _pairs(migrations) - _pairs(others)


def _pairs(migrations: Migrations) -> set[tuple[str, str]]:
    return {(app, name) for app, names in migrations.items() for name in names}
