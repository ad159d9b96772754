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
from django.utils import translation
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_safe

from screening.accounts.access import log_access
from screening.accounts.permissions import Permission
from screening.audit.actions import Action
from screening.clinical.report.provenance import patient_lines
from screening.clinical.text.local_dates import format_datetime
from screening.screenings.models import Screening
from screening.web import spreadsheets as spreadsheet

from .events import Event, LooksCount, count_looks, key_or_none, looks_at, sealed_up_to
from .forms import TrailForm
from .words import label_of, row_of

FILTERS = {
    "person": gettext_noop("person"),
    "action": gettext_noop("action"),
    "record": gettext_noop("record"),
    "from": gettext_noop("from"),
    "to": gettext_noop("to"),
}
"""What the filters are called in a sentence."""
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
        "caption": _caption(form) if events else gettext("No event found."),
        "older": urlencode(form.submitted | {"after": older}) if older else "",
        "download": urlencode(form.submitted),
    }
    log_access(request, Action.AUDIT_LISTED, permission=Permission.READ_AUDIT, details=form.to_log)
    return render(request, "screening/audit_trail/audit_events.html", context)


def _not_valid(request: HttpRequest, form: TrailForm) -> HttpResponse:
    context = {"form": form, "caption": gettext("No event is shown: correct the marked field.")}
    return render(request, "screening/audit_trail/audit_events.html", context, status=422)


def _caption(form: TrailForm) -> str:
    sentences, zone = [_newest_first(form), _sealed()], settings.TIME_ZONE
    if {"from", "to"} & form.submitted.keys() and zone != "UTC":
        sentences.append(gettext("Days are those of {zone}.").format(zone=zone))
    return " ".join(sentences)


def _newest_first(form: TrailForm) -> str:
    """Name the filters, also for those who read a print."""
    filters = "; ".join(f"{gettext(FILTERS[name])}: {value}" for name, value in form.submitted.items())
    return gettext("Newest first, only {filters}.").format(filters=filters) if filters else gettext("Newest first.")


def _sealed() -> str:
    sealed = sealed_up_to()
    if sealed is None:
        return gettext("Nothing is sealed yet; times are UTC.")
    last_event, at = sealed
    up_to = format_datetime(at.astimezone(UTC)) if at else gettext("event {number}").format(number=last_event)
    return gettext("Sealed up to {time}; times are UTC.").format(time=up_to)


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
            with translation.override(settings.LANGUAGE_CODE):  # the file is the same whoever downloads it
                lines = "".join(spreadsheet.line(_cells(event)) for event in events)
            yield lines
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
        "rows": [row_of(event) for event in events],
        "caption": _looks_counted(count),
        "older": older,
    }
    log_access(request, Action.LOOKS_LISTED, uuid, details={"after": after} if after else {})
    return render(request, "screening/audit_trail/screening_looks.html", context)


def _looks_counted(count: LooksCount) -> str:
    looks = ngettext("{count} look", "{count} looks", count.looks).format(count=count.looks)
    people = ngettext("{count} person", "{count} people", count.people).format(count=count.people)
    return gettext("{looks} by {people}, newest first. Times are UTC.").format(looks=looks, people=people)
