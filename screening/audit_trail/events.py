"""Reading audit events, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from screening.audit.actions import Action
from screening.audit.models import AuditEvent, Seal
from screening.screenings.models import Screening
from screening.screenings.models.query_plans import custom_query_plans

PAGE_SIZE = 50
CHUNK_SIZE = 1_000
SHORTLY = timedelta(days=30)
LARGEST_KEY = 2**63 - 1
LOOKS = (
    Action.SCREENING_READ,
    Action.SCREENING_PRINTED,
    Action.SCREENING_EXPORTED,
    Action.SCREENINGS_LISTED,
    Action.LOOKS_LISTED,
)
"""The actions of somebody who looked at the record that is the subject of the event."""

_COLUMNS = ("pk", "at", "actor_name", "actor_role", "action", "subject", "address", "details")
_SEAL = Subquery(Seal.objects.filter(last_event__gte=OuterRef("pk")).order_by("last_event").values("hash")[:1])
"""The hash of the seal that covers an event: the first one that goes as far."""
_LAST_SEALED = Subquery(AuditEvent.objects.filter(pk=OuterRef("last_event")).values("at"))


class Event(NamedTuple):
    """An audit event as it is stored; ``seal`` is the hash of the seal that covers it, if one does."""

    pk: int
    at: datetime
    actor_name: str
    actor_role: str
    action: str
    subject: str
    address: str | None
    details: Any
    seal: str | None


class EventFilter(NamedTuple):
    """Which events to read. ``subjects`` are ids of records, None for any; ``since`` is inclusive, ``before`` not."""

    person: str = ""
    actions: Sequence[Action] = ()
    subjects: Sequence[str] | None = None
    since: datetime | None = None
    before: datetime | None = None

    def page(self, after: int | None, size: int = PAGE_SIZE) -> tuple[list[Event], int | None]:
        """Return the events after the one with the id ``after``, and the id after which the next page begins."""
        # No plan suits both somebody who did most of the events and somebody who did a few.
        with custom_query_plans():
            is_by_id = self.subjects is not None or not (self.since or self.before)
            rows = self._next_by_id(after, size + 1) if is_by_id else self._next_by_time(after, size + 1)
        return rows[:size], rows[size - 1].pk if len(rows) > size else None

    def chunks(self, after: int | None) -> Iterator[list[Event]]:
        """Yield all events after the one with the id ``after``, so many at a time that they need little memory."""
        chunk, following = self.page(after, CHUNK_SIZE)
        yield chunk
        while following is not None:
            chunk, following = self.page(following, CHUNK_SIZE)
            yield chunk

    def _next_by_id(self, after: int | None, count: int) -> list[Event]:
        column = self._indexed
        found = self._matching(column).filter(Q(pk__lt=after) if after else Q())
        return _first(found, [column, "pk"], count)

    def _next_by_time(self, after: int | None, count: int) -> list[Event]:
        """Return the next events within days, in the order of time, in which the index has them.

        It is the order of ids too, except for events of the same moment, or if the clock of the server was set back.
        """
        column, last, later = self._indexed, self.before or timezone.now(), Q()
        if after:
            at = AuditEvent.objects.filter(pk=after).values_list("at", flat=True).first()
            if at is None:
                return []
            last, later = at, Q(at=at, pk__lt=after) | Q(at__lt=at)
        found = self._matching("").filter(later)
        if not column:
            return _first(found, ["at", "pk"], count)
        # Most people and actions have enough events shortly before. If not, all of theirs are read and sorted.
        rows = _first(found.filter(at__gte=last - SHORTLY), ["at", "pk"], count)
        if len(rows) == count:
            return rows
        return _first(self._matching(column).filter(later), [column, "at", "pk"], count)

    def _matching(self, leading: str) -> QuerySet[AuditEvent]:
        """Return the events that the filter finds, to be ordered by the column ``leading`` first, unless it is empty.

        That column is given as a range from its value to itself: for an equal sign, PostgreSQL would drop it from
        the order, and could then look for an old event by reading all newer ones of others.
        """
        found = AuditEvent.objects.all()
        if self.subjects is not None:
            found = found.filter(subject__in=self.subjects)
        if self.since:
            found = found.filter(at__gte=self.since)
        if self.before:
            found = found.filter(at__lt=self.before)
        for column, values in (("actor_name", [self.person] if self.person else []), ("action", self.actions)):
            if values and column == leading:
                found = found.filter(**{f"{column}__range": (values[0], values[0])})
            elif values:
                found = found.filter(**{f"{column}__in": values})
        return found

    @property
    def _indexed(self) -> str:
        """The column whose index has the events of a person or an action in order; empty if there is none."""
        if self.subjects is not None:
            return ""
        return "actor_name" if self.person else "action" if len(self.actions) == 1 else ""


def _first(found: QuerySet[AuditEvent], columns: Sequence[str], count: int) -> list[Event]:
    """Return the first events in descending order of these columns, of which empty ones are left out."""
    rows = list(found.order_by(*(f"-{column}" for column in columns if column)).values_list(*_COLUMNS)[:count])
    # The seals are looked up afterwards: a database that sorts would do it for every event that it sorts.
    of_page = AuditEvent.objects.filter(pk__in=[row[0] for row in rows]).annotate(seal=_SEAL)
    seals = dict(of_page.values_list("pk", "seal"))
    return [Event._make([*row, seals.get(row[0])]) for row in rows]


def key_or_none(text: str) -> int | None:
    """Return the id of an event in a text, or None if it cannot be one."""
    key = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
    return key if 0 < key <= LARGEST_KEY else None


def subjects_of(record: str) -> list[str]:
    """Return the ids of records for 32 hexadecimal digits of a uuid, or for the eight of a short id."""
    if len(record) == 32:
        return [str(UUID(record))]
    found = Screening.objects.with_short_id(record).values_list("uuid", flat=True)
    return [str(uuid) for uuid in found]


def sealed_up_to() -> tuple[int, datetime | None] | None:
    """Return the id and the time of the last sealed event; None without a seal, no time if the event is missing."""
    seals = Seal.objects.order_by("-number").annotate(last_at=_LAST_SEALED)
    return seals.values_list("last_event", "last_at").first()


class LooksCount(NamedTuple):
    """How often somebody looked at a record, and how many people did."""

    looks: int
    people: int


def looks_at(uuid: UUID) -> EventFilter:
    """Return the filter for the events of somebody who looked at a record."""
    return EventFilter(actions=LOOKS, subjects=[str(uuid)])


def count_looks(uuid: UUID) -> LooksCount:
    """Count the looks at a record."""
    looks = AuditEvent.objects.filter(subject=str(uuid), action__in=LOOKS)
    return LooksCount(**looks.aggregate(looks=Count("pk"), people=Count("actor_name", distinct=True)))
