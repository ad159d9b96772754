"""The impact of the draft on past screenings: counts, and lists of patients for those who may call them back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_safe

from screening.accounts.access import log_access
from screening.accounts.permissions import Permission
from screening.audit.actions import Action
from screening.clinical.report.impact import (
    IMPACT_LABELS,
    Comparison,
    Impact,
    ImpactKind,
    in_one_sentence,
    outcome_rows,
    remarks,
    rule_rows,
)
from screening.clinical.text.json_errors import DefinitionError
from screening.drafts.models import RuleSet
from screening.drafts.views.shortcuts import open_draft
from screening.screenings.models import Screening
from screening.web import spreadsheets as spreadsheet

from .forms import DaysForm
from .run import ImpactChunk, ImpactDraft, ImpactRun

NOT_RUN = "screening/drafts/impact/not_run.html"
PLACEHOLDER = "<!-- progress and result -->"
"""Splits the page: what comes before it is sent first, what comes after it is sent last."""
CALL_BACK_LISTS = {
    ImpactKind.NEWLY_FLAGGED: gettext_noop("Rules newly flagged"),
    ImpactKind.NEWLY_OPEN: gettext_noop("Rules newly unresolved"),
}
"""The lists of patients, each with the heading of the column that lists the rules."""
COLUMNS = (
    *("Record", "Record number", "Patient", "Born", "Screened on", "Edition"),
    *("Result then", "Result by the draft"),
)
PATIENT_BATCH_SIZE = 500

_logger = logging.getLogger(__name__)


class ImpactRequest(NamedTuple):
    """A valid request for the impact of a draft."""

    request: HttpRequest
    rule_set: RuleSet
    form: DaysForm
    run: ImpactRun

    @property
    def days(self) -> int:
        """The number of days back."""
        return int(self.form.cleaned_data["days"])


@require_safe
@permission_required(Permission.READ_IMPACT, raise_exception=True)
def draft_impact(request: HttpRequest) -> HttpResponseBase:
    """Show how many results would change, and how. The page is streamed while the counts are calculated."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    return _respond(request, lambda impact_request: _streamed(_page(impact_request), "text/html", language))


