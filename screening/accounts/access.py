"""Audit events for pages that show a patient and for exports."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.http import HttpRequest

from screening.audit.actions import Action, record_event

from .permissions import Permission, acting_role, signed_in_user


def log_access(
    request: HttpRequest,
    action: Action,
    subject: object = "",
    *,
    permission: Permission = Permission.READ_SCREENINGS,
    details: Mapping[str, str | int] = MappingProxyType({}),
) -> None:
    """Record that a user opened a page or an export, in the role that permits it; ``subject`` is the record's id.

    A HEAD request shows no content, so it is not recorded.
    """
    if request.method == "HEAD":
        return
    role = acting_role(request.user, permission)
    record_event(action, by=signed_in_user(request), role=role, subject=str(subject), **details)
