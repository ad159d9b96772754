"""Writing a backup file."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import models
from django.utils import timezone

from ldn_screen.release import release
from screening.screenings.models import Screening

from .contents import models_in_order, models_of_screenings, rows_of
from .file_format import Foot, Head, Table, Written, key_of
from .migrations import applied_migrations
from .progress import Counting, Progress, no_progress
from .rows import write_rows
from .snapshot import snapshot


class CannotBackUp(Exception):
    """The file cannot be written; the message says why."""


def write_backup(
    path: Path,
    *,
    screenings: models.QuerySet[Screening] | None = None,
    progress: Progress = no_progress,
) -> Written:
    """Write a backup of the database as it is at one moment, and return what was written.

    With ``screenings`` the file holds only these and what is needed to read them, and no audit events. The file can
    be read by its owner only. It has its name only when it is complete and on the disk; after an error nothing is
    left of it.

    Raises:
        CannotBackUp: there is a file at ``path``, or the file cannot be written.
        DatabaseError: the database cannot be read.
    """
    with new_file(path) as file:
        return write_snapshot(file, screenings, progress)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write to, and give it its name at the end, when all of it is on the disk.

    Raises:
        CannotBackUp: there is a file at ``path``, or the file cannot be written.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        with _opened(path, partial) as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                _refuse_existing(path)
                partial.rename(path)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
        _sync_folder(path.parent)
    except OSError as error:
        raise CannotBackUp(f"{path} cannot be written: {error.strerror or error}. Nothing was kept.") from error


def _opened(path: Path, partial: Path) -> BinaryIO:
    """Open the unfinished file, readable by its owner only. What an interrupted run left is overwritten."""
    _refuse_existing(path)
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    file = os.fdopen(descriptor, "r+b")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise CannotBackUp(f"Another backup is being written to {path}.") from None
    os.fchmod(descriptor, 0o600)
    file.truncate()
    return file


def _refuse_existing(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise CannotBackUp(f"{path} exists. A backup never overwrites a file.")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class HashedFile:
    """Passes bytes on to a file, and hashes them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.hash, self.size = hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        """Write bytes, and return how many."""
        self._file.write(data)
        self.hash.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Write what is buffered."""
        self._file.flush()


def write_snapshot(file: BinaryIO, screenings: models.QuerySet[Screening] | None, progress: Progress) -> Written:
    """Write the database as it is at one moment to an open file, and return what was written.

    Raises:
        OSError: the file cannot be written.
        DatabaseError: the database cannot be read.
    """
    with snapshot():
        return _write(file, screenings, progress)


def _write(file: BinaryIO, screenings: models.QuerySet[Screening] | None, progress: Progress) -> Written:
    head = Head(
        release=release(),
        content="everything" if screenings is None else "purged screenings",
        made_at=timezone.now(),
        key=key_of(settings.SECRET_KEY),
        migrations=applied_migrations(),
    )
    hashed = HashedFile(file)
    with gzip.GzipFile("", "wb", fileobj=hashed, compresslevel=6, mtime=0) as compressed:
        compressed.write(head.line())
        tables = dict(_tables(compressed, screenings, progress))
    hashed.write(Foot(tables=tables, before=hashed.hash.hexdigest()).member())
    return Written(head=head, tables=tables, size=hashed.size, sha256=hashed.hash.hexdigest())


def _tables(
    file: gzip.GzipFile, screenings: models.QuerySet[Screening] | None, progress: Progress
) -> Iterator[tuple[str, Table]]:
    included = models_in_order() if screenings is None else models_of_screenings()
    count = Counting(sum(rows_of(each, screenings).count() for each in included), progress)
    for each in included:
        yield each._meta.label, write_rows(each, file, wrote=count.add, screenings=screenings)
