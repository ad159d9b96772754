"""The worklist: which screenings wait for a prescriber's decision."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Count, Q

from screening.clinical.rules.definition import Outcome

from .decisions import Decision
from .screenings import Screening

MOST_COUNTED = 1_000
FLAGGED = (Outcome.CONTRAINDICATION_FLAGGED, Outcome.CAUTION_FLAGGED)


class WorklistQuerySet(models.QuerySet["WorklistEntry"]):
    """Queries on the worklist."""

    def waiting(self, on: date) -> WorklistQuerySet:
        """Return what waits for a decision on a day: not decided, or deferred and now due."""
        return self.filter(Q(due_on=None) | Q(due_on__lte=on))

    def oldest_first(self) -> WorklistQuerySet:
        """Order by time of screening."""
        return self.order_by("screened_at", "pk")

    def flagged(self) -> WorklistQuerySet:
        """Return screenings with a contraindication or a caution."""
        return self.filter(outcome__in=FLAGGED)

    def that_cannot_conclude(self) -> WorklistQuerySet:
        """Return screenings that cannot conclude."""
        return self.filter(outcome=Outcome.CANNOT_CONCLUDE)

    def deferred(self) -> WorklistQuerySet:
        """Return screenings whose decision was deferred."""
        return self.filter(due_on__isnull=False)

    def with_superseded_decision(self) -> WorklistQuerySet:
        """Return amendments of a screening that was decided."""
        return self.filter(superseded_decision__isnull=False)

    def decision_superseded_by(self, screening: Screening) -> Decision | None:
        """Return the decision that a screening superseded by amending, while it waits for its own."""
        if not screening.supersedes_id:
            return None
        found = self.with_superseded_decision().filter(screening=screening)
        entry = found.select_related("superseded_decision__screening").first()
        return entry.superseded_decision if entry else None

    def counts(self) -> dict[str, int]:
        """Count all entries and those of each filter, at most ``MOST_COUNTED`` in all."""
        return self[:MOST_COUNTED].aggregate(
            all=Count("pk"),
            flagged=Count("pk", filter=Q(outcome__in=FLAGGED)),
            cannot_conclude=Count("pk", filter=Q(outcome=Outcome.CANNOT_CONCLUDE)),
            deferred=Count("pk", filter=Q(due_on__isnull=False)),
            superseded=Count("pk", filter=Q(superseded_decision__isnull=False)),
        )

    def after(self, screening: Screening) -> WorklistQuerySet:
        """Return what comes after a screening in list order, whether or not it waits itself."""
        at = screening.screened_at
        return self.filter(Q(screened_at__gt=at) | Q(screened_at=at, pk__gt=screening.pk), screened_at__gte=at)


class WorklistEntry(models.Model):
    """A current screening that waits for a decision, or whose decision is deferred.

    It is derived from screenings and decisions, which never change, and is written in the same transaction; without
    it every search for what waits would read all screenings. ``due_on`` is the day until which a decision was
    deferred. ``superseded_decision`` is the decision on the screening that this one amends. ``screened_at`` and
    ``outcome`` repeat columns of the screening for the indexes.
    """

    screening = models.OneToOneField(Screening, models.CASCADE, primary_key=True, related_name="worklist_entry")
    screened_at = models.DateTimeField()
    outcome = models.CharField(max_length=40)
    due_on = models.DateField(null=True)
    superseded_decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")

    objects = WorklistQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["screened_at", "screening"], name="worklist_oldest_first"),
            models.Index(fields=["outcome", "screened_at", "screening"], name="worklist_by_outcome"),
            models.Index(fields=["due_on"], condition=Q(due_on__isnull=False), name="worklist_deferred"),
            models.Index(
                fields=["screened_at", "screening"],
                condition=Q(superseded_decision__isnull=False),
                name="worklist_superseded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.screening_id} waits for a decision"
