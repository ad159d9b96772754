"""The change history of the draft, and of a published edition."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from screening.accounts.permissions import Permission
from screening.drafts.history import change_history
from screening.editions.models import Edition

from .shortcuts import open_draft


@require_safe
@permission_required(Permission.READ_EDITIONS, raise_exception=True)
def edition_history(request: HttpRequest, number: int) -> HttpResponse:
    """Show the changes that led to an edition."""
    edition = get_object_or_404(Edition, number=number)
    entries = change_history(edition.rule_set) if edition.rule_set else []
    return render(request, "screening/drafts/edition_history.html", {"edition": edition, "entries": entries})


@require_safe
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def draft_history(request: HttpRequest) -> HttpResponse:
    """Show the changes of the draft."""
    draft = open_draft()
    context = {"rule_set": draft, "entries": change_history(draft)}
    return render(request, "screening/drafts/draft_history.html", context)
