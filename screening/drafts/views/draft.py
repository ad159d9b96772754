"""The page of the draft, its start and end, the rule library, and the comparison with the edition in use."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from screening.accounts.permissions import Permission
from screening.clinical.rules.definition import Severity
from screening.clinical.rules.diff import NO_SHAPE
from screening.clinical.rules.further_rules import FurtherRules
from screening.clinical.rules.further_rules import from_json as further_from_json
from screening.clinical.rules.reviews import review_status
from screening.clinical.text.json_errors import DefinitionError, Fault
from screening.clinical.text.wording import NOT_COVERED
from screening.drafts import actions
from screening.drafts.forms.draft import ChangeNoteForm, EditionFileForm
from screening.drafts.models import Rule, RuleSet
from screening.drafts.state import DraftState
from screening.editions import edition_file
from screening.editions.models import Edition

from .shortcuts import (
    NOT_NOW,
    author,
    draft_of_page,
    entered_texts,
    not_saved_page,
    open_draft,
    redirect_to_draft,
)

ONE_DRAFT = _("A draft is already open. Only one can be open at a time.")
NOT_IMPORTED = _("A draft is already open. Only one can be open at a time. Nothing was imported.")


# The draft ----------------------------------------------------------------------------------------------------


@require_safe
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def draft_detail(request: HttpRequest) -> HttpResponse:
    """Show the draft. If there is none, show the page that starts one."""
    draft = RuleSet.objects.draft()
    if draft is None:
        editions = Edition.objects.defer("content").order_by("-number")
        return render(request, "screening/drafts/draft_none.html", {"editions": editions})
    state = DraftState(draft)
    context = {
        "state": state,
        "rule_set": draft,
        "rows": _rows(state, [rule for rule in state.rules if not rule.is_raised_by_list]),
        "listed": _rows(state, [rule for rule in state.rules if rule.is_raised_by_list]),
    }
    return render(request, "screening/drafts/draft_detail.html", context)


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
            "review": review_status(state.definition.item(rule.link_id), today) if state.definition else None,
        }
        for place, rule in enumerate(rules, start=1)
    ]


@require_safe
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def draft_compare(request: HttpRequest) -> HttpResponse:
    """Show the differences between the edition in force and the draft."""
    state = DraftState(open_draft())
    context = {"rule_set": state.rule_set, "state": state, "difference": state.changes}
    return render(request, "screening/drafts/draft_compare.html", context)


# Start, import and discard ------------------------------------------------------------------------------------


@require_POST
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_start(request: HttpRequest) -> HttpResponse:
    """Start a draft from an edition."""
    edition = get_object_or_404(Edition, number=_number(request.POST.get("edition", "")))
    try:
        actions.start_draft(edition, **author(request, Permission.EDIT_RULES))
    except actions.AnotherDraftIsOpen:
        return redirect_to_draft(request, ONE_DRAFT, messages.WARNING)
    message = gettext("A draft was started from edition {number}.").format(number=edition.number)
    return redirect_to_draft(request, message)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_republish(request: HttpRequest, number: int) -> HttpResponse:
    """Propose that an edition be published again unchanged."""
    edition = get_object_or_404(Edition, number=number)
    form = ChangeNoteForm(request.POST if request.method == "POST" else None)
    faults: tuple[Fault, ...] = ()
    if form.is_valid():
        try:
            actions.propose_republication(edition, **form.cleaned_data, **author(request, Permission.EDIT_RULES))
        except DefinitionError as error:
            faults = error.faults
        except actions.AnotherDraftIsOpen:
            own = RuleSet.objects.filter(is_open=True, is_again=True, started_from=edition, **form.cleaned_data)
            if not own.exists():  # not opened by an earlier submission of this form
                return not_saved_page(request, ONE_DRAFT, entered_texts(form))
        if not faults:
            message = gettext("Edition {number} was proposed to be published again.").format(number=number)
            return redirect_to_draft(request, message)
    context, status = {"edition": edition, "form": form, "faults": faults}, 422 if form.is_bound else 200
    return render(request, "screening/drafts/draft_republish.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_import(request: HttpRequest) -> HttpResponse:
    """Import an edition from its file as a draft; store nothing if the file has faults."""
    if request.method != "POST":
        return render(request, "screening/drafts/draft_import.html", {"form": EditionFileForm()})
    form, faults = EditionFileForm(request.POST, request.FILES), tuple[Fault, ...]()
    if form.is_valid():
        try:
            imported = edition_file.from_json(form.cleaned_data["edition_file"])
        except DefinitionError as error:
            faults = error.faults
        else:
            return _load(request, imported)
    return render(request, "screening/drafts/draft_import.html", {"form": form, "faults": faults}, status=422)


def _load(request: HttpRequest, imported: edition_file.EditionFile) -> HttpResponse:
    rules = replace(imported.rules, lexicon="")
    if RuleSet.objects.draft() is not None:
        return redirect_to_draft(request, NOT_IMPORTED, messages.WARNING)
    try:
        actions.load_rules(rules, **author(request, Permission.EDIT_RULES))
    except actions.AnotherDraftIsOpen:
        return redirect_to_draft(request, NOT_IMPORTED, messages.WARNING)
    message = gettext("A draft was made from the file of edition {number}.").format(number=imported.number)
    return redirect_to_draft(request, message)


@require_POST
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_discard(request: HttpRequest) -> HttpResponse:
    """Close the draft for good."""
    try:
        actions.discard_draft(draft_of_page(request), **author(request, Permission.EDIT_RULES))
    except actions.NotOpen:
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return redirect_to_draft(request, gettext("The draft was discarded. Its change history remains."))


# The rule library -----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def draft_library(request: HttpRequest) -> HttpResponse:
    """Show the rule library, and add a rule with its cases, or a line of advice, to the draft."""
    rules = further_rules()
    if request.method == "POST":
        return _add_from_library(request, rules)
    draft = open_draft()
    present = set(draft.rules.values_list("link_id", flat=True))
    context = {"rule_set": draft, "further": rules, "present": present}
    return render(request, "screening/drafts/draft_library.html", context)


def _add_from_library(request: HttpRequest, rules: FurtherRules) -> HttpResponse:
    by = author(request, Permission.EDIT_RULES)
    try:
        draft = draft_of_page(request)
        if not draft.may_be_edited:
            raise actions.NotEditable
        add = _add_advice if "advice" in request.POST else _add_rule
        return add(request, draft, rules, by)
    except (actions.NotOpen, actions.NotEditable, actions.StaleRevision):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)


def _add_rule(request: HttpRequest, draft: RuleSet, rules: FurtherRules, by: dict[str, Any]) -> HttpResponse:
    known = {each.item.link_id: each for each in rules.rules}
    chosen = known.get(request.POST.get("rule", ""))
    if chosen is None:
        return redirect_to_draft(request, gettext("The rule library has no such rule."), messages.WARNING)
    try:
        actions.add_rule(draft, *chosen.plain(), **by)
    except actions.LinkIdTaken:
        message = gettext("The draft already has “{name}”.").format(name=chosen.item.name)
        return redirect_to_draft(request, message, messages.WARNING)
    message = gettext("“{name}” was added with its {count} cases. Check whether “{list}” still lists it.").format(
        name=chosen.item.name, count=len(chosen.cases), list=gettext(NOT_COVERED)
    )
    return redirect_to_draft(request, message)


def _add_advice(request: HttpRequest, draft: RuleSet, rules: FurtherRules, by: dict[str, Any]) -> HttpResponse:
    lines = [each.words for each in rules.advice]
    place = _number(request.POST["advice"])
    if not 0 <= place < len(lines) or lines[place] in draft.counselling:
        message = gettext("The rule library has no such line, or the draft already has it.")
        return redirect_to_draft(request, message, messages.WARNING)
    texts = {"counselling": [*draft.counselling, lines[place]]}
    actions.change_texts(draft, texts, revision=draft.revision, **by)
    return redirect_to_draft(request, gettext("The line was added to the advice for patients."))


def further_rules() -> FurtherRules:
    """Return the rule library of this release."""
    return further_from_json(settings.FURTHER_RULES.read_bytes())


def _number(text: str) -> int:
    """Return a submitted number, or -1 if it is not one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
