"""Confirming that published rules are still right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from screening.accounts.models import User
from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event
from screening.web.transactions import committed

from .models import Edition, Review


class UnknownRule(Exception):
    """The edition has no rule of this link id."""


class NotInUse(Exception):
    """A later edition took the place of this one."""


@committed()
def sign_review(
    edition: Edition,
    link_ids: Iterable[str],
    *,
    by: User,
    at: datetime,
    role: Role,
    next_review: date,
    note_of_review: str = "",
) -> list[Review]:
    """Sign that rules of the edition in use are still right, until the date of their next review.

    What is signed twice alike on one day, as by a second click, is kept once. The signatures that are new come back.

    Raises:
        NotInUse: it is not the edition in use.
        UnknownRule: the edition has no rule of one of the link ids.
    """
    rule_ids = list(dict.fromkeys(link_ids))
    known = {item.link_id for item in (*edition.definition.items, *edition.definition.listed)}
    if set(rule_ids) - known:
        raise UnknownRule
    Edition.objects.select_for_update().get(pk=edition.pk)  # one signature after the other
    if edition != Edition.objects.current():
        raise NotInUse
    signature = {"at": at, "by": by, "by_name": by.display_name, "role": role.value}
    until = {"next_review": next_review, "note": note_of_review}
    latest = {each.link_id: each for each in Review.objects.filter(edition=edition).order_by("pk")}
    signed = [Review(edition=edition, link_id=link_id, **signature, **until) for link_id in rule_ids]
    new = [each for each in signed if not each.repeats(latest.get(each.link_id))]
    if new:
        Review.objects.bulk_create(new)
        rules_signed = ", ".join(each.link_id for each in new)
        subject = f"edition {edition.number}"
        record_event(Action.EDITION_REVIEWED, by=by, role=role, subject=subject, rules=rules_signed)
    return new
