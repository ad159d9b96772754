"""Which tables and rows a backup file holds."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TypeAlias

from django.apps import apps
from django.db import models

from screening.screenings.models import Screening

Model: TypeAlias = type[models.Model]

NOT_IN_A_BACKUP = {
    "sessions.Session": "everyone signs in again after a restore",
    "contenttypes.ContentType": "migrate creates them; their numbers differ from one database to another",
    "auth.Permission": "migrate creates them",
    "auth.Group": "migrate creates them: they are the roles",
}
"""Models without rows in a backup, each with the reason."""
TABLES_WITHOUT_MODEL = {
    "django_migrations": "the head of the file names the migrations",
    "throttle_cache": "it counts the wrong tries of the last minutes",
    "auth_group_permissions": "migrate creates the permissions of the roles",
}
"""Tables of no model without rows in a backup, each with the reason."""

OF_SCREENINGS = {
    "screening.Screening": "pk__in",
    "screening.Answer": "screening__in",
    "screening.ListOfMedicines": "screening__in",
    "screening.Transcription": "screening__in",
    "screening.Void": "screening__in",
    "screening.Decision": "screening__in",
    "screening.DecisionReason": "decision__screening__in",
    "screening.WorklistEntry": "screening__in",
}
"""The models whose rows belong to a screening, with the look-up that selects those of some screenings."""
READ_WITH_SCREENINGS = {
    "screening.User",
    "screening.LocalName",
    "screening.StoredLexicon",
    "screening.RuleSet",
    "screening.Rule",
    "screening.FollowUp",
    "screening.Case",
    "screening.DraftChange",
    "screening.Edition",
    "screening.Review",
}
"""The models that are needed whole to read screenings in an installation that has nothing else."""


def models_in_order() -> list[Model]:
    """Return the models of a backup, each after those that its rows always refer to."""
    stored = {each._meta.label: each for each in apps.get_models() if each._meta.label not in NOT_IN_A_BACKUP}
    needs = {label: _always_refers_to(each) & stored.keys() - {label} for label, each in sorted(stored.items())}
    return [stored[label] for label in TopologicalSorter(needs).static_order()]


def models_of_screenings() -> list[Model]:
    """Return the models of a backup that holds some screenings only, in the same order."""
    return [each for each in models_in_order() if each._meta.label in OF_SCREENINGS.keys() | READ_WITH_SCREENINGS]


def rows_of(model: Model, screenings: models.QuerySet[Screening] | None = None) -> models.QuerySet[models.Model]:
    """Return the rows of a model by primary key; with ``screenings`` only those that belong to one of them."""
    rows = model._default_manager.order_by("pk")
    look_up = OF_SCREENINGS.get(model._meta.label)
    if screenings is not None and look_up:
        rows = rows.filter(**{look_up: screenings.order_by().values("pk")})
    if not is_named_by_key(model):
        return rows
    of_one = [each.name for each in model._meta.local_fields if each.remote_field]
    return rows.select_related(*of_one).prefetch_related(*(each.name for each in model._meta.local_many_to_many))


def is_named_by_key(model: Model) -> bool:
    """Return True if rows refer to rows that are not in the backup: by their natural keys, not by their numbers."""
    fields = [*model._meta.local_fields, *model._meta.local_many_to_many]
    return any(_label_of_target(each) in NOT_IN_A_BACKUP for each in fields)


def _always_refers_to(model: Model) -> set[str]:
    return {_label_of_target(each) for each in model._meta.local_fields if not each.null} - {""}


def _label_of_target(field: models.Field) -> str:
    target = field.remote_field.model if field.remote_field else None
    return target._meta.label if isinstance(target, type) and issubclass(target, models.Model) else ""
