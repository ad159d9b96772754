"""One page a rule, with the details asked after a yes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin import StackedInline
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from screening.accounts.permissions import Permission
from screening.clinical.rules.labelled_fields import LabelledField, labelled_rule, normalised
from screening.clinical.rules.validation import MOST_FOLLOW_UPS
from screening.drafts import actions
from screening.drafts.forms.follow_ups import FORMS_ON_A_PAGE, FollowUpForm, FollowUpFormSet, with_stored_first
from screening.drafts.forms.merge_results import MergeResult
from screening.drafts.forms.merged_rows import merge_rule
from screening.drafts.forms.rule import PARTS, RuleForm
from screening.drafts.forms.submitted_data import rule_as_sent
from screening.drafts.models import Change, FollowUp, Rule, RuleSet
from screening.drafts.state import DraftState, case_message
from screening.drafts.views.shortcuts import redirect_to_draft

from .rows import DraftRowAdmin, Row, also_saved, merged_of
from .site import may_be_edited

OPENED = "choices"
"""What names, in an address, the detail whose choices are shown where there are too many for one page."""


class FollowUpInline(StackedInline):
    """The details of a rule; who may change the rule may change them."""

    model = FollowUp
    form = FollowUpForm
    formset = FollowUpFormSet
    fields = [*FollowUp.FIELDS]
    extra = 1
    max_num = MOST_FOLLOW_UPS

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The details, of which no more are made than a page can hold."""
        return super().get_formset(request, obj, absolute_max=FORMS_ON_A_PAGE, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Readers of the draft."""
        return request.user.has_perm(Permission.READ_DRAFT)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Editors, while the draft may be edited."""
        return request.user.has_perm(Permission.EDIT_RULES) and may_be_edited(obj)

    has_add_permission = has_delete_permission = has_change_permission


class RuleAdmin(DraftRowAdmin):
    """A rule of the draft."""

    form = RuleForm
    fields = [*RuleForm.Meta.fields]
    inlines = [FollowUpInline]
    change_form_template = "screening/drafts/rule_form.html"
    removed = Change.RULE_RETIRED
    how_it_went = "The rule was retired by {}."
    no_place = (
        "Somebody else changed the rule meanwhile: a medication list alone raises it now, so it is not asked and "
        "takes no reasons and no details, of which you changed some."
    )

    def heading_of(self, row: Rule) -> str:
        """The name of the rule."""
        return row.name[:1].upper() + row.name[1:]

    def words_of(self, row: Rule) -> Sequence[LabelledField]:
        """The rule in words under labels."""
        return labelled_rule(normalised(row.plain()))

    def words_sent(self, request: HttpRequest) -> Sequence[LabelledField]:
        """What was typed, in words under labels."""
        return labelled_rule(normalised(rule_as_sent(request.POST)))

    def merge(self, sent: QueryDict, row: Rule) -> MergeResult:
        """What was sent of a rule and its details, merged."""
        return merge_rule(sent, row)

    def rows_of(self, draft: RuleSet) -> QuerySet[Rule]:
        """All rules of a draft."""
        return draft.rules.all()

    def settle(self, row: Rule, before: Any, **who: Any) -> None:
        """Put on the draft's history that a rule was saved."""
        actions.record_rule_saved(row, before, **who)

    def after_saving(self, request: HttpRequest, row: Rule) -> HttpResponse:
        """Back to the draft, or on with the same page; how the cases fare is told."""
        level, stands = case_message(DraftState(row.rule_set))
        said = f"Rule “{self.heading_of(row)}” saved.{also_saved(request)} {stands}"
        if "_continue" not in request.POST:
            return redirect_to_draft(request, said, level)
        messages.add_message(request, level, said)
        return redirect("admin:screening_rule_change", row.pk)

    def stored_as_typed(self, form: Any, formsets: Sequence[Any]) -> Row | None:
        """The rule that a first click saved, when this is the second."""
        link_id = str(form["link_id"].data or "").strip()
        stored = Rule.objects.filter(rule_set__is_open=True, link_id=link_id).first()
        if stored is None:
            return None
        typed = [each.instance for formset in formsets for each in formset.kept]
        in_order = sorted(typed, key=lambda each: each.position)
        is_same = _holds(form.instance) == _holds(stored)
        is_same &= [*map(_asks, in_order)] == [*map(_asks, stored.follow_ups.all())]
        return stored if is_same else None

    def beside_the_form(self, draft: RuleSet, row: Rule | None, *, is_stored: bool) -> dict[str, object]:
        """What is to be corrected in the rule that is stored, unless what was typed is to be corrected first."""
        return {"parts": PARTS, "faults": DraftState(draft).faults_at(row) if row and is_stored else ()}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new rule is empty."""
        return {}

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """A rule that nobody is asked has no details; to who only reads they are told in words."""
        if obj is not None and (obj.is_raised_by_list or not self.has_change_permission(request, obj)):
            return []
        return super().get_inlines(request, obj)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """The details that were sent, those that are still stored first."""
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "POST":
            stored = {str(pk) for pk in obj.follow_ups.values_list("pk", flat=True)} if obj.pk else set()
            merged = merged_of(request)
            given["data"] = with_stored_first(merged.data if merged else request.POST, prefix, stored)
        return {**given, "opened": request.GET.get(OPENED, "")}


def _holds(rule: Rule) -> list[object]:
    """What a rule says; who checked it is nothing that is typed."""
    return [getattr(rule, name) for name in Rule.FIELDS if name not in ("link_id", "checked_by")]


def _asks(detail: FollowUp) -> list[object]:
    return [getattr(detail, name) for name in FollowUp.FIELDS]
