"""The audit trail, and the base class of append-only tables."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class AppendOnlyModel(models.Model):
    """An append-only table: the database refuses to change or delete a row (see ``append_only``)."""

    class Meta:
        abstract = True


class AuditEvent(AppendOnlyModel):
    """Who did what to which record, and when. It has no patient data and no foreign keys. Insert-only."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    actor_role = models.CharField(max_length=40, blank=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=100, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject"], name="audit_by_subject"),
            models.Index(fields=["subject"], condition=Q(action="decision.refused"), name="audit_decision_refused"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"
