"""The audit trail, and who looked at a record. These pages only read; nobody changes an event."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from screening.accounts.access import log_access
from screening.accounts.permissions import Permission
from screening.audit.actions import Action
from screening.clinical.report.summary import patient_lines
from screening.clinical.text.dates import format_datetime
from screening.clinical.text.phrases import counted
from screening.screenings.models import Screening
from screening.web import spreadsheets as spreadsheet

from .events import Event, count_looks, key_or_none, looks_at, sealed_up_to
from .forms import TrailForm
from .words import label_of, page_of, row_of

COLUMNS = ("Id", "Time (UTC)", "Person", "Role", "Action", "Label", "Record", "Address", "Details", "Seal")

_logger = logging.getLogger(__name__)


@require_safe
@permission_required(Permission.READ_AUDIT, raise_exception=True)
def audit_events(request: HttpRequest) -> HttpResponse:
    """The audit trail, newest first, with filters; 422 if one of them is not valid."""
    form = TrailForm(request.GET)
    if not form.is_valid():
        return _not_valid(request, form)
    events, older = form.event_filter.page(form.after)
    context = {
        "form": form,
        "rows": [row_of(event) for event in events],
        "caption": _caption(form) if events else "No event found.",
        "older": urlencode(form.submitted | {"after": older}) if older else "",
        "download": urlencode(form.submitted),
    }
    log_access(request, Action.AUDIT_LISTED, permission=Permission.READ_AUDIT, details=form.to_log)
    return render(request, "screening/audit_trail/audit_events.html", context)


def _not_valid(request: HttpRequest, form: TrailForm) -> HttpResponse:
    context = {"form": form, "caption": "No event is shown: correct the marked field."}
    return render(request, "screening/audit_trail/audit_events.html", context, status=422)


def _caption(form: TrailForm) -> str:
    sealed, zone = sealed_up_to(), settings.TIME_ZONE
    if sealed is None:
        words = "Nothing is sealed yet; times are UTC."
    else:
        last_event, at = sealed
        up_to = format_datetime(at.astimezone(UTC)) if at else f"event {last_event}"
        words = f"Sealed up to {up_to}; times are UTC."
    only = "; ".join(f"{name}: {value}" for name, value in form.submitted.items())  # also for those who read a print
    has_days = bool({"from", "to"} & form.submitted.keys())
    return f"Newest first{', only ' if only else ''}{only}. {words}" + (
        f" Days are those of {zone}." if has_days and zone != "UTC" else ""
    )


# CSV ----------------------------------------------------------------------------------------------------------


@require_safe
@permission_required(Permission.READ_AUDIT, raise_exception=True)
def audit_events_csv(request: HttpRequest) -> HttpResponseBase:
    """Download all events that the filters find, newest first; 422 if a filter is not valid."""
    form = TrailForm(request.GET)
    if not form.is_valid():
        return _not_valid(request, form)
    log_access(request, Action.AUDIT_EXPORTED, permission=Permission.READ_AUDIT, details=form.to_log)
    chunks = form.event_filter.chunks(form.after)
    headers = {"Content-Disposition": 'attachment; filename="audit-events.csv"'}
    return StreamingHttpResponse(_csv_lines(chunks), content_type="text/csv; charset=utf-8", headers=headers)


def _csv_lines(chunks: Iterator[list[Event]]) -> Iterator[str]:
    """Yield the lines. After an error the last line says so."""
    yield spreadsheet.BYTE_ORDER_MARK + spreadsheet.line(COLUMNS)
    try:
        for events in chunks:
            yield "".join(spreadsheet.line(_cells(event)) for event in events)
    except Exception:
        _logger.exception("An error interrupted the download of the audit trail")
        yield spreadsheet.line([spreadsheet.INCOMPLETE])


def _cells(event: Event) -> list[object]:
    return [
        event.pk,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor_name,
        event.actor_role,
        event.action,
        label_of(event),
        event.subject,
        event.address or "",
        json.dumps(event.details, ensure_ascii=False, sort_keys=True),
        event.seal or "",
    ]


# Who looked at a record ---------------------------------------------------------------------------------------


@require_safe
@permission_required(Permission.READ_SCREENINGS, raise_exception=True)
def screening_looks(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who looked at a record, newest first. The look at this page is recorded after the others are read."""
    screening, after = get_object_or_404(Screening, uuid=uuid), key_or_none(request.GET.get("after", ""))
    looks, count = looks_at(uuid), count_looks(uuid)
    events, older = looks.page(after)
    context = {
        "screening": screening,
        "patient": list(patient_lines(screening.patient, screening.screened_at_local.date())),
        "rows": [(event, page_of(event)) for event in events],
        "caption": f"{counted(count.looks, 'look', 'looks')} by {counted(count.people, 'person', 'people')}",
        "older": older,
    }
    log_access(request, Action.LOOKS_LISTED, uuid, details={"after": after} if after else {})
    return render(request, "screening/audit_trail/screening_looks.html", context)
