"""What screenings need on disk and in the write-ahead log; PostgreSQL only."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks.large import copy_samples, make_samples
from benchmarks.people import client_for, opioid_form
from benchmarks.report import Figure
from screening.accounts.permissions import Role
from screening.audit.actions import seal_events
from screening.models import AuditEvent, Decision, Screening
from tests.decisions import decide
from tests.factories import EditionFactory, UserFactory
from tests.pages import CLEAR_FORM, NEW, ticket

SECTION, RECORDED = "Storage of screenings", 1_000
SETTLED = timedelta(minutes=2)
OF_SCREENINGS = ("screening", "answer", "listofmedicines", "void", "worklistentry")
OF_DECISIONS = ("decision", "decisionreason")
OF_THE_TRAIL = ("auditevent", "seal")


def main(rows: str) -> list[Figure]:
    """Record, read and decide some screenings, then measure the tables with ``rows`` screenings."""
    EditionFactory()
    return [*written(), *kept(int(rows))]


def written() -> Iterator[Figure]:
    """Yield the bytes of the write-ahead log of each step, without the page images after a checkpoint."""
    clinician, prescriber = client_for(UserFactory()), client_for(UserFactory(role=Role.PRESCRIBER))
    record(clinician, 100, first=RECORDED)  # so that most pages were written since the checkpoint
    before = position()
    record(clinician, RECORDED)
    recorded = position()
    screenings = list(Screening.objects.order_by("-pk")[:RECORDED])
    for each in screenings:
        assert clinician.get(f"/screenings/{each.uuid}/").status_code == 200
    read = position()
    for each in screenings:
        assert decide(prescriber, each).status_code == 302
    decided = position()
    sum(seal_events(timezone.now() + SETTLED))
    for name, start, end in (
        ("open a form and record it", before, recorded),
        ("read the result", recorded, read),
        ("open the decision page and decide", read, decided),
        ("seal the events of all three", decided, position()),
    ):
        yield Figure(SECTION, f"write-ahead log: {name}", (end - start) / RECORDED, "bytes")
    each_event = size(OF_THE_TRAIL) / AuditEvent.objects.count()
    yield Figure(SECTION, "on disk: an audit event with its seal", each_event, "bytes")


def record(client: Client, count: int, first: int = 0) -> None:
    """Record screenings of one patient each; every other one has an opioid with all details."""
    for number in range(first, first + count):
        answers = opioid_form() if number % 2 else CLEAR_FORM
        form = answers | {"form_ticket": ticket(client), "record_number": f"DEMO-S{number}"}
        assert client.post(NEW, form).status_code == 302


def position() -> int:
    """Return the position in the write-ahead log in bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'")
        return int(cursor.fetchone()[0])


def size(tables: tuple[str, ...]) -> int:
    """Return the bytes that tables need with their indexes and their long values."""
    names = [f"screening_{table}" for table in tables]
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name", [names])
        return int(cursor.fetchone()[0])


def kept(rows: int) -> Iterator[Figure]:
    """Yield the bytes on disk of a screening and of a decision, with ``rows`` screenings."""
    make_samples()
    copy_samples(rows)
    count, decisions = Screening.objects.count(), Decision.objects.count()
    yield Figure(SECTION, f"on disk: one of {count:,} screenings", size(OF_SCREENINGS) / count, "bytes")
    yield Figure(SECTION, f"on disk: one of {decisions:,} decisions", size(OF_DECISIONS) / decisions, "bytes")
