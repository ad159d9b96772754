"""Start-up wiring of the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class ScreeningConfig(AppConfig):
    """After every migrate the roles exist and the append-only tables are guarded."""

    name = "screening"

    def ready(self) -> None:
        """Connect the receivers."""
        from screening.accounts import receivers  # noqa: F401

        post_migrate.connect(_complete, sender=self)


def _complete(using: str, **kwargs: object) -> None:
    from screening.accounts import actions
    from screening.audit import append_only

    append_only.install(connections[using])
    actions.make_roles()
