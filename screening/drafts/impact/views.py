"""What the draft would change over past screenings: counts for its readers, patients for those who call them back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
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
from .run import ImpactDraft, ImpactRun, Step

PAGES = "screening/drafts"
PLACE = "<!-- worked out here -->"
"""Where the page is cut in two: what stands before it is sent at once, what stands after it last."""
CALLED_BACK = {
    kind: f"Rules {IMPACT_LABELS[kind].lower()}" for kind in (ImpactKind.NEWLY_FLAGGED, ImpactKind.NEWLY_OPEN)
}
"""The lists that there are, with the head of the column that says why a patient is in one."""
HEAD = ("Record", "Record number", "Patient", "Born", "Screened on", "Edition", "Result then", "Result by the draft")
BROKE_OFF = "THIS LIST IS NOT COMPLETE: something went wrong on the way. Fetch it again."
PATIENTS_AT_A_TIME = 500

_logger = logging.getLogger(__name__)


class Asked(NamedTuple):
    """A look that somebody asked for."""

    request: HttpRequest
    rule_set: RuleSet
    form: DaysForm
    look: ImpactRun

    @property
    def days(self) -> int:
        """So many days back."""
        return int(self.form.cleaned_data["days"])


@require_safe
@permission_required(Permission.READ_IMPACT, raise_exception=True)
def draft_impact(request: HttpRequest, pk: int) -> HttpResponseBase:
    """How many results would change, from what to what; told while it is worked out."""
    return _looked(request, pk, lambda asked: _streamed(_page(asked), "text/html"))


@require_safe
@permission_required(Permission.CALL_BACK, raise_exception=True)
def draft_call_back(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """The patients of whom a rule would be newly flagged or newly open, as a file for a spreadsheet."""
    if kind not in CALLED_BACK:
        raise Http404
    return _looked(request, pk, lambda asked: _call_back_file(asked, ImpactKind(kind)))


def _looked(request: HttpRequest, pk: int, answer: Callable[[Asked], HttpResponseBase]) -> HttpResponseBase:
    """What a look gives; 422 where the days are none, or no rules can be made of the draft."""
    rule_set, form = open_draft(pk), DaysForm(request.GET)
    told = {"rule_set": rule_set, "form": form}
    if not form.is_valid():
        return render(request, f"{PAGES}/impact/not_run.html", told, status=422)
    try:
        draft = ImpactDraft.of(rule_set, timezone.localdate())
    except DefinitionError as error:
        return render(request, f"{PAGES}/impact/not_run.html", told | {"faults": error.faults}, status=422)
    return answer(Asked(request, rule_set, form, ImpactRun.back(draft, form.cleaned_data["days"])))


def _streamed(parts: Iterator[str], content_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(parts, content_type=f"{content_type}; charset=utf-8")
    response.headers["X-Accel-Buffering"] = "no"  # a proxy that gathers the answer would show no progress
    return response


# The page -----------------------------------------------------------------------------------------------------


def _page(asked: Asked) -> Iterator[str]:
    """The page in parts; of the parts in its middle only the last one is shown."""
    told = {
        "rule_set": asked.rule_set,
        "days": asked.days,
        "since": asked.look.since,
        "changes": asked.rule_set.changes.count(),
        "last_change": asked.rule_set.changes.order_by("pk").last(),
        "form": asked.form,
    }
    head, _, foot = render_to_string(f"{PAGES}/draft_impact.html", told, asked.request).partition(PLACE)
    yield head
    yield from _worked_out(asked)
    yield foot


def _worked_out(asked: Asked) -> Iterator[str]:
    """How far it is, again and again, then the result; a fault ends in a sentence, as the page has begun."""
    impact = Impact()
    try:
        for step in asked.look.steps():
            step.count_in(impact)
            if step.total:
                yield _part("progress", {"step": step})
        yield _part("result", _result(asked, impact), asked.request)
    except Exception:
        _logger.exception("The impact of a draft could not be worked out")
        yield _part("error", {})


def _result(asked: Asked, impact: Impact) -> dict[str, object]:
    draft, earlier = asked.look.draft.definition, asked.look.editions.values()
    return {
        "rule_set": asked.rule_set,
        "days": asked.days,
        "since": asked.look.since,
        "impact": impact,
        "sentence": in_one_sentence(impact),
        "changes": outcome_rows(impact),
        "by_rule": rule_rows(impact, draft, earlier),
        "impact_labels": IMPACT_LABELS.values(),
        "patients": [(label, impact.patients[kind]) for kind, label in IMPACT_LABELS.items()],
        "remarks": remarks(draft, earlier),
        "lists": [(kind.value, words, impact.patients[kind]) for kind, words in CALLED_BACK.items()],
    }


def _part(name: str, told: dict[str, object], request: HttpRequest | None = None) -> str:
    return render_to_string(f"{PAGES}/impact/{name}.html", told, request)


# The lists ----------------------------------------------------------------------------------------------------


def _call_back_file(asked: Asked, kind: ImpactKind) -> HttpResponseBase:
    log_access(
        asked.request,
        Action.IMPACT_LISTED,
        f"rule set {asked.rule_set.pk}",
        permission=Permission.CALL_BACK,
        details={"kind": kind.value, "days": asked.days},
    )
    response = _streamed(_lines(asked.look, kind), "text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{kind.value}.csv"'
    return response


def _lines(look: ImpactRun, kind: ImpactKind) -> Iterator[str]:
    """The lines of a list; after a fault the last one says so, as what was sent would pass for the whole."""
    yield spreadsheet.MARK + spreadsheet.line([*HEAD, CALLED_BACK[kind]])
    try:
        for step in look.steps():
            yield from _patients(dict(_concerned(step, kind)), kind, look)
    except Exception:
        _logger.exception("A list of patients to call back broke off")
        yield spreadsheet.line([BROKE_OFF])


def _patients(concerned: dict[int, Comparison], kind: ImpactKind, look: ImpactRun) -> Iterator[str]:
    """A line for each of these screenings, by their keys."""
    keys = sorted(concerned)
    for start in range(0, len(keys), PATIENTS_AT_A_TIME):
        some = Screening.objects.filter(pk__in=keys[start : start + PATIENTS_AT_A_TIME])
        for screening in some.select_related("edition").order_by("pk"):
            yield spreadsheet.line(_cells(screening, concerned[screening.pk], kind, look))


def _concerned(step: Step, kind: ImpactKind) -> Iterator[tuple[int, Comparison]]:
    for compared, keys in step.found:
        if compared.rules[kind]:
            yield from ((key, compared) for key in keys)


def _cells(screening: Screening, compared: Comparison, kind: ImpactKind, look: ImpactRun) -> list[object]:
    names = [look.draft.definition.item(link_id).name for link_id in compared.rules[kind]]
    return [
        screening.short_id,
        screening.record_number,
        screening.patient_name,
        screening.birth_date,
        screening.screened_at_local.date().isoformat(),
        screening.edition.number,
        screening.headline,
        compared.headline,
        "; ".join(names),
    ]
