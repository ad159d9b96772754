"""Rows as lines of JSON. A row gives the same line on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from datetime import datetime
from typing import Any, Protocol, cast

from django.core import serializers
from django.core.serializers import jsonl
from django.core.serializers.base import DeserializationError, DeserializedObject
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from screening.screenings.models import Screening

from .contents import Model, is_named_by_key, rows_of
from .file_format import Table

ROWS_AT_ONCE = 2_000


class _Encoder(DjangoJSONEncoder):
    """Keeps the microseconds that Django's encoder cuts off: without them no seal of the audit trail would match."""

    def default(self, o: Any) -> Any:
        return o.isoformat(timespec="microseconds") if isinstance(o, datetime) else super().default(o)


encode = _Encoder(sort_keys=True, separators=(",", ":")).encode
"""PostgreSQL sorts the keys of JSON by their length. Only ASCII, so that no character ends a line."""


class _Serializer(jsonl.Serializer):
    """Django's serialisation, passed on line by line."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def get_dump_object(self, obj: models.Model) -> dict[str, Any]:
        row = super().get_dump_object(obj)
        for field in obj._meta.local_many_to_many:
            row["fields"][field.name].sort()  # databases sort texts differently
        return row

    def end_object(self, obj: models.Model) -> None:
        self._write(encode(self.get_dump_object(obj)).encode("ascii") + b"\n")


class Sink(Protocol):
    """Something that lines are written to."""

    def write(self, line: bytes, /) -> object:
        """Write a line."""


class Discarded:
    """Where lines go of which only the hash is wanted."""

    def write(self, line: bytes, /) -> None:
        """Do nothing."""


class Hashed:
    """Passes lines on, and counts and hashes them."""

    def __init__(self, sink: Sink, wrote: Callable[[int], object]) -> None:
        self._sink, self._wrote = sink, wrote
        self._rows, self._hash = 0, hashlib.sha256()

    def write(self, line: bytes) -> None:
        """Write a line."""
        self._sink.write(line)
        self._hash.update(line)
        self._rows += 1
        if self._rows % ROWS_AT_ONCE == 0:
            self._wrote(ROWS_AT_ONCE)

    def table(self) -> Table:
        """Return what was written; to be called once, at the end."""
        self._wrote(self._rows % ROWS_AT_ONCE)
        return Table(rows=self._rows, sha256=self._hash.hexdigest())


def write_rows(
    model: Model,
    sink: Sink,
    *,
    wrote: Callable[[int], object],
    screenings: models.QuerySet[Screening] | None = None,
) -> Table:
    """Write the rows of a model by primary key; with ``screenings`` only those that belong to one of them.

    ``wrote`` is called with numbers of rows that were written since the call before. Return how many rows there are
    and the hash of their lines.
    """
    hashed = Hashed(sink, wrote)
    found = cast(Generator[models.Model, None, None], rows_of(model, screenings).iterator(chunk_size=ROWS_AT_ONCE))
    with closing(found) as rows:  # after an error too, while there is a connection
        _Serializer(hashed.write).serialize(rows, use_natural_foreign_keys=is_named_by_key(model))
    return hashed.table()


def read_rows(model: Model, lines: Iterable[bytes]) -> Iterator[DeserializedObject]:
    """Yield the rows of a model that these lines are.

    Raises:
        DeserializationError: a line is no row, or a row of another model.
    """
    for row in serializers.deserialize("jsonl", lines):
        if type(row.object) is not model:
            raise DeserializationError(f"a row of {row.object._meta.label} among those of {model._meta.label}")
        yield row
