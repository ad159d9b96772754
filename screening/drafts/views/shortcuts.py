"""Helpers that the views of the draft share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.accounts.permissions import Permission, required_role, signed_in_user
from screening.clinical.rules.labelled_fields import FieldLine, LabelledField
from screening.drafts import actions
from screening.drafts.forms.rows import DETAIL, DRAFT, ROW, VERSION, has_text, whole_number
from screening.drafts.models import Case, Rule, RuleSet
from screening.web.forms import AppForm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOT_NOW = _("Nothing was changed: the draft has since been proposed, published or discarded.")
BACK = "back"
"""The value of the button that saves and leads back to the draft."""


def open_draft() -> RuleSet:
    """Return the open draft.

    Raises:
        Http404: no draft is open.
    """
    return get_object_or_404(RuleSet, is_open=True)


def draft_of_page(request: HttpRequest) -> RuleSet:
    """Return the open draft, for a form of a page that was opened on this draft.

    Raises:
        NotOpen: it was published or discarded since then.
    """
    draft = RuleSet.objects.draft()
    if draft is None or request.POST.get(DRAFT, str(draft.pk)) != str(draft.pk):
        raise actions.NotOpen
    return draft


def lock_open_draft() -> RuleSet | None:
    """Return the open draft, if there is one, locked for this transaction."""
    return RuleSet.objects.select_for_update().filter(is_open=True).first()


def rule_of_draft(link_id: str) -> Rule:
    """Return a rule of the open draft.

    Raises:
        Http404: no draft is open, or it has no rule with this link id.
    """
    return get_object_or_404(Rule.objects.select_related("rule_set"), rule_set__is_open=True, link_id=link_id)


def author(request: HttpRequest, permission: Permission) -> dict[str, Any]:
    """Return ``by``, ``role`` and ``at`` for an action: the user, the role that grants the permission, and now.

    Raises:
        PermissionDenied: no role of the user grants the permission.
    """
    return {"by": signed_in_user(request), "role": required_role(request, permission), "at": timezone.now()}


def redirect_to_draft(request: HttpRequest, message: StrOrPromise, level: int = messages.SUCCESS) -> HttpResponse:
    """Redirect to the draft, or to the page for starting one, with a message."""
    messages.add_message(request, level, message)
    return redirect("screening:draft_detail")


def may_edit(request: HttpRequest, draft: RuleSet) -> bool:
    """Return True for an editor, while the draft can be edited."""
    return draft.may_be_edited and request.user.has_perm(Permission.EDIT_RULES)


def why_not_editable(draft: RuleSet | None) -> str:
    """Return the reason why a draft cannot be edited; empty if it can."""
    if draft is None:
        return gettext("The draft was published or discarded.")
    if not draft.is_open:
        edition = getattr(draft, "edition", None)
        if edition is None:
            return gettext("The draft was discarded.")
        return gettext("The draft was published as edition {number}.").format(number=edition.number)
    if draft.proposed_at is not None:
        return gettext(
            "The draft was proposed by {person}. It can be edited again after it is taken back or sent back."
        ).format(person=draft.proposed_by_name)
    if draft.is_again:
        return gettext("The draft is an earlier edition, to be published again unchanged.")
    return ""


def read_only_page(
    request: HttpRequest, draft: RuleSet, heading: str, fields: Sequence[LabelledField], **context: object
) -> HttpResponse:
    """Render a row of the draft as text, for a person who cannot edit it now."""
    context |= {"heading": heading, "fields": [*filter(has_text, fields)], "reason": why_not_editable(draft)}
    return render(request, "screening/drafts/row/read_only.html", context)


def not_saved_page(request: HttpRequest, reason: StrOrPromise, fields: Sequence[LabelledField]) -> HttpResponse:
    """Respond 409 with the submitted text, for copying: it can no longer be saved."""
    context = {"reason": reason, "fields": [*filter(has_text, fields)]}
    return render(request, "screening/drafts/row/not_saved.html", context, status=409)


def entered_texts(form: AppForm) -> list[LabelledField]:
    """Return the submitted texts of a form, for copying."""
    return [LabelledField(each.name, str(each.label), (FieldLine("", "", each.data, each.data),)) for each in form]


def no_editable_draft(request: HttpRequest) -> HttpResponse:
    """Redirect with a message: there is no draft that can be edited."""
    return redirect_to_draft(request, gettext("There is no draft that can be edited now."), messages.WARNING)


def found_or_404(reason: StrOrPromise) -> StrOrPromise:
    """Return the reason why a row is gone.

    Raises:
        Http404: there is none, so there never was such a row.
    """
    if not reason:
        raise Http404
    return reason


# The page of a row --------------------------------------------------------------------------------------------

Versions: TypeAlias = dict[str, object]
"""The hidden fields of a page: the draft and the row that it was opened on, with the revision of the row."""


def versions_of(draft: RuleSet, row: Rule | Case | None = None, **more: object) -> Versions:
    """Return the hidden fields of a page that shows what is stored now."""
    return {DRAFT: draft.pk, **({ROW: row.pk, VERSION: row.revision} if row and row.pk else {}), **more}


def submitted_versions(request: HttpRequest) -> Versions:
    """Return the hidden fields of the submitted page, for a page that is shown again without saving."""
    return {name: request.POST[name] for name in (DRAFT, ROW, VERSION, DETAIL) if name in request.POST}


def is_for_another_draft(request: HttpRequest, draft: RuleSet) -> bool:
    """True if the submitted page was opened on another draft than the open one."""
    return request.method == "POST" and request.POST.get(DRAFT, str(draft.pk)) != str(draft.pk)


def is_current(request: HttpRequest, row: Rule | Case) -> bool:
    """True if nobody changed the row after the submitted page was opened."""
    return whole_number(request.POST, VERSION) == row.revision


def sentences(*texts: str) -> str:
    """Join the sentences of a message; empty ones are left out."""
    return " ".join(filter(None, texts))
