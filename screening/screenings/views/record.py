"""The pages of one record: result, print, PDF, plain text, other screenings and void."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from screening.accounts.access import log_access
from screening.accounts.permissions import Permission, acting_role, signed_in_user
from screening.audit.actions import Action
from screening.clinical.report.chart_copy import ChartCopy, Printing, chart_copy
from screening.clinical.report.plain_text import as_ascii_text, as_text
from screening.clinical.report.record import Record, RecordStatus, Superseded
from screening.clinical.report.summary import Summary, summarise
from screening.clinical.text.wording import DEMONSTRATION
from screening.screenings import actions
from screening.screenings.actions import NotCurrent
from screening.screenings.forms.void import VoidForm
from screening.screenings.models import Screening, WorklistEntry
from screening.screenings.permissions import may_correct
from screening.web import pdf
from screening.web.copies import copy_unavailable, unsupported_paper
from screening.web.font_coverage import UnsupportedCharacter
from screening.web.languages import RULES_LANGUAGE
from screening.web.pdf import Paper

from .screening_list import page_of, uuid_or_none


@require_safe
@permission_required(Permission.READ_SCREENINGS, raise_exception=True)
def screening_result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The result of a screening."""
    screening = _screening(uuid)
    status = screening.status
    log_access(request, Action.SCREENING_READ, screening.uuid)
    context = {
        "screening": screening,
        "summary": summary_of(screening, screening.record(), status),
        "current_uuid": status.current if isinstance(status, Superseded) else None,
        "others": Screening.objects.others_of(screening),
        "superseded_decision": WorklistEntry.objects.decision_superseded_by(screening),
        "may_correct": screening.is_current and may_correct(request.user, screening),
    }
    return render(request, "screening/screenings/screening_result.html", context)


