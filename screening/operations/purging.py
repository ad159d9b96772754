"""Which screenings a purge deletes."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, Max, Min, OuterRef, Q

from screening.screenings.models import Decision, Screening, ScreeningQuerySet, Transcription, Void

SHORTEST_RETENTION_YEARS = 1
"""Records of patients are kept for years everywhere: a date that is closer is a typing error."""
EARLIEST = date(1900, 1, 1)
CHUNK_SIZE = 1_000


class PurgeCounts(NamedTuple):
    """What a purge would delete: how many screenings, from when to when, and how many still wait for a decision."""

    screenings: int
    oldest: datetime | None
    newest: datetime | None
    undecided: int


def latest_date(today: date) -> date:
    """Return the latest day before which screenings can be purged."""
    return date(
        today.year - SHORTEST_RETENTION_YEARS, today.month, min(today.day, 28) if today.month == 2 else today.day
    )


def screenings_to_purge(before: date) -> ScreeningQuerySet:
    """Return the screenings of which everything is older than a day of the clinic's time zone.

    A record and its amendments are purged together: if anything about one of them is later, all are kept.
    """
    old = _old(before)
    return old.exclude(pk__in=_amended_by_or_amending_a_later_one(old))


def count(before: date) -> PurgeCounts:
    """Count what a purge would delete."""
    totals = screenings_to_purge(before).aggregate(
        screenings=Count("pk"),
        oldest=Min("screened_at"),
        newest=Max("screened_at"),
        undecided=Count("worklist_entry", filter=Q(worklist_entry__due_on=None)),
    )
    return PurgeCounts(**totals)


def _old(before: date) -> ScreeningQuerySet:
    """Return the screenings that were recorded, decided on and voided before a day, whatever their amendments."""
    start = datetime.combine(before, time.min, ZoneInfo(settings.TIME_ZONE))
    of_screening = {"screening": OuterRef("pk")}
    return Screening.objects.filter(
        ~Exists(Transcription._default_manager.filter(**of_screening, transcribed_at__gte=start)),
        ~Exists(Void._default_manager.filter(**of_screening, at__gte=start)),
        ~Exists(Decision._default_manager.filter(**of_screening, at__gte=start)),
        screened_at__lt=start,
    )


def _amended_by_or_amending_a_later_one(old: ScreeningQuerySet) -> set[int]:
    """Return the primary keys of old screenings in a chain of amendments that has a later one; there are few."""
    amended = old.filter(superseded_by__isnull=False).exclude(superseded_by__in=old)
    amending = old.filter(supersedes__isnull=False).exclude(supersedes__in=old)
    kept, new = set[int](), {*amended.values_list("pk", flat=True), *amending.values_list("pk", flat=True)}
    while new:
        kept |= new
        new = _next_in_chains(new) - kept
    return kept


def _next_in_chains(keys: set[int]) -> set[int]:
    """Return the screenings that amend one of these or that one of these amends."""
    ordered, found = sorted(keys), set[int]()
    for first in range(0, len(ordered), CHUNK_SIZE):
        chunk = ordered[first : first + CHUNK_SIZE]
        found.update(Screening.objects.filter(superseded_by__pk__in=chunk).values_list("pk", flat=True))
        found.update(Screening.objects.filter(supersedes__pk__in=chunk).values_list("pk", flat=True))
    return found
