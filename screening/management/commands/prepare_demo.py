"""Everything a demonstration needs before it is served, in one process: ``./run`` calls it at every start."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from screening.demo import foreign_rows
from screening.models import Edition, RuleSet

RULES = "fixtures/ldn_rules.json"
MADE_FROM = ("fixtures", "static", "screening", "ldn_screen", "requirements")


class Command(BaseCommand):
    """Refuse a database that is not a demonstration's, then bring it up to date, or see that it is."""

    help = "Prepares the demonstration that ./run serves."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        """Do the work, unless an earlier start did and nothing has changed since."""
        if not settings.DEMO:
            raise CommandError("This installation is not a demonstration; ./run makes one.")
        with plain_database_faults():
            reach_database()
            if is_prepared():
                refuse_foreign_rows()
            else:
                self.stdout.write("Preparing the database and the pages' files.")
                self.stdout.flush()
                prepare(self.stdout.write)


def prepare(say: Callable[[str], object]) -> None:
    """Bring everything up to date and note what it was made from."""
    note().unlink(missing_ok=True)
    with suppress(DatabaseError):  # no tables yet, or those of an earlier release: asked again below
        refuse_foreign_rows()
    call_command("migrate", interactive=False, verbosity=0)
    refuse_foreign_rows()
    publish_rules(say)
    call_command("seed_demo", stdout=StringIO())
    call_command("collectstatic", interactive=False, verbosity=0)
    note().write_text(fingerprint(), encoding="utf-8")


def publish_rules(say: Callable[[str], object]) -> None:
    """Publish the shipped rules, unless the edition in force reads medication lists already.

    One that an earlier release published does not. A draft that somebody left open is not discarded for it.
    """
    current = Edition.objects.current()
    if current is not None and current.definition.lexicon:
        return
    if current is not None and RuleSet.objects.filter(is_open=True).exists():
        say(f"{current} reads no medication lists. A draft is open, so the shipped rules were not published.")
        return
    note = "Recognises opioids in medication lists" if current else "First edition"
    call_command("load_rules", str(settings.BASE_DIR / RULES), publish=True, note=note, stdout=StringIO())


def refuse_foreign_rows() -> None:
    """Stop at a database that holds what no demonstration made."""
    if sentence := foreign_rows():
        raise CommandError(sentence)


def is_prepared() -> bool:
    """Whether files, settings and database are those that the last preparation left behind."""
    if not (note().is_file() and Path(settings.STATIC_ROOT, "staticfiles.json").is_file()):
        return False
    with suppress(DatabaseError):
        return note().read_text(encoding="utf-8") == fingerprint() and Edition.objects.exists()
    return False


def note() -> Path:
    """Where the last preparation is remembered."""
    return Path(settings.VAR_DIR, "prepared")


def fingerprint() -> str:
    """Changes with the files, the settings and the migrations that a demonstration is made from."""
    database = connection.settings_dict
    digest = hashlib.sha256()
    for part in (
        settings.DEMO_PASSWORD,
        *(database[name] for name in ("ENGINE", "NAME", "HOST", "PORT", "USER")),
        *sorted(MigrationRecorder(connection).applied_migrations()),
    ):
        digest.update(f"{part}\0".encode())
    for path in files():
        digest.update(bytes(path) + path.read_bytes())
    return digest.hexdigest()


def files() -> Iterator[Path]:
    """The project's files that shape the database or the static files."""
    for folder in MADE_FROM:
        for path in sorted(Path(settings.BASE_DIR, folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def reach_database() -> None:
    """Open one connection without the pool, which would wait and try again before saying what is wrong."""
    if connection.vendor != "postgresql":
        connection.ensure_connection()
        return
    import psycopg  # noqa: PLC0415 - not to be waited for where SQLite serves

    try:
        psycopg.connect(**connection.get_connection_params()).close()
    except psycopg.Error as fault:
        raise DatabaseError(str(fault)) from fault


@contextmanager
def plain_database_faults() -> Iterator[None]:
    """Say in one sentence what the database said in several."""
    try:
        yield
    except DatabaseError as fault:
        reason = str(fault).strip().partition("\n")[0]
        raise CommandError(f"The database cannot be used: {reason}") from fault
