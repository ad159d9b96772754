"""Reading a backup file. Whatever is wrong with it is found before its first row is used."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from .file_format import FORMAT, GZIP, LONGEST_FOOT, VERSION, Foot, Head, Table, foot_of, length_of_foot
from .progress import Counting, Progress
from .rows import ROWS_AT_ONCE

LONGEST_HEAD = 1_000_000
CHUNK = 1_000_000


class CannotRestore(Exception):
    """A file cannot be restored to this database; the message says why and what to do."""


class BackupFile:
    """An open backup file, whose head and foot were read."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self.size = os.fstat(file.fileno()).st_size
        self.head = self._read_head()
        self.tables = self._read_foot().tables

    def verify(self, progress: Progress) -> None:
        """Compare all rows with the counts and hashes in the foot.

        Raises:
            CannotRestore: a row is missing, was changed or added.
        """
        count, lines = Counting(self.rows, progress), self.lines()
        try:
            found = {label: _table_of(lines, table.rows, count) for label, table in self.tables.items()}
            is_at_end = next(lines, None) == self._foot_line and next(lines, None) is None
        except (EOFError, OSError, zlib.error):
            raise self._damaged() from None
        if found != self.tables or not is_at_end:
            raise self._damaged()

    @property
    def rows(self) -> int:
        """The number of rows of all tables."""
        return sum(each.rows for each in self.tables.values())

    def lines(self) -> Iterator[bytes]:
        """Yield the lines after the head: the rows and the foot."""
        self._file.seek(0)
        with gzip.GzipFile(fileobj=self._file) as lines:
            next(lines)
            yield from lines

    def _read_head(self) -> Head:
        self._file.seek(0)
        try:
            with gzip.GzipFile(fileobj=self._file) as lines:
                line = lines.readline(LONGEST_HEAD)
        except (EOFError, OSError, zlib.error):
            self._file.seek(0)
            raise self._damaged() if self._file.read(len(GZIP)) == GZIP else self._foreign() from None
        plain = _json_object(line)
        if plain.get("format") != FORMAT:
            raise self._foreign()
        if plain.get("version") != VERSION:
            release = plain.get("release")
            raise CannotRestore(
                f"{self._path} has another format: it was written by release {release}. Restore it with that release."
            )
        try:
            return Head.model_validate_json(line)
        except ValidationError:
            raise self._damaged() from None

    def _read_foot(self) -> Foot:
        """Return the foot, after comparing the hash of all that is before it."""
        length = self._length_of_foot()
        before = hashlib.sha256()
        self._file.seek(0)
        for size in _chunks(self.size - length):
            before.update(self._file.read(size))
        member = self._file.read(length)
        try:
            foot = foot_of(member)
        except ValidationError:
            raise self._damaged() from None
        if foot.member() != member or foot.before != before.hexdigest():
            raise self._damaged()
        self._foot_line = foot.line()
        return foot

    def _length_of_foot(self) -> int:
        if self.size < 4:
            raise self._damaged()
        self._file.seek(-4, os.SEEK_END)
        length = length_of_foot(self._file.read(4))
        if length > min(self.size, 2 * LONGEST_FOOT):
            raise self._damaged()
        return length

    def _foreign(self) -> CannotRestore:
        return CannotRestore(f"{self._path} is not a backup that this application wrote.")

    def _damaged(self) -> CannotRestore:
        return CannotRestore(f"{self._path} is damaged: it is not as it was written. Use another backup.")


@contextmanager
def opened(path: Path) -> Iterator[BackupFile]:
    """Open a backup file.

    Raises:
        CannotRestore: the file cannot be read, is damaged, or not a backup that this release reads.
    """
    try:
        with path.open("rb") as file:
            yield BackupFile(path, file)
    except OSError as error:
        raise CannotRestore(f"{path} cannot be read: {error.strerror or error}.") from error


def _table_of(lines: Iterator[bytes], rows: int, count: Counting) -> Table:
    found, hashed = 0, hashlib.sha256()
    for line in islice(lines, rows):
        hashed.update(line)
        found += 1
        if found % ROWS_AT_ONCE == 0:
            count.add(ROWS_AT_ONCE)
    count.add(found % ROWS_AT_ONCE)
    return Table(rows=found, sha256=hashed.hexdigest())


def _chunks(size: int) -> Iterator[int]:
    while size > 0:
        yield min(size, CHUNK)
        size -= CHUNK


def _json_object(line: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return plain if isinstance(plain, dict) else {}
