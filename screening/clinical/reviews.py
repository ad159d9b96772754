"""That a rule is still right: until when its text counts as reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, TypeAlias

from .definition import Definition, Item


class SignedReview(NamedTuple):
    """A clinician's signature under a rule of a published edition: by whom, in which role, when, until when."""

    by: str
    role: str
    on: date
    next_review: date


Reviews: TypeAlias = Mapping[str, SignedReview]
"""The latest signature under each rule, by link id."""
NO_REVIEWS: Reviews = {}


def next_review(item: Item, reviews: Reviews) -> date:
    """The day of a rule's next review: the one that was signed last, else the rule's own."""
    signed = reviews.get(item.link_id)
    return signed.next_review if signed else item.next_review


def overdue(definition: Definition, on: date, reviews: Reviews = NO_REVIEWS) -> tuple[str, ...]:
    """The link ids of the rules whose review is past on a day."""
    rules = (*definition.items, *definition.listed)
    return tuple([item.link_id for item in rules if next_review(item, reviews) < on])


def is_reviewed(definition: Definition, reviews: Reviews = NO_REVIEWS) -> bool:
    """True when a clinician signed the text of every rule, in the rule set or since it was published."""
    return all(item.is_reviewed or item.link_id in reviews for item in (*definition.items, *definition.listed))
