"""Approval of a draft: an editor proposes it, another person publishes it or sends it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from screening.accounts.permissions import Permission
from screening.clinical.text.json_errors import DefinitionError
from screening.drafts import actions
from screening.drafts.forms.draft import ChangeNoteForm, CommentForm
from screening.drafts.forms.rows import DRAFT, whole_number
from screening.drafts.models import RuleSet
from screening.drafts.state import DraftState
from screening.editions.models import Edition
from screening.medications.shipped_data import shipped_lexicon

from .shortcuts import (
    NOT_NOW,
    author,
    draft_of_page,
    entered_texts,
    is_for_another_draft,
    not_saved_page,
    redirect_to_draft,
    why_not_editable,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PROPOSED = _("The draft was proposed. Nobody can edit it until an approver publishes it or sends it back.")
NONE_OPEN = _("No draft is open: the last one was published or discarded.")
NOT_PROPOSED = _("The draft is no longer proposed. Its editors are working on it.")
NOT_PUBLISHED = _("Nothing was published. The draft is no longer proposed. Its editors are working on it.")
DRAFT_CHANGED = _("Nothing was published: the draft changed after this page was opened. Review it again.")
OWN_DRAFT = _("Nothing was published: you worked on this draft, so another person must publish it.")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_propose(request: HttpRequest) -> HttpResponse:
    """Propose the draft with a note that says what changed and why."""
    draft, form = RuleSet.objects.draft(), ChangeNoteForm(request.POST if request.method == "POST" else None)
    if draft is None or is_for_another_draft(request, draft):
        return _too_late(request, form)
    if form.is_valid() and not draft.may_be_proposed:
        is_resubmission = draft.change_note == form.cleaned_data["change_note"]
        return redirect_to_draft(request, PROPOSED) if is_resubmission else _too_late(request, form)
    state = DraftState(draft)
    is_ready = draft.may_be_proposed and state.has_something_new and not state.faults
    if not is_ready or not form.is_valid():
        context = {"state": state, "rule_set": draft, "form": form, "is_ready": is_ready}
        status = 422 if form.is_bound or state.faults else 200
        return render(request, "screening/drafts/draft_propose.html", context, status=status)
    try:
        actions.propose(draft, **form.cleaned_data, **author(request, Permission.EDIT_RULES))
    except (actions.NotOpen, actions.NotEditable, DefinitionError):
        return _too_late(request, form)
    return redirect_to_draft(request, PROPOSED)


@require_POST
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_take_back(request: HttpRequest) -> HttpResponse:
    """Take a proposed draft back, so that it can be edited again."""
    try:
        actions.take_back(draft_of_page(request), **author(request, Permission.EDIT_RULES))
    except (actions.NotOpen, actions.NotProposed):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return redirect_to_draft(request, gettext("The draft was taken back and can be edited again."))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.PUBLISH_RULES, raise_exception=True)
def draft_send_back(request: HttpRequest) -> HttpResponse:
    """Return a proposed draft to its editors, with a comment."""
    draft, form = RuleSet.objects.draft(), CommentForm(request.POST if request.method == "POST" else None)
    if draft is None or is_for_another_draft(request, draft):
        return _too_late(request, form)
    if not form.is_valid():
        context = {"rule_set": draft, "form": form}
        status = 422 if form.is_bound else 200
        return render(request, "screening/drafts/draft_send_back.html", context, status=status)
    try:
        actions.send_back(draft, **form.cleaned_data, **author(request, Permission.PUBLISH_RULES))
    except (actions.NotOpen, actions.NotProposed):
        sent_back = DraftState(draft).sent_back
        if sent_back is None or sent_back.note != form.cleaned_data["comment"]:
            return _too_late(request, form)
    return redirect_to_draft(request, gettext("The draft was sent back to its editors."))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.PUBLISH_RULES, raise_exception=True)
def draft_publish(request: HttpRequest) -> HttpResponse:
    """Publish the draft as the next edition, if it is still the draft that was shown."""
    if request.method != "POST":
        draft = RuleSet.objects.draft()
        return _publish_page(request, draft) if draft else redirect_to_draft(request, NONE_OPEN, messages.WARNING)
    rule_set = _draft_of_page(request)
    try:
        edition = actions.publish(
            rule_set,
            change_note=rule_set.change_note,
            lexicon=shipped_lexicon(),
            seen=request.POST.get("seen", ""),
            **author(request, Permission.PUBLISH_RULES),
        )
    except actions.NotOpen:
        return _publish_page(request, rule_set, status=409)
    except actions.NotProposed:
        return _publish_page(request, rule_set, NOT_PUBLISHED, status=409)
    except actions.DraftChanged:
        return _publish_page(request, rule_set, DRAFT_CHANGED, status=409)
    except actions.OwnDraft:
        return _publish_page(request, rule_set, OWN_DRAFT, status=409)
    except DefinitionError as invalid:
        return _publish_page(request, rule_set, faults=invalid.faults, status=409)
    messages.success(request, gettext("Edition {number} is published and in use.").format(number=edition.number))
    return redirect("screening:edition_detail", edition.number)


def _too_late(request: HttpRequest, form: ChangeNoteForm | CommentForm) -> HttpResponse:
    """Respond 409 with the submitted text: the draft was proposed, sent back, published or discarded meanwhile."""
    if not form.is_bound:
        return redirect_to_draft(request, NONE_OPEN, messages.WARNING)
    reason = why_not_editable(_draft_of_page(request)) or NOT_PROPOSED
    return not_saved_page(request, reason, entered_texts(form))


def _publish_page(
    request: HttpRequest, rule_set: RuleSet, error: StrOrPromise = "", *, status: int = 200, **context: object
) -> HttpResponse:
    """Render the page for the approver, or the current status of a draft that is no longer open."""
    rule_set.refresh_from_db()
    state = DraftState(rule_set)
    edition = Edition.objects.filter(rule_set=rule_set).first()
    contributors = rule_set.contributors()
    context |= {
        "rule_set": rule_set,
        "state": state,
        "error": error,
        "is_conflict": status == 409,
        "edition": edition,
        "next_number": state.current.number + 1 if state.current else 1,
        "seen": actions.draft_hash(state.definition) if state.definition else "",
        "written_by": ", ".join(dict.fromkeys(contributors.values())),
        "is_own": request.user.pk in contributors,
        "one_person": settings.ONE_PERSON_PUBLISHES,
    }
    return render(request, "screening/drafts/draft_publish.html", context, status=status)


def _draft_of_page(request: HttpRequest) -> RuleSet:
    """Return the draft that the page was opened on, even if it is no longer open; else the last one.

    Raises:
        Http404: there is no such draft.
    """
    pk = whole_number(request.POST, DRAFT)
    return get_object_or_404(RuleSet.objects.order_by("-pk")[:1] if pk is None else RuleSet.objects.filter(pk=pk))
