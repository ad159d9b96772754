"""That the text of published rules is still right."""

from __future__ import annotations

from django.db import models

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
