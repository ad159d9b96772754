"""Signing that rules are still right."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from crispy_forms.layout import Layout
from django import forms
from django.forms.boundfield import BoundWidget
from django.http import QueryDict

from screening.clinical.rules.definition import Definition, Item
from screening.clinical.rules.reviews import (
    LONGEST_REVIEW_YEARS,
    Reviews,
    ReviewStatus,
    latest_next_review,
    review_status,
)
from screening.clinical.text.dates import format_short_date
from screening.web.fields import PlainText, TypedDate
from screening.web.forms import LONGEST_TEXT, StrictForm
from screening.web.layout import wide

TICK = "Tick each rule that you have read and that is still right."


class RuleToSign(NamedTuple):
    """A rule with the number of its question, None where it is not asked, its review and the box to tick."""

    item: Item
    number: int | None
    review: ReviewStatus
    box: BoundWidget


class ReviewForm(StrictForm):
    """Which rules of an edition are still right, until when, and the statement that a signature stands under.

    Rules whose review is overdue come first. Nothing is ticked, and there is no box that ticks all.
    """

    rules = forms.MultipleChoiceField(
        label="Rules that are still right",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": TICK, "invalid_choice": "This edition has no such rule. " + TICK},
    )
    note = PlainText(
        label="Note",
        required=False,
        help_text="Such as what they were compared with. It is kept beside your signature.",
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
        told = [(item, number, review_status(item, today, reviews)) for item, number in numbered]
        self._told = sorted(told, key=lambda each: not each[2].is_overdue)
        self.fields["rules"].choices = [(item.link_id, item.name) for item, *_ in self._told]  # type: ignore[attr-defined]
        self.fields["next_review"] = _next_review(today)
        self.fields["confirmation"] = forms.BooleanField(
            label=f"I have read these rules as they stand in edition {edition_number} and they are still right.",
            error_messages={"required": "Tick the statement to sign."},
        )
        self.order_fields(["rules", "next_review", "note", "confirmation"])

    @property
    def rules_to_sign(self) -> list[RuleToSign]:
        """Every rule with its box, in the order of the boxes."""
        return [RuleToSign(*told, box) for told, box in zip(self._told, self["rules"], strict=True)]

    @property
    def layout(self) -> Layout:
        """What is signed; the rules stand above it, each with its box."""
        return Layout("next_review", *wide("note", "confirmation"))


def _next_review(today: date) -> TypedDate:
    example = format_short_date(date(today.year + 1, 3, 27))
    return TypedDate(
        earliest=today + timedelta(days=1),
        latest=latest_next_review(today),
        label="Next review",
        help_text=f"Day, month in letters, year, such as {example}. At most {LONGEST_REVIEW_YEARS} years from today.",
        error_messages={
            "required": f"Enter the day of the next review, such as {example}.",
            "too_early": "This day is not after today. Enter the day of the next review.",
            "too_late": f"A review holds for at most {LONGEST_REVIEW_YEARS} years. Enter {{limit}} or earlier.",
        },
    )
