"""Reviews of rules: when the next review is due, who checked the text, and the sentences that say so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, TypeAlias

from screening.clinical.text import wording
from screening.clinical.text.dates import format_date
from screening.clinical.text.phrases import counted, join_with_and

from .definition import Definition, Item

LONGEST_REVIEW_YEARS = 3
MOST_NAMED_RULES = 3
"""If all rules are overdue and there are more than this, the remark gives their number instead of their names."""


class ReviewConfirmation(NamedTuple):
    """A clinician's confirmation that the text of a rule in a published edition is still correct."""

    by: str
    role: str
    on: date
    next_review: date


class ReviewStatus(NamedTuple):
    """The review status of a rule in words. ``checked`` is empty when nobody has checked the text."""

    is_overdue: bool
    checked: str
    due: str

    @property
    def checked_or_not(self) -> str:
        """``checked``, or a sentence that says nobody has checked the text."""
        return self.checked or wording.NOT_CHECKED

    def __str__(self) -> str:
        return f"{self.checked_or_not}. {self.due}."


Reviews: TypeAlias = Mapping[str, ReviewConfirmation]
"""The latest confirmation of each rule, by link id."""
NO_REVIEWS: Reviews = {}


def next_review(item: Item, reviews: Reviews) -> date:
    """Return the date of a rule's next review: that of the latest confirmation, else the rule's own."""
    confirmation = reviews.get(item.link_id)
    return confirmation.next_review if confirmation else item.next_review


def latest_next_review(confirmed_on: date) -> date:
    """Return the latest next review date that a review confirmed on this day may set."""
    year = confirmed_on.year + LONGEST_REVIEW_YEARS
    is_leap_day = (confirmed_on.month, confirmed_on.day) == (2, 29)
    return date(year, 2, 28) if is_leap_day else confirmed_on.replace(year=year)


def overdue(definition: Definition, on: date, reviews: Reviews = NO_REVIEWS) -> tuple[str, ...]:
    """Return the link ids of the rules whose review date is before ``on``."""
    rules = (*definition.items, *definition.listed)
    return tuple([item.link_id for item in rules if next_review(item, reviews) < on])


def is_reviewed(definition: Definition, reviews: Reviews = NO_REVIEWS) -> bool:
    """True when a clinician has reviewed every rule, before the rule set was published or since then."""
    return all(item.is_reviewed or item.link_id in reviews for item in (*definition.items, *definition.listed))


# In words -----------------------------------------------------------------------------------------------------


def review_status(item: Item, on: date, reviews: Reviews = NO_REVIEWS) -> ReviewStatus:
    """Return the review status of a rule on a day."""
    due = next_review(item, reviews)
    is_overdue = due < on
    due_words = f"Review overdue since {format_date(due)}" if is_overdue else f"Next review {format_date(due)}"
    return ReviewStatus(is_overdue, _checked(item, reviews.get(item.link_id)), due_words)


def review_remarks(
    definition: Definition, on: date, reviews: Reviews = NO_REVIEWS, *, without_second_reviewer: bool = False
) -> tuple[str, ...]:
    """Return the sentences that warn about missing or overdue reviews of an edition on a day."""
    past = overdue(definition, on, reviews)
    sentences = (
        _overdue_in_words(definition, past) if past else "",
        wording.NO_SECOND_REVIEWER if without_second_reviewer else "",
        "" if is_reviewed(definition, reviews) else wording.NOT_REVIEWED,
    )
    return tuple([sentence for sentence in sentences if sentence])


def _checked(item: Item, confirmation: ReviewConfirmation | None) -> str:
    if confirmation:
        return f"Checked by {confirmation.by}, {confirmation.role}, on {format_date(confirmation.on)}"
    return f"Checked by {item.checked_by}" if item.checked_by else ""


def _overdue_in_words(definition: Definition, past: tuple[str, ...]) -> str:
    if len(past) > MOST_NAMED_RULES and len(past) == len(definition.items) + len(definition.listed):
        return f"The review of all {len(past)} rules is overdue."
    names = join_with_and([definition.item(link_id).name for link_id in past])
    return f"The review of {counted(len(past), 'rule', 'rules')} is overdue: {names}."
