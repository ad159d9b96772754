"""How many statements each page sends to the database, and in how many commits a screening is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest import mock

from django.db import connections
from django.test import Client

from benchmarks import pages
from benchmarks.inside import recording, samples

TRANSACTION_CONTROL = {"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "START"}
WRITES = {"INSERT", "UPDATE", "DELETE", "REPLACE"}

Counts = dict[str, dict[str, object]]


class Tally:
    """Statements and commits while it listens; a write outside a transaction is a commit of its own."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.commits = 0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """Count one statement and send it on."""
        verb = sql.split(maxsplit=1)[0].upper()
        if verb not in TRANSACTION_CONTROL:
            self.statements.append(sql)
        if verb in WRITES and not context["connection"].in_atomic_block:
            self.commits += 1
        return execute(sql, params, many, context)


@contextmanager
def tallied() -> Iterator[Tally]:
    """Listen to the connection of this thread."""
    tally, connection = Tally(), connections["default"]
    commit = mock.patch.object(connection, "commit", wraps=connection.commit)
    with connection.execute_wrapper(tally), commit as committed:
        yield tally
    tally.commits += committed.call_count


def main() -> Counts:
    """The counts of each page, in a process that has served each of them before."""
    client = recording.clinician()
    _counts(client, "DEMO-WARM")
    return _counts(client, "DEMO-COUNTED")


def _counts(client: Client, record_number: str) -> Counts:
    counts: Counts = {}

    def count(page: str, request: Callable[[], Any]) -> Any:
        with tallied() as tally:
            response = request()
        counts[page] = {"statements": len(tally.statements), "commits": tally.commits, "sql": tally.statements}
        return response

    count("form", partial(client.get, pages.NEW))
    form = recording.fill(client, samples.forms()[1], record_number)
    result = count("post", partial(recording.send, client, form))
    for page, address in (("result", result), ("print", pages.printed(result)), ("list", pages.LIST)):
        count(page, partial(client.get, address))
    return counts
