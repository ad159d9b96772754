"""The audit trail with its seals, and the base class of append-only tables."""

from __future__ import annotations

from django.db import models


class AppendOnlyModel(models.Model):
    """An append-only table: the database refuses to change or delete a row (see ``append_only``)."""

    class Meta:
        abstract = True


class AuditEvent(AppendOnlyModel):
    """Who did what to which record, when and from where. It has no patient data and no foreign keys. Insert-only.

    ``subject`` is the id of a record or the name of an account. ``address`` is the IP address of the client; None
    on the command line.
    """

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    actor_role = models.CharField(max_length=40, blank=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=100, blank=True)
    address = models.GenericIPAddressField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject"], name="audit_by_subject"),
            models.Index(fields=["actor_name", "id"], name="audit_by_person"),
            models.Index(fields=["action", "id"], name="audit_by_action"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"


class Seal(AppendOnlyModel):
    """Hashes of the audit events since the seal before, which it is chained to. Insert-only.

    ``events`` is a list of pairs: the id of an event and the hash of what it holds. ``last_event`` is the highest of
    the ids. ``hash`` is that of ``seals.hash_of_seal``; ``previous`` is the hash of the seal before.
    """

    number = models.PositiveBigIntegerField(unique=True)
    previous = models.CharField(max_length=64)
    events = models.JSONField()
    last_event = models.BigIntegerField(unique=True)
    sealed_at = models.DateTimeField()
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"seal {self.number}"
