"""Add, edit, move and remove the follow-ups of a rule: the details asked when it is answered yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from screening.accounts.permissions import Permission
from screening.clinical.rules.labelled_fields import LabelledField, labelled_rule, normalised
from screening.drafts import actions
from screening.drafts.forms.case import heading_of
from screening.drafts.forms.follow_up import FollowUpForm
from screening.drafts.forms.merge import MergeResult, merge_follow_up
from screening.drafts.forms.rows import ADD_ROW, DETAIL, DUPLICATE, whole_number
from screening.drafts.models import Change, DraftChange, FollowUp, Rule
from screening.drafts.state import DraftState, case_message
from screening.web.transactions import committed

from .rules import rule_of_page
from .shortcuts import (
    BACK,
    NOT_NOW,
    Versions,
    author,
    draft_of_page,
    found_or_404,
    is_current,
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
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOT_ASKED = _("The rule is not asked as a question, so it has no details.")
CHANGED = _("Nothing was removed: someone else changed the rule after you opened the page. Check the detail again.")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def follow_up_edit(request: HttpRequest, link_id: str, code: str) -> HttpResponse:
    """Show a follow-up of a rule, or save its page."""
    if request.method == "POST":
        return _save(request, link_id, code)
    follow_up = _follow_up_of(rule_of_draft(link_id), code)
    draft = follow_up.rule.rule_set
    if not may_edit(request, draft):
        fields, context = _labelled(follow_up.plain()), {"rule": follow_up.rule, "heading_is_rule_text": True}
        return read_only_page(request, draft, follow_up.name, fields, **context)
    return _page(request, FollowUpForm(instance=follow_up))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def follow_up_add(request: HttpRequest, link_id: str) -> HttpResponse:
    """Show the page of a new follow-up, or save it."""
    if request.method == "POST":
        return _save_new(request, link_id)
    rule = rule_of_draft(link_id)
    if rule.is_raised_by_list:
        return _to_rule(request, rule, NOT_ASKED, messages.WARNING)
    if not rule.rule_set.may_be_edited:
        return no_editable_draft(request)
    return _page(request, FollowUpForm(instance=FollowUp(rule=rule)))


@require_POST
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def follow_up_move(request: HttpRequest, link_id: str, code: str) -> HttpResponse:
    """Move a follow-up one place up or down."""
    up = request.POST.get("direction") == "up"
    try:
        draft_of_page(request)
        follow_up = _follow_up_of(rule_of_draft(link_id), code)
        actions.move_follow_up(follow_up, up=up, **author(request, Permission.EDIT_RULES))
    except (actions.NotOpen, actions.NotEditable):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    message = gettext("“{name}” was moved up.") if up else gettext("“{name}” was moved down.")
    return _to_rule(request, follow_up.rule, message.format(name=follow_up.name))


@require_POST
@permission_required(Permission.EDIT_RULES, raise_exception=True)
@committed()
def follow_up_remove(request: HttpRequest, link_id: str, code: str) -> HttpResponse:
    """Remove a follow-up, unless someone else changed its rule after the page was opened."""
    lock_open_draft()
    try:
        draft_of_page(request)
        rule = rule_of_draft(link_id)
        follow_up = rule.follow_ups.filter(link_id=code).first()
        if follow_up is None:
            found_or_404(_why_removed(rule, code))
        elif not is_current(request, rule):
            messages.warning(request, CHANGED)
            return redirect("screening:follow_up_edit", link_id, code)
        else:
            actions.remove_follow_up(follow_up, **author(request, Permission.EDIT_RULES))
    except (actions.NotOpen, actions.NotEditable):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return _to_rule(request, rule, gettext("The detail “{code}” was removed.").format(code=code))


# Saving -------------------------------------------------------------------------------------------------------


@committed()
def _save(request: HttpRequest, link_id: str, code: str) -> HttpResponse:
    by = author(request, Permission.EDIT_RULES)
    lock_open_draft()
    follow_up, reason = _follow_up_of_page(request, link_id, code)
    if reason or follow_up is None:
        return _not_saved(request, found_or_404(reason))
    if ADD_ROW in request.POST:
        return _page_with_another_row(request, FollowUpForm(request.POST, instance=follow_up))
    merged = None if is_current(request, follow_up.rule) else merge_follow_up(request.POST, follow_up, code)
    form = FollowUpForm(merged.data if merged else request.POST, instance=follow_up)
    if not form.is_valid() or (merged and merged.conflicts):
        return _page(request, form, merged)
    actions.save_follow_up(follow_up, **by)
    return _saved(request, follow_up, merged)


@committed()
def _save_new(request: HttpRequest, link_id: str) -> HttpResponse:
    by = author(request, Permission.EDIT_RULES)
    lock_open_draft()
    rule, reason = rule_of_page(request, link_id)
    if reason or rule is None:
        return _not_saved(request, found_or_404(reason))
    if rule.is_raised_by_list:
        return _not_saved(request, NOT_ASKED)
    form = FollowUpForm(request.POST, instance=FollowUp(rule=rule))
    if ADD_ROW in request.POST:
        return _page_with_another_row(request, form)
    if form.is_valid():
        actions.save_follow_up(form.instance, **by)
        return _saved(request, form.instance)
    if form.has_error("link_id", DUPLICATE) and (stored := _same_follow_up(form, rule)):
        return _saved(request, stored)
    return _page(request, form)


def _follow_up_of(rule: Rule, code: str) -> FollowUp:
    return get_object_or_404(FollowUp.objects.select_related("rule__rule_set"), rule=rule, link_id=code)


def _follow_up_of_page(request: HttpRequest, link_id: str, code: str) -> tuple[FollowUp | None, StrOrPromise]:
    """Return the follow-up that a page was opened on, and the reason why it can no longer be saved.

    A follow-up whose link id another editor changed is found by its key. The reason is empty if it can be saved, and
    if there is no such follow-up.
    """
    rule, reason = rule_of_page(request, link_id)
    if reason or rule is None:
        return None, reason
    pk, follow_ups = whole_number(request.POST, DETAIL), FollowUp.objects.select_related("rule__rule_set")
    follow_up = follow_ups.filter(rule=rule, **{"link_id": code} if pk is None else {"pk": pk}).first()
    if follow_up is None:
        return None, _why_removed(rule, code)
    if follow_up.link_id != code and not _had(rule, code):
        return None, ""
    return follow_up, NOT_ASKED if rule.is_raised_by_list else ""


def _changes_of(rule: Rule) -> QuerySet[DraftChange]:
    """Return the changes of a rule and its follow-ups, newest first."""
    changes = DraftChange.objects.filter(rule_set=rule.rule_set, what=Change.RULE_CHANGED, row=rule.pk)
    return changes.order_by("-pk")


def _codes(plain: Any) -> set[str]:
    return {each["link_id"] for each in plain["follow_ups"]}


def _why_removed(rule: Rule, code: str) -> str:
    """Say who removed a follow-up; empty if the rule never had it."""
    for change in _changes_of(rule):
        if code in _codes(change.before) - _codes(change.after):
            return gettext("The detail was removed by {person}.").format(person=change.by_name)
    return ""


def _had(rule: Rule, code: str) -> bool:
    """True if a follow-up of the rule had this link id before someone changed it."""
    return any(code in _codes(change.before) for change in _changes_of(rule))


def _same_follow_up(form: FollowUpForm, rule: Rule) -> FollowUp | None:
    """Return the stored follow-up with the content of a new one, saved by an earlier submission of the form."""
    stored = rule.follow_ups.filter(link_id=str(form["link_id"].data).strip()).first()
    names = [name for name in FollowUp.FIELDS if name != "link_id"]
    if stored and all(getattr(stored, name) == getattr(form.instance, name) for name in names):
        return stored
    return None


def _saved(request: HttpRequest, follow_up: FollowUp, merged: MergeResult | None = None) -> HttpResponse:
    """Redirect to the follow-up, or to its rule, with a message about the results of the cases."""
    level, cases = case_message(DraftState(follow_up.rule.rule_set))
    saved = gettext("Detail “{name}” saved.").format(name=follow_up.name)
    message = sentences(saved, merged.sentence if merged else "", cases)
    if request.POST.get("save") == BACK:
        return _to_rule(request, follow_up.rule, message, level)
    messages.add_message(request, level, message)
    return redirect("screening:follow_up_edit", follow_up.rule.link_id, follow_up.link_id)


def _to_rule(request: HttpRequest, rule: Rule, message: StrOrPromise, level: int = messages.SUCCESS) -> HttpResponse:
    messages.add_message(request, level, message)
    return redirect("screening:rule_edit", rule.link_id)


def _not_saved(request: HttpRequest, reason: StrOrPromise) -> HttpResponse:
    entered = FollowUpForm(request.POST, instance=FollowUp(rule=Rule())).data_as_entered
    return not_saved_page(request, reason, _labelled(entered))


def _labelled(follow_up: Any) -> tuple[LabelledField, ...]:
    """Return a follow-up as read-only text."""
    return tuple(each for each in labelled_rule(normalised({"follow_ups": [follow_up]})) if each.place)


# The page -----------------------------------------------------------------------------------------------------


def _page_with_another_row(request: HttpRequest, form: FollowUpForm) -> HttpResponse:
    """Show the submitted text with one more choice. Nothing is validated or saved."""
    if request.POST[ADD_ROW] not in form.lists:
        raise Http404
    return _page(request, form.with_another_row(request.POST[ADD_ROW]), versions=submitted_versions(request))


def _page(
    request: HttpRequest,
    form: FollowUpForm,
    merged: MergeResult | None = None,
    versions: Versions | None = None,
) -> HttpResponse:
    rule = form.instance.rule
    stored = rule.follow_ups.filter(pk=form.instance.pk).first()
    form.theirs = merged.theirs if merged else {}
    context = {
        "form": form,
        "draft": rule.rule_set,
        "rule": rule,
        "rule_heading": heading_of(rule),
        "follow_up": stored,
        "versions": versions or versions_of(rule.rule_set, rule, **({DETAIL: stored.pk} if stored else {})),
        "merged": merged,
    }
    status = 409 if merged else 422 if form.problems else 200
    return render(request, "screening/drafts/follow_up_form.html", context, status=status)
