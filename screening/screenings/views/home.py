"""The home page, the accessibility statement and the health checks."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from screening.accounts.permissions import Permission
from screening.editions.models import Edition
from screening.web import errors


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Redirect to the first page of the user’s roles: the screenings, the accounts or the editions."""
    if request.user.has_perm(Permission.READ_SCREENINGS):
        return redirect("screening:screening_list")
    if request.user.has_perm(Permission.CHANGE_USER) and not request.user.has_perm(Permission.READ_DRAFT):
        return redirect("admin:screening_user_changelist")
    return redirect("screening:edition_list")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement."""
    return render(request, "screening/screenings/accessibility.html")


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
