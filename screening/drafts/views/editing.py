"""Views for editors: start, import and discard a draft; move, retire and add rules; edit the general texts."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from screening.accounts.permissions import Permission
from screening.clinical.rules.further_rules import FurtherRules
from screening.clinical.rules.further_rules import from_json as further_from_json
from screening.clinical.text.json_errors import DefinitionError, Fault
from screening.drafts import actions
from screening.drafts.forms.draft import ChangeNoteForm, EditionFileForm, TextsForm
from screening.drafts.forms.merge_results import MergeResult
from screening.drafts.forms.merged_forms import merge_texts
from screening.drafts.models import Rule, RuleSet
from screening.editions import edition_file
from screening.editions.models import Edition
from screening.web.transactions import committed

from .shortcuts import author, open_draft, redirect_to_draft

NOT_NOW = "Nothing was changed: the draft has since been proposed, published or discarded."
ONE_DRAFT = "A draft is already open. Only one can be open at a time."


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
    return redirect_to_draft(request, f"A draft was started from edition {edition.number}.")


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
        except actions.AnotherDraftIsOpen:
            return redirect_to_draft(request, ONE_DRAFT, messages.WARNING)
        except DefinitionError as error:
            faults = error.faults
        else:
            return redirect_to_draft(request, f"Edition {number} was proposed to be published again.")
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
        return redirect_to_draft(request, f"{ONE_DRAFT} Nothing was imported.", messages.WARNING)
    try:
        actions.load_rules(rules, **author(request, Permission.EDIT_RULES))
    except actions.AnotherDraftIsOpen:
        return redirect_to_draft(request, f"{ONE_DRAFT} Nothing was imported.", messages.WARNING)
    return redirect_to_draft(request, f"A draft was made from the file of edition {imported.number}.")


@require_POST
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the draft for good."""
    draft = open_draft(pk)
    try:
        actions.discard_draft(draft, **author(request, Permission.EDIT_RULES))
    except actions.NotOpen:
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return redirect_to_draft(request, "The draft was discarded. Its change history remains.")


# Rules --------------------------------------------------------------------------------------------------------


@require_POST
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_move(request: HttpRequest, pk: int, rule_pk: int) -> HttpResponse:
    """Move a rule one place up or down."""
    rule = get_object_or_404(Rule, pk=rule_pk, rule_set=open_draft(pk))
    up = request.POST.get("to") == "earlier"
    try:
        actions.move_rule(rule, up=up, **author(request, Permission.EDIT_RULES))
    except (actions.NotOpen, actions.NotEditable):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return redirect_to_draft(request, f"“{rule.name}” was moved {'up' if up else 'down'}.")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_retire(request: HttpRequest, pk: int, rule_pk: int) -> HttpResponse:
    """Retire a rule, after a page that asks for confirmation."""
    rule = get_object_or_404(Rule, pk=rule_pk, rule_set=open_draft(pk))
    if request.method != "POST":
        return render(request, "screening/drafts/draft_retire.html", {"rule": rule, "rule_set": rule.rule_set})
    try:
        actions.retire_rule(rule, **author(request, Permission.EDIT_RULES))
    except (actions.NotOpen, actions.NotEditable):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return redirect_to_draft(request, f"“{rule.name}” will no longer be asked.")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.READ_DRAFT, raise_exception=True)
def draft_library(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the rule library, and add a rule with its cases, or a line of advice, to the draft."""
    draft, rules = open_draft(pk), further_rules()
    if request.method == "POST":
        return _add_advice(request, draft, rules) if "advice" in request.POST else _add_rule(request, draft, rules)
    present = set(draft.rules.values_list("link_id", flat=True))
    context = {"rule_set": draft, "further": rules, "present": present}
    return render(request, "screening/drafts/draft_library.html", context)


def _add_rule(request: HttpRequest, draft: RuleSet, rules: FurtherRules) -> HttpResponse:
    if not draft.may_be_edited:
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    known = {each.item.link_id: each for each in rules.rules}
    chosen = known.get(request.POST.get("rule", ""))
    if chosen is None:
        return redirect_to_draft(request, "The rule library has no such rule.", messages.WARNING)
    try:
        actions.add_rule(draft, *chosen.plain(), **author(request, Permission.EDIT_RULES))
    except actions.LinkIdTaken:
        return redirect_to_draft(request, f"The draft already has “{chosen.item.name}”.", messages.WARNING)
    except (actions.NotOpen, actions.NotEditable):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    added = f"“{chosen.item.name}” was added with its {len(chosen.cases)} cases."
    return redirect_to_draft(request, f"{added} Check whether “What the screen does not cover” still lists it.")


def _add_advice(request: HttpRequest, draft: RuleSet, rules: FurtherRules) -> HttpResponse:
    lines = [each.words for each in rules.advice]
    place = _number(request.POST["advice"])
    if not 0 <= place < len(lines) or lines[place] in draft.counselling:
        return redirect_to_draft(
            request, "The rule library has no such line, or the draft already has it.", messages.WARNING
        )
    texts = {"counselling": [*draft.counselling, lines[place]]}
    try:
        actions.change_texts(draft, texts, revision=draft.revision, **author(request, Permission.EDIT_RULES))
    except (actions.NotOpen, actions.NotEditable, actions.StaleRevision):
        return redirect_to_draft(request, NOT_NOW, messages.WARNING)
    return redirect_to_draft(request, "The line was added to the advice for patients.")


def further_rules() -> FurtherRules:
    """Return the rule library of this release."""
    return further_from_json(settings.FURTHER_RULES.read_bytes())


# General texts ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_texts(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit the general texts, merging them with what someone else saved after the page was opened."""
    if request.method != "POST":
        draft = open_draft(pk)
        return _texts_page(request, draft, TextsForm(initial={**draft.texts(), "revision": draft.revision}))
    return _save_texts(request, pk)


@committed()
def _save_texts(request: HttpRequest, pk: int) -> HttpResponse:
    draft = get_object_or_404(RuleSet.objects.select_for_update(), pk=pk)
    form, merged = TextsForm(request.POST), None
    if not draft.may_be_edited:
        return _texts_page(request, draft, form, status=409, error=NOT_NOW)
    if not form.has_error("revision") and form.cleaned_data["revision"] != draft.revision:
        merged = merge_texts(request.POST, draft)
        form = TextsForm(merged.data)
    if not form.is_valid() or (merged and merged.has_conflicts):
        return _texts_page(request, draft, form, status=409 if merged else 422, merged=merged)
    texts = dict(form.cleaned_data)
    revision = texts.pop("revision")
    actions.change_texts(draft, texts, revision=revision, **author(request, Permission.EDIT_RULES))
    merge_note = f" {merged.sentence}" if merged and merged.sentence else ""
    return redirect_to_draft(request, f"The texts were saved.{merge_note}")


def _texts_page(
    request: HttpRequest,
    draft: RuleSet,
    form: TextsForm,
    *,
    status: int = 200,
    merged: MergeResult | None = None,
    error: str = "",
) -> HttpResponse:
    if merged:
        form.theirs = merged.theirs
    context = {"rule_set": draft, "form": form, "error": error, "merged": merged}
    return render(request, "screening/drafts/draft_texts.html", context, status=status)


def _number(text: str) -> int:
    """Return a submitted number, or -1 if it is not one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
