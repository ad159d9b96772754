"""The pages: load, permit, act, render."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods, require_safe

from . import actions, audit, errors
from .actions import RecordedWithOtherContent, Submission
from .audit import Action
from .clinical.dates import in_words
from .clinical.definition import Changes
from .clinical.record import Patient
from .clinical.summary import summarise
from .forms import FilterForm, ScreeningForm, SearchForm, without_answers_to
from .models import Edition, Screening, ScreeningQuerySet
from .permissions import Permission, acting_role, may, requires, roles_of, signed_in
from .sessions import came_from_here, keeps_what_was_typed, send_again
from .tickets import TICKET_FIELD, Ticket

Uploads = MultiValueDict[str, UploadedFile]

PAGE_SIZE = 25
OTHERS_SHOWN = 20
DECISIONS = ("Prescribe", "Do not prescribe", "Defer until", "Need more information", "Refer")


def local_now() -> datetime:
    """The present moment in the clinic's time zone."""
    return timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE))


def page_context(request: HttpRequest) -> dict[str, object]:
    """What every page shows around its content: who is signed in, and what they may open."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"demo": settings.DEMO}
    return {
        "demo": settings.DEMO,
        "may": {permission.value: may(user, permission) for permission in Permission},
        "person_name": user.display_name,
        "role_words": ", ".join(roles_of(user)) or "no role",
    }


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where a person starts: the screenings for those who may read them, else the editions."""
    if may(request.user, Permission.READ_SCREENINGS):
        return redirect("screening:screening_list")
    return redirect("screening:edition_list")


# Screening ----------------------------------------------------------------------------------------------------


@keeps_what_was_typed
@requires(Permission.SCREEN)
@require_http_methods(["GET", "HEAD", "POST"])
def screening_new(request: HttpRequest) -> HttpResponse:
    """Show the form of the current edition, or record what was filled in."""
    edition = Edition.objects.current()
    if edition is None:
        return render(request, "screening/no_edition.html", status=503)
    if request.method != "POST":
        return _form_page(request, edition, _form(edition), Ticket.issue(edition))
    ticket = Ticket.read(request.POST.get(TICKET_FIELD, "")) or Ticket.issue(edition)
    if ticket.edition_number != edition.number:
        return _recorded_before_or_ask_again(request, edition, ticket)
    return _record(request, edition, ticket)


def _record(request: HttpRequest, edition: Edition, ticket: Ticket) -> HttpResponse:
    form, role = _form(edition, request.POST, request.FILES), acting_role(request.user, Permission.SCREEN)
    if not form.is_valid() or role is None:
        return _form_page(request, edition, form, ticket, status=422)
    submission = Submission(ticket.key, form.patient, form.answers)
    try:
        screening = actions.record_screening(
            edition=edition, submission=submission, by=signed_in(request), role=role, at=timezone.now()
        )
    except RecordedWithOtherContent as conflict:
        recorded = reverse("screening:screening_result", args=[conflict.screening.uuid])
        return _form_page(request, edition, form, ticket, status=409, conflict=recorded)
    return redirect("screening:screening_result", screening.uuid)


def _recorded_before_or_ask_again(request: HttpRequest, current: Edition, ticket: Ticket) -> HttpResponse:
    """The edition changed while the form was open: it comes back, asking only what changed."""
    opened_on = get_object_or_404(Edition, number=ticket.edition_number)
    if Screening.objects.filter(submission=ticket.key).exists():
        return _record(request, opened_on, ticket)
    changes = current.definition.changes_since(opened_on.definition)
    kept = without_answers_to((*changes.ask_again, *changes.no_longer_asked), request.POST)
    renewed = Ticket(current.number, ticket.key)
    return _form_page(request, current, _form(current, kept), renewed, status=409, changes=changes)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403; a form of our own whose token a new sign-in replaced comes back filled in, to be sent once more."""
    if not came_from_here(request) or request.path != reverse("screening:screening_new"):
        return errors.forbidden_form(request)
    edition = Edition.objects.current()
    if edition is None or not may(request.user, Permission.SCREEN):
        return send_again(request)
    ticket = Ticket.read(request.POST.get(TICKET_FIELD, "")) or Ticket.issue(edition)
    return _form_page(request, edition, _form(edition, request.POST), ticket, status=403, signed_in_again=True)


def _form(edition: Edition, data: QueryDict | None = None, files: Uploads | None = None) -> ScreeningForm:
    today = local_now().date()
    return ScreeningForm(edition.definition, data, files, today=today, last_patient=_last_patient)


def _last_patient(record_number: str) -> Patient | None:
    last = Screening.objects.of_record_number(record_number).newest_first().first()
    return last.patient if last else None


def _form_page(
    request: HttpRequest,
    edition: Edition,
    form: ScreeningForm,
    ticket: Ticket,
    *,
    status: int = 200,
    conflict: str = "",
    changes: Changes | None = None,
    signed_in_again: bool = False,
) -> HttpResponse:
    context = {
        "form": form,
        "edition_number": edition.number,
        "definition": edition.definition,
        "ticket": ticket.signed(),
        "ticket_field": TICKET_FIELD,
        "conflict": conflict,
        "changes": changes,
        "signed_in_again": signed_in_again,
    }
    return render(request, "screening/form.html", context, status=status)


# One record ---------------------------------------------------------------------------------------------------


@require_safe
@requires(Permission.READ_SCREENINGS)
def screening_result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What a screening found."""
    screening = _screening(uuid)
    _put_look_on_record(request, Action.SCREENING_READ, screening)
    others = Screening.objects.of_record_number(screening.record_number).exclude(pk=screening.pk)
    context = {**_record_context(screening), "earlier": others.with_edition().newest_first()[:OTHERS_SHOWN]}
    return render(request, "screening/result.html", context)


