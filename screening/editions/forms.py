"""The form that confirms the review of rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from crispy_forms.layout import Layout
from django import forms
from django.forms.boundfield import BoundWidget
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.rules.definition import Definition, Item
from screening.clinical.rules.labels import RULE_LABELS
from screening.clinical.rules.reviews import (
    LONGEST_REVIEW_YEARS,
    Reviews,
    ReviewStatus,
    latest_next_review,
    review_status,
)
from screening.clinical.text.local_dates import format_short_date
from screening.web.date_fields import DateField
from screening.web.fields import PlainText
from screening.web.forms import LONGEST_TEXT, StrictForm
from screening.web.layout import wide

TICK = _("Tick each rule that you have read and that is still correct.")
UNKNOWN_RULE = _("This edition does not have this rule. Tick each rule that you have read and that is still correct.")


class RuleToConfirm(NamedTuple):
    """A rule, the number of its question (None if it is not asked), its review and its checkbox."""

    item: Item
    number: int | None
    review: ReviewStatus
    box: BoundWidget


class ReviewForm(StrictForm):
    """The rules to confirm, the date of their next review, a note and a statement to tick.

    Rules whose review is overdue come first. No checkbox is preselected, and none selects all rules.
    """

    rules = forms.MultipleChoiceField(
        label=_("Rules that are still correct"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": TICK, "invalid_choice": UNKNOWN_RULE},
    )
    note = PlainText(
        label=_("Note"),
        required=False,
        help_text=_("For example which sources you compared. It is stored with your confirmation."),
        max_length=LONGEST_TEXT,
    )

    def __init__(
        self,
        definition: Definition,
        edition_number: int,
        reviews: Reviews,
        today: date,
        data: QueryDict | None = None,
    ) -> None:
        super().__init__(data)
        numbered: list[tuple[Item, int | None]] = [
            *((item, number) for number, item in enumerate(definition.items, start=1)),
            *((item, None) for item in definition.listed),
        ]
        reviewed = [(item, number, review_status(item, today, reviews)) for item, number in numbered]
        self._reviewed = sorted(reviewed, key=lambda each: not each[2].is_overdue)
        self.fields["rules"].choices = [(item.link_id, item.name) for item, *_ in self._reviewed]  # type: ignore[attr-defined]
        self.fields["next_review"] = _next_review(today)
        self.fields["confirmation"] = forms.BooleanField(
            label=gettext("I have read these rules of edition {number} and they are still correct.").format(
                number=edition_number
            ),
            error_messages={"required": gettext("Tick the statement to confirm the review.")},
        )
        self.order_fields(["rules", "next_review", "note", "confirmation"])

    @property
    def rules_to_confirm(self) -> list[RuleToConfirm]:
        """Every rule with its checkbox."""
        return [RuleToConfirm(*rule, box) for rule, box in zip(self._reviewed, self["rules"], strict=True)]

    @property
    def layout(self) -> Layout:
        """The fields below the rules; the page renders each rule with its checkbox."""
        return Layout("next_review", *wide("note", "confirmation"))


def _next_review(today: date) -> DateField:
    example, years = format_short_date(date(today.year + 1, 3, 27)), LONGEST_REVIEW_YEARS
    too_late = gettext("A review is valid for at most {years} years. Enter {limit} or earlier.")
    return DateField(
        earliest=today + timedelta(days=1),
        latest=latest_next_review(today),
        label=gettext(RULE_LABELS["next_review"]),
        help_text=gettext("Day, month in letters, year: {example}. At most {years} years from today.").format(
            example=example, years=years
        ),
        error_messages={
            "required": gettext("Enter the date of the next review, such as {example}.").format(example=example),
            "too_early": gettext("This date is not after today. Enter the date of the next review."),
            "too_late": too_late.format(years=years, limit="{limit}"),
        },
    )
