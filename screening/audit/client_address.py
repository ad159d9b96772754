"""The address from which the request being handled was sent."""

from __future__ import annotations

from contextvars import ContextVar

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from screening.web.middleware import GetResponse

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def current_address() -> str | None:
    """Return the IP address of the client whose request is handled; None outside a request."""
    request = _request.get()
    return _address_of(request) if request else None


def client_address(get_response: GetResponse) -> GetResponse:
    """Middleware that makes the address of the client known to ``current_address`` while a request is handled.

    Behind a proxy it is the last address in X-Forwarded-For, which the proxy added itself: a client can send any
    others before it (see ``ALLAUTH_TRUSTED_PROXY_COUNT`` in the settings).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        token = _request.set(request)
        try:
            return get_response(request)
        finally:
            _request.reset(token)

    return middleware


def _address_of(request: HttpRequest) -> str | None:
    try:
        return get_adapter(request).get_client_ip(request)
    except PermissionDenied:  # a server that listens on a Unix socket knows no address
        return None
