"""The page of the draft, the page that starts one, and the URLs of its other pages."""

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
    """The pages of the draft."""

    def get_urls(self) -> list[URLPattern]:
        """Return the URLs of the draft's own pages, then those of the admin."""
        own = [path(route, rules_site.admin_view(view), name=name) for route, view, name in DRAFT_URLS]
        return [*own, *IMPACT_URLS, *super().get_urls()]

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Redirect: a draft is started from an edition or from a file, not from an empty form."""
        return redirect("admin:screening_ruleset_changelist")

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Redirect to the draft. If there is none, show the page that starts one."""
        if draft := RuleSet.objects.draft():
            return redirect("admin:screening_ruleset_change", draft.pk)
        editions = Edition.objects.defer("content").order_by("-number")
        return render(request, "screening/drafts/draft_none.html", {"editions": editions})

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the draft. Redirect a published draft to its edition."""
        rule_set = get_object_or_404(RuleSet, pk=object_id) if object_id.isdecimal() else None
        if rule_set is None:
            raise Http404
        if not rule_set.is_open:
            edition = get_object_or_404(Edition, rule_set=rule_set)
            return redirect("screening:edition_detail", edition.number)
        return render(request, "screening/drafts/draft_detail.html", _page_context(DraftState(rule_set)))


def _page_context(state: DraftState) -> dict[str, object]:
    return {
        "state": state,
        "rule_set": state.rule_set,
        "rows": _rows(state, [rule for rule in state.rules if not rule.is_raised_by_list]),
        "listed": _rows(state, [rule for rule in state.rules if rule.is_raised_by_list]),
    }


def _rows(state: DraftState, rules: list[Rule]) -> list[dict[str, object]]:
    """Return the rules with the state of each; ``number`` is its place among the questions."""
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
    """Show the differences between the edition in force and the draft."""
    state = DraftState(get_object_or_404(RuleSet, pk=pk, is_open=True))
    context = {"rule_set": state.rule_set, "state": state, "difference": state.changes}
    return render(request, "screening/drafts/draft_compare.html", context)


DRAFT_URLS: list[tuple[str, View, str]] = [
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
IMPACT_URLS = [  # not behind the site's permission check: clinicians and prescribers use these pages too
    path("<int:pk>/impact/", impacts.draft_impact, name="draft_impact"),
    path("<int:pk>/impact/<slug:kind>.csv", impacts.draft_call_back, name="draft_call_back"),
]
