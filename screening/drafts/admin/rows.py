"""What the page of a rule and the page of a case have in common.

Nobody overwrites another without knowing: a page carries the revision that it was opened on, and saving locks the
draft. Who comes second has their changes merged with what was saved meanwhile, and is asked about what both changed.
What was typed is never lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from screening.accounts.permissions import Permission
from screening.clinical.rules.labelled_fields import LabelledField
from screening.drafts.actions import next_position
from screening.drafts.forms.draft_row import OVERTAKEN, SEEN, TAKEN
from screening.drafts.forms.error_list import problems_of
from screening.drafts.forms.merge_results import MergeResult
from screening.drafts.models import Case, Change, DraftChange, Rule, RuleSet
from screening.drafts.views.shortcuts import author, redirect_to_draft
from screening.web.transactions import committed

from .site import DraftAdmin, may_be_edited

Row: TypeAlias = Rule | Case
NO_DRAFT = "There is no draft that may be edited now."


class DraftRowAdmin(DraftAdmin):
    """One page a row of the draft, drawn by ``change_form_template``.

    The draft's history calls the end of such a row ``removed``; ``how_it_went`` tells that. ``no_place`` tells why
    something that was typed has no place in the row any more.
    """

    removed: Change
    how_it_went = ""
    no_place = ""

    # What each kind of row says of itself -------------------------------------------------------------------------

    def heading_of(self, row: Any) -> str:
        """What stands over the page of a row."""
        raise NotImplementedError

    def words_of(self, row: Any) -> Sequence[LabelledField]:
        """A row in words under labels."""
        raise NotImplementedError

    def words_sent(self, request: HttpRequest) -> Sequence[LabelledField]:
        """What was typed, in words under labels."""
        raise NotImplementedError

    def merge(self, sent: QueryDict, row: Any) -> MergeResult:
        """What was sent from a page of an earlier revision of a row, merged with what it is now."""
        raise NotImplementedError

    def rows_of(self, draft: RuleSet) -> QuerySet[Any]:
        """All rows of a draft."""
        raise NotImplementedError

    def stored_as_typed(self, form: Any, formsets: Sequence[Any]) -> Row | None:
        """The stored row that holds just what was typed into the form of a new one, if there is one."""
        raise NotImplementedError

    def settle(self, row: Any, before: Any, **who: Any) -> None:
        """Put on the draft's history that a row was saved."""
        raise NotImplementedError

    def after_saving(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Where an editor goes next."""
        raise NotImplementedError

    def beside_the_form(self, draft: RuleSet, row: Any, *, is_stored: bool) -> dict[str, object]:
        """What the page shows beside the form; ``is_stored`` says that the form shows the row as it is stored."""
        return {}

    # Addresses ----------------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of the draft lists its rows."""
        return redirect("admin:screening_ruleset_changelist")

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """The page of a row. What is sent is judged and saved while nobody else changes the draft."""
        if request.method == "POST":
            author(request, Permission.EDIT_RULES)
            with committed():
                RuleSet.objects.select_for_update().filter(is_open=True).first()
                return self._sent(request, object_id, *args, **kwargs)
        if object_id is not None and self.get_object(request, object_id) is None:
            raise Http404
        if object_id is None and not may_be_edited(None):
            author(request, Permission.EDIT_RULES)
            return redirect_to_draft(request, NO_DRAFT, messages.WARNING)
        return super().changeform_view(request, object_id, *args, **kwargs)

    def _sent(self, request: HttpRequest, object_id: str | None, *args: Any, **kwargs: Any) -> Any:
        row: Any = self.get_object(request, object_id) if object_id is not None else None
        if object_id is not None and row is None:
            return self._kept(request, self._gone(object_id))
        if not may_be_edited(row):
            return self._kept(request, why_not(row.rule_set if row else RuleSet.objects.draft()))
        if row is not None and request.POST.get(SEEN) != str(row.revision):
            merged = self.merge(request.POST, row)
            if merged.lost:
                return self._kept(request, self.no_place)
            setattr(request, _MERGED, merged)
        return super().changeform_view(request, object_id, *args, **kwargs)

    def _gone(self, object_id: str) -> str:
        """Who took a row out of the draft.

        Raises:
            Http404: there never was such a row.
        """
        number = int(object_id) if object_id.isascii() and object_id.isdecimal() and len(object_id) < 19 else 0
        gone = DraftChange.objects.filter(what=self.removed, row=number).order_by("pk").last()
        if gone is None:
            raise Http404
        return self.how_it_went.format(gone.by_name)

    def _kept(self, request: HttpRequest, said: str) -> HttpResponse:
        """What was typed, to be copied: it has no place any more."""
        context = {"said": said, "told": _said(self.words_sent(request))}
        return render(request, "screening/drafts/row/not_saved.html", context, status=409)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The form; where what was sent had to be merged, it reads that."""
        form, merged = super().get_form(request, *args, **kwargs), merged_of(request)
        if merged is None:
            return form
        return type(form.__name__, (form,), {"__init__": _reading(form, merged)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows with their draft."""
        return super().get_queryset(request).select_related("rule_set")

    # Saving -------------------------------------------------------------------------------------------------------

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """A new row comes last in the draft."""
        row = super().save_form(request, form, change)
        if not change:
            row.rule_set = RuleSet.objects.get(is_open=True)
            row.position = next_position(self.rows_of(row.rule_set))
        return row

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing yet: a row is saved with what belongs to it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The row and what belongs to it, and the draft's history."""
        row = form.instance
        before = self.model._default_manager.get(pk=row.pk).plain() if change else None
        super().save_model(request, row, form, change)
        super().save_related(request, form, formsets, change)
        stored = self.model._default_manager.get(pk=row.pk)
        self.settle(stored, before, **author(request, Permission.EDIT_RULES))

    def construct_change_message(self, *args: Any, **kwargs: Any) -> Any:
        """The draft has a history of its own."""
        return []

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        """Where an editor goes next."""
        return self.after_saving(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Where an editor goes next."""
        return self.after_saving(request, obj)

    # The page -----------------------------------------------------------------------------------------------------

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """The form, or the row in words for who may not change it. A form that was saved already is just told so."""
        row = kwargs.get("obj")
        if row is not None and not self.has_change_permission(request, row):
            told = {"heading": self.heading_of(row), "told": _said(self.words_of(row)), "said": why_not(row.rule_set)}
            return render(request, "screening/drafts/row/read_only.html", told)
        form, formsets = context["adminform"].form, [each.formset for each in context["inline_admin_formsets"]]
        is_sent_again = row is None and form.is_bound and _is_sent_again(form, formsets)
        if is_sent_again and (stored := self.stored_as_typed(form, formsets)):
            return self.after_saving(request, stored)
        return self._page(request, form, formsets, row)

    def _page(self, request: HttpRequest, form: Any, formsets: Sequence[Any], row: Any) -> HttpResponse:
        draft = row.rule_set if row else RuleSet.objects.get(is_open=True)
        merged = merged_of(request)
        is_for_another_draft = row is None and form.has_error(NON_FIELD_ERRORS, OVERTAKEN)
        problems = problems_of(form, *formsets)
        if merged:
            _show_theirs(form, formsets, merged)
        context = {
            "form": form,
            "details": next(iter(formsets), None),
            "row": row,
            "heading": self.heading_of(row) if row else "",
            "draft": draft,
            "seen_field": SEEN,
            "seen": row.revision if row else draft.pk,
            "problems": problems,
            "overtaken": bool(merged) or is_for_another_draft,
            "merged": merged,
            **self.beside_the_form(draft, row, is_stored=not form.is_bound),
        }
        status = 409 if merged or is_for_another_draft else 422 if problems else 200
        return render(request, str(self.change_form_template), context, status=status)


_MERGED = "merged"


def merged_of(request: HttpRequest) -> MergeResult | None:
    """What was sent, merged, where the page was of an earlier revision."""
    return getattr(request, _MERGED, None)


def also_saved(request: HttpRequest) -> str:
    """A sentence on what others changed and is saved with what was sent; empty where there is nothing."""
    merged = merged_of(request)
    return f" {merged.sentence}" if merged and merged.sentence else ""


def _reading(form: Any, merged: MergeResult) -> Any:
    def init(self: Any, data: Any = None, *args: Any, **kwargs: Any) -> None:
        form.__init__(self, merged.data, *args, **kwargs)

    return init


def _show_theirs(form: Any, formsets: Sequence[Any], merged: MergeResult) -> None:
    form.theirs = merged.theirs
    details = [each for formset in formsets for each in formset.forms]
    for detail, note in zip(details, merged.details, strict=False):
        detail.note, detail.theirs = note, note.theirs


def _said(told: Sequence[LabelledField]) -> list[LabelledField]:
    """The labels under which something is said."""
    return [each for each in told if any(line.words for line in each.lines)]


def why_not(draft: RuleSet | None) -> str:
    """Why a draft cannot be changed; empty for one that can."""
    if draft is None:
        return "The draft was published or discarded."
    if not draft.is_open:
        edition = getattr(draft, "edition", None)
        return f"The draft was published as edition {edition.number}." if edition else "The draft was discarded."
    if draft.proposed_at is not None:
        return f"The draft was proposed by {draft.proposed_by_name}. It can be changed once it is sent or taken back."
    if draft.is_again:
        return "The draft is an edition to be published again as it was."
    return ""


def _is_sent_again(form: Any, formsets: Sequence[Any]) -> bool:
    """True when nothing but that it may have been saved before is in the way."""
    errors = [error.code for field in form.errors.as_data().values() for error in field]
    return set(errors) <= {OVERTAKEN, TAKEN} and bool(errors) and all(each.is_valid() for each in formsets)
