"""The list of screenings."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from screening.accounts.access import log_access
from screening.accounts.permissions import Permission
from screening.audit.actions import Action
from screening.screenings.forms.search import NOT_DECIDED, SUPERSEDED, SearchForm
from screening.screenings.models import Screening, ScreeningQuerySet
from screening.screenings.models.query_plans import custom_query_plans

PAGE_SIZE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.READ_SCREENINGS, raise_exception=True)
def screening_list(request: HttpRequest) -> HttpResponse:
    """The list, newest first. Filters may be in the URL; a name or record number is only searched by POST."""
    is_search = request.method == "POST"
    data = request.POST if is_search else _without_query(request.GET)
    form = SearchForm(data)
    if not form.is_valid():
        context = {"form": form, "caption": gettext("No list is shown: correct the marked field.")}
        return render(request, "screening/screenings/screening_list.html", context, status=422)
    if is_search and not form.query:
        return redirect(reverse("screening:screening_list", query=form.submitted_filters))
    after = uuid_or_none(data.get("after", ""))
    # One plan cannot suit both a decision that most screenings have and a rare one.
    with custom_query_plans() if "decision" in form.filters else nullcontext():
        rows, older = page_of(_filtered(form), after, form.query)
    _log(request, form, after)
    next_page = {**form.submitted_filters, "after": older}
    context = {"form": form, "rows": rows, "caption": _caption(rows)}
    if older and is_search:
        context["older_search"] = {"q": form.query, **next_page}
    elif older:
        context["older"] = urlencode(next_page)
    return render(request, "screening/screenings/screening_list.html", context)


def _without_query(data: QueryDict) -> QueryDict:
    """Drop the search words from a URL: they may name a patient, so they are neither searched nor shown."""
    filters = data.copy()
    filters.pop("q", None)
    return filters


def uuid_or_none(text: str) -> UUID | None:
    """Return the uuid in a text, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _log(request: HttpRequest, form: SearchForm, after: UUID | None) -> None:
    """Log the page with its filters. The search words may name a patient and are not logged."""
    action = Action.SCREENINGS_SEARCHED if form.query else Action.SCREENINGS_LISTED
    details = {name: str(value) for name, value in form.filters.items()}
    if digits := details.get("id"):
        details["id"] = f"{digits[:4]}-{digits[4:]}"
    if after:
        details["after"] = str(after)
    log_access(request, action, details=details)


def _filtered(form: SearchForm) -> ScreeningQuerySet:
    """Apply the filters. A record entered in error is found only by its short id."""
    asked, zone = form.filters, ZoneInfo(settings.TIME_ZONE)
    found = Screening.objects.with_short_id(asked["id"]) if "id" in asked else Screening.objects.not_voided()
    if "outcome" in asked:
        found = found.filter(outcome=asked["outcome"])
    if "decision" in asked:
        found = _decided(found, asked["decision"])
    if "from" in asked:
        found = found.screened_from(asked["from"], zone)
    return found.screened_to(asked["to"], zone) if "to" in asked else found


def _decided(found: ScreeningQuerySet, decision: str) -> ScreeningQuerySet:
    if decision == NOT_DECIDED:
        return found.not_decided()
    return found.with_superseded_decision() if decision == SUPERSEDED else found.decided_as(decision)


def page_of(found: ScreeningQuerySet, after: UUID | None, query: str = "") -> tuple[list[Screening], UUID | None]:
    """Return the page of screenings after the uuid ``after``, and the uuid after which the next page begins."""
    found, count = found.older_than(after), PAGE_SIZE + 1
    page: Any = found.first_matching(query, count) if query else found.in_list_order().values("pk")[:count]
    rows = list(Screening.objects.filter(pk__in=page).with_status().with_is_decided().in_list_order())
    prefetch_related_objects([row for row in rows if row.is_decided], "decisions")
    return rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].uuid if len(rows) > PAGE_SIZE else None


def _caption(rows: list[Screening]) -> str:
    if not rows:
        return gettext("No screening found.")
    count = len(rows)
    return ngettext("{count} screening", "{count} screenings, newest first", count).format(count=count)
