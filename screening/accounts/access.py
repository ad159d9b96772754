"""Each page that shows a patient, and each export, is one audit event."""

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
    """Put one look on record, in the role in which the person has the permission; ``subject`` is the record's id.

    A HEAD request shows nobody anything, so it writes nothing.
    """
    if request.method == "HEAD":
        return
    role = acting_role(request.user, permission)
    record_event(action, by=signed_in_user(request), role=role, subject=str(subject), **details)
