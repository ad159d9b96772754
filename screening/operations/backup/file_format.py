"""The format of a backup file, version 1.

A backup is a gzip file of lines of JSON, which ``zcat`` shows. The first line is the head. Then comes a line for each
row in Django's own serialisation, table by table and by primary key. The last line, the foot, has the number of rows
of each table and the hash of their lines, and the hash of the file up to the foot.

The foot is a gzip member of its own and is not compressed: so its bytes follow from what it says alone, whatever the
release of zlib, and each byte of the file is checked, also those that gzip itself does not check.
"""

from __future__ import annotations

import struct
import zlib
from typing import Annotated, Final, Literal

from django.utils.crypto import salted_hmac
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

FORMAT: Final = "ldn-screen-backup"
VERSION: Final = 1

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]

GZIP = b"\x1f\x8b"
_MEMBER = GZIP + b"\x08\x00\x00\x00\x00\x00\x00\xff"
"""The start of a gzip member: deflated, without a name or a time."""
_STORED = b"\x01"
"""The start of deflated data that is one block, the last, and not compressed."""
_AROUND_FOOT = len(_MEMBER) + len(_STORED) + 4 + 8
LONGEST_FOOT = 0xFFFF


class Head(BaseModel):
    """The first line: what the file is, which release and which migrations it needs, and when it was made.

    ``key`` shows whether two installations have the same ``SECRET_KEY``, without which second factors are of no use.
    """

    model_config = ConfigDict(extra="forbid")

    format: Literal["ldn-screen-backup"] = FORMAT
    version: Literal[1] = VERSION
    release: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    content: Literal["everything", "purged screenings"]
    made_at: AwareDatetime
    key: str
    migrations: dict[str, list[str]]

    def line(self) -> bytes:
        """Return the line."""
        return self.model_dump_json().encode() + b"\n"


class Table(BaseModel):
    """The number of rows of a table, and the hash of their lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: Annotated[int, Field(ge=0)]
    sha256: Sha256


class Foot(BaseModel):
    """The last line: the tables by the label of their model, in their order, and the hash of all bytes before."""

    model_config = ConfigDict(extra="forbid")

    tables: dict[str, Table]
    before: Sha256

    def line(self) -> bytes:
        """Return the line."""
        return self.model_dump_json().encode() + b"\n"

    def member(self) -> bytes:
        """Return the bytes at the end of the file."""
        line = self.line()
        size = struct.pack("<HH", len(line), len(line) ^ LONGEST_FOOT)
        return _MEMBER + _STORED + size + line + struct.pack("<II", zlib.crc32(line), len(line))


def length_of_foot(end: bytes) -> int:
    """Return the length of ``Foot.member`` from the last four bytes of a file, which are the length of its line."""
    (length,) = struct.unpack("<I", end)
    return int(length) + _AROUND_FOOT


def foot_of(member: bytes) -> Foot:
    """Return the foot that the bytes at the end of a file are.

    Raises:
        ValidationError: they are none.
    """
    return Foot.model_validate_json(member[_AROUND_FOOT - 8 : -8])


def key_of(secret_key: str) -> str:
    """Return a hash by which a ``SECRET_KEY`` is recognised, and from which it cannot be calculated."""
    return salted_hmac(FORMAT, FORMAT, secret=secret_key, algorithm="sha256").hexdigest()[:16]


class Written(BaseModel):
    """A backup that was written: its head, its tables, its size in bytes, and the hash of the whole file."""

    head: Head
    tables: dict[str, Table]
    size: int
    sha256: Sha256

    @property
    def rows(self) -> int:
        """The number of rows of all tables."""
        return sum(each.rows for each in self.tables.values())


def version_numbers(release: str) -> tuple[int, ...]:
    """Return a version as numbers, in the order of releases."""
    return tuple(int(each) for each in release.split("."))
