"""The cases of the draft: answers with the result that clinicians expect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from screening.accounts.permissions import Permission
from screening.clinical.rules.definition import AnswerCode
from screening.clinical.rules.labelled_fields import labelled_case, normalised
from screening.drafts import actions
from screening.drafts.case_results import missing_cases, shown_case, shown_cases
from screening.drafts.forms.case import ANSWER, CaseForm, case_as_entered
from screening.drafts.forms.merge import MergeResult, merge_case
from screening.drafts.forms.rows import DUPLICATE, ROW, whole_number
from screening.drafts.models import Case, Change, DraftChange, Rule, RuleSet
from screening.drafts.state import DraftState
from screening.web.transactions import committed

from .shortcuts import (
    BACK,
    NOT_NOW,
    author,
    found_or_404,
    is_current,
    is_for_another_draft,
    lock_open_draft,
    may_edit,
    no_editable_draft,
    not_saved_page,
    open_draft,
    read_only_page,
    redirect_to_draft,
    sentences,
    versions_of,
    why_not_editable,
)

LARGEST_NUMBER = 10_000
if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REMOVED = _("The case was removed.")
CHANGED = _("Nothing was removed: someone else changed the case after you opened the page. Check it again.")
LOST = _("The draft was changed after you opened this page: it no longer asks every question that you answered here.")


@require_safe
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def case_list(request: HttpRequest) -> HttpResponse:
    """List every case of the draft with its current result; cases that are not as expected come first."""
    state = DraftState(open_draft())
    cases = shown_cases(state)
    context = {
        "draft": state.rule_set,
        "why_not_run": state.why_not_run,
        "others": [each for each in cases if each.faults],
        "as_expected": [each for each in cases if each.gives and not each.faults],
        "not_run": [each for each in cases if not each.gives],
        "missing": list(missing_cases(state)),
    }
    return render(request, "screening/drafts/case_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def case_edit(request: HttpRequest, number: int) -> HttpResponse:
    """Show a case with its result, or save its page."""
    if request.method == "POST":
        return _save(request, number)
    draft = open_draft()
    case = _numbered(draft, number)
    if case is None:
        raise Http404
    if not may_edit(request, draft):
        return read_only_page(
            request, draft, gettext("Case {number}").format(number=number), _labelled(case.plain(), draft)
        )
    return _page(request, CaseForm(instance=case))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def case_add(request: HttpRequest) -> HttpResponse:
    """Show the page of a new case, or save it. The answer of a missing case comes from the link's query."""
    if request.method == "POST":
        return _save_new(request)
    draft = RuleSet.objects.draft()
    if draft is None or not draft.may_be_edited:
        return no_editable_draft(request)
    rule, answer = request.GET.get("rule"), request.GET.get("answer")
    initial = {f"{ANSWER}{rule}": answer, "otherwise": AnswerCode.NO.value} if rule and answer else {}
    return _page(request, CaseForm(instance=Case(rule_set=draft), initial=initial))


@require_POST
@permission_required(Permission.EDIT_RULES, raise_exception=True)
@committed()
def case_remove(request: HttpRequest, number: int) -> HttpResponse:
    """Remove a case from the draft, unless someone else changed it after the page was opened."""
    lock_open_draft()
    case, reason = _case_of_page(request, number)
    if case is None:
        found_or_404(reason)
        return _to_cases(request, REMOVED)
    if not is_current(request, case):
        messages.warning(request, CHANGED)
        return _to_case(case)
    try:
        actions.remove_case(case, **author(request, Permission.EDIT_RULES))
    except (actions.NotOpen, actions.NotEditable):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return _to_cases(request, REMOVED)


# Saving -------------------------------------------------------------------------------------------------------


@committed()
def _save(request: HttpRequest, number: int) -> HttpResponse:
    by = author(request, Permission.EDIT_RULES)
    lock_open_draft()
    case, reason = _case_of_page(request, number)
    if reason or case is None:
        return _not_saved(request, found_or_404(reason), case.rule_set if case else None)
    merged = None if is_current(request, case) else merge_case(request.POST, case)
    if merged and merged.lost:
        return _not_saved(request, LOST, case.rule_set)
    form = CaseForm(merged.data if merged else request.POST, instance=case)
    if not form.is_valid() or (merged and merged.conflicts):
        return _page(request, form, merged)
    actions.save_case(case, **by)
    return _saved(request, case, merged)


