"""That a rule is still right: until when its text counts as reviewed, and how that is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, TypeAlias

from screening.clinical.text import wording
from screening.clinical.text.dates import format_date
from screening.clinical.text.phrases import counted, join_with_and

from .definition import Definition, Item

LONGEST_YEARS = 3
NAMES_IN_REMARK = 3
"""Where every rule is overdue, more than so many are counted and not named."""


class SignedReview(NamedTuple):
    """A clinician's signature under a rule of a published edition: by whom, in which role, when, until when."""

    by: str
    role: str
    on: date
    next_review: date


class ReviewWords(NamedTuple):
    """What is said of a rule's review: who checked its text, empty for nobody, and when it is due."""

    is_overdue: bool
    checked: str
    due: str

    @property
    def checked_or_not(self) -> str:
        """Who checked the text, or that nobody did."""
        return self.checked or wording.NOT_CHECKED

    def __str__(self) -> str:
        return f"{self.checked_or_not}. {self.due}."


Reviews: TypeAlias = Mapping[str, SignedReview]
"""The latest signature under each rule, by link id."""
NO_REVIEWS: Reviews = {}


def next_review(item: Item, reviews: Reviews) -> date:
    """The day of a rule's next review: the one that was signed last, else the rule's own."""
    signed = reviews.get(item.link_id)
    return signed.next_review if signed else item.next_review


def latest_next_review(signed_on: date) -> date:
    """The last day until which a review that is signed on a day may hold."""
    year = signed_on.year + LONGEST_YEARS
    is_leap_day = (signed_on.month, signed_on.day) == (2, 29)
    return date(year, 2, 28) if is_leap_day else signed_on.replace(year=year)


def overdue(definition: Definition, on: date, reviews: Reviews = NO_REVIEWS) -> tuple[str, ...]:
    """The link ids of the rules whose review is past on a day."""
    rules = (*definition.items, *definition.listed)
    return tuple([item.link_id for item in rules if next_review(item, reviews) < on])


def is_reviewed(definition: Definition, reviews: Reviews = NO_REVIEWS) -> bool:
    """True when a clinician signed the text of every rule, in the rule set or since it was published."""
    return all(item.is_reviewed or item.link_id in reviews for item in (*definition.items, *definition.listed))


# In words -----------------------------------------------------------------------------------------------------


def review_of(item: Item, on: date, reviews: Reviews = NO_REVIEWS) -> ReviewWords:
    """What is said of a rule's review on a day."""
    due = next_review(item, reviews)
    is_overdue = due < on
    said = f"Review overdue since {format_date(due)}" if is_overdue else f"Next review {format_date(due)}"
    return ReviewWords(is_overdue, _checked(item, reviews.get(item.link_id)), said)


def remarks(
    definition: Definition, on: date, reviews: Reviews = NO_REVIEWS, *, without_second_reviewer: bool = False
) -> tuple[str, ...]:
    """What has to be known of the review of an edition on a day, a sentence each."""
    past = overdue(definition, on, reviews)
    said = (
        _overdue_in_words(definition, past) if past else "",
        wording.NO_SECOND_REVIEWER if without_second_reviewer else "",
        "" if is_reviewed(definition, reviews) else wording.NOT_REVIEWED,
    )
    return tuple([sentence for sentence in said if sentence])


def _checked(item: Item, signed: SignedReview | None) -> str:
    if signed:
        return f"Checked by {signed.by}, {signed.role}, on {format_date(signed.on)}"
    return f"Checked by {item.checked_by}" if item.checked_by else ""


def _overdue_in_words(definition: Definition, past: tuple[str, ...]) -> str:
    if len(past) > NAMES_IN_REMARK and len(past) == len(definition.items) + len(definition.listed):
        return f"The review of all {len(past)} rules is overdue."
    names = join_with_and([definition.item(link_id).name for link_id in past])
    return f"The review of {counted(len(past), 'rule', 'rules')} is overdue: {names}."
