"""The health checks."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from screening.editions.models import Edition
from screening.web import errors


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """Return 200 while the process runs."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Return 200 when the database answers and an edition is published, otherwise 503."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if Edition.objects.current() is None:
        return errors.unavailable(request)
    return HttpResponse("ready\n", content_type="text/plain")
