"""The figures for Prometheus."""

from __future__ import annotations

import secrets
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from screening.operations.metrics import exposition
from screening.web import errors


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return counts and durations, to programs on this machine or with ``LDN_METRICS_TOKEN``."""
    if not (_has_token(request) or _is_from_this_machine(request)):
        return errors.forbidden(request)
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    is_equal = secrets.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    return bool(settings.METRICS_TOKEN) and kind.lower() == "bearer" and is_equal


def _is_from_this_machine(request: HttpRequest) -> bool:
    """Say whether the client is on this machine. After a proxy that the settings do not name nobody can tell."""
    address: str = request.META.get("REMOTE_ADDR", "")
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        if not settings.BEHIND_PROXY:
            return False
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()  # added by the proxy
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
