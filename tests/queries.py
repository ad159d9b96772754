"""Capturing the SQL statements that a test sends to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

TRANSACTION_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class CapturedQueries:
    """The SQL statements that were sent since ``capture_queries`` began."""

    def __init__(self, captured: CaptureQueriesContext) -> None:
        self._captured = captured

    @property
    def all(self) -> list[str]:
        """Every statement, with those that control transactions."""
        return [str(each["sql"]) for each in self._captured.captured_queries]

    @property
    def on_data(self) -> list[str]:
        """The statements that read or write rows."""
        return [each for each in self.all if not each.startswith(TRANSACTION_CONTROL)]


@contextmanager
def capture_queries() -> Iterator[CapturedQueries]:
    """Capture the statements that the block sends."""
    with CaptureQueriesContext(connection) as captured:
        yield CapturedQueries(captured)
