"""Users, and the forms that they sent after their session had ended."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Self
from uuid import uuid4

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

LONGEST_USER_NAME = 100  # as long as the subject of an audit event
LONGEST_NAME = 150


class User(AbstractUser):
    """A user account. Its roles are its groups.

    ``is_demo`` marks an account created by a demonstration; ``language`` is the code of the language of the pages,
    empty for that of the installation.
    """

    is_demo = models.BooleanField(default=False, editable=False)
    language = models.CharField(max_length=10, blank=True, editable=False)

    class Meta:
        verbose_name = _("account")

    @property
    def display_name(self) -> str:
        """The name shown on records."""
        return self.get_full_name() or self.username

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Return True if a role grants the permission. Unlike in Django, ``is_superuser`` grants nothing."""
        return perm in self.get_all_permissions(obj)

    def has_module_perms(self, app_label: str) -> bool:
        """Return True if a role grants any permission of an app; ``is_superuser`` grants nothing."""
        return any(perm.startswith(f"{app_label}.") for perm in self.get_all_permissions())

    @cached_property
    def group_names(self) -> frozenset[str]:
        """The names of the groups, cached on this object."""
        return frozenset(self.groups.values_list("name", flat=True))


class UnsentFormQuerySet(models.QuerySet["UnsentForm"]):
    """Forms that were not sent."""

    def unexpired(self, now: datetime) -> Self:
        """Return those that are still kept for their owners, the oldest first."""
        return self.filter(expires_at__gt=now).order_by("stored_at")


class UnsentForm(models.Model):
    """A form that was sent after the session had ended. Only its owner can open it.

    ``path`` is the address that it was sent to. ``content`` is the JSON of its fields: names with lists of values.
    It may be about a patient, so it is deleted when it is sent, discarded or expired.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="unsent_forms")
    path = models.CharField(max_length=1000)
    content = models.TextField()  # a JSON column of PostgreSQL refuses some characters
    has_files = models.BooleanField(default=False)
    stored_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = UnsentFormQuerySet.as_manager()

    def __str__(self) -> str:
        return f"form stored {self.stored_at:%Y-%m-%d %H:%M}"

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The names and values that were sent, in their order."""
        return [(name, value) for name, values in json.loads(self.content) for value in values]
