"""What the pages of the draft have in common."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from screening.accounts.permissions import Permission, acting_role, signed_in_user
from screening.drafts.models import RuleSet


def open_draft(pk: int) -> RuleSet:
    """The draft of this key.

    Raises:
        Http404: there is none that is open.
    """
    return get_object_or_404(RuleSet, pk=pk, is_open=True)


def author(request: HttpRequest, permission: Permission) -> dict[str, Any]:
    """Who does something, in which role and when, as the actions take it.

    Raises:
        PermissionDenied: no role of this person permits it.
    """
    role = acting_role(request.user, permission)
    if role is None:
        raise PermissionDenied
    return {"by": signed_in_user(request), "role": role, "at": timezone.now()}


def redirect_to_draft(request: HttpRequest, said: str, level: int = messages.SUCCESS) -> HttpResponse:
    """Back to the draft's page, or to where one is started, with a sentence."""
    messages.add_message(request, level, said)
    draft = RuleSet.objects.draft()
    if draft is None:
        return redirect("admin:screening_ruleset_changelist")
    return redirect("admin:screening_ruleset_change", draft.pk)
