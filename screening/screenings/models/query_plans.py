"""Query plans of PostgreSQL for statements whose best plan depends on their values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def custom_query_plans() -> Iterator[None]:
    """Make PostgreSQL plan each statement in the block for its own values.

    By default PostgreSQL soon uses one generic plan for a prepared statement. No single plan suits both an outcome
    that a third of the records have and a rare one, or both a common name and a rare one.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        yield
