"""The cases that stand beside the rules: answers with the result that clinicians expect of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from screening.accounts.permissions import Permission
from screening.clinical.rules.definition import AnswerCode
from screening.clinical.rules.labelled_fields import LabelledField, labelled_case, normalised
from screening.drafts import actions
from screening.drafts.case_results import missing_cases, shown_case, shown_cases
from screening.drafts.forms.case import ANSWER, CaseForm, case_as_sent
from screening.drafts.forms.draft_row import SEEN
from screening.drafts.forms.merge_results import MergeResult
from screening.drafts.forms.merged_rows import merge_case
from screening.drafts.models import Case, Change, DraftChange, Rule, RuleSet
from screening.drafts.state import DraftState
from screening.drafts.views.editing import NOT_NOW
from screening.drafts.views.shortcuts import author, open_draft, redirect_to_draft
from screening.web.transactions import committed

from .rows import DraftRowAdmin, Row, also_saved
from .site import rules_site

AS_EXPECTED, NOT_AS_EXPECTED = "as expected", "not as expected"
LOOK_AGAIN = "Look at it again."


class CaseAdmin(DraftRowAdmin):
    """A case of the draft."""

    form = CaseForm
    fields = [*CaseForm.Meta.fields]
    change_form_template = "screening/drafts/case_form.html"
    removed = Change.CASE_REMOVED
    how_it_went = "The case was removed by {}."
    no_place = "The draft was changed meanwhile: it asks no longer every question to which you gave an answer here."

    def get_urls(self) -> list[URLPattern]:
        """Beside the stock addresses, the one at which a case is removed."""
        return [path("<int:pk>/remove/", rules_site.admin_view(case_remove), name="case_remove"), *super().get_urls()]

    def heading_of(self, row: Case) -> str:
        """Cases are known by their words, which stand below."""
        return "Case"

    def words_of(self, row: Case) -> Sequence[LabelledField]:
        """The case in words under labels."""
        return labelled_case(normalised(row.plain()), _names(row.rule_set))

    def words_sent(self, request: HttpRequest) -> Sequence[LabelledField]:
        """What was typed, in words under labels."""
        return labelled_case(normalised(case_as_sent(request.POST)), _names(RuleSet.objects.draft()))

    def merge(self, sent: QueryDict, row: Case) -> MergeResult:
        """What was sent of a case, merged."""
        return merge_case(sent, row)

    def rows_of(self, draft: RuleSet) -> QuerySet[Case]:
        """All cases of a draft."""
        return draft.cases.all()

    def settle(self, row: Case, before: Any, **who: Any) -> None:
        """Put on the draft's history that a case was saved."""
        actions.record_case_saved(row, before, **who)

    def after_saving(self, request: HttpRequest, row: Case) -> HttpResponse:
        """Its page again, where its result stands."""
        state = DraftState(row.rule_set)
        case = shown_case(state, row)
        saved = f"The case was saved.{also_saved(request)}"
        if not case.gives:
            messages.warning(request, f"{saved} {state.why_not_run}")
        elif case.faults:
            messages.warning(request, f"{saved} It is {NOT_AS_EXPECTED}: it {'; it '.join(case.faults)}.")
        else:
            messages.success(request, f"{saved} It is {AS_EXPECTED}.")
        return redirect("admin:screening_case_change", row.pk)

    def stored_as_typed(self, form: Any, formsets: Sequence[Any]) -> Row | None:
        """The case that a first click saved, when this is the second."""
        twin: Case | None = form.twin(form.cleaned_data)
        return twin

    def beside_the_form(self, draft: RuleSet, row: Case | None, *, is_stored: bool) -> dict[str, object]:
        """What the stored case gives now."""
        if row is None:
            return {}
        state = DraftState(draft)
        return {"shown": shown_case(state, row), "why_not_run": state.why_not_run}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What a link says of a case that is missing; what it should give is left to the editor."""
        rule, answer = request.GET.get("rule"), request.GET.get("answer")
        return {f"{ANSWER}{rule}": answer, "otherwise": AnswerCode.NO.value} if rule and answer else {}


@require_safe
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def draft_cases(request: HttpRequest, pk: int) -> HttpResponse:
    """Every case of the draft with what it gives now: first those that give something else than they expect."""
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
    """Take a case out of the draft, unless somebody else changed it since it was looked at."""
    with committed():
        RuleSet.objects.select_for_update().filter(is_open=True).first()
        case = Case.objects.filter(pk=pk).select_related("rule_set").first()
        if case is None:
            if not DraftChange.objects.filter(what=Change.CASE_REMOVED, row=pk).exists():
                raise Http404
            return _to_cases(request, "The case was removed.")
        if request.POST.get(SEEN) != str(case.revision):
            messages.warning(request, f"Nothing was removed: somebody else changed the case meanwhile. {LOOK_AGAIN}")
            return redirect("admin:screening_case_change", pk)
        try:
            actions.remove_case(case, **author(request, Permission.EDIT_RULES))
        except (actions.NotOpen, actions.NotEditable):
            return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return _to_cases(request, "The case was removed.")


def _to_cases(request: HttpRequest, said: str) -> HttpResponse:
    draft = RuleSet.objects.draft()
    if draft is None:
        return redirect_to_draft(request, said)
    messages.success(request, said)
    return redirect("admin:draft_cases", draft.pk)


def _names(draft: RuleSet | None) -> Mapping[str, str]:
    return dict(Rule.objects.filter(rule_set=draft).values_list("link_id", "name")) if draft else {}
