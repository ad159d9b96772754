"""Write a backup of the installation."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from screening.operations.backup.actions import make_backup
from screening.operations.backup.writing import CannotBackUp

from ._progress import progress_bar


class Command(BaseCommand):
    """``backup FILE``: write all rows to a new file, while the application is in use."""

    help = "Writes all rows of the database to one file, as they are at one moment. It never overwrites a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file."""
        parser.add_argument("file", type=Path, help="the new file")

    def handle(self, *, file: Path, **options: object) -> None:
        """Write the file, with a progress bar in a terminal, then print its counts and its hash."""
        try:
            with progress_bar("writing") as writing:
                written = make_backup(file, writing)
        except CannotBackUp as fault:
            raise CommandError(str(fault)) from None
        except DatabaseError as fault:
            reason = str(fault).strip().partition("\n")[0]
            raise CommandError(f"The database cannot be read: {reason} Nothing was kept.") from fault
        except KeyboardInterrupt:
            raise CommandError("Interrupted. Nothing was kept.") from None
        for label, table in written.tables.items():
            self.stdout.write(f"{table.rows:>12,}  {label}")
        self.stdout.write(f"{written.rows:>12,}  rows in {file}, {written.size:,} bytes")
        self.stdout.write(f"sha256: {written.sha256}")
