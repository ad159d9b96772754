"""Template context of every page: how many screenings wait for a decision."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from screening.accounts.permissions import Permission

MOST_COUNTED = 99
WAITING = "SELECT 1 FROM screening_worklistentry WHERE due_on IS NULL OR due_on <= %s LIMIT %s"
COUNT = f"SELECT count(*) FROM ({WAITING}) AS waiting"  # noqa: S608 (no value is part of it)
"""The same as ``WorklistEntry.objects.waiting``. In SQL, because every page runs it: building the query took longer
than running it."""


def worklist_count(request: HttpRequest) -> dict[str, Callable[[], str]]:
    """Return the number of waiting screenings for the navigation; it is counted only on pages that show it."""
    user = getattr(request, "user", None)
    if user is None or not user.has_perm(Permission.READ_WORKLIST):
        return {}
    return {"waiting": cache(_waiting)}


def _waiting() -> str:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [timezone.localdate().isoformat(), MOST_COUNTED + 1])
        (count,) = cursor.fetchone()
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
