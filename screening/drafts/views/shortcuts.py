"""Helpers that the views of the draft share."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from screening.accounts.permissions import Permission, required_role, signed_in_user
from screening.drafts.models import RuleSet


def open_draft(pk: int) -> RuleSet:
    """Return the open draft with this primary key.

    Raises:
        Http404: there is no open draft with this key.
    """
    return get_object_or_404(RuleSet, pk=pk, is_open=True)


def author(request: HttpRequest, permission: Permission) -> dict[str, Any]:
    """Return ``by``, ``role`` and ``at`` for an action: the user, the role that grants the permission, and now.

    Raises:
        PermissionDenied: no role of the user grants the permission.
    """
    return {"by": signed_in_user(request), "role": required_role(request, permission), "at": timezone.now()}


def redirect_to_draft(request: HttpRequest, message: str, level: int = messages.SUCCESS) -> HttpResponse:
    """Redirect to the draft, or to the page for starting one, with a message."""
    messages.add_message(request, level, message)
    draft = RuleSet.objects.draft()
    if draft is None:
        return redirect("admin:screening_ruleset_changelist")
    return redirect("admin:screening_ruleset_change", draft.pk)
