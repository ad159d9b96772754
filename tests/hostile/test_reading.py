"""Reading changes nothing: GET, HEAD and OPTIONS leave every table as it was, at every address and for every role."""

from __future__ import annotations

import hashlib
from random import Random

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from screening.accounts.permissions import Role

from .world import World, targets

pytestmark = pytest.mark.django_db

MAY_GROW = {"screening_auditevent", "django_session", "throttle_cache"}
"""Pages that show a patient are recorded, a session may begin, and attempts are counted."""


def state() -> dict[str, str]:
    """Return a hash of the rows of each table."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    found = {}
    with connection.cursor() as cursor:
        for table in set(tables) - MAY_GROW:
            cursor.execute(f"SELECT * FROM {table}")
            rows = sorted(repr(row) for row in cursor.fetchall())
            found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def test_no_request_without_a_form_changes_a_table(is_full_run: bool) -> None:
    rng = Random(0)
    world = World(rng)
    changed = []
    for target in targets():
        address = world.address(target)
        before = state()
        chosen = world.people if is_full_run else {rng.choice(sorted(target.roles)), rng.choice(list(Role))}
        for role in (*chosen, None):
            client = world.clients[role] if role else Client()
            for method in ("OPTIONS", "HEAD", "GET"):
                response = client.generic(method, address)
                assert response.status_code < 500, (method, address, role)
        if state() != before:
            changed.append(address)
    assert changed == []
