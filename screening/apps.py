"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils import translation

from screening.clinical.text.translation import Translator, set_translator


class ScreeningConfig(AppConfig):
    """Connects the signal receivers and the translations.

    After every migrate, roles and append-only triggers are created.
    """

    name = "screening"
    verbose_name = translation.gettext_lazy("Screening")

    def ready(self) -> None:
        """Connect the signal receivers, and let the clinical core translate its fixed words."""
        from screening.accounts import receivers  # noqa: F401

        set_translator(Translator(translation.gettext, translation.ngettext))

        post_migrate.connect(_after_migrate, sender=self)


def _after_migrate(using: str, **kwargs: object) -> None:
    from screening.accounts import actions
    from screening.audit import append_only

    append_only.install(connections[using])
    actions.create_roles()
