"""Delete old screenings that two administrators agreed to purge."""

from __future__ import annotations

import hashlib
import sys
from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import timezone
from tqdm import tqdm

from screening.clinical.text import dates
from screening.operations import actions
from screening.operations.backup.file_format import Written
from screening.operations.backup.writing import CannotBackUp, write_backup
from screening.operations.models import PurgeRequest, PurgeRun, PurgeStatus
from screening.operations.purging import SHORTEST_RETENTION_YEARS, latest_date, screenings_to_purge
from screening.web.transactions import CommitUnknown

INTERRUPTED = 130
OWNS_THE_TABLES = """
SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'screening_screening'::regclass
"""
NOTHING = "Nothing was deleted."


class Command(BaseCommand):
    """``purge --before DATE [--export FILE]``: exports the screenings to a file, then deletes all of them or none."""

    help = (
        "Deletes the screenings before a day, once one administrator has requested it and another one has confirmed "
        "it (page Purges). It first exports them to a file. On PostgreSQL it is run as the owner of the tables."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument("--before", required=True, metavar="DATE", help="2016-01-31 or “31 Jan 2016”")
        parser.add_argument("--export", type=Path, metavar="FILE", help="default: purged-before-DATE.ldnbackup")

    def handle(self, *, before: str, export: Path | None, **options: object) -> None:
        """Check that the purge is confirmed, export, delete, and print what was done."""
        day = _day(before)
        path = export or Path(f"purged-before-{day.isoformat()}.ldnbackup")
        exported = None
        try:
            _refuse_without_ownership()
            request = _confirmed(day)
            if request.status(timezone.now()) is PurgeStatus.DONE:
                self.stdout.write(_was_done(request))
                return
            keys = list(screenings_to_purge(day).order_by("pk").values_list("pk", flat=True))
            exported = _export(path, day)
            run = _delete(request, keys, exported)
        except KeyboardInterrupt:
            raise CommandError(f"Interrupted. {NOTHING}{_left(path, exported)}", returncode=INTERRUPTED) from None
        except CommitUnknown:
            again = "Run the same command again: it says whether the purge was done."
            raise CommandError(f"The connection was lost at the end. {again}") from None
        except CannotBackUp as fault:
            raise CommandError(f"{fault} {NOTHING}") from None
        except actions.NotOpen:
            raise CommandError(f"The purge was withdrawn meanwhile. {NOTHING}{_left(path, exported)}") from None
        except (actions.NotAsExported, DatabaseError, OSError) as fault:
            reason = str(fault).strip().partition("\n")[0].rstrip(".")
            raise CommandError(f"{NOTHING} The reason: {reason}.{_left(path, exported)}") from fault
        self.stdout.write(f"{_screenings(run.screenings)} before {dates.format_date(day)} deleted.")
        self.stdout.write(f"Exported to {path}, {run.size:,} bytes, SHA-256 {run.sha256}.")
        self.stdout.write("The audit trail is kept. Backups made before still hold these records.")


def _day(text: str) -> date:
    try:
        day = dates.parse(text)
    except dates.DateError as fault:
        raise CommandError(str(fault)) from None
    if day > latest_date(timezone.localdate()):
        raise CommandError(f"Records are kept for at least {SHORTEST_RETENTION_YEARS} year. Check the date.")
    return day


def _refuse_without_ownership() -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(OWNS_THE_TABLES)
        (is_owner,) = cursor.fetchone()
    if not is_owner:
        raise CommandError(
            "The role in DATABASE_URL may not delete screenings. Run this command as the owner of the tables. "
            + NOTHING
        )


def _was_done(request: PurgeRequest) -> str:
    run = request.confirmation.run
    purge = f"The purge of the screenings before {dates.format_date(request.before)}"
    return f"{purge} was done on {_time(run.at)}: {_screenings(run.screenings)}."


def _confirmed(before: date) -> PurgeRequest:
    """Return the request for a day that is confirmed, or was done already.

    Raises:
        CommandError: there is none, or it is not confirmed.
    """
    day, now = dates.format_date(before), timezone.now()
    request = PurgeRequest.objects.latest_for(before)
    ask = f"An administrator requests it on the page Purges (/purges/new/), another one confirms it there. {NOTHING}"
    if request is None:
        raise CommandError(f"Nobody has requested a purge of the screenings before {day}. {ask}")
    match request.status(now):
        case PurgeStatus.CONFIRMED | PurgeStatus.DONE:
            return request
        case PurgeStatus.WAITING:
            asked = f"{request.by_name} requested it on {_time(request.at)}"
            raise CommandError(f"{asked}. It waits for a second administrator to confirm it. {NOTHING}")
        case PurgeStatus.WITHDRAWN:
            raise CommandError(f"{request.withdrawal.by_name} withdrew the purge before {day}. {ask}")
        case _:
            raise CommandError(f"The purge before {day} has expired on {_time(request.expires_at)}. {ask}")


def _export(path: Path, before: date) -> Written:
    """Write the file, and read it back from the disk."""
    with tqdm(unit=" rows", desc="Exporting", file=sys.stderr, disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        written = write_backup(path, screenings=screenings_to_purge(before), progress=show)
    with path.open("rb") as file:
        read_back = hashlib.file_digest(file, "sha256").hexdigest()
    if read_back != written.sha256:
        raise OSError(f"{path} does not hold what was written to it")
    return written


def _delete(request: PurgeRequest, keys: list[int], exported: Written) -> PurgeRun:
    with tqdm(total=len(keys), unit=" screenings", desc="Deleting", file=sys.stderr, disable=None) as bar:
        return actions.purge(request, keys, exported, at=timezone.now(), progress=bar.update)


def _left(path: Path, exported: Written | None) -> str:
    """Return what to do about the file of a purge that did not delete anything."""
    return f" {path} was written and is not needed: remove it." if exported else ""


def _time(moment: datetime) -> str:
    return dates.format_datetime(timezone.localtime(moment))


def _screenings(count: int) -> str:
    return f"{count:,} {'screening' if count == 1 else 'screenings'}"
