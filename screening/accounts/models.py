"""Who signs in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property


class User(AbstractUser):
    """A person who signs in. Roles are the groups they belong to; ``is_demo`` marks an account made by a demo."""

    is_demo = models.BooleanField(default=False, editable=False)

    @property
    def display_name(self) -> str:
        """The name that stands on records."""
        return self.get_full_name() or self.username

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """True when a role grants it; unlike in Django, being superuser grants nothing."""
        return perm in self.get_all_permissions(obj)

    def has_module_perms(self, app_label: str) -> bool:
        """True when a role grants anything of an app; being superuser grants nothing."""
        return any(perm.startswith(f"{app_label}.") for perm in self.get_all_permissions())

    @cached_property
    def group_names(self) -> frozenset[str]:
        """The names of the groups, read once for each object."""
        return frozenset(self.groups.values_list("name", flat=True))
