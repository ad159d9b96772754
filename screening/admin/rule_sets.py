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

from screening.clinical.definition import Severity
from screening.clinical.difference import SHAPELESS
from screening.clinical.reviews import review_of
from screening.models import Edition, Rule, RuleSet
from screening.permissions import Permission

from . import cases, drafting, impacts, previews, proposals
from .site import DraftAdmin, rules_site
from .state import DraftState

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
        return render(request, "admin/screening/ruleset/no_draft.html", {"editions": editions})

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of the draft; of one that was published, its edition."""
        rule_set = get_object_or_404(RuleSet, pk=object_id) if object_id.isdecimal() else None
        if rule_set is None:
            raise Http404
        if not rule_set.is_open:
            edition = get_object_or_404(Edition, rule_set=rule_set)
            return redirect("screening:edition_detail", edition.number)
        return render(request, "admin/screening/ruleset/draft.html", _shown(DraftState(rule_set)))


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
            "shape": rule.severity if rule.severity in set(Severity) else SHAPELESS,
            "number": place,
            "is_last": place == len(rules),
            "change": state.change_of.get(rule.link_id),
            "faults": state.faults_at(rule),
            "review": review_of(state.definition.item(rule.link_id), today) if state.definition else None,
        }
        for place, rule in enumerate(rules, start=1)
    ]


@require_safe
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def draft_difference(request: HttpRequest, pk: int) -> HttpResponse:
    """What differs between the edition in force and the draft."""
    state = DraftState(get_object_or_404(RuleSet, pk=pk, is_open=True))
    context = {"rule_set": state.rule_set, "state": state, "difference": state.changes}
    return render(request, "admin/screening/ruleset/difference.html", context)


ADDRESSES: list[tuple[str, View, str]] = [
    ("start/", drafting.start, "draft_start"),
    ("again/<int:number>/", drafting.again, "draft_again"),
    ("import/", drafting.bring_in, "draft_import"),
    ("<int:pk>/texts/", drafting.texts, "draft_texts"),
    ("<int:pk>/further/", drafting.further, "draft_further"),
    ("<int:pk>/rules/<int:rule_pk>/move/", drafting.move, "draft_move"),
    ("<int:pk>/rules/<int:rule_pk>/retire/", drafting.retire, "draft_retire"),
    ("<int:pk>/cases/", cases.case_list, "draft_cases"),
    ("<int:pk>/difference/", draft_difference, "draft_difference"),
    ("<int:pk>/preview/form/", previews.preview_form, "draft_preview_form"),
    ("<int:pk>/preview/result/", previews.preview_result, "draft_preview_result"),
    ("<int:pk>/preview/print/", previews.preview_print, "draft_preview_print"),
    ("<int:pk>/history/", drafting.history, "draft_history"),
    ("<int:pk>/propose/", proposals.propose, "draft_propose"),
    ("<int:pk>/take-back/", proposals.take_back, "draft_take_back"),
    ("<int:pk>/send-back/", proposals.send_back, "draft_send_back"),
    ("<int:pk>/publish/", proposals.publish, "draft_publish"),
    ("<int:pk>/discard/", drafting.discard, "draft_discard"),
]
CALL_BACK_ADDRESSES = [  # open to those who call patients back, too, who have no other business here
    path("<int:pk>/impact/", impacts.draft_impact, name="draft_impact"),
    path("<int:pk>/impact/<slug:kind>.csv", impacts.call_back_list, name="draft_call_back"),
]
