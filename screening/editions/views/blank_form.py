"""The edition in force on paper, to be filled in by hand."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from screening.accounts.permissions import Permission
from screening.clinical.report.decision_table import DecisionTable, PublishedEdition, decision_table
from screening.clinical.text.wording import DECISION_TABLE, DEMONSTRATION
from screening.editions.models import Edition
from screening.web import pdf
from screening.web.copies import no_copy, no_such_paper
from screening.web.font_coverage import UnsupportedCharacter
from screening.web.pdf import Paper


@require_safe
@permission_required(Permission.READ_EDITIONS, raise_exception=True)
def blank_form(request: HttpRequest) -> HttpResponse:
    """The decision table as a PDF; 422 with a way out where the paper or a character is none that it has."""
    edition, asked = Edition.objects.current(), request.GET.get("paper", settings.LDN_PAPER)
    if edition is None:
        return render(request, "screening/screenings/no_edition.html", status=404)
    if asked not in set(Paper):
        return no_such_paper(request, DECISION_TABLE, request.path)
    try:
        made = pdf.render_table(_table(edition), Paper(asked), edition.published_at)
    except UnsupportedCharacter as unshowable:
        missing = "A table with a character missing must not be filled in, so none was made."
        words = f"{unshowable} {missing} The page of the edition shows it, and can be printed."
        links = {f"Open edition {edition.number}": reverse("screening:edition_detail", args=[edition.number])}
        return no_copy(request, "This edition cannot be shown as a decision table", words, links)
    name = f"ldn-screen-decision-table-edition-{edition.number}.pdf"
    return HttpResponse(
        made, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


def _table(edition: Edition) -> DecisionTable:
    published = PublishedEdition(
        number=edition.number,
        sha256=edition.sha256,
        at=edition.published_at.astimezone(ZoneInfo(settings.TIME_ZONE)),
        by=edition.published_by_name,
        without_second_reviewer=edition.without_second_reviewer,
    )
    notice = DEMONSTRATION if settings.DEMO else ""
    return decision_table(edition.definition, published, timezone.localdate(), edition.review_confirmations(), notice)
