"""A random id of each request: in its log lines, in the header X-Request-ID and on error pages."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_request_id: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """Return the id of the request that this thread handles, or handled last; “-” before the first one."""
    return _request_id.get()


def request_id(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that gives each request an id. One sent by the client is ignored: it could name another request.

    The id stays set after the response, because Django logs a response, and a download fails, after all middleware.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        digits = secrets.token_hex(6)
        _request_id.set("-".join((digits[:4], digits[4:8], digits[8:])))  # in groups, to be read aloud
        response = get_response(request)
        response.headers["X-Request-ID"] = current_request_id()
        return response

    return middleware
