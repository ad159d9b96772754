"""The cases that stand beside the rules."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from .site import DraftAdmin


class CaseAdmin(DraftAdmin):
    """A case of the draft."""


def case_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Every case of the draft with what it gives now."""
    raise Http404
