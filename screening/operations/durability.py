"""Whether the database keeps what it has acknowledged, and whether its schema is that of this release."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory

from screening.audit import append_only

SQLITE_REQUIRES = {"journal_mode": ("wal", "WAL"), "synchronous": (2, "FULL"), "foreign_keys": (1, "ON"),
                   "recursive_triggers": (1, "ON")}  # fmt: skip
"""The value that each PRAGMA must return, and its name."""
POSTGRESQL_REQUIRES = ("fsync", "full_page_writes", "synchronous_commit")
BEHIND = "The schema of the database is older than this release. Run: manage.py migrate"
WITHOUT_TRIGGERS = "Triggers that keep stored rows from being changed are missing or disabled. Run: manage.py migrate"

_is_current = False
"""Whether this process found the schema current: it is not asked again, because it takes a tenth of a second."""


def faults() -> list[str]:
    """Return what is wrong with the database, in sentences; nothing if ``REQUIRE_DURABLE_DATABASE`` is off.

    Raises:
        OperationalError, InterfaceError: the database does not answer.
    """
    if not settings.REQUIRE_DURABLE_DATABASE:
        return []
    found = _weak_settings()
    if not _schema_is_current():
        return [*found, BEHIND]
    if append_only.missing(connection):
        found.append(WITHOUT_TRIGGERS)
    return found


def refuse_faults() -> None:
    """Check the database at start. One that does not answer is not refused: it may come back.

    Raises:
        ImproperlyConfigured: what is wrong with the database, a line for each fault.
    """
    try:
        found = faults()
    except (OperationalError, InterfaceError):
        return
    if found:
        raise ImproperlyConfigured("\n".join(found))


def _weak_settings() -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in POSTGRESQL_REQUIRES))
            found = zip(POSTGRESQL_REQUIRES, cursor.fetchone(), strict=True)
            return [_sentence("PostgreSQL", name, "off", "on") for name, value in found if value == "off"]
        weak = []
        for name, (required, word) in SQLITE_REQUIRES.items():
            cursor.execute(f"PRAGMA {name}")
            (value,) = cursor.fetchone()
            if value != required:
                weak.append(_sentence("SQLite", name, value, word))
        return weak


def _sentence(engine: str, name: str, value: object, required: str) -> str:
    return f"{engine} runs with {name} = {value}, which can lose or damage records. It must be {required}."


def _schema_is_current() -> bool:
    global _is_current  # noqa: PLW0603 (the state of this process)
    if not _is_current:
        try:
            call_command("migrate", check_unapplied=True, verbosity=0)
            _is_current = True
        except (SystemExit, InconsistentMigrationHistory):  # how the command says that there are unapplied ones
            return False
    return True
