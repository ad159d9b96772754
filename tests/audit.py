"""Events of an audit trail, sealed or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import StringIO

import time_machine
from django.core.management import call_command
from django.utils import timezone

from screening.audit.actions import Action, record_event
from screening.models import AuditEvent


def happened(count: int = 1, *, ago: timedelta = timedelta(hours=1)) -> list[int]:
    """Record events a second apart, the first of them this long ago, and return their ids."""
    start: datetime = timezone.now() - ago
    with time_machine.travel(start, tick=False) as clock:
        for number in range(count):
            record_event(Action.SCREENING_READ, by=None, subject=f"record {number}", page="screening_result")
            clock.shift(1)
    newest = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[:count]
    return list(reversed(newest))


def run(command: str, *arguments: str) -> str:
    """Run a command and return what it printed."""
    printed = StringIO()
    call_command(command, *arguments, stdout=printed)
    return printed.getvalue()


def sealed(*groups: int) -> list[int]:
    """Record groups of events and seal each group on its own. Return the ids of all."""
    ids = list[int]()
    for count in groups:
        ids += happened(count)
        run("seal_audit")
    return ids


def anchor_of(printed: str) -> str:
    """Return the anchor that a verification printed."""
    return printed.rpartition("anchor: ")[2].strip()


def covered(seals: Sequence[list[list[object]]]) -> list[object]:
    """Return the ids of the events that seals cover, in the order of the seals."""
    return [pk for events in seals for pk, _ in events]
