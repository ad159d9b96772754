"""The user model."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property

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
        verbose_name = "account"

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
