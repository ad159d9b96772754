"""Where people and machines knock first."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from screening.accounts.permissions import Permission
from screening.editions.models import Edition
from screening.web import errors


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where a person starts: the screenings for those who may read them, else the editions."""
    if request.user.has_perm(Permission.READ_SCREENINGS):
        return redirect("screening:screening_list")
    return redirect("screening:edition_list")


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and an edition is published; the database being away is 503."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if Edition.objects.current() is None:
        return errors.unavailable(request)
    return HttpResponse("ready\n", content_type="text/plain")
