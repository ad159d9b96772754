"""Published editions: list, page, comparison and export."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from screening.accounts.access import log_access
from screening.accounts.permissions import Permission
from screening.audit.actions import Action
from screening.clinical.rules.diff import diff_rule_sets
from screening.clinical.rules.reviews import review_remarks, review_status
from screening.editions.edition_file import FORMAT, EditionFile, to_json
from screening.editions.models import Edition


@require_safe
@permission_required(Permission.READ_EDITIONS, raise_exception=True)
def edition_list(request: HttpRequest) -> HttpResponse:
    """Show all published editions, newest first; ``from`` and ``to`` redirect to a comparison."""
    editions = list(Edition.objects.defer("content").order_by("-number"))
    selected = _selected(request, {edition.number for edition in editions})
    if selected:
        return redirect("screening:edition_compare", *selected)
    context = {"editions": _with_neighbours(editions)}
    return render(request, "screening/editions/edition_list.html", context)


def _selected(request: HttpRequest, numbers: set[int]) -> tuple[int, int] | None:
    """Return the numbers of the edition to show and the one to compare it with, if both exist."""
    values = [request.GET.get(name, "") for name in ("to", "from")]
    by_text = {str(number): number for number in numbers}
    to, since = (by_text.get(value) for value in values)
    return (to, since) if to is not None and since is not None else None


def _with_neighbours(editions: list[Edition]) -> list[dict[str, object]]:
    """Return each edition with its successor and predecessor, newest first."""
    later, earlier = [None, *editions], [*editions[1:], None]
    return [
        {"edition": edition, "successor": after, "predecessor": before}
        for edition, after, before in zip(editions, later, earlier, strict=False)
    ]


@require_safe
@permission_required(Permission.READ_EDITIONS, raise_exception=True)
def edition_detail(request: HttpRequest, number: int) -> HttpResponse:
    """Show the rules of one edition."""
    edition, current = get_object_or_404(Edition, number=number), Edition.objects.current()
    definition, reviews, today = edition.definition, edition.review_confirmations(), timezone.localdate()
    items = (*definition.items, *definition.listed)
    context = {
        "edition": edition,
        "definition": definition,
        "is_current": current is not None and current.number == number,
        "remarks": review_remarks(definition, today, reviews),
        "reviews": {item.link_id: review_status(item, today, reviews) for item in items},
        "predecessor": Edition.objects.filter(number__lt=number).order_by("-number").first(),
    }
    return render(request, "screening/editions/edition_detail.html", context)


@require_safe
@permission_required(Permission.READ_EDITIONS, raise_exception=True)
def edition_compare(request: HttpRequest, number: int, other: int) -> HttpResponse:
    """Compare two editions, rule by rule and word by word."""
    edition, before = get_object_or_404(Edition, number=number), get_object_or_404(Edition, number=other)
    context = {
        "edition": edition,
        "before": before,
        "difference": diff_rule_sets(before.plain(), edition.plain()),
        "editions": Edition.objects.defer("content").order_by("-number"),
    }
    return render(request, "screening/editions/edition_compare.html", context)


@require_safe
@permission_required(Permission.READ_EDITIONS, raise_exception=True)
def edition_file(request: HttpRequest, number: int) -> HttpResponse:
    """Export the edition as a JSON file, with its cases and its hash, for import elsewhere."""
    edition = get_object_or_404(Edition, number=number)
    exported = EditionFile(
        format=FORMAT,
        number=edition.number,
        published_at=edition.published_at,
        published_by=edition.published_by_name,
        written_by=edition.written_by,
        change_note=edition.change_note,
        sha256=edition.sha256,
        rules=edition.definition,
    )
    log_access(request, Action.EDITION_EXPORTED, f"edition {number}", permission=Permission.READ_EDITIONS)
    name = f"ldn-screen-edition-{number}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(to_json(exported), content_type="application/json", headers=headers)
