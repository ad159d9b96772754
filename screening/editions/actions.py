"""Confirm the review of published rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from screening.accounts.models import User
from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event
from screening.web.transactions import committed, lock

from .models import Edition, Review


class UnknownRule(Exception):
    """The edition has no rule with this link id."""


class NotInUse(Exception):
    """The edition was superseded by a later one."""


@committed()
def confirm_review(
    edition: Edition,
    link_ids: Iterable[str],
    *,
    by: User,
    at: datetime,
    role: Role,
    next_review: date,
    note: str = "",
) -> list[Review]:
    """Record that a clinician confirmed rules of the current edition until the date of their next review.

    A confirmation that repeats the latest one of a rule, as after a double click, is not stored again.

    Returns:
        The confirmations that were stored.

    Raises:
        NotInUse: the edition is not the current one.
        UnknownRule: the edition has no rule with one of the link ids.
    """
    rule_ids = list(dict.fromkeys(link_ids))
    known = {item.link_id for item in (*edition.definition.items, *edition.definition.listed)}
    if set(rule_ids) - known:
        raise UnknownRule
    lock(edition)  # serialises confirmations
    if edition != Edition.objects.current():
        raise NotInUse
    reviewer = {"at": at, "by": by, "by_name": by.display_name, "role": role.value}
    latest = {each.link_id: each for each in Review.objects.filter(edition=edition).order_by("pk")}
    reviews = [
        Review(edition=edition, link_id=link_id, next_review=next_review, note=note, **reviewer)
        for link_id in rule_ids
    ]
    new = [each for each in reviews if not each.repeats(latest.get(each.link_id))]
    if new:
        Review.objects.bulk_create(new)
        confirmed = ", ".join(each.link_id for each in new)
        subject = f"edition {edition.number}"
        record_event(Action.EDITION_REVIEWED, by=by, role=role, subject=subject, rules=confirmed)
    return new
