"""Restore a backup to an empty database."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from screening.audit.seals import START, Tampered, Verified, verify
from screening.operations.backup.actions import restore
from screening.operations.backup.file_format import Head, key_of
from screening.operations.backup.reading import CannotRestore, opened

from ._progress import progress_bar


class Command(BaseCommand):
    """``restore FILE``: load a backup into a database that is migrated and has no rows yet."""

    help = "Loads a backup into an empty, migrated database, and compares every row with the file. All or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file."""
        parser.add_argument("file", type=Path, help="a file that the command backup wrote")

    def handle(self, *, file: Path, **options: object) -> None:
        """Restore, with progress bars in a terminal, then print the counts and the anchor."""
        try:
            with (
                opened(file) as backup,
                progress_bar("reading") as reading,
                progress_bar("loading") as loading,
                progress_bar("comparing") as comparing,
            ):
                restore(backup, reading=reading, loading=loading, comparing=comparing)
        except CannotRestore as fault:
            raise CommandError(str(fault)) from None
        except DatabaseError as fault:
            reason = str(fault).strip().partition("\n")[0]
            raise CommandError(f"The database cannot be used: {reason} Nothing was restored.") from fault
        except KeyboardInterrupt:
            raise CommandError("Interrupted. Nothing was restored.") from None
        for label, table in backup.tables.items():
            self.stdout.write(f"{table.rows:>12,}  {label}")
        self.stdout.write(f"{backup.rows:>12,}  rows restored, and equal to those in {file}")
        self.stdout.write("\n".join(_remarks(backup.head)))


def _remarks(head: Head) -> Iterator[str]:
    yield f"The backup holds {head.content}, made by release {head.release} at {head.made_at:%Y-%m-%d %H:%M:%S %Z}."
    if head.key not in map(key_of, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]):
        yield (
            "WARNING: SECRET_KEY is not that of the installation that made the backup. Second factors of accounts do "
            "not work with another key: set the same one, or let administrators reset the second factors."
        )
    try:
        verified = max(verify(), default=Verified(events=0, anchor=START))
    except Tampered as difference:
        yield f"WARNING: the audit trail differs from its seals, as it did when it was backed up. {difference}"
    else:
        yield f"{verified.events:,} audit events as sealed.\nanchor: {verified.anchor}"
