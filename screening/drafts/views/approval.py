"""The way of a draft to an edition: proposed by an editor, published or sent back by another person."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from screening.accounts.permissions import Permission
from screening.clinical.text.json_errors import DefinitionError
from screening.drafts import actions
from screening.drafts.forms.draft import ChangeNoteForm, CommentForm
from screening.drafts.models import RuleSet
from screening.drafts.state import DraftState
from screening.editions.models import Edition
from screening.medications.shipped_data import shipped_lexicon

from .editing import NOT_NOW
from .shortcuts import author, open_draft, redirect_to_draft

NOT_WITH_THE_APPROVER = "Nothing was done: the draft is not proposed any more. Its editors are at work on it."
CHANGED_SINCE = "Nothing was published: the draft changed after this page was opened. Look at it once more."
OWN_DRAFT = "Nothing was published: you had a hand in this draft, so another person has to publish it."


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the draft to the approver, with what changed and why."""
    state = DraftState(open_draft(pk))
    form = ChangeNoteForm(request.POST if request.method == "POST" else None)
    is_ready = state.rule_set.may_be_proposed and state.has_something_new and not state.faults
    if not is_ready or not form.is_valid():
        told = not form.is_bound and not state.faults
        context = {"state": state, "rule_set": state.rule_set, "form": form}
        return render(request, "screening/drafts/draft_propose.html", context, status=200 if told else 422)
    try:
        actions.propose(state.rule_set, **form.cleaned_data, **author(request, Permission.EDIT_RULES))
    except (actions.NotOpen, actions.NotToBeEdited, DefinitionError):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return redirect_to_draft(request, "The draft is with the approver now. Nobody can change it until it comes back.")


@require_POST
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a proposed draft back to edit it further."""
    try:
        actions.take_back(_rule_set(pk), **author(request, Permission.EDIT_RULES))
    except (actions.NotOpen, actions.NotProposed):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return redirect_to_draft(request, "The draft was taken back and may be edited again.")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.PUBLISH_RULES, raise_exception=True)
def draft_send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a proposed draft back to its editors, with what to mend."""
    draft = open_draft(pk)
    form = CommentForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"rule_set": draft, "form": form}
        status = 422 if form.is_bound else 200
        return render(request, "screening/drafts/draft_send_back.html", context, status=status)
    try:
        actions.send_back(draft, **form.cleaned_data, **author(request, Permission.PUBLISH_RULES))
    except (actions.NotOpen, actions.NotProposed):
        return redirect_to_draft(request, NOT_WITH_THE_APPROVER, messages.WARNING)
    return redirect_to_draft(request, "The draft went back to its editors.")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.PUBLISH_RULES, raise_exception=True)
def draft_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the draft as it was shown, as the next edition."""
    rule_set = _rule_set(pk)
    if request.method != "POST":
        return _publish_page(request, rule_set)
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
        return _publish_page(request, rule_set, NOT_WITH_THE_APPROVER, status=409)
    except actions.ChangedSince:
        return _publish_page(request, rule_set, CHANGED_SINCE, status=409)
    except actions.OwnDraft:
        return _publish_page(request, rule_set, OWN_DRAFT, status=409)
    except DefinitionError as error:
        return _publish_page(request, rule_set, faults=error.faults, status=409)
    messages.success(request, f"Edition {edition.number} is published and in use.")
    return redirect("screening:edition_detail", edition.number)


def _publish_page(
    request: HttpRequest, rule_set: RuleSet, told: str = "", *, status: int = 200, **found: object
) -> HttpResponse:
    """What the approver decides on; or what became of the draft meanwhile."""
    rule_set.refresh_from_db()
    state = DraftState(rule_set)
    edition = Edition.objects.filter(rule_set=rule_set).first()
    contributors = rule_set.contributors()
    context = {
        "rule_set": rule_set,
        "state": state,
        "told": told,
        "edition": edition,
        "next_number": state.current.number + 1 if state.current else 1,
        "seen": actions.draft_hash(state.definition) if state.definition else "",
        "written_by": ", ".join(dict.fromkeys(contributors.values())),
        "is_own": request.user.pk in contributors,
        "one_person": settings.ONE_PERSON_PUBLISHES,
        **found,
    }
    return render(request, "screening/drafts/draft_publish.html", context, status=status)


def _rule_set(pk: int) -> RuleSet:
    return get_object_or_404(RuleSet, pk=pk)
