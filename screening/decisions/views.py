"""The prescriber's decision on a screening, and the worklist of what waits for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from screening.accounts.access import log_access
from screening.accounts.permissions import Permission, Role, acting_role, signed_in_user
from screening.audit.actions import Action
from screening.clinical.rules.definition import Outcome
from screening.clinical.rules.labels import OUTCOME_WORDS
from screening.clinical.text.wording import FLAGGED
from screening.screenings.actions import NotCurrent
from screening.screenings.models import Screening, WorklistEntry, WorklistQuerySet
from screening.screenings.models.worklist import MOST_COUNTED
from screening.screenings.views.record import not_current, summary_of
from screening.screenings.views.screening_list import uuid_or_none

from . import actions
from .actions import DecidedMeanwhile, IncompleteDecision
from .forms import SEEN, DecisionForm
from .to_decide import what_to_decide

PAGE_SIZE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def screening_decision(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The form on which a prescriber decides, or the decision that is sent."""
    role = _deciding_role(request, uuid)
    screening = get_object_or_404(Screening.objects.complete().prefetch_related("answers"), uuid=uuid)
    page = DecisionPage(request, screening, role)
    if request.method != "POST":
        return page.render(page.form()) if screening.is_current else not_current(request, screening)
    return page.record()


def _deciding_role(request: HttpRequest, uuid: UUID) -> Role:
    """Return the role in which a person decides; a decision sent without it is recorded as refused.

    Raises:
        PermissionDenied: none of their roles may decide.
    """
    role = acting_role(request.user, Permission.DECIDE)
    if role is None:
        if request.method == "POST":
            actions.refuse_without_role(uuid, by=signed_in_user(request))
        raise PermissionDenied
    return role


class DecisionPage:
    """A request for the page on which a prescriber, in this role, decides on a screening."""

    def __init__(self, request: HttpRequest, screening: Screening, role: Role) -> None:
        self.request, self.screening, self.role = request, screening, role
        self.made = list(screening.decisions.order_by("number"))

    def form(self, *sent: Any) -> DecisionForm:
        """Return the form, bound to what was sent, if anything."""
        return DecisionForm(what_to_decide(self.screening, self.made, timezone.localdate()), None, *sent)

    def record(self) -> HttpResponse:
        """Record the decision that was sent, or refuse it: 422 with its faults, 409 if something came before it."""
        form, seen = self.form(self.request.POST, self.request.FILES), _number(self.request.POST.get(SEEN, ""))
        if not form.is_valid():
            return self._incomplete(form, seen)
        person, now = signed_in_user(self.request), timezone.now()
        try:
            actions.record_decision(self.screening, form.decision, seen=seen, by=person, role=self.role, at=now)
        except NotCurrent:
            return self._not_current(form)
        except DecidedMeanwhile:
            return self._decided_meanwhile()
        except IncompleteDecision as incomplete:  # midnight has passed since the form was checked
            return self._refuse(self.form(self.request.POST, self.request.FILES), str(incomplete))
        return redirect("screening:screening_result", self.screening.uuid)

    def _incomplete(self, form: DecisionForm, seen: int) -> HttpResponse:
        """Refuse an incomplete decision; a conflict comes first, because what is missing may no longer matter."""
        if not self.screening.is_current:
            return self._not_current(form)
        if self.made and seen != len(self.made):
            return self._decided_meanwhile()
        return self._refuse(form, form.refused_for)

    def _not_current(self, form: DecisionForm) -> HttpResponse:
        self._record_refusal("not-current")
        return not_current(self.request, self.screening, form.entered)

    def _refuse(self, form: DecisionForm, why: str) -> HttpResponse:
        if not form.is_continued:
            self._record_refusal(why)
        return self.render(form, status=422)

    def _decided_meanwhile(self) -> HttpResponse:
        """Return 409 with what was entered; sent again, it supersedes the decision that is now shown."""
        self._record_refusal("decided-meanwhile")
        self.made = list(self.screening.decisions.order_by("number"))
        return self.render(self.form(self.request.POST, self.request.FILES), status=409, conflict=self.made[-1])

    def _record_refusal(self, why: str) -> None:
        actions.refuse_decision(self.screening, by=signed_in_user(self.request), role=self.role, why=why)

    def render(self, form: DecisionForm, *, status: int = 200, **extra: object) -> HttpResponse:
        """Render the page and record that it was read."""
        log_access(self.request, Action.SCREENING_READ, self.screening.uuid, permission=Permission.DECIDE)
        form.summary = summary_of(self.screening, form.to_decide.record, None)
        context = {"screening": self.screening, "form": form, "made": self.made, "seen_field": SEEN, **extra}
        return render(self.request, "screening/decisions/screening_decision.html", context, status=status)


