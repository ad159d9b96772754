"""Checks of every request, and headers of every response."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from . import errors

GetResponse = Callable[[HttpRequest], HttpResponse]
FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}
BODY_METHODS = {"POST", "PUT", "PATCH"}


def browser_policies(get_response: GetResponse) -> GetResponse:
    """Let a page use only the device features in PERMISSIONS_POLICY, and only this site embed a response."""
    allowed = ", ".join(f"{feature}={origins}" for feature, origins in settings.PERMISSIONS_POLICY.items())

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Permissions-Policy"] = allowed
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    return middleware


def no_store(get_response: GetResponse) -> GetResponse:
    """Forbid browsers and proxies to store any page: each may show patient data."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Cache-Control"] = "no-store, private"
        return response

    return middleware


def error_pages(get_response: GetResponse) -> GetResponse:
    """Give a refused method (405) a page: Django's response for it is empty."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = errors.method_not_allowed(request).content
        return response

    return middleware


def well_formed_requests(get_response: GetResponse) -> GetResponse:
    """Refuse a request body that is too large (413), not form data in UTF-8 (415), malformed or incomplete (400)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in BODY_METHODS and (refusal := _refusal(request)):
            return refusal
        return get_response(request)

    return middleware


def _refusal(request: HttpRequest) -> HttpResponse | None:
    if _declared_length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return errors.too_large(request)
    if request.content_type and request.content_type not in FORM_TYPES:
        return errors.unsupported_type(request)
    if (request.content_params or {}).get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        return errors.unsupported_type(request)
    try:
        if len(request.body) < _declared_length(request):  # the connection was lost: the last field may be cut off
            return errors.bad_request(request)
        _ = request.POST
    except RequestDataTooBig:
        return errors.too_large(request)
    except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return errors.bad_request(request)
    return None


def _declared_length(request: HttpRequest) -> int:
    declared = request.META.get("CONTENT_LENGTH") or "0"
    return int(declared) if declared.isdecimal() else 0
