"""What every change of a draft has in common: who makes it, the lock, the rows, the history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, models, transaction
from django.db.models import Max

from screening.accounts.models import User
from screening.accounts.permissions import Role
from screening.audit.actions import COMMAND_LINE, Action, record_event
from screening.clinical.rules import definition as rules
from screening.clinical.rules.definition import Definition
from screening.drafts.models import Case, Change, DraftChange, FollowUp, Rule, RuleSet

Plain = Mapping[str, Any]
"""A row of the rules table as JSON holds it."""


class Author(NamedTuple):
    """Who changes a draft, in which role and when; nobody stands for the command line."""

    by: User | None
    at: datetime
    role: Role | None = None

    @property
    def name(self) -> str:
        """The name that stands on records."""
        return self.by.display_name if self.by else COMMAND_LINE


class AnotherDraftIsOpen(Exception):
    """A rule set with other content is being edited; only one may be open."""


class NotOpen(Exception):
    """The rule set was published or discarded before."""


class NotToBeEdited(Exception):
    """The draft is proposed, or is an edition to be published again as it was."""


class NotProposed(Exception):
    """Nobody proposed the draft, or it was taken back."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the row since it was read."""


class LinkIdTaken(Exception):
    """An edition or the draft has a rule of this link id, which is never used anew."""


# The lock -----------------------------------------------------------------------------------------------------


def locked(rule_set: RuleSet) -> RuleSet:
    """The rule set, which nobody else changes until this transaction ends.

    Raises:
        NotOpen: it was published or discarded.
    """
    draft = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
    if not draft.is_open:
        raise NotOpen
    return draft


def editable(rule_set: RuleSet) -> RuleSet:
    """The same, of a draft that may be changed.

    Raises:
        NotOpen: it was published or discarded.
        NotToBeEdited: it is proposed, or an edition to be published again as it was.
    """
    draft = locked(rule_set)
    if not draft.may_be_edited:
        raise NotToBeEdited
    return draft


def close(draft: RuleSet) -> None:
    """Let another draft be opened; the rows stay."""
    draft.is_open = False
    draft.save(update_fields=["is_open"])


# The history --------------------------------------------------------------------------------------------------


def record_change(rule_set: RuleSet, what: Change, author: Author, **told: Any) -> None:
    """Put on a draft's history what was done to it."""
    role = author.role.value if author.role else ""
    DraftChange.objects.create(
        rule_set=rule_set, what=what.value, at=author.at, by=author.by, by_name=author.name, role=role, **told
    )


def record_draft_event(action: Action, rule_set: RuleSet, author: Author, **details: str | int) -> None:
    """Put on the audit trail what was done to a draft."""
    record_event(action, by=author.by, role=author.role, subject=f"rule set {rule_set.pk}", **details)


def note_change(
    rule_set: RuleSet, what: Change, author: Author, *, row: Rule | Case | None = None, **told: Any
) -> None:
    """Put a change of a draft's content on its history and on the audit trail."""
    subject = str(row) if row else ""
    record_change(rule_set, what, author, row=row.pk if row else None, subject=subject, **told)
    record_draft_event(
        Action.RULES_CHANGED, rule_set, author, what=what.value, rule=row.link_id if isinstance(row, Rule) else ""
    )


# The rows -----------------------------------------------------------------------------------------------------


def plain_of(definition: Definition) -> dict[str, Any]:
    """A definition as JSON holds it."""
    plain: dict[str, Any] = json.loads(rules.to_json(definition))
    return plain


def insert_rules(plain: Plain, at: datetime) -> RuleSet:
    """Open a rule set with the rows of a definition.

    Raises:
        AnotherDraftIsOpen: somebody else opened one at the same moment.
    """
    try:
        with transaction.atomic():
            rule_set = RuleSet.objects.create(opened_at=at, **{name: plain[name] for name in RuleSet.FIELDS})
    except IntegrityError:
        raise AnotherDraftIsOpen from None
    for position, item in enumerate([*plain["items"], *plain.get("listed", [])]):
        insert_rule(rule_set, position, item)
    Case.objects.bulk_create(
        Case(rule_set=rule_set, position=position, **case) for position, case in enumerate(plain["cases"])
    )
    return rule_set


def insert_rule(rule_set: RuleSet, position: int, item: Plain) -> Rule:
    """Insert a rule with its follow-ups."""
    own = {name: item[name] for name in Rule.FIELDS if name in item}
    rule = Rule.objects.create(rule_set=rule_set, position=position, **own)
    FollowUp.objects.bulk_create(
        FollowUp(rule=rule, position=place, **follow_up) for place, follow_up in enumerate(item["follow_ups"])
    )
    return rule


def next_position(rows: models.QuerySet[Any]) -> int:
    """The place after the last."""
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1