@require_safe
@permission_required(Permission.READ_SCREENINGS, raise_exception=True)
def screening_print(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The summary as a page to print for the chart, in the language of the edition."""
    screening = _screening(uuid)
    log_access(request, Action.SCREENING_PRINTED, screening.uuid)
    with translation.override(RULES_LANGUAGE):
        return render(
            request,
            "screening/screenings/screening_print.html",
            {"screening": screening, "sheet": _sheet(request, screening)},
        )


@require_safe
@permission_required(Permission.READ_SCREENINGS, raise_exception=True)
def screening_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The summary as a PDF, in the language of the edition.

    Return 422 with links to other copies for an unknown paper size, or a character that the PDF cannot show.
    """
    screening, asked = _screening(uuid), request.GET.get("paper", settings.LDN_PAPER)
    if asked not in set(Paper):
        return unsupported_paper(request, "PDF", request.path)
    try:
        with translation.override(RULES_LANGUAGE):
            made = pdf.render(_sheet(request, screening), Paper(asked), screening.screened_at_local)
    except UnsupportedCharacter as unshowable:
        log_access(request, Action.SCREENING_READ, screening.uuid)
        words = gettext(
            "{problem} A PDF with a missing character must not be filed, so no PDF was made. The print page shows it."
        ).format(problem=unshowable)
        links = {
            gettext("Open the print page"): reverse("screening:screening_print", args=[uuid]),
            gettext("Plain text"): reverse("screening:screening_text", args=[uuid]),
        }
        return copy_unavailable(request, gettext("This record cannot be shown as a PDF"), words, links)
    log_access(request, Action.SCREENING_EXPORTED, screening.uuid, details={"format": "pdf"})
    return _file(screening, made, "application/pdf", "pdf")


@require_safe
@permission_required(Permission.READ_SCREENINGS, raise_exception=True)
def screening_text(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The summary as plain text to paste into a chart: UTF-8, or ASCII for old record systems.

    It is in the language of the edition.

    Return 422 with links to both for any other charset.
    """
    screening, charset = _screening(uuid), request.GET.get("charset", "utf-8")
    if charset == "utf-8":
        log_access(request, Action.SCREENING_EXPORTED, screening.uuid, details={"format": "text"})
        return _file(screening, _text(request, screening, as_text), "text/plain; charset=utf-8", "txt")
    if charset == "ascii":
        log_access(request, Action.SCREENING_EXPORTED, screening.uuid, details={"format": "text", "charset": charset})
        return _file(screening, _text(request, screening, as_ascii_text), "text/plain; charset=us-ascii", "txt")
    links = {gettext("Text in UTF-8"): request.path, gettext("Text in ASCII"): f"{request.path}?charset=ascii"}
    message = gettext("The plain text is available in UTF-8 or in ASCII.")
    return copy_unavailable(request, gettext("Unknown charset"), message, links)


@require_safe
@permission_required(Permission.READ_SCREENINGS, raise_exception=True)
def screening_others(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All screenings of the same record number, newest first. A record entered in error lists no others."""
    screening = _screening(uuid)
    log_access(request, Action.SCREENINGS_LISTED, screening.uuid)
    chart = Screening.objects.of_record_number(screening.record_number).not_voided()
    if screening.is_void:
        chart = chart.none()
    rows, older = page_of(chart, uuid_or_none(request.GET.get("after", "")))
    count = chart.count()
    caption = ngettext(
        "{count} screening, newest first; {shown} on this page",
        "{count} screenings, newest first; {shown} on this page",
        count,
    ).format(count=count, shown=len(rows))
    context = {"screening": screening, "rows": rows, "caption": caption, "older": older}
    return render(request, "screening/screenings/screening_others.html", context)


def _text(request: HttpRequest, screening: Screening, written_as: Callable[[ChartCopy], str]) -> str:
    with translation.override(RULES_LANGUAGE):
        return written_as(_sheet(request, screening))


def _sheet(request: HttpRequest, screening: Screening) -> ChartCopy:
    person = signed_in_user(request)
    role = acting_role(person, Permission.READ_SCREENINGS)
    printing = Printing(by=person.display_name, role=role or "", at=timezone.localtime())
    notice = gettext(DEMONSTRATION) if settings.DEMO else ""
    record = screening.record()
    return chart_copy(record, summary_of(screening, record, screening.status), printing, notice)


def summary_of(screening: Screening, record: Record, status: RecordStatus) -> Summary:
    """Return the summary of a record as of today. Needs ``complete``."""
    reviews = screening.edition.review_confirmations()
    return summarise(record, timezone.localdate(), status, reviews, screening.decided())


def _file(screening: Screening, content: str | bytes, content_type: str, extension: str) -> HttpResponse:
    """Return a file whose name contains the record's short id and no patient data."""
    name = f"ldn-screen-{screening.short_id}.{extension}"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _screening(uuid: UUID) -> Screening:
    return get_object_or_404(Screening.objects.complete(), uuid=uuid)


# Correcting ---------------------------------------------------------------------------------------------------


def get_correctable(request: HttpRequest, uuid: UUID) -> Screening:
    """Return the record to amend or void.

    Raises:
        Http404: there is no such record.
        PermissionDenied: another person recorded it, and this person may not correct other people's records.
    """
    screening = _screening(uuid)
    if not may_correct(request.user, screening):
        raise PermissionDenied
    return screening


def not_current(request: HttpRequest, screening: Screening, entered: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    """Return 409 with a link to the current record.

    ``entered`` are the labels and values of a form that was sent, to be copied.
    """
    context = {"screening": screening, "current": screening.last_amendment(), "entered": entered}
    return render(request, "screening/screenings/not_current.html", context, status=409)


@permission_required(Permission.CORRECT, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def screening_void(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Mark a record as entered in error."""
    screening = get_correctable(request, uuid)
    if not screening.is_current:
        return not_current(request, screening)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = VoidForm(screening.short_id, *sent)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        log_access(request, Action.SCREENING_READ, screening.uuid)
        return render(
            request, "screening/screenings/screening_void.html", {"screening": screening, "form": form}, status=status
        )
    return _void(request, screening, form.cleaned_data["void_reason"])


def _void(request: HttpRequest, screening: Screening, reason: str) -> HttpResponse:
    role = acting_role(request.user, Permission.CORRECT)
    if role is None:
        raise PermissionDenied
    try:
        actions.void_screening(screening, by=signed_in_user(request), role=role, at=timezone.now(), reason=reason)
    except NotCurrent:
        return not_current(request, _screening(screening.uuid))
    return redirect("screening:screening_result", screening.uuid)
