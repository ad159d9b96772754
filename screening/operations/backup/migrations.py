"""The migrations of this release and of the database."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.migrations.loader import MigrationLoader

Migrations = dict[str, list[str]]
"""The names of migrations by the label of their app."""


def applied_migrations() -> Migrations:
    """Return the migrations that were applied to the database."""
    return _by_app(MigrationLoader(connection).applied_migrations)


def known_migrations() -> Migrations:
    """Return the migrations of this release."""
    return _by_app(MigrationLoader(None).disk_migrations)


def _by_app(migrations: Iterable[tuple[str, str]]) -> Migrations:
    found: Migrations = {}
    for app, name in sorted(migrations):
        found.setdefault(app, []).append(name)
    return found
