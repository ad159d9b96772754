"""Recording audit events beside sealing, and sealing and verifying a large trail."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from django.db import connection
from django.utils import timezone

from benchmarks.report import Figure
from screening.audit import actions
from screening.audit.actions import Action, record_event, seal_events
from screening.audit.seals import verify
from screening.models import Seal

SECTION = "Audit trail"
ROUNDS, EVENTS = 6, 1_000
EVENT = """
INSERT INTO screening_auditevent (at, actor_id, actor_name, actor_role, action, subject, address, details)
SELECT '2026-01-01 00:00:00+00:00', 1 + n %% 40, 'person', 'clinician', 'screening.read',
       '5d3a91c7-0000-4000-8000-' || n, '192.0.2.14', '{"page": "screening_result"}'
"""
NUMBERS = {
    "postgresql": "FROM generate_series(1, %s) AS n",
    "sqlite": (
        "FROM (WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
        " SELECT n FROM numbers)"
    ),
}


def main(rows: str) -> list[Figure]:
    """Measure recording one event with and without another process that seals, then ``rows`` events."""
    return [*recording(), *large(int(rows))]


def recording() -> Iterator[Figure]:
    """Measure the wall time of one event; the rounds with and without sealing take turns."""
    alone, beside = list[float](), list[float]()
    for _ in range(ROUNDS):
        alone += insert_times()
        with sealing():
            beside += insert_times()
    note = f"{median(beside):.3f} : {median(alone):.3f} ms, {Seal.objects.count()} seals made meanwhile"
    assert Seal.objects.count() > ROUNDS
    yield Figure(
        SECTION, "recording an event beside sealing : without", median(beside) / median(alone), "×", 1.2, note
    )


def insert_times() -> list[float]:
    """Return the wall time of each of some events, in ms."""
    times = []
    for _ in range(EVENTS):
        began = time.perf_counter()
        record_event(Action.SCREENING_READ, by=None, subject="record", page="screening_result")
        times.append((time.perf_counter() - began) * 1000)
    return times


@contextmanager
def sealing() -> Iterator[None]:
    """Run a process that seals every event at once, again and again."""
    program = "import django; django.setup(); from benchmarks.audit import seal_forever; seal_forever()"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline()  # it has begun
    try:
        yield
    finally:
        process.kill()
        process.wait()


def seal_forever() -> None:
    """Seal events as soon as they are recorded, fifty times a second: far more often than a server does."""
    actions.SETTLED *= 0
    print("ready", flush=True)
    while True:
        sum(seal_events(timezone.now()))
        time.sleep(0.02)


def large(rows: int) -> Iterator[Figure]:
    """Seal and verify a trail of ``rows`` further events."""
    with connection.cursor() as cursor:
        cursor.execute(f"{EVENT} {NUMBERS[connection.vendor]}", [rows])
    began = time.perf_counter()
    sealed = sum(seal_events(timezone.now() + 2 * actions.SETTLED))
    assert sealed >= rows
    yield Figure(SECTION, f"seal {rows:,} events", time.perf_counter() - began, "s", 60)
    began = time.perf_counter()
    *_, last = verify()
    assert last.events >= rows
    yield Figure(SECTION, f"verify {rows:,} events", time.perf_counter() - began, "s", 60)
