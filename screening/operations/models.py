"""Purges of old screenings: asked for by one administrator, confirmed by a second one, then done by a command."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self

from django.db import models
from django.db.models import F, Q

from screening.accounts.models import User
from screening.audit.models import AppendOnlyModel

VALID_FOR = timedelta(days=30)
"""How long after it was asked for a purge can be confirmed and done."""


class PurgeStatus(StrEnum):
    """The status of a request."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class PurgeRequestQuerySet(models.QuerySet["PurgeRequest"]):
    """Queries on requests."""

    def complete(self) -> Self:
        """Include the rows that the status of a request follows from."""
        return self.select_related("confirmation__run", "withdrawal")

    def open(self, now: datetime) -> Self:
        """Return the requests that wait or are confirmed; there is at most one."""
        return self.complete().filter(at__gt=now - VALID_FOR, withdrawal=None, confirmation__run=None)

    def latest_for(self, before: date) -> PurgeRequest | None:
        """Return the latest request for a date."""
        return self.complete().filter(before=before).order_by("-pk").first()


class PurgeRequest(AppendOnlyModel):
    """An administrator asks to purge the screenings before a day of the clinic's time zone. Insert-only."""

    before = models.DateField()
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)

    objects = PurgeRequestQuerySet.as_manager()

    def __str__(self) -> str:
        return f"purge {self.pk}"

    @property
    def expires_at(self) -> datetime:
        """Until when it can be confirmed and done."""
        return self.at + VALID_FOR

    def status(self, now: datetime) -> PurgeStatus:
        """Return its status at this time. Needs ``complete``."""
        confirmation = getattr(self, "confirmation", None)
        if hasattr(confirmation, "run"):
            return PurgeStatus.DONE
        if hasattr(self, "withdrawal"):
            return PurgeStatus.WITHDRAWN
        if self.expires_at <= now:
            return PurgeStatus.EXPIRED
        return PurgeStatus.CONFIRMED if confirmation else PurgeStatus.WAITING


class PurgeConfirmation(AppendOnlyModel):
    """A second administrator confirms a request. Insert-only.

    ``requested_by`` repeats who asked, so that the database can refuse the same person.
    """

    request = models.OneToOneField(PurgeRequest, models.PROTECT, related_name="confirmation")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("requested_by")), name="purge_confirmed_by_a_second_person"),
        ]

    def __str__(self) -> str:
        return f"{self.request}, confirmed"


class PurgeWithdrawal(AppendOnlyModel):
    """An administrator withdraws a request, before it is confirmed or after. Insert-only."""

    request = models.OneToOneField(PurgeRequest, models.PROTECT, related_name="withdrawal")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.request}, withdrawn"


class PurgeRun(AppendOnlyModel):
    """A confirmed purge was done. Insert-only.

    ``screenings`` is how many were deleted; ``sha256`` and ``size`` (bytes) are those of the file that they were
    exported to.
    """

    confirmation = models.OneToOneField(PurgeConfirmation, models.PROTECT, related_name="run")
    at = models.DateTimeField()
    screenings = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.confirmation.request}, done"