@require_safe
@permission_required(Permission.CALL_BACK, raise_exception=True)
def draft_call_back(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Download the patients with a rule newly flagged or newly unresolved, as CSV."""
    if kind not in CALL_BACK_LISTS:
        raise Http404
    return _respond(request, lambda impact_request: _call_back_file(impact_request, ImpactKind(kind)))


def _respond(request: HttpRequest, respond: Callable[[ImpactRequest], HttpResponseBase]) -> HttpResponseBase:
    """Return ``respond``'s response, or 422 if the days or the draft are not valid."""
    rule_set, form = open_draft(), DaysForm(request.GET)
    context = {"rule_set": rule_set, "form": form}
    if not form.is_valid():
        return render(request, NOT_RUN, context, status=422)
    try:
        draft = ImpactDraft.from_rule_set(rule_set, timezone.localdate())
    except DefinitionError as error:
        return render(request, NOT_RUN, context | {"faults": error.faults}, status=422)
    return respond(ImpactRequest(request, rule_set, form, ImpactRun.for_days(draft, form.cleaned_data["days"])))


def _streamed(parts: Iterator[str], content_type: str, language: str) -> StreamingHttpResponse:
    in_language = _in_language(parts, language)
    response = StreamingHttpResponse(in_language, content_type=f"{content_type}; charset=utf-8")
    response.headers["X-Accel-Buffering"] = "no"  # a buffering proxy would hide the progress
    return response


def _in_language(parts: Iterator[str], language: str) -> Iterator[str]:
    """Make each part in a language: a response is streamed after the middleware that activated it has ended."""
    while True:
        with translation.override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part


# The page -----------------------------------------------------------------------------------------------------


def _page(impact_request: ImpactRequest) -> Iterator[str]:
    """Yield the page in parts. The style sheet shows only the last of the parts in the middle."""
    changes = impact_request.rule_set.changes
    context = {
        "rule_set": impact_request.rule_set,
        "changes": changes.count(),
        "last_change": changes.order_by("pk").last(),
        "form": impact_request.form,
    }
    page = render_to_string("screening/drafts/draft_impact.html", context, impact_request.request)
    head, _, foot = page.partition(PLACEHOLDER)
    yield head
    yield from _progress_and_result(impact_request)
    yield foot


def _progress_and_result(impact_request: ImpactRequest) -> Iterator[str]:
    """Yield the progress after each chunk, then the result, or an error message: the page is already being sent."""
    impact = Impact()
    try:
        for chunk in impact_request.run.chunks():
            chunk.add_to(impact)
            if chunk.total:
                yield render_to_string("screening/drafts/impact/progress.html", {"chunk": chunk})
        context = _result(impact_request, impact)
        yield render_to_string("screening/drafts/impact/result.html", context, impact_request.request)
    except Exception:
        _logger.exception("The impact of a draft could not be calculated")
        yield render_to_string("screening/drafts/impact/error.html")


def _result(impact_request: ImpactRequest, impact: Impact) -> dict[str, object]:
    run = impact_request.run
    draft, earlier = run.draft.definition, run.editions.values()
    return {
        "rule_set": impact_request.rule_set,
        "days": impact_request.days,
        "since": run.since,
        "impact": impact,
        "sentence": in_one_sentence(impact),
        "changes": outcome_rows(impact),
        "by_rule": rule_rows(impact, draft, earlier),
        "impact_labels": [gettext(label) for label in IMPACT_LABELS.values()],
        "patients": [(gettext(label), impact.patients[kind]) for kind, label in IMPACT_LABELS.items()],
        "remarks": remarks(draft, earlier),
        "lists": [(kind.value, gettext(words), impact.patients[kind]) for kind, words in CALL_BACK_LISTS.items()],
    }


# Lists of patients to call back -------------------------------------------------------------------------------


def _call_back_file(impact_request: ImpactRequest, kind: ImpactKind) -> HttpResponseBase:
    log_access(
        impact_request.request,
        Action.IMPACT_LISTED,
        f"rule set {impact_request.rule_set.pk}",
        permission=Permission.CALL_BACK,
        details={"kind": kind.value, "days": impact_request.days},
    )
    response = _streamed(_csv_lines(impact_request.run, kind), "text/csv", settings.LANGUAGE_CODE)
    response.headers["Content-Disposition"] = f'attachment; filename="{kind.value}.csv"'
    return response


def _csv_lines(run: ImpactRun, kind: ImpactKind) -> Iterator[str]:
    """Yield the lines of a list. After an error the last line says so, because an incomplete list looks complete."""
    yield spreadsheet.BYTE_ORDER_MARK + spreadsheet.line([*COLUMNS, CALL_BACK_LISTS[kind]])
    try:
        for chunk in run.chunks():
            yield from _patient_lines(_affected(chunk, kind), kind, run)
    except Exception:
        _logger.exception("An error interrupted a list of patients to call back")
        yield spreadsheet.line([spreadsheet.INCOMPLETE])


def _affected(chunk: ImpactChunk, kind: ImpactKind) -> dict[int, Comparison]:
    """Return the comparisons of the screenings that belong in a list, by primary key."""
    return {key: comparison for comparison, keys in chunk.comparisons if comparison.rules[kind] for key in keys}


def _patient_lines(affected: dict[int, Comparison], kind: ImpactKind, run: ImpactRun) -> Iterator[str]:
    keys = sorted(affected)
    for start in range(0, len(keys), PATIENT_BATCH_SIZE):
        batch = Screening.objects.filter(pk__in=keys[start : start + PATIENT_BATCH_SIZE])
        for screening in batch.select_related("edition").order_by("pk"):
            yield spreadsheet.line(_cells(screening, affected[screening.pk], kind, run))


def _cells(screening: Screening, comparison: Comparison, kind: ImpactKind, run: ImpactRun) -> list[object]:
    names = [run.draft.definition.item(link_id).name for link_id in comparison.rules[kind]]
    return [
        screening.short_id,
        screening.record_number,
        screening.patient_name,
        screening.birth_date,
        screening.screened_at_local.date().isoformat(),
        screening.edition.number,
        screening.headline,
        comparison.headline,
        "; ".join(names),
    ]
