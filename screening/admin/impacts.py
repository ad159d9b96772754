"""What the draft would change over past screenings."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def draft_impact(request: HttpRequest, pk: int) -> HttpResponse:
    """How many results would change, from what to what."""
    raise Http404


def call_back_list(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The patients whose result would change, as CSV."""
    raise Http404
