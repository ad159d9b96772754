"""The pages of the draft's cases: answers with the result that clinicians expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from screening.accounts.permissions import Permission
from screening.clinical.rules.definition import AnswerCode
from screening.clinical.rules.labelled_fields import LabelledField, labelled_case, normalised
from screening.drafts import actions
from screening.drafts.case_results import missing_cases, shown_case, shown_cases
from screening.drafts.forms.case import ANSWER, CaseForm, submitted_case
from screening.drafts.forms.draft_row import VERSION_FIELD
from screening.drafts.forms.merged_rows import merge_case
from screening.drafts.models import Case, Change, DraftChange, Rule, RuleSet
from screening.drafts.state import DraftState
from screening.drafts.views.editing import NOT_NOW
from screening.drafts.views.shortcuts import author, open_draft, redirect_to_draft
from screening.web.transactions import committed

from .rows import DraftRow, DraftRowAdmin, merge_message
from .site import rules_site

AS_EXPECTED, NOT_AS_EXPECTED = "as expected", "not as expected"


class CaseAdmin(DraftRowAdmin):
    """The page of a case."""

    form = CaseForm
    fields = [*CaseForm.Meta.fields]
    change_form_template = "screening/drafts/case_form.html"
    removal = Change.CASE_REMOVED
    removal_message = "The case was removed by {}."
    lost_fields_message = (
        "The draft was changed after you opened this page: it no longer asks every question that you answered here."
    )
    merge = staticmethod(merge_case)
    record_saved = staticmethod(actions.record_case_saved)

    def get_urls(self) -> list[URLPattern]:
        """Add the URL that removes a case."""
        return [path("<int:pk>/remove/", rules_site.admin_view(case_remove), name="case_remove"), *super().get_urls()]

    def get_heading(self, row: Case) -> str:
        """Return a fixed heading: the case in words is on the page below it."""
        return "Case"

    def get_labelled_fields(self, row: Case) -> Sequence[LabelledField]:
        """Return the case as read-only text."""
        return labelled_case(normalised(row.plain()), _rule_names(row.rule_set))

    def get_submitted_fields(self, data: QueryDict) -> Sequence[LabelledField]:
        """Return the submitted case as read-only text."""
        return labelled_case(normalised(submitted_case(data)), _rule_names(RuleSet.objects.draft()))

    def response_after_save(self, request: HttpRequest, row: Case) -> HttpResponse:
        """Redirect to the page of the case, which shows its result."""
        state = DraftState(row.rule_set)
        case = shown_case(state, row)
        saved = f"The case was saved.{merge_message(request)}"
        if not case.gives:
            messages.warning(request, f"{saved} {state.why_not_run}")
        elif case.faults:
            messages.warning(request, f"{saved} It is {NOT_AS_EXPECTED}: it {'; it '.join(case.faults)}.")
        else:
            messages.success(request, f"{saved} It is {AS_EXPECTED}.")
        return redirect("admin:screening_case_change", row.pk)

    def find_duplicate(self, form: Any, formsets: Sequence[Any]) -> DraftRow | None:
        """Return the stored case with the same content as a new one, if there is one."""
        duplicate: Case | None = form.find_duplicate(form.cleaned_data)
        return duplicate

    def get_page_context(self, draft: RuleSet, row: Case | None, *, is_stored: bool) -> dict[str, object]:
        """Return the stored case with its current result."""
        if row is None:
            return {}
        state = DraftState(draft)
        return {"shown": shown_case(state, row), "why_not_run": state.why_not_run}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill in the answer of a missing case from the link's query. The editor sets the expected result."""
        rule, answer = request.GET.get("rule"), request.GET.get("answer")
        return {f"{ANSWER}{rule}": answer, "otherwise": AnswerCode.NO.value} if rule and answer else {}


@require_safe
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def draft_cases(request: HttpRequest, pk: int) -> HttpResponse:
    """List every case of the draft with its current result; cases that are not as expected come first."""
    state = DraftState(open_draft(pk))
    cases = shown_cases(state)
    context = {
        "draft": state.rule_set,
        "why_not_run": state.why_not_run,
        "others": [each for each in cases if each.faults],
        "as_expected": [each for each in cases if each.gives and not each.faults],
        "not_run": [each for each in cases if not each.gives],
        "missing": list(missing_cases(state)),
    }
    return render(request, "screening/drafts/draft_cases.html", context)


@require_POST
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def case_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a case from the draft, unless someone else changed it after the page was opened."""
    with committed():
        RuleSet.objects.select_for_update().filter(is_open=True).first()
        case = Case.objects.filter(pk=pk).select_related("rule_set").first()
        if case is None:
            if not DraftChange.objects.filter(what=Change.CASE_REMOVED, row=pk).exists():
                raise Http404
            return _to_cases(request, "The case was removed.")
        if request.POST.get(VERSION_FIELD) != str(case.revision):
            messages.warning(
                request,
                "Nothing was removed: someone else changed the case after you opened the page. Check it again.",
            )
            return redirect("admin:screening_case_change", pk)
        try:
            actions.remove_case(case, **author(request, Permission.EDIT_RULES))
        except (actions.NotOpen, actions.NotEditable):
            return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return _to_cases(request, "The case was removed.")


def _to_cases(request: HttpRequest, message: str) -> HttpResponse:
    draft = RuleSet.objects.draft()
    if draft is None:
        return redirect_to_draft(request, message)
    messages.success(request, message)
    return redirect("admin:draft_cases", draft.pk)


def _rule_names(draft: RuleSet | None) -> Mapping[str, str]:
    return dict(Rule.objects.filter(rule_set=draft).values_list("link_id", "name")) if draft else {}
