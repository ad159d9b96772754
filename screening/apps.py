"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class ScreeningConfig(AppConfig):
    """Connects the signal receivers. After every migrate, roles and append-only triggers are created."""

    name = "screening"

    def ready(self) -> None:
        """Connect the signal receivers."""
        from screening.accounts import receivers  # noqa: F401

        post_migrate.connect(_after_migrate, sender=self)


def _after_migrate(using: str, **kwargs: object) -> None:
    from screening.accounts import actions
    from screening.audit import append_only

    append_only.install(connections[using])
    actions.create_roles()
