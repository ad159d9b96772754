"""Pages that say in a sentence what went wrong and what to do next. None of them shows patient data."""

from __future__ import annotations

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

RETRY_AFTER_SECONDS = 30
MEGABYTE = 1024 * 1024


def _page(status: int, **told: object) -> HttpResponse:
    return HttpResponse(render_to_string(f"{status}.html", {"demo": settings.DEMO, **told}), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request is malformed."""
    return _page(400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: no role of this person permits it; said alike for every id."""
    return _page(403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page or record."""
    return _page(404)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more was sent than a form can hold."""
    return _page(413, megabytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MEGABYTE)


def wrong_type(request: HttpRequest) -> HttpResponse:
    """415: the body is not a form in UTF-8."""
    return _page(415)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for a fault of ours; 503 with Retry-After while the database is away."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    return _page(500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database does not answer."""
    response = _page(503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def forbidden_form(request: HttpRequest) -> HttpResponse:
    """403: a form without the token of its page."""
    return HttpResponse(render_to_string("403_csrf.html", {"demo": settings.DEMO}), status=403)
