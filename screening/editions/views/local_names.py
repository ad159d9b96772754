"""Pages of the local names: medicine names added by this installation."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from screening.accounts.permissions import Permission, required_role, signed_in_user
from screening.clinical.medications.reader import Recogniser
from screening.editions.models import Edition
from screening.medications import actions
from screening.medications.forms import LocalNameForm, recognised_already
from screening.medications.models import LocalName


@require_safe
@permission_required(Permission.READ_EDITIONS, raise_exception=True)
def local_name_list(request: HttpRequest) -> HttpResponse:
    """Show names in use and retired names, with the form to add one."""
    recogniser = _recogniser()
    return _page(request, LocalNameForm(recogniser) if recogniser else None)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_LOCAL_NAMES, raise_exception=True)
def local_name_add(request: HttpRequest) -> HttpResponse:
    """Add a name, or show the form with its errors."""
    if request.method != "POST":
        return redirect("screening:local_name_list")
    recogniser = _recogniser()
    if recogniser is None:
        raise Http404
    form = LocalNameForm(recogniser, request.POST)
    if form.is_valid():
        _add(request, form)
    return redirect("screening:local_name_list") if not form.errors else _page(request, form, status=422)


@require_POST
@permission_required(Permission.EDIT_LOCAL_NAMES, raise_exception=True)
def local_name_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire a name."""
    local_name = get_object_or_404(LocalName, pk=pk)
    actions.retire_local_name(
        local_name,
        by=signed_in_user(request),
        role=required_role(request, Permission.EDIT_LOCAL_NAMES),
        at=timezone.now(),
    )
    return redirect("screening:local_name_list")


def _add(request: HttpRequest, form: LocalNameForm) -> None:
    person, role = signed_in_user(request), required_role(request, Permission.EDIT_LOCAL_NAMES)
    try:
        actions.add_local_name(**form.cleaned_data, by=person, role=role, at=timezone.now())
    except IntegrityError:  # added by someone else at the same time
        form.add_error("name", recognised_already(form.cleaned_data["name"]))


def _page(request: HttpRequest, form: LocalNameForm | None, *, status: int = 200) -> HttpResponse:
    in_use, retired = LocalName.objects.in_use(), LocalName.objects.retired()
    known = form.recogniser.lexicon.by_name if form else {}
    context = {"form": form, "known": known, "in_use": in_use, "retired": retired}
    return render(request, "screening/editions/local_name_list.html", context, status=status)


def _recogniser() -> Recogniser | None:
    edition = Edition.objects.current()
    return edition.recogniser(edition.local_names()) if edition else None
