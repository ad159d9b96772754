"""Edit the general texts of the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from screening.accounts.permissions import Permission
from screening.drafts import actions
from screening.drafts.forms.draft import TextsForm
from screening.drafts.forms.merge import MergeResult, merge_texts
from screening.drafts.models import RuleSet
from screening.web.transactions import committed

from .shortcuts import (
    NOT_NOW,
    author,
    is_for_another_draft,
    lock_open_draft,
    no_editable_draft,
    open_draft,
    redirect_to_draft,
    sentences,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.EDIT_RULES, raise_exception=True)
def draft_texts(request: HttpRequest) -> HttpResponse:
    """Edit the general texts, merging them with what someone else saved after the page was opened."""
    if request.method == "POST":
        return _save(request)
    draft = open_draft()
    if not draft.may_be_edited:
        return no_editable_draft(request)
    return _page(request, draft, TextsForm(initial={**draft.texts(), "revision": draft.revision}))


@committed()
def _save(request: HttpRequest) -> HttpResponse:
    by, draft = author(request, Permission.EDIT_RULES), lock_open_draft()
    form, merged = TextsForm(request.POST), None
    if draft is None or not draft.may_be_edited or is_for_another_draft(request, draft):
        return _page(request, draft, form, error=NOT_NOW)
    if not form.has_error("revision") and form.cleaned_data["revision"] != draft.revision:
        merged = merge_texts(request.POST, draft)
        merged.data["revision"] = str(draft.revision)
        form = TextsForm(merged.data)
    if not form.is_valid() or (merged and merged.conflicts):
        return _page(request, draft, form, merged)
    texts = dict(form.cleaned_data)
    actions.change_texts(draft, texts, revision=texts.pop("revision"), **by)
    return redirect_to_draft(request, sentences(gettext("The texts were saved."), merged.sentence if merged else ""))


def _page(
    request: HttpRequest,
    draft: RuleSet | None,
    form: TextsForm,
    merged: MergeResult | None = None,
    error: StrOrPromise = "",
) -> HttpResponse:
    form.theirs = merged.theirs if merged else {}
    context = {"rule_set": draft, "form": form, "merged": merged, "error": error}
    status = 409 if merged or error else 422 if form.errors else 200
    return render(request, "screening/drafts/draft_texts.html", context, status=status)
