"""The pages on which administrators ask for a purge of old screenings, and confirm it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from screening.accounts.permissions import Permission, required_role, signed_in_user
from screening.operations import actions
from screening.operations.forms import PurgeConfirmationForm, PurgeRequestForm
from screening.operations.models import PurgeRequest, PurgeStatus
from screening.operations.purging import PurgeCounts, count
from screening.web.forms import StrictForm

OPEN = frozenset({PurgeStatus.WAITING, PurgeStatus.CONFIRMED})
SHOWN = 100


class PurgeRow(NamedTuple):
    """A request, its status, what it would delete while it is open, and whether this person asked for it."""

    request: PurgeRequest
    status: PurgeStatus
    counts: PurgeCounts | None
    is_own: bool


@require_safe
@permission_required(Permission.PURGE, raise_exception=True)
def purge_list(request: HttpRequest) -> HttpResponse:
    """Show all requests, the latest first."""
    found = PurgeRequest.objects.complete().order_by("-pk")[:SHOWN]
    rows = [_row(request, each) for each in found]
    context = {"rows": rows, "is_open": any(each.status in OPEN for each in rows)}
    return render(request, "screening/operations/purge_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.PURGE, raise_exception=True)
def purge_new(request: HttpRequest) -> HttpResponse:
    """Ask for a purge. While another one is open the answer is 409, with what was entered."""
    form = PurgeRequestForm(timezone.localdate(), request.POST if request.method == "POST" else None)
    another = PurgeRequest.objects.open(timezone.now()).first()
    if form.is_valid():
        try:
            actions.request_purge(**form.cleaned_data, **_author(request))
        except actions.AlreadyOpen as fault:
            another = fault.request
            is_sent_again = (another.by_id, another.before, another.reason) == (
                request.user.pk,
                form.cleaned_data["before"],
                form.cleaned_data["reason"],
            )
            if not is_sent_again:
                return _new_page(request, form, another)
        messages.success(request, gettext("The purge was requested. Another administrator must confirm it."))
        return redirect("screening:purge_list")
    return _new_page(request, form, another)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.PURGE, raise_exception=True)
def purge_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a purge that another administrator asked for. If that is not possible now, the answer is 409."""
    asked = get_object_or_404(PurgeRequest.objects.complete(), pk=pk)
    sent = request.POST if request.method == "POST" else None
    form = PurgeConfirmationForm(asked.before, timezone.localdate(), sent)
    if _obstacle(request, asked) and not form.is_bound:
        return _confirm_page(request, asked, form, status=409)
    if not form.is_valid():
        status = 409 if _obstacle(request, asked) else 422 if form.is_bound else 200
        return _confirm_page(request, asked, form, status=status)
    try:
        actions.confirm_purge(asked, **_author(request))
    except (actions.OwnRequest, actions.NotOpen):
        return _confirm_page(request, PurgeRequest.objects.complete().get(pk=pk), form, status=409)
    messages.success(request, gettext("The purge is confirmed. Nothing is deleted until it is run on the server."))
    return redirect("screening:purge_list")


@require_POST
@permission_required(Permission.PURGE, raise_exception=True)
def purge_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a purge."""
    asked = get_object_or_404(PurgeRequest, pk=pk)
    try:
        actions.withdraw_purge(asked, **_author(request))
    except actions.NotOpen:
        asked = PurgeRequest.objects.complete().get(pk=pk)
        form = PurgeConfirmationForm(asked.before, timezone.localdate())
        return _confirm_page(request, asked, form, status=409)
    messages.success(request, gettext("The purge was withdrawn. Nothing was deleted."))
    return redirect("screening:purge_list")


def _author(request: HttpRequest) -> dict[str, Any]:
    role = required_role(request, Permission.PURGE)
    return {"by": signed_in_user(request), "role": role, "at": timezone.now()}


def _row(request: HttpRequest, asked: PurgeRequest) -> PurgeRow:
    status = asked.status(timezone.now())
    counts = count(asked.before) if status in OPEN else None
    return PurgeRow(asked, status, counts, asked.by_id == request.user.pk)


def _new_page(request: HttpRequest, form: PurgeRequestForm, another: PurgeRequest | None) -> HttpResponse:
    context = {"form": form, "another": another, "entered": _entered(form) if another else []}
    status = 409 if another else 422 if form.is_bound else 200
    return render(request, "screening/operations/purge_new.html", context, status=status)


def _confirm_page(
    request: HttpRequest, asked: PurgeRequest, form: PurgeConfirmationForm, *, status: int
) -> HttpResponse:
    obstacle = _obstacle(request, asked)
    context = {
        "row": _row(request, asked),
        "form": form,
        "obstacle": obstacle,
        "entered": _entered(form) if obstacle else [],
    }
    return render(request, "screening/operations/purge_confirm.html", context, status=status)


def _entered(form: StrictForm) -> list[tuple[str, str]]:
    """Return what was entered, to be copied."""
    if not form.is_bound:
        return []
    return [(str(each.label), str(each.data)) for each in form if each.data]


def _obstacle(request: HttpRequest, asked: PurgeRequest) -> str:
    """Return why this person cannot confirm a purge now; empty if they can."""
    match asked.status(timezone.now()):
        case PurgeStatus.DONE:
            return gettext("This purge was done.")
        case PurgeStatus.WITHDRAWN:
            return gettext("This purge was withdrawn by {person}.").format(person=asked.withdrawal.by_name)
        case PurgeStatus.EXPIRED:
            return gettext("This purge was not done within 30 days, so it has expired. Request it again.")
        case PurgeStatus.CONFIRMED:
            return gettext("This purge was already confirmed by {person}.").format(person=asked.confirmation.by_name)
        case _ if asked.by_id == request.user.pk:
            return gettext("You requested this purge, so another administrator must confirm it.")
    return ""
