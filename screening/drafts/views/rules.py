"""Add, edit, move and retire the rules of the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from screening.accounts.permissions import Permission
from screening.clinical.rules.definition import Definition
from screening.clinical.rules.labelled_fields import labelled_rule, normalised
from screening.drafts import actions
from screening.drafts.case_results import cases_of, missing_cases
from screening.drafts.forms.case import heading_of
from screening.drafts.forms.follow_up import FEEDS, KINDS
from screening.drafts.forms.merge import MergeResult, merge_rule
from screening.drafts.forms.question_preview import QuestionPreview
from screening.drafts.forms.rows import ADD_ROW, DUPLICATE, ROW, whole_number
from screening.drafts.forms.rule import RuleForm
from screening.drafts.models import Change, DraftChange, FollowUp, Rule, RuleSet
from screening.drafts.state import DraftState, case_message
from screening.web.transactions import committed

from .preview import uses_reserved_names
from .shortcuts import (
    BACK,
    NOT_NOW,
    Versions,
    author,
    draft_of_page,
    found_or_404,
    is_current,
    is_for_another_draft,
    lock_open_draft,
    may_edit,
    no_editable_draft,
    not_saved_page,
    read_only_page,
    redirect_to_draft,
    rule_of_draft,
    sentences,
    submitted_versions,
    versions_of,
    why_not_editable,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ONLY_LISTED = _(
    "Someone else changed the rule after you opened this page: now only a medication list flags it. It is no "
    "longer asked as a question, so it has no reasons, and you changed some of them."
)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def rule_edit(request: HttpRequest, link_id: str) -> HttpResponse:
    """Show a rule of the draft, or save its page."""
    if request.method == "POST":
        return _save(request, link_id)
    rule = rule_of_draft(link_id)
    if not may_edit(request, rule.rule_set):
        fields = labelled_rule(normalised(rule.plain()))
        return read_only_page(request, rule.rule_set, heading_of(rule), fields, heading_is_rule_text=True)
    return _page(request, RuleForm(instance=rule))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def rule_add(request: HttpRequest) -> HttpResponse:
    """Show the page of a new rule, or save it."""
    if request.method == "POST":
        return _save_new(request)
    draft = RuleSet.objects.draft()
    if draft is None or not draft.may_be_edited:
        return no_editable_draft(request)
    return _page(request, RuleForm(instance=Rule(rule_set=draft)))


@require_POST
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def rule_move(request: HttpRequest, link_id: str) -> HttpResponse:
    """Move a rule one place up or down."""
    up = request.POST.get("direction") == "up"
    try:
        draft_of_page(request)
        rule = rule_of_draft(link_id)
        actions.move_rule(rule, up=up, **author(request, Permission.EDIT_RULES))
    except (actions.NotOpen, actions.NotEditable):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    message = gettext("“{name}” was moved up.") if up else gettext("“{name}” was moved down.")
    return redirect_to_draft(request, message.format(name=rule.name))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def rule_retire(request: HttpRequest, link_id: str) -> HttpResponse:
    """Retire a rule, after a page that asks for confirmation."""
    if request.method != "POST":
        return render(request, "screening/drafts/rule_retire.html", {"rule": rule_of_draft(link_id)})
    try:
        draft = draft_of_page(request)
        if rule := draft.rules.filter(link_id=link_id).first():
            actions.retire_rule(rule, **author(request, Permission.EDIT_RULES))
        elif not draft.changes.filter(what=Change.RULE_RETIRED, subject=link_id).exists():
            raise Http404
    except (actions.NotOpen, actions.NotEditable):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    message = gettext("The rule “{link_id}” is retired: it will no longer be asked.").format(link_id=link_id)
    return redirect_to_draft(request, message)


# Saving -------------------------------------------------------------------------------------------------------


@committed()
def _save(request: HttpRequest, link_id: str) -> HttpResponse:
    by = author(request, Permission.EDIT_RULES)
    lock_open_draft()
    rule, reason = rule_of_page(request, link_id)
    if reason or rule is None:
        return _not_saved(request, found_or_404(reason))
    if ADD_ROW in request.POST:
        return _page_with_another_row(request, RuleForm(request.POST, instance=rule))
    merged = None if is_current(request, rule) else merge_rule(request.POST, rule)
    if merged and merged.lost:
        return _not_saved(request, ONLY_LISTED)
    form = RuleForm(merged.data if merged else request.POST, instance=rule)
    if not form.is_valid() or (merged and merged.conflicts):
        return _page(request, form, merged)
    actions.save_rule(rule, **by)
    return _saved(request, rule, merged)


@committed()
def _save_new(request: HttpRequest) -> HttpResponse:
    by, draft = author(request, Permission.EDIT_RULES), lock_open_draft()
    if draft is None or not draft.may_be_edited:
        return _not_saved(request, why_not_editable(draft))
    form = RuleForm(request.POST, instance=Rule(rule_set=draft))
    if ADD_ROW in request.POST:
        return _page_with_another_row(request, form)
    if form.is_valid() and not is_for_another_draft(request, draft):
        actions.save_rule(form.instance, **by)
        return _saved(request, form.instance)
    if form.has_error("link_id", DUPLICATE) and (stored := _same_rule(form, draft)):
        return _saved(request, stored)
    return _page(request, form)


def rule_of_page(request: HttpRequest, link_id: str) -> tuple[Rule | None, str]:
    """Return the rule that a page was opened on, and the reason why it can no longer be saved.

    A rule whose link id another editor changed is found by its key. The reason is empty if it can be saved, and if
    there is no such rule.
    """
    rules, pk = Rule.objects.select_related("rule_set"), whole_number(request.POST, ROW)
    if pk is None:
        draft = RuleSet.objects.draft()
        return rules.filter(rule_set=draft, link_id=link_id).first(), why_not_editable(draft)
    history = DraftChange.objects.filter(row=pk)
    rule = rules.filter(pk=pk).first()
    if rule is None:
        retired = history.filter(what=Change.RULE_RETIRED, subject=link_id).order_by("pk").last()
        if retired is None:
            return None, ""
        return None, gettext("The rule was retired by {person}.").format(person=retired.by_name)
    if rule.link_id != link_id and not history.filter(rule_set=rule.rule_set, before__link_id=link_id).exists():
        return None, ""
    return rule, why_not_editable(rule.rule_set)


def _same_rule(form: RuleForm, draft: RuleSet) -> Rule | None:
    """Return the stored rule with the content of a new one, which was saved by an earlier submission of the form."""
    stored = draft.rules.filter(link_id=str(form["link_id"].data).strip()).first()
    names = [name for name in Rule.FIELDS if name not in ("link_id", "checked_by")]
    if stored and all(getattr(stored, name) == getattr(form.instance, name) for name in names):
        return stored
    return None


def _saved(request: HttpRequest, rule: Rule, merged: MergeResult | None = None) -> HttpResponse:
    """Redirect to the rule, or to the draft, with a message about the results of the cases."""
    level, cases = case_message(DraftState(rule.rule_set))
    saved = gettext("Rule “{name}” saved.").format(name=heading_of(rule))
    message = sentences(saved, merged.sentence if merged else "", cases)
    if request.POST.get("save") == BACK:
        return redirect_to_draft(request, message, level)
    messages.add_message(request, level, message)
    return redirect("screening:rule_edit", rule.link_id)


def _not_saved(request: HttpRequest, reason: StrOrPromise) -> HttpResponse:
    entered = RuleForm(request.POST, instance=Rule()).data_as_entered
    return not_saved_page(request, reason, labelled_rule(normalised(entered)))


# The page -----------------------------------------------------------------------------------------------------


def _page_with_another_row(request: HttpRequest, form: RuleForm) -> HttpResponse:
    """Show the submitted text with one more row in a list. Nothing is validated or saved."""
    if request.POST[ADD_ROW] not in form.lists:
        raise Http404
    return _page(request, form.with_another_row(request.POST[ADD_ROW]), versions=submitted_versions(request))


def _page(
    request: HttpRequest, form: RuleForm, merged: MergeResult | None = None, versions: Versions | None = None
) -> HttpResponse:
    draft = form.instance.rule_set
    stored, other_draft = form.instance if form.instance.pk else None, is_for_another_draft(request, draft)
    if stored and form.is_bound:  # the instance of a bound form has the submitted values
        stored = draft.rules.get(pk=stored.pk)
    form.theirs = merged.theirs if merged else {}
    context = {
        "form": form,
        "draft": draft,
        "rule": stored,
        "heading": heading_of(stored) if stored else gettext("New rule"),
        "versions": versions or versions_of(draft, stored),
        "merged": merged,
        "other_draft": other_draft,
    }
    if stored:
        state = DraftState(draft)
        context |= _about_stored(state, stored, is_shown=not form.is_bound)
        form.preview = None if stored.is_raised_by_list else _preview_of(state.definition, stored)
    status = 409 if merged or other_draft else 422 if form.problems else 200
    return render(request, "screening/drafts/rule_form.html", context, status=status)


def _about_stored(state: DraftState, rule: Rule, *, is_shown: bool) -> dict[str, object]:
    """Return the faults, the follow-ups and the cases of a rule as it is stored."""
    cases = cases_of(state, rule)
    return {
        "faults": state.faults_at(rule) if is_shown else (),
        "follow_ups": [_in_words(each) for each in rule.follow_ups.all()],
        "cases": cases,
        "others": sum(bool(each.faults) for each in cases),
        "missing": [each for each in missing_cases(state) if each.link_id == rule.link_id],
        "why_not_run": state.why_not_run,
    }


def _preview_of(definition: Definition | None, rule: Rule) -> dict[str, object]:
    """Return the context of the preview: the question, built only if it is not cached, and its content as the key."""
    if definition is None or uses_reserved_names(definition):
        return {"question_key": ""}
    today = timezone.localdate()
    return {
        "question_key": repr(definition.by_link_id[rule.link_id]),
        "question": lambda: QuestionPreview(definition, rule.link_id, today),
    }


def _in_words(follow_up: FollowUp) -> dict[str, object]:
    """Return a follow-up with its kind of answer and the calculation that uses it, in words."""
    kind, count = KINDS.get(follow_up.kind, follow_up.kind), len(follow_up.choices)
    with_choices = ngettext("{kind}, {count} choice", "{kind}, {count} choices", count)
    return {
        "row": follow_up,
        "kind": with_choices.format(kind=kind, count=count) if count else kind,
        "feeds": FEEDS.get(follow_up.feeds or "", ""),
    }
