"""The admin page for one row of the draft: what the pages of a rule and of a case share.

Saving uses optimistic locking. A page has the version it was opened on in a hidden field. The draft is locked while
submitted data is validated and saved. Data from a page of an earlier version is merged with the changes that other
editors saved since then; conflicts go back to the editor, and no submitted text is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from screening.drafts.forms.draft_row import DUPLICATE, STALE, VERSION_FIELD
from screening.drafts.forms.error_list import form_errors
from screening.drafts.forms.merge_results import MergeResult
from screening.drafts.models import Case, Change, DraftChange, Rule, RuleSet
from screening.drafts.views.shortcuts import author, redirect_to_draft
from screening.web.transactions import committed

from .site import DraftAdmin, may_be_edited

DraftRow: TypeAlias = Rule | Case
NO_DRAFT = "There is no draft that can be edited now."


class DraftRowAdmin(DraftAdmin):
    """The admin of rules or of cases. A subclass sets the attributes below and ``change_form_template``."""

    removal: Change
    """The change in the draft's history that removes a row of this kind."""
    removal_message: str
    """The message about a removed row; ``{}`` is the name of the person who removed it."""
    lost_fields_message: str
    """The message if submitted changes are about fields that the row no longer has."""

    get_heading: Callable[[Any], str]
    """Return the heading of the page of a row."""
    get_labelled_fields: Callable[[Any], Sequence[LabelledField]]
    """Return a row as read-only text."""
    get_submitted_fields: Callable[[QueryDict], Sequence[LabelledField]]
    """Return submitted data as read-only text."""
    merge: Callable[[QueryDict, Any], MergeResult]
    """Merge data submitted from a page of an earlier revision with the stored row."""
    record_saved: Callable[..., None]
    """Record a saved row in the draft's history: the action takes the row, its JSON before, and the author."""
    find_duplicate: Callable[[Any, Sequence[Any]], DraftRow | None]
    """Return a stored row with the same content as the form and formsets of a new one, if there is one."""
    response_after_save: Callable[[HttpRequest, Any], HttpResponse]
    """Return the redirect after a row was saved."""

    def get_page_context(self, draft: RuleSet, row: Any, *, is_stored: bool) -> dict[str, object]:
        """Return more context for the page. ``is_stored`` is True if the form shows the row as it is stored."""
        return {}

    # Views --------------------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Redirect to the draft, whose page lists its rows."""
        return redirect("admin:screening_ruleset_changelist")

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """Show the page of a row, or validate and save it while the draft is locked."""
        if request.method == "POST":
            author(request, Permission.EDIT_RULES)
            with committed():
                RuleSet.objects.select_for_update().filter(is_open=True).first()
                return self._post(request, object_id, *args, **kwargs)
        if object_id is not None and self.get_object(request, object_id) is None:
            raise Http404
        if object_id is None and not may_be_edited(None):
            author(request, Permission.EDIT_RULES)
            return redirect_to_draft(request, NO_DRAFT, messages.WARNING)
        return super().changeform_view(request, object_id, *args, **kwargs)

    def _post(self, request: HttpRequest, object_id: str | None, *args: Any, **kwargs: Any) -> Any:
        row: Any = self.get_object(request, object_id) if object_id is not None else None
        if object_id is not None and row is None:
            return self._not_saved(request, self._why_removed(object_id))
        if not may_be_edited(row):
            return self._not_saved(request, why_not_editable(row.rule_set if row else RuleSet.objects.draft()))
        if row is not None and request.POST.get(VERSION_FIELD) != str(row.revision):
            merged = self.merge(request.POST, row)
            if merged.lost:
                return self._not_saved(request, self.lost_fields_message)
            setattr(request, _MERGE_RESULT, merged)
        return super().changeform_view(request, object_id, *args, **kwargs)

    def _why_removed(self, object_id: str) -> str:
        """Return the message about a removed row.

        Raises:
            Http404: the draft's history has no such row.
        """
        pk = int(object_id) if object_id.isascii() and object_id.isdecimal() and len(object_id) < 19 else 0
        removal = DraftChange.objects.filter(what=self.removal, row=pk).order_by("pk").last()
        if removal is None:
            raise Http404
        return self.removal_message.format(removal.by_name)

    def _not_saved(self, request: HttpRequest, reason: str) -> HttpResponse:
        """Return 409 with the submitted text, for copying: it can no longer be saved."""
        context = {"reason": reason, "fields": _filled(self.get_submitted_fields(request.POST))}
        return render(request, "screening/drafts/row/not_saved.html", context, status=409)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the form class. If the submitted data was merged, its instances are bound to the merged data."""
        form_class, merged = super().get_form(request, *args, **kwargs), merge_result_of(request)
        if merged is None:
            return form_class
        return type(form_class.__name__, (form_class,), {"__init__": _init_with_merged_data(form_class, merged)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows with their draft."""
        return super().get_queryset(request).select_related("rule_set")

    # Saving -------------------------------------------------------------------------------------------------------

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Add a new row at the end of the draft."""
        row = super().save_form(request, form, change)
        if not change:
            row.rule_set = RuleSet.objects.get(is_open=True)
            row.position = next_position(self.model._default_manager.filter(rule_set=row.rule_set))
        return row

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save nothing yet: ``save_related`` saves the row together with its follow-ups."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the row and its follow-ups, and record the change in the draft's history."""
        row = form.instance
        before = self.model._default_manager.get(pk=row.pk).plain() if change else None
        super().save_model(request, row, form, change)
        super().save_related(request, form, formsets, change)
        stored = self.model._default_manager.get(pk=row.pk)
        self.record_saved(stored, before, **author(request, Permission.EDIT_RULES))

    def construct_change_message(self, *args: Any, **kwargs: Any) -> Any:
        """Return no message for Django's admin log: the draft has its own history."""
        return []

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        """Redirect after a new row was saved."""
        return self.response_after_save(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Redirect after a row was saved."""
        return self.response_after_save(request, obj)

    # The page -----------------------------------------------------------------------------------------------------

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Render the form, or read-only text for a person who cannot edit the row.

        If a new row was already saved by an earlier submission of the same form, redirect as after saving.
        """
        row = kwargs.get("obj")
        if row is not None and not self.has_change_permission(request, row):
            read_only = {
                "heading": self.get_heading(row),
                "fields": _filled(self.get_labelled_fields(row)),
                "reason": why_not_editable(row.rule_set),
            }
            return render(request, "screening/drafts/row/read_only.html", read_only)
        form, formsets = context["adminform"].form, [each.formset for each in context["inline_admin_formsets"]]
        may_be_resubmission = row is None and form.is_bound and _may_be_resubmission(form, formsets)
        if may_be_resubmission and (stored := self.find_duplicate(form, formsets)):
            return self.response_after_save(request, stored)
        return self._form_page(request, form, formsets, row)

    def _form_page(self, request: HttpRequest, form: Any, formsets: Sequence[Any], row: Any) -> HttpResponse:
        draft = row.rule_set if row else RuleSet.objects.get(is_open=True)
        merged = merge_result_of(request)
        is_for_another_draft = row is None and form.has_error(NON_FIELD_ERRORS, STALE)
        is_stale = bool(merged) or is_for_another_draft
        problems = form_errors(form, *formsets)
        if merged:
            _add_merge_result(form, formsets, merged)
        context = {
            "form": form,
            "details": next(iter(formsets), None),
            "row": row,
            "heading": self.get_heading(row) if row else "",
            "draft": draft,
            "version_field": VERSION_FIELD,
            "version": row.revision if row else draft.pk,
            "problems": problems,
            "is_stale": is_stale,
            "merged": merged,
            **self.get_page_context(draft, row, is_stored=not form.is_bound),
        }
        status = 409 if is_stale else 422 if problems else 200
        return render(request, str(self.change_form_template), context, status=status)


_MERGE_RESULT = "merge_result"


def merge_result_of(request: HttpRequest) -> MergeResult | None:
    """Return the merge result of a request whose data came from a page of an earlier revision, else None."""
    return getattr(request, _MERGE_RESULT, None)


def merge_message(request: HttpRequest) -> str:
    """Return the message about other editors' changes that were merged, with a leading space; empty if none were."""
    merged = merge_result_of(request)
    return f" {merged.sentence}" if merged and merged.sentence else ""


def _init_with_merged_data(form_class: Any, merged: MergeResult) -> Any:
    def init(self: Any, data: Any = None, *args: Any, **kwargs: Any) -> None:
        form_class.__init__(self, merged.data, *args, **kwargs)

    return init


def _add_merge_result(form: Any, formsets: Sequence[Any], merged: MergeResult) -> None:
    """Give each form the other editor's version of its conflicting fields."""
    form.theirs = merged.theirs
    follow_up_forms = [each for formset in formsets for each in formset.forms]
    for follow_up_form, result in zip(follow_up_forms, merged.follow_ups, strict=False):
        follow_up_form.merge_result, follow_up_form.theirs = result, result.theirs


def _filled(fields: Sequence[LabelledField]) -> list[LabelledField]:
    return [each for each in fields if any(line.words for line in each.lines)]


def why_not_editable(draft: RuleSet | None) -> str:
    """Return the reason why a draft cannot be edited; empty if it can."""
    if draft is None:
        return "The draft was published or discarded."
    if not draft.is_open:
        edition = getattr(draft, "edition", None)
        return f"The draft was published as edition {edition.number}." if edition else "The draft was discarded."
    if draft.proposed_at is not None:
        return (
            f"The draft was proposed by {draft.proposed_by_name}. "
            "It can be edited again after it is taken back or sent back."
        )
    if draft.is_again:
        return "The draft is an earlier edition, to be published again unchanged."
    return ""


def _may_be_resubmission(form: Any, formsets: Sequence[Any]) -> bool:
    """Return True if the only errors are those that an earlier submission of the same form would cause."""
    errors = [error.code for field in form.errors.as_data().values() for error in field]
    return set(errors) <= {STALE, DUPLICATE} and bool(errors) and all(each.is_valid() for each in formsets)
