"""The health checks."""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from screening.editions.models import Edition
from screening.operations import durability
from screening.web import errors

PLAIN = "text/plain"

_logger = logging.getLogger(__name__)
_logged: list[str] = []
"""Why this process was not ready when it was asked last: it is asked every few seconds, and logs only changes."""


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """Return 200 while the process runs."""
    return HttpResponse("alive\n", content_type=PLAIN)


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Return 200 when the database answers, is durable and current, and an edition is published; otherwise 503."""
    reasons = _reasons()
    _log(reasons)
    if reasons:
        return errors.with_retry_after(HttpResponse("not ready\n", content_type=PLAIN, status=503))
    return HttpResponse("ready\n", content_type=PLAIN)


def _reasons() -> list[str]:
    try:
        if found := durability.faults():
            return found
        return [] if Edition.objects.exists() else ["No edition is published."]
    except (OperationalError, InterfaceError):
        return ["The database does not answer."]


def _log(reasons: list[str]) -> None:
    global _logged  # noqa: PLW0603 (the state of this process)
    if reasons != _logged:
        _logger.warning("%s", "Not ready: " + " ".join(reasons) if reasons else "Ready again.")
        _logged = reasons
