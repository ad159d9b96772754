"""Reviews of rules: when the next review is due, who checked the text, and the sentences that say so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, TypeAlias

from screening.clinical.text import wording
from screening.clinical.text.local_dates import format_date
from screening.clinical.text.translation import gettext, join_with_and, ngettext

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
        return self.checked or gettext(wording.NOT_CHECKED)

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
    due_words = gettext("Review overdue since {date}") if is_overdue else gettext("Next review {date}")
    checked = _checked(item, reviews.get(item.link_id))
    return ReviewStatus(is_overdue, checked, due_words.format(date=format_date(due)))


def review_remarks(
    definition: Definition, on: date, reviews: Reviews = NO_REVIEWS, *, without_second_reviewer: bool = False
) -> tuple[str, ...]:
    """Return the sentences that warn about missing or overdue reviews of an edition on a day."""
    past = overdue(definition, on, reviews)
    sentences = (
        _overdue_in_words(definition, past) if past else "",
        gettext(wording.NO_SECOND_REVIEWER) if without_second_reviewer else "",
        "" if is_reviewed(definition, reviews) else gettext(wording.NOT_REVIEWED),
    )
    return tuple([sentence for sentence in sentences if sentence])


def _checked(item: Item, confirmation: ReviewConfirmation | None) -> str:
    if confirmation:
        return gettext("Checked by {name}, {role}, on {date}").format(
            name=confirmation.by, role=gettext(confirmation.role), date=format_date(confirmation.on)
        )
    return gettext("Checked by {name}").format(name=item.checked_by) if item.checked_by else ""


def _overdue_in_words(definition: Definition, past: tuple[str, ...]) -> str:
    if len(past) > MOST_NAMED_RULES and len(past) == len(definition.items) + len(definition.listed):
        return gettext("The review of all {count} rules is overdue.").format(count=len(past))
    names = join_with_and([definition.item(link_id).name for link_id in past])
    sentence = ngettext("The review of {} rule is overdue", "The review of {} rules is overdue", len(past))
    return f"{sentence}: {names}."
