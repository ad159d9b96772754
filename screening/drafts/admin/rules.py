"""The page of a rule, with its follow-ups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin import StackedInline
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from screening.accounts.permissions import Permission
from screening.clinical.rules.labelled_fields import LabelledField, labelled_rule, normalised
from screening.clinical.rules.validation import MOST_FOLLOW_UPS
from screening.drafts import actions
from screening.drafts.forms.case import heading_of
from screening.drafts.forms.follow_ups import MOST_FORMS, FollowUpForm, FollowUpFormSet, with_stored_first
from screening.drafts.forms.merged_rows import merge_rule
from screening.drafts.forms.rule import PARTS, RuleForm
from screening.drafts.forms.submitted_data import submitted_rule
from screening.drafts.models import Change, FollowUp, Rule, RuleSet
from screening.drafts.state import DraftState, case_message
from screening.drafts.views.shortcuts import redirect_to_draft

from .rows import DraftRow, DraftRowAdmin, merge_message, merge_result_of
from .site import may_be_edited

EXPANDED = "choices"
"""The query parameter with the follow-up whose choices are shown, if there are too many for one page."""


class FollowUpInline(StackedInline):
    """The follow-ups of a rule, with the permissions of the rule."""

    model = FollowUp
    form = FollowUpForm
    formset = FollowUpFormSet
    fields = [*FollowUp.FIELDS]
    extra = 1
    max_num = MOST_FOLLOW_UPS

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the formset class, with a limit on the number of submitted forms."""
        return super().get_formset(request, obj, absolute_max=MOST_FORMS, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return True for readers of the draft."""
        return request.user.has_perm(Permission.READ_DRAFT)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return True for editors, if the draft can be edited."""
        return request.user.has_perm(Permission.EDIT_RULES) and may_be_edited(obj)

    has_add_permission = has_delete_permission = has_change_permission


class RuleAdmin(DraftRowAdmin):
    """The page of a rule."""

    form = RuleForm
    fields = [*RuleForm.Meta.fields]
    inlines = [FollowUpInline]
    change_form_template = "screening/drafts/rule_form.html"
    removal = Change.RULE_RETIRED
    removal_message = "The rule was retired by {}."
    lost_fields_message = (
        "Someone else changed the rule after you opened this page: now only a medication list flags it. It is no "
        "longer asked as a question, so it has no reasons and no details, and you changed some of them."
    )
    get_heading = staticmethod(heading_of)
    merge = staticmethod(merge_rule)
    record_saved = staticmethod(actions.record_rule_saved)

    def get_labelled_fields(self, row: Rule) -> Sequence[LabelledField]:
        """Return the rule as read-only text."""
        return labelled_rule(normalised(row.plain()))

    def get_submitted_fields(self, data: QueryDict) -> Sequence[LabelledField]:
        """Return the submitted rule as read-only text."""
        return labelled_rule(normalised(submitted_rule(data)))

    def response_after_save(self, request: HttpRequest, row: Rule) -> HttpResponse:
        """Redirect to the draft, or to the same page, with a message about the results of the cases."""
        level, cases = case_message(DraftState(row.rule_set))
        message = f"Rule “{heading_of(row)}” saved.{merge_message(request)} {cases}"
        if "_continue" not in request.POST:
            return redirect_to_draft(request, message, level)
        messages.add_message(request, level, message)
        return redirect("admin:screening_rule_change", row.pk)

    def find_duplicate(self, form: Any, formsets: Sequence[Any]) -> DraftRow | None:
        """Return the stored rule with the same content and follow-ups as a new one, if there is one."""
        link_id = str(form["link_id"].data or "").strip()
        stored = Rule.objects.filter(rule_set__is_open=True, link_id=link_id).first()
        if stored is None:
            return None
        submitted = [each.instance for formset in formsets for each in formset.remaining_forms]
        in_order = sorted(submitted, key=lambda each: each.position)
        is_same = _content(form.instance) == _content(stored)
        is_same &= [*map(_follow_up_content, in_order)] == [*map(_follow_up_content, stored.follow_ups.all())]
        return stored if is_same else None

    def get_page_context(self, draft: RuleSet, row: Rule | None, *, is_stored: bool) -> dict[str, object]:
        """Return the sections of the form and, if it shows the stored rule, the faults of that rule."""
        return {"parts": PARTS, "faults": DraftState(draft).faults_at(row) if row and is_stored else ()}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return no initial data: a new rule is empty."""
        return {}

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return no follow-ups for a rule that is not asked, and for a person who can only read the rule."""
        if obj is not None and (obj.is_raised_by_list or not self.has_change_permission(request, obj)):
            return []
        return super().get_inlines(request, obj)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Bind the formset to the submitted follow-ups, or to the merged ones, with those of stored rows first."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "POST":
            stored = {str(pk) for pk in obj.follow_ups.values_list("pk", flat=True)} if obj.pk else set()
            merged = merge_result_of(request)
            kwargs["data"] = with_stored_first(merged.data if merged else request.POST, prefix, stored)
        return {**kwargs, "expanded": request.GET.get(EXPANDED, "")}


def _content(rule: Rule) -> list[object]:
    """Return the values of a rule that an editor enters."""
    return [getattr(rule, name) for name in Rule.FIELDS if name not in ("link_id", "checked_by")]


def _follow_up_content(follow_up: FollowUp) -> list[object]:
    return [getattr(follow_up, name) for name in FollowUp.FIELDS]
