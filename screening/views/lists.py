"""The list of screenings."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from screening import audit
from screening.audit import Action
from screening.clock import local_now
from screening.forms import FilterForm, SearchForm
from screening.models import Screening, ScreeningQuerySet
from screening.permissions import Permission, acting_role, requires, signed_in

PAGE_SIZE = 25


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
    found, older = page_of(_filtered(filters), request.GET.get("after", ""))
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
    found, older = page_of(Screening.objects.matching(query).not_voided(), request.POST.get("after", ""))
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
    """What the filters ask for. A record entered in error is found by its number alone."""
    asked, zone = filters.cleaned_data, ZoneInfo(settings.TIME_ZONE)
    found = Screening.objects.with_short_id(asked["id"]) if asked["id"] else Screening.objects.not_voided()
    if asked["outcome"]:
        found = found.filter(outcome=asked["outcome"])
    if asked["from"]:
        found = found.screened_from(asked["from"], zone)
    return found.screened_to(asked["to"], zone) if asked["to"] else found


def page_of(found: ScreeningQuerySet, after: str) -> tuple[list[Screening], UUID | None]:
    """One page after a screening, and the screening after which the next page begins."""
    rows = list(found.with_standing().older_than(after).newest_first()[: PAGE_SIZE + 1])
    return rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].uuid if len(rows) > PAGE_SIZE else None


def _caption(rows: list[Screening]) -> str:
    if not rows:
        return "No screening found."
    return "1 screening" if len(rows) == 1 else f"{len(rows)} screenings, newest first"