def _number(text: str) -> int:
    """Return the number in a hidden field; 0 when it is missing or no number."""
    return int(text) if text.isdecimal() and len(text) < 6 else 0


# The worklist -------------------------------------------------------------------------------------------------

FILTERS: Mapping[str, tuple[str, Callable[[WorklistQuerySet], WorklistQuerySet]]] = {
    "": (gettext_noop("All"), WorklistQuerySet.all),
    "flagged": (FLAGGED, WorklistQuerySet.flagged),
    "cannot_conclude": (OUTCOME_WORDS[Outcome.CANNOT_CONCLUDE], WorklistQuerySet.that_cannot_conclude),
    "deferred": (gettext_noop("Deferred and due"), WorklistQuerySet.deferred),
    "superseded": (gettext_noop("Superseded decision"), WorklistQuerySet.with_superseded_decision),
}
"""The filters of the worklist: their labels and queries, by the value of ``show``."""


class Filter(NamedTuple):
    """A filter as the page shows it; ``number`` is None when there are too many to count."""

    show: str
    label: str
    number: int | None


@require_safe
@permission_required(Permission.READ_WORKLIST, raise_exception=True)
def worklist(request: HttpRequest) -> HttpResponse:
    """The screenings that wait for a decision, oldest first; 422 for an unknown filter."""
    show, after = request.GET.get("show", ""), uuid_or_none(request.GET.get("after", ""))
    waiting = WorklistEntry.objects.waiting(timezone.localdate()).oldest_first()
    context: dict[str, object] = {"filters": _filters(waiting.counts())}
    if show not in FILTERS:
        context["caption"] = gettext("No list is shown: choose one of the filters.")
        return render(request, "screening/decisions/worklist.html", context, status=422)
    details = {"show": show} | ({"after": str(after)} if after else {})
    log_access(request, Action.WORKLIST_LISTED, permission=Permission.READ_WORKLIST, details=details)
    rows = _page(FILTERS[show][1](waiting), after)
    context |= {
        "show": show,
        "after": after,
        "rows": rows[:PAGE_SIZE],
        "next": rows[PAGE_SIZE - 1].screening.uuid if len(rows) > PAGE_SIZE else None,
        "caption": _caption(len(rows[:PAGE_SIZE])),
    }
    return render(request, "screening/decisions/worklist.html", context)


def _caption(rows: int) -> str:
    if not rows:
        return gettext("Nothing waits here.")
    return ngettext(
        "{count} screening on this page, oldest first", "{count} screenings on this page, oldest first", rows
    ).format(count=rows)


def _filters(counts: Mapping[str, int]) -> list[Filter]:
    is_complete = counts["all"] < MOST_COUNTED
    return [
        Filter(show, gettext(label), counts[show or "all"] if is_complete else None)
        for show, (label, _) in FILTERS.items()
    ]


def _page(waiting: WorklistQuerySet, after: UUID | None) -> list[WorklistEntry]:
    """Return the entries of one page after a screening, and one more if there is a further page."""
    if last := Screening.objects.filter(uuid=after).only("screened_at").first() if after else None:
        waiting = waiting.after(last)
    return list(waiting.select_related("screening", "superseded_decision__screening")[: PAGE_SIZE + 1])
