"""Reads of the busiest pages, compiled once.

Django builds the SQL of a query anew at each call, which takes several times as long as the database needs to
answer it. What is read at nearly every request is therefore compiled once and run as it stands.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import uuid4

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)


class _Slot(NamedTuple):
    """Where a value goes."""

    name: str


class Prepared(Generic[Row]):
    """A query with named values, each of the kind of a model's field; calling it runs it.

    ``build`` takes the names as keywords and returns the query. Annotations come as the database sends them, and
    related rows are not brought along.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Row]], **fields: models.Field[Any, Any]) -> None:
        self._build, self._fields = build, fields
        self._compiled = cache(self._compile)

    def __call__(self, **values: object) -> list[Row]:
        """The rows that the query finds."""
        model, sql, parameters = self._compiled(connection.vendor)
        sent = {name: field.get_db_prep_value(values[name], connection) for name, field in self._fields.items()}
        return list(
            model._default_manager.raw(
                sql, [sent[each.name] if isinstance(each, _Slot) else each for each in parameters]
            )
        )

    def first(self, **values: object) -> Row | None:
        """The first row that the query finds, if any."""
        return next(iter(self(**values)), None)

    def _compile(self, vendor: str) -> tuple[type[Row], str, list[object]]:
        """The SQL, and its parameters with a slot for each value; found again by a value that nothing else has."""
        marks = {name: _unlike_any_other(field) for name, field in self._fields.items()}
        query = self._build(**marks)
        sql, parameters = query.query.sql_with_params()
        slots = {
            field.get_db_prep_value(marks[name], connection): _Slot(name) for name, field in self._fields.items()
        }
        return query.model, sql, [slots.get(each, each) for each in parameters]


def _unlike_any_other(field: models.Field[Any, Any]) -> object:
    if isinstance(field, models.UUIDField):
        return uuid4()
    return secrets.randbits(60) if isinstance(field, models.IntegerField) else secrets.token_hex(16)