@require_safe
@requires(Permission.READ_SCREENINGS)
def screening_print(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The summary as a sheet for the chart."""
    screening, now = _screening(uuid), local_now()
    _put_look_on_record(request, Action.SCREENING_PRINTED, screening)
    role = acting_role(request.user, Permission.READ_SCREENINGS)
    printed = f"{in_words(now.date())}, {now:%H:%M} {now:%Z} by {signed_in(request).display_name}, {role}"
    context = {**_record_context(screening), "printed": printed, "decisions": DECISIONS}
    return render(request, "screening/print.html", context)


def _screening(uuid: UUID) -> Screening:
    return get_object_or_404(Screening.objects.with_edition(), uuid=uuid)


def _record_context(screening: Screening) -> dict[str, object]:
    record = screening.record()
    summary = summarise(record, shown_on=local_now().date())
    return {"record": record, "summary": summary, "edition": screening.edition}


def _put_look_on_record(request: HttpRequest, action: Action, screening: Screening) -> None:
    role = acting_role(request.user, Permission.READ_SCREENINGS)
    audit.put_on_record(action, by=signed_in(request), role=role, subject=str(screening.uuid))


# Lists --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.READ_SCREENINGS)
def screening_list(request: HttpRequest) -> HttpResponse:
    """Screenings, newest first; a name or a record number is searched by POST."""
    today = local_now().date()
    if request.method == "POST":
        return _search_page(request, SearchForm(request.POST), FilterForm(today=today))
    filters = FilterForm(request.GET, today=today)
    if not filters.is_valid():
        return _list_page(request, filters, SearchForm(), [], "No list: correct the marked field.", status=422)
    found, older = _page(_filtered(filters), request.GET.get("after", ""))
    address = request.GET.copy()
    address["after"] = str(older)
    return _list_page(
        request, filters, SearchForm(), found, _caption(found), older=address.urlencode() if older else ""
    )


def _search_page(request: HttpRequest, search: SearchForm, filters: FilterForm) -> HttpResponse:
    if not search.is_valid():
        return _list_page(request, filters, search, [], "No list: correct the marked field.", status=422)
    role = acting_role(request.user, Permission.READ_SCREENINGS)
    audit.put_on_record(Action.SCREENINGS_SEARCHED, by=signed_in(request), role=role)
    query = search.cleaned_data["q"]
    found, older = _page(Screening.objects.matching(query), request.POST.get("after", ""))
    again = {"q": query, "after": older} if older else None
    return _list_page(request, filters, search, found, _caption(found), older_search=again)


def _list_page(
    request: HttpRequest,
    filters: FilterForm,
    search: SearchForm,
    rows: list[Screening],
    caption: str,
    *,
    status: int = 200,
    older: str = "",
    older_search: dict[str, object] | None = None,
) -> HttpResponse:
    context = {
        "filters": filters,
        "search": search,
        "rows": rows,
        "caption": caption,
        "older": older,
        "older_search": older_search,
    }
    return render(request, "screening/list.html", context, status=status)


def _filtered(filters: FilterForm) -> ScreeningQuerySet:
    asked, zone = filters.cleaned_data, ZoneInfo(settings.TIME_ZONE)
    found = Screening.objects.all()
    if asked["outcome"]:
        found = found.filter(outcome=asked["outcome"])
    if asked["id"]:
        found = found.with_short_id(asked["id"])
    if asked["from"]:
        found = found.screened_from(asked["from"], zone)
    return found.screened_to(asked["to"], zone) if asked["to"] else found


def _page(found: ScreeningQuerySet, after: str) -> tuple[list[Screening], UUID | None]:
    """One page after a screening, and the screening after which the next page begins."""
    rows = list(found.older_than(after).newest_first()[: PAGE_SIZE + 1])
    return rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].uuid if len(rows) > PAGE_SIZE else None


def _caption(rows: list[Screening]) -> str:
    if not rows:
        return "No screening found."
    return "1 screening" if len(rows) == 1 else f"{len(rows)} screenings, newest first"


# Editions -----------------------------------------------------------------------------------------------------


@require_safe
@requires(Permission.READ_EDITIONS)
def edition_list(request: HttpRequest) -> HttpResponse:
    """Every published edition, newest first."""
    editions = Edition.objects.defer("content").order_by("-number")
    return render(request, "screening/editions.html", {"editions": editions})


@require_safe
@requires(Permission.READ_EDITIONS)
def edition_detail(request: HttpRequest, number: int) -> HttpResponse:
    """The rules of one edition, in words."""
    edition = get_object_or_404(Edition, number=number)
    return render(request, "screening/edition.html", {"edition": edition, "definition": edition.definition})


# Health -------------------------------------------------------------------------------------------------------


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and an edition is published; the database being away is 503."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if Edition.objects.current() is None:
        return errors.unavailable(request)
    return HttpResponse("ready\n", content_type="text/plain")
