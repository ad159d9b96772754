"""The current edition as a decision table on paper, to be filled in by hand."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from screening.accounts.permissions import Permission
from screening.clinical.report.decision_table import DecisionTable, PublishedEdition, decision_table
from screening.clinical.text.wording import DECISION_TABLE, DEMONSTRATION
from screening.editions.models import Edition
from screening.web import pdf
from screening.web.copies import copy_unavailable, unsupported_paper
from screening.web.font_coverage import UnsupportedCharacter
from screening.web.pdf import Paper


@require_safe
@permission_required(Permission.READ_EDITIONS, raise_exception=True)
def blank_form(request: HttpRequest) -> HttpResponse:
    """Return the decision table as a PDF; 422 for another paper size or a character that the fonts lack."""
    edition, paper = Edition.objects.current(), request.GET.get("paper", settings.LDN_PAPER)
    if edition is None:
        return render(request, "screening/editions/no_edition.html", status=404)
    if paper not in set(Paper):
        return unsupported_paper(request, gettext(DECISION_TABLE), request.path)
    try:
        content = pdf.render_table(_table(edition), Paper(paper), edition.published_at)
    except UnsupportedCharacter as error:
        reason = gettext(
            "A table with a missing character must not be used, so it was not made. The page of the edition shows "
            "the character and can be printed."
        )
        page = gettext("Open edition {number}").format(number=edition.number)
        links = {page: reverse("screening:edition_detail", args=[edition.number])}
        heading = gettext("This edition cannot be shown as a decision table")
        return copy_unavailable(request, heading, f"{error} {reason}", links)
    name = f"ldn-screen-decision-table-edition-{edition.number}.pdf"
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
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
