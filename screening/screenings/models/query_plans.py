"""How PostgreSQL plans statements whose values decide how they are best run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def custom_query_plans() -> Iterator[None]:
    """Let PostgreSQL plan each statement within for the values it is sent with.

    Otherwise it soon keeps one plan for all values of a prepared statement. One plan cannot suit an outcome that a
    third of the records have and one that a few have, nor a frequent name and a rare one.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        yield
