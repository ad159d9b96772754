"""The draft: its page, where one is started, and the addresses of all that is done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from screening.accounts.permissions import Permission
from screening.clinical.rules.definition import Severity
from screening.clinical.rules.diff import NO_SHAPE
from screening.clinical.rules.reviews import review_status
from screening.drafts.impact import views as impacts
from screening.drafts.models import Rule, RuleSet
from screening.drafts.state import DraftState
from screening.drafts.views import approval, editing, history, preview
from screening.editions.models import Edition

from . import cases
from .site import DraftAdmin, rules_site

View = Callable[..., HttpResponse]


class RuleSetAdmin(DraftAdmin):
    """The draft."""

    def get_urls(self) -> list[URLPattern]:
        """What is done with a draft, each at an address of its own; then the stock ones."""
        own = [path(route, rules_site.admin_view(view), name=name) for route, view, name in ADDRESSES]
        return [*own, *CALL_BACK_ADDRESSES, *super().get_urls()]

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A draft begins as an edition or from a file."""
        return redirect("admin:screening_ruleset_changelist")

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The draft, or where one is started."""
        if draft := RuleSet.objects.draft():
            return redirect("admin:screening_ruleset_change", draft.pk)
        editions = Edition.objects.defer("content").order_by("-number")
        return render(request, "screening/drafts/draft_none.html", {"editions": editions})

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of the draft; of one that was published, its edition."""
        rule_set = get_object_or_404(RuleSet, pk=object_id) if object_id.isdecimal() else None
        if rule_set is None:
            raise Http404
        if not rule_set.is_open:
            edition = get_object_or_404(Edition, rule_set=rule_set)
            return redirect("screening:edition_detail", edition.number)
        return render(request, "screening/drafts/draft_detail.html", _shown(DraftState(rule_set)))


def _shown(state: DraftState) -> dict[str, object]:
    """What the draft's page shows."""
    return {
        "state": state,
        "rule_set": state.rule_set,
        "rows": _rows(state, [rule for rule in state.rules if not rule.is_raised_by_list]),
        "listed": _rows(state, [rule for rule in state.rules if rule.is_raised_by_list]),
    }


def _rows(state: DraftState, rules: list[Rule]) -> list[dict[str, object]]:
    """The rules with what is told of each; ``number`` is the place at which it is asked."""
    today = timezone.localdate()
    return [
        {
            "rule": rule,
            "shape": rule.severity if rule.severity in set(Severity) else NO_SHAPE,
            "number": place,
            "is_last": place == len(rules),
            "change": state.change_of.get(rule.link_id),
            "faults": state.faults_at(rule),
            "review": review_status(state.definition.item(rule.link_id), today) if state.definition else None,
        }
        for place, rule in enumerate(rules, start=1)
    ]


@require_safe
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def draft_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """What differs between the edition in force and the draft."""
    state = DraftState(get_object_or_404(RuleSet, pk=pk, is_open=True))
    context = {"rule_set": state.rule_set, "state": state, "difference": state.changes}
    return render(request, "screening/drafts/draft_compare.html", context)


ADDRESSES: list[tuple[str, View, str]] = [
    ("start/", editing.draft_start, "draft_start"),
    ("again/<int:number>/", editing.draft_republish, "draft_republish"),
    ("import/", editing.draft_import, "draft_import"),
    ("<int:pk>/texts/", editing.draft_texts, "draft_texts"),
    ("<int:pk>/further/", editing.draft_library, "draft_library"),
    ("<int:pk>/rules/<int:rule_pk>/move/", editing.draft_move, "draft_move"),
    ("<int:pk>/rules/<int:rule_pk>/retire/", editing.draft_retire, "draft_retire"),
    ("<int:pk>/cases/", cases.draft_cases, "draft_cases"),
    ("<int:pk>/difference/", draft_compare, "draft_compare"),
    ("<int:pk>/preview/form/", preview.draft_preview_form, "draft_preview_form"),
    ("<int:pk>/preview/result/", preview.draft_preview_result, "draft_preview_result"),
    ("<int:pk>/preview/print/", preview.draft_preview_print, "draft_preview_print"),
    ("<int:pk>/history/", history.draft_history, "draft_history"),
    ("<int:pk>/propose/", approval.draft_propose, "draft_propose"),
    ("<int:pk>/take-back/", approval.draft_take_back, "draft_take_back"),
    ("<int:pk>/send-back/", approval.draft_send_back, "draft_send_back"),
    ("<int:pk>/publish/", approval.draft_publish, "draft_publish"),
    ("<int:pk>/discard/", editing.draft_discard, "draft_discard"),
]
CALL_BACK_ADDRESSES = [  # open to those who call patients back, too, who have no other business here
    path("<int:pk>/impact/", impacts.draft_impact, name="draft_impact"),
    path("<int:pk>/impact/<slug:kind>.csv", impacts.draft_call_back, name="draft_call_back"),
]