@committed()
def _save_new(request: HttpRequest) -> HttpResponse:
    by, draft = author(request, Permission.EDIT_RULES), lock_open_draft()
    if draft is None or not draft.may_be_edited:
        return _not_saved(request, why_not_editable(draft), draft)
    form = CaseForm(request.POST, instance=Case(rule_set=draft))
    if form.is_valid() and not is_for_another_draft(request, draft):
        actions.save_case(form.instance, **by)
        return _saved(request, form.instance)
    if form.has_error(NON_FIELD_ERRORS, DUPLICATE) and (stored := form.find_duplicate(form.cleaned_data)):
        return _saved(request, stored)
    return _page(request, form)


def _numbered(draft: RuleSet | None, number: int) -> Case | None:
    """Return a case by its number among the cases of the draft, from 1."""
    if draft is None or not 0 < number <= LARGEST_NUMBER:
        return None
    return draft.cases.select_related("rule_set")[number - 1 : number].first()


def _case_of_page(request: HttpRequest, number: int) -> tuple[Case | None, str]:
    """Return the case that a page was opened on, and the reason why it can no longer be saved; empty if it can.

    The case is found by its key: its number changes when an earlier case is removed.
    """
    pk = whole_number(request.POST, ROW)
    cases = Case.objects.select_related("rule_set")
    case = cases.filter(pk=pk).first() if pk else _numbered(RuleSet.objects.draft(), number)
    if case is not None:
        return case, why_not_editable(case.rule_set)
    removed = DraftChange.objects.filter(what=Change.CASE_REMOVED, row=pk or 0).order_by("pk").last()
    if removed is None:
        return None, ""
    return None, gettext("The case was removed by {person}.").format(person=removed.by_name)


def _saved(request: HttpRequest, case: Case, merged: MergeResult | None = None) -> HttpResponse:
    """Redirect to the case, or to all cases, with a message about its result."""
    state = DraftState(case.rule_set)
    shown = shown_case(state, case)
    saved = sentences(gettext("The case was saved."), merged.sentence if merged else "")
    if not shown.gives:
        messages.warning(request, sentences(saved, state.why_not_run))
    elif shown.faults:
        sentence = gettext("It is not as expected: {faults}.").format(faults="; ".join(shown.faults_of_it))
        messages.warning(request, sentences(saved, sentence))
    else:
        messages.success(request, sentences(saved, gettext("It is as expected.")))
    return redirect("screening:case_list") if request.POST.get("save") == BACK else _to_case(case)


def _to_case(case: Case) -> HttpResponse:
    keys = list(case.rule_set.cases.values_list("pk", flat=True))
    return redirect("screening:case_edit", keys.index(case.pk) + 1)


def _to_cases(request: HttpRequest, message: StrOrPromise) -> HttpResponse:
    if RuleSet.objects.draft() is None:
        return redirect_to_draft(request, message)
    messages.success(request, message)
    return redirect("screening:case_list")


def _not_saved(request: HttpRequest, reason: StrOrPromise, draft: RuleSet | None) -> HttpResponse:
    return not_saved_page(request, reason, _labelled(case_as_entered(request.POST), draft))


def _labelled(case: Mapping[str, Any], draft: RuleSet | None) -> Any:
    """Return a case as read-only text, with the names of the draft's rules."""
    names = dict(Rule.objects.filter(rule_set=draft).values_list("link_id", "name")) if draft else {}
    return labelled_case(normalised(case), names)


def _page(request: HttpRequest, form: CaseForm, merged: MergeResult | None = None) -> HttpResponse:
    draft = form.instance.rule_set
    stored, other_draft = draft.cases.filter(pk=form.instance.pk).first(), is_for_another_draft(request, draft)
    form.theirs = merged.theirs if merged else {}
    context: dict[str, object] = {
        "form": form,
        "draft": draft,
        "versions": versions_of(draft, stored),
        "merged": merged,
        "other_draft": other_draft and not stored,
    }
    if stored:
        state = DraftState(draft)
        context |= {"shown": shown_case(state, stored), "why_not_run": state.why_not_run}
    status = 409 if merged or context["other_draft"] else 422 if form.problems else 200
    return render(request, "screening/drafts/case_form.html", context, status=status)
