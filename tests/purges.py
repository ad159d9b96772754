"""Purges of old screenings in tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from screening.accounts.permissions import Role
from screening.models import PurgeConfirmation, PurgeRequest, PurgeRun, User
from screening.operations import actions
from tests.factories import UserFactory

PURGES, NEW_PURGE = "/purges/", "/purges/new/"
BEFORE = date(2016, 1, 1)
REASON = "Kept for ten years, as the law on medical records says"


def confirm_page(request: PurgeRequest) -> str:
    """Return the URL of the page on which a purge is confirmed."""
    return f"{PURGES}{request.pk}/confirm/"


def administrator(**names: str) -> User:
    """Return an administrator."""
    return UserFactory(role=Role.ADMINISTRATOR, **names)


def purge_requested(before: date = BEFORE, *, by: User | None = None, at: datetime | None = None) -> PurgeRequest:
    """Return a purge that waits for its confirmation."""
    who: dict[str, Any] = {"by": by or administrator(), "role": Role.ADMINISTRATOR, "at": at or datetime.now(UTC)}
    return actions.request_purge(before=before, reason=REASON, **who)


def purge_confirmed(before: date = BEFORE, *, by: User | None = None, at: datetime | None = None) -> PurgeRequest:
    """Return a purge that a second administrator confirmed."""
    request = purge_requested(before, at=at)
    who: dict[str, Any] = {"by": by or administrator(), "role": Role.ADMINISTRATOR, "at": at or datetime.now(UTC)}
    actions.confirm_purge(request, **who)
    return PurgeRequest.objects.complete().get(pk=request.pk)


def run_of(request: PurgeRequest) -> PurgeRun:
    """Return the run of a confirmed purge, as if it had deleted nothing."""
    run = PurgeRun(
        confirmation=PurgeConfirmation.objects.get(request=request),
        at=datetime.now(UTC),
        screenings=0,
        sha256="0" * 64,
        size=12_345,
    )
    run.save(force_insert=True)
    return run
