"""The safety page and its CSV: counts for auditors and approvers, no patients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_safe

from screening.accounts.access import log_access
from screening.accounts.permissions import Permission
from screening.audit.actions import Action
from screening.clinical.rules.definition import AnswerCode
from screening.clinical.rules.labels import ANSWER_TALLY, ANSWER_WORDS
from screening.clinical.text.wording import FLAGGED
from screening.decisions.shipped_reasons import shipped_reasons
from screening.editions.models import Edition
from screening.web import spreadsheets

from .charts import Column, Drawing, Part, columns, stacked_bars
from .figures import SPANS, RuleFigures, SafetyFigures, figures_by_edition, safety_figures
from .forms import SelectionForm
from .selection import Selection
from .sentences import how_counted, time_to_decision, what_rules_found

PAGE = "screening/safety/safety.html"
COLUMNS = (
    *("Edition", "Rule", "Name", "Asked", FLAGGED),
    *(ANSWER_WORDS[each] for each in (AnswerCode.UNKNOWN, AnswerCode.NOT_APPLICABLE, AnswerCode.NO)),
    *("Flagged by the list beside a no", "Overridden"),
)
UNDECIDED = gettext_noop("Undecided")


@require_safe
@permission_required(Permission.READ_SAFETY, raise_exception=True)
def safety(request: HttpRequest) -> HttpResponse:
    """What each rule found, what was overridden, and how long decisions took; 422 for a wrong filter."""
    form = _form(request)
    if not form.is_valid():
        return render(request, PAGE, {"form": form}, status=422)
    selection = form.selection
    figures = safety_figures(selection, timezone.localdate())
    _log(request, Action.SAFETY_READ, selection)
    context = {
        "form": form,
        "selection": selection,
        "figures": figures,
        "days": settings.UNDECIDED_DAYS,
        "csv": reverse("screening:safety_rules_csv", query=selection.filters),
        "drawings": _bars(figures),
        "columns": _columns(figures),
        "how_counted": how_counted(),
        "what_rules_found": what_rules_found(figures),
        "time_to_decision": time_to_decision(figures, settings.UNDECIDED_DAYS),
    }
    return render(request, PAGE, context)


@require_safe
@permission_required(Permission.READ_SAFETY, raise_exception=True)
def safety_rules_csv(request: HttpRequest) -> HttpResponse:
    """The counts of each rule of each edition, as CSV; 422 for a wrong filter."""
    form = _form(request)
    if not form.is_valid():
        return render(request, PAGE, {"form": form}, status=422)
    selection = form.selection
    lines = _csv_lines(figures_by_edition(selection, timezone.localdate()))
    _log(request, Action.SAFETY_EXPORTED, selection)
    name = "-".join(["safety-rules", *(f"{key}-{value}" for key, value in selection.filters.items())])
    disposition = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse("".join(lines), content_type="text/csv; charset=utf-8", headers=disposition)


def _form(request: HttpRequest) -> SelectionForm:
    return SelectionForm(request.GET, list(Edition.objects.oldest_first()))


def _log(request: HttpRequest, action: Action, selection: Selection) -> None:
    log_access(request, action, permission=Permission.READ_SAFETY, details=selection.filters)


# Charts -------------------------------------------------------------------------------------------------------


def _bars(figures: SafetyFigures) -> tuple[Drawing, ...]:
    """Return the bars of the rules that were asked."""
    return stacked_bars([(rule.name, _parts(rule)) for rule in figures.rules if rule.asked])


def _parts(rule: RuleFigures) -> list[Part]:
    return [
        Part("flagged", gettext("flagged"), rule.flagged),
        Part("unknown", gettext(ANSWER_TALLY[AnswerCode.UNKNOWN]), rule.not_known),
        Part("no", gettext("no"), rule.no or 0),
        Part("none", gettext(ANSWER_TALLY[AnswerCode.NOT_APPLICABLE]), rule.not_applicable),
    ]


def _columns(figures: SafetyFigures) -> tuple[Column, ...]:
    spans = [(gettext(label), number) for (label, _), number in zip(SPANS, figures.spans, strict=True)]
    return columns([*spans, (gettext(UNDECIDED), figures.undecided)], ["bar"] * len(spans) + ["bar-open"])


# CSV ----------------------------------------------------------------------------------------------------------


def _csv_lines(rows: Iterable[RuleFigures]) -> Iterator[str]:
    """Yield a line of headings, then one for each rule; the last columns are the reasons for overriding."""
    rows = list(rows)
    shipped = [reason.code for reason in shipped_reasons().reasons]
    codes = list(dict.fromkeys([*shipped, *sorted({code for row in rows for code in row.reasons})]))
    yield spreadsheets.BYTE_ORDER_MARK
    yield spreadsheets.line([*COLUMNS, *(f"Overridden: {code}" for code in codes)])
    for row in rows:
        asked, no = ("", "") if row.asked is None else (row.asked, row.no)
        found = (asked, row.flagged, row.not_known, row.not_applicable, no, row.conflicts, row.overridden)
        reasons = (row.reasons.get(code, 0) for code in codes)
        yield spreadsheets.line([row.edition, row.link_id, row.name, *found, *reasons])
