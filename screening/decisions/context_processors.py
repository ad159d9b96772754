"""Template context of every page: how many screenings wait for a decision."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest
from django.utils import timezone

from screening.accounts.permissions import Permission
from screening.screenings.models import WorklistEntry

MOST_COUNTED = 99


def worklist_count(request: HttpRequest) -> dict[str, Callable[[], str]]:
    """Return the number of waiting screenings for the navigation; it is counted only on pages that show it."""
    user = getattr(request, "user", None)
    if user is None or not user.has_perm(Permission.READ_WORKLIST):
        return {}
    return {"waiting": cache(_waiting)}


def _waiting() -> str:
    count = WorklistEntry.objects.waiting(timezone.localdate())[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
