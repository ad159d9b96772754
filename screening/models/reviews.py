"""That the text of published rules is still right."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from screening.clinical.reviews import SignedReview

from .accounts import User
from .editions import Edition


class Review(models.Model):
    """A clinician's signature under a rule of an edition: it is still right, until ``next_review``. Insert-only."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="reviews")
    link_id = models.CharField(max_length=27)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    next_review = models.DateField()
    note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["edition", "link_id"], name="review_by_rule")]

    def __str__(self) -> str:
        return f"{self.edition}, {self.link_id}, {self.at:%Y-%m-%d}"

    @property
    def signed(self) -> SignedReview:
        """The signature as the clinical core reads it; its day is the clinic's."""
        on = self.at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        return SignedReview(self.by_name, self.role, on, self.next_review)

    def repeats(self, latest: Review | None) -> bool:
        """True when the latest signature under the same rule says the same, by the same person on the same day."""
        if latest is None:
            return False
        return (self.by_id, self.note, self.signed) == (latest.by_id, latest.note, latest.signed)
