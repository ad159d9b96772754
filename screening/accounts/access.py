"""Audit events for pages that show a patient, for exports and for refusals."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPMethod
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from screening.audit.actions import Action, record_event, record_without_account
from screening.web import errors

from .models import User
from .permissions import Permission, acting_role, first_role, roles_of, signed_in_user


def log_access(
    request: HttpRequest,
    action: Action,
    subject: object = "",
    *,
    permission: Permission = Permission.READ_SCREENINGS,
    details: Mapping[str, str | int] = MappingProxyType({}),
) -> None:
    """Record that a user opened a page or an export, in the role that permits it; ``subject`` is the record's id.

    The event holds the name of the page. A HEAD request shows no content, so it is not recorded.
    """
    if request.method == "HEAD":
        return
    role = acting_role(request.user, permission)
    shown = {"page": _page(request)} | dict(details)
    record_event(action, by=signed_in_user(request), role=role, subject=str(subject), **shown)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Respond 403 to somebody whose roles do not permit what they asked for, and record it (``handler403``)."""
    match, user = request.resolver_match, getattr(request, "user", None)
    subject = str(match.kwargs.get("uuid", "")) if match else ""
    method = request.method if request.method in set(HTTPMethod) else "other"  # a client may send any word
    details = {"page": _page(request), "method": str(method)}
    if isinstance(user, User):
        record_event(Action.ACCESS_REFUSED, by=user, role=first_role(user), subject=subject, **details)
    else:
        record_without_account(Action.ACCESS_REFUSED, subject, **details)
    if isinstance(user, User) and not roles_of(user):
        return render(request, "screening/accounts/no_role.html", status=403)
    return errors.forbidden(request)


def _page(request: HttpRequest) -> str:
    """Return the name of the URL, which holds nothing that a person typed."""
    return (request.resolver_match.url_name if request.resolver_match else "") or ""
