"""What the busiest pages read and insert, compiled once.

Django builds the SQL of a query anew at each call, which takes several times as long as the database needs to
answer it. What is read or inserted at nearly every request is therefore compiled once and run as it stands.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import uuid4

from django.db import connection, models, transaction

Row = TypeVar("Row", bound=models.Model)


class _Slot(NamedTuple):
    """Where a value goes."""

    name: str


class _Plan(NamedTuple):
    """A compiled query: its parameters with a slot for each value, and how a row becomes an object."""

    sql: str
    parameters: list[object]
    fields: list[str]
    annotations: list[str]
    converters: list[tuple[int, list[Callable[..., Any]], Any]]


class Prepared(Generic[Row]):
    """A query with named values, each of the kind of a model's field; calling it runs it.

    ``build`` takes the names as keywords and returns the query; it may annotate, but brings no related rows along.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Row]], **fields: models.Field[Any, Any]) -> None:
        self._build, self._fields = build, fields
        self._plan = cache(self._compile)

    def __call__(self, **values: object) -> list[Row]:
        """The rows that the query finds."""
        model, plan = self._plan(connection.vendor)
        sent = {name: field.get_db_prep_value(values[name], connection) for name, field in self._fields.items()}
        parameters: list[Any] = [sent[each.name] if isinstance(each, _Slot) else each for each in plan.parameters]
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, parameters)
            found = cursor.fetchall()
        return [_object(model, plan, list(row)) for row in found]

    def first(self, **values: object) -> Row | None:
        """The first row that the query finds, if any."""
        return next(iter(self(**values)), None)

    def _compile(self, vendor: str) -> tuple[type[Row], _Plan]:
        """The place of each value is found again by a mark that nothing else is equal to."""
        marks = {name: _unlike_any_other(field) for name, field in self._fields.items()}
        query = self._build(**marks)
        compiler = query.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        slots = {
            field.get_db_prep_value(marks[name], connection): _Slot(name) for name, field in self._fields.items()
        }
        placed = [slots.get(each, each) for each in parameters]
        if missing := set(slots.values()) - set(placed):
            raise ValueError(f"the query has no place for {', '.join(slot.name for slot in missing)}")
        columns = [column for column, _, _ in compiler.select]
        kept = [columns[place].target.attname for place in compiler.klass_info["select_fields"]]
        converters = [(place, *each) for place, each in compiler.get_converters(columns).items()]
        return query.model, _Plan(sql, placed, kept, list(compiler.annotation_col_map), converters)


def _object(model: type[Row], plan: _Plan, values: list[Any]) -> Row:
    for place, converters, column in plan.converters:
        for convert in converters:
            values[place] = convert(values[place], column, connection)
    made = model.from_db(connection.alias, plan.fields, values[: len(plan.fields)])
    for name, value in zip(plan.annotations, values[len(plan.fields) :], strict=True):
        setattr(made, name, value)
    return made


def _unlike_any_other(field: models.Field[Any, Any]) -> object:
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.DateTimeField):
        return datetime.fromtimestamp(secrets.randbits(30), UTC)
    return secrets.randbits(60) if isinstance(field, models.IntegerField) else secrets.token_hex(16)


def insert(*rows: models.Model) -> None:
    """Insert rows of one model, all of them new, in one statement; each is given its key."""
    fields, sql = _compiled_insert(type(rows[0]), len(rows), connection.vendor)
    sent = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows for field in fields]
    with _turn(), connection.cursor() as cursor:
        cursor.execute(sql, sent)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk, row._state.adding, row._state.db = key, False, connection.alias


def _turn() -> AbstractContextManager[object]:
    """On SQLite only a transaction waits in the queue of writers."""
    return transaction.atomic(savepoint=False) if connection.vendor == "sqlite" else nullcontext()


@cache
def _compiled_insert(model: type[models.Model], count: int, vendor: str) -> tuple[list[models.Field[Any, Any]], str]:
    """The fields that are sent for each row, and the SQL that inserts so many rows."""
    quoted, table = connection.ops.quote_name, model._meta
    fields = [field for field in table.local_concrete_fields if not field.primary_key]
    columns = ", ".join(quoted(str(field.column)) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    rows, key = ", ".join([row] * count), quoted(str(table.pk.column))
    return fields, f"INSERT INTO {quoted(table.db_table)} ({columns}) VALUES {rows} RETURNING {key}"  # noqa: S608
