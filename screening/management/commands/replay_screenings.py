"""Evaluate stored screenings again with this release, and name those whose result would differ."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from tqdm import tqdm

from screening.safety.replay import Progress, Replay
from screening.safety.resume_file import CannotResume, ResumeFile

CANNOT_RUN, INTERRUPTED = 2, 130
"""Exit codes. A run exits with 1 when a screening differs, otherwise with 0."""


class Command(BaseCommand):
    """``replay_screenings [--read-lists] [--resume FILE]``: names screenings by their ids. It records nothing."""

    help = (
        "Evaluates every stored screening again, under its own edition and with the code of this release, and names "
        "those whose outcome, findings or words in lists would differ. Exits with 1 if there are any."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument(
            "--read-lists",
            action="store_true",
            help="also read each medication list again, with the names it was read with (about three times slower)",
        )
        parser.add_argument(
            "--resume",
            type=Path,
            metavar="FILE",
            help="keep the progress in this file, and continue from it after an interruption",
        )

    def handle(self, *, read_lists: bool, resume: Path | None, **options: object) -> None:
        """Evaluate, with a progress bar in a terminal, then print the counts."""
        file = ResumeFile(resume, reads_lists=read_lists) if resume else None
        try:
            progress = self._replayed(Replay(reads_lists=read_lists), file)
            recorded_since = progress.recorded_since
        except CannotResume as fault:
            raise CommandError(str(fault), returncode=CANNOT_RUN) from None
        except DatabaseError as fault:
            reason = str(fault).strip().partition("\n")[0]
            raise CommandError(f"The database cannot be read: {reason}", returncode=CANNOT_RUN) from fault
        except KeyboardInterrupt:
            hint = " The same command continues." if file else " Nothing was kept; --resume FILE keeps the progress."
            raise CommandError(f"Interrupted.{hint}", returncode=INTERRUPTED) from None
        self.stdout.write(_counts(progress))
        if recorded_since:
            self.stdout.write(f"{_screenings(recorded_since)} recorded since the run began, not evaluated.")
        if progress.different:
            sys.exit(1)

    def _replayed(self, replay: Replay, file: ResumeFile | None) -> Progress:
        """Run to the end. Differences are printed before the progress is stored, so that none is lost."""
        progress = file.read() if file else None
        if progress:
            self.stdout.write(f"Continuing: {_counts(progress)} Those were named before.")
        else:
            progress = Progress.of_new_run()
        if file:
            file.store(progress)
        with tqdm(
            total=progress.total, initial=progress.evaluated, unit=" screenings", file=sys.stderr, disable=None
        ) as bar:
            for chunk in replay.chunks(progress):
                progress = chunk.progress
                if chunk.different:
                    with tqdm.external_write_mode():
                        self.stdout.write("\n".join(map(str, chunk.different)))
                        self.stdout.flush()
                if file:
                    file.store(progress)
                bar.update(progress.evaluated - bar.n)
        if file:
            file.remove()
        return progress


def _counts(progress: Progress) -> str:
    differ = "differs" if progress.different == 1 else "differ"
    return f"{_screenings(progress.evaluated)} evaluated, {progress.different:,} {differ}."


def _screenings(count: int) -> str:
    return f"{count:,} {'screening' if count == 1 else 'screenings'}"
