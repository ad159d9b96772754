"""The home page and the accessibility statement."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from screening.accounts.permissions import Permission


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
