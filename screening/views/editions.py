"""Published editions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from screening.models import Edition
from screening.permissions import Permission, requires


@require_safe
@requires(Permission.READ_EDITIONS)
def edition_list(request: HttpRequest) -> HttpResponse:
    """Every published edition, newest first."""
    editions = Edition.objects.defer("content").order_by("-number")
    return render(request, "screening/editions.html", {"editions": editions})


@require_safe
@requires(Permission.READ_EDITIONS)
def edition_detail(request: HttpRequest, number: int) -> HttpResponse:
    """The rules of one edition, in words."""
    edition = get_object_or_404(Edition, number=number)
    return render(request, "screening/edition.html", {"edition": edition, "definition": edition.definition})
