"""The draft as clinicians would see it; nothing of it is recorded."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def preview_form(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as the clinician's form; what is answered there is shown as a result."""
    raise Http404


def preview_result(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as a result in which every rule is flagged."""
    raise Http404


def preview_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as the printed page."""
    raise Http404
