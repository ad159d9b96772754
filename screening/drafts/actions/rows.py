"""What all actions on a draft share: the author, the lock, the change history, the rows."""

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

RowData = Mapping[str, Any]
"""A row of the rules table as JSON-compatible values."""


class Author(NamedTuple):
    """Who changes a draft, when and in which role; ``by`` is None for the command line."""

    by: User | None
    at: datetime
    role: Role | None = None

    @property
    def name(self) -> str:
        """The name shown in the change history."""
        return self.by.display_name if self.by else COMMAND_LINE


class AnotherDraftIsOpen(Exception):
    """Another draft is open; only one may be open at a time."""


class NotOpen(Exception):
    """The draft was published or discarded."""


class NotEditable(Exception):
    """The draft is proposed, or is an edition to be published again unchanged."""


class NotProposed(Exception):
    """The draft is not proposed, or no longer."""


class StaleRevision(Exception):
    """Someone else changed the row after it was read (optimistic locking)."""


class LinkIdTaken(Exception):
    """The draft or an edition already has a rule with this link id; link ids are never reused."""


# The lock -----------------------------------------------------------------------------------------------------


def locked(rule_set: RuleSet) -> RuleSet:
    """Return the draft, locked for this transaction.

    Raises:
        NotOpen: it was published or discarded.
    """
    draft = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
    if not draft.is_open:
        raise NotOpen
    return draft


def editable(rule_set: RuleSet) -> RuleSet:
    """Return the draft, locked for this transaction, if it may be edited.

    Raises:
        NotOpen: it was published or discarded.
        NotEditable: it is proposed, or an edition to be published again unchanged.
    """
    draft = locked(rule_set)
    if not draft.may_be_edited:
        raise NotEditable
    return draft


def close(draft: RuleSet) -> None:
    """Close a draft, so that another one can be opened. Its rows remain."""
    draft.is_open = False
    draft.save(update_fields=["is_open"])


# Change history -----------------------------------------------------------------------------------------------


def record_change(rule_set: RuleSet, what: Change, author: Author, **fields: Any) -> None:
    """Add a row to the change history of a draft; ``fields`` are further fields of ``DraftChange``."""
    role = author.role.value if author.role else ""
    DraftChange.objects.create(
        rule_set=rule_set, what=what.value, at=author.at, by=author.by, by_name=author.name, role=role, **fields
    )


def record_draft_event(action: Action, rule_set: RuleSet, author: Author, **details: str | int) -> None:
    """Add an audit event about a draft."""
    record_event(action, by=author.by, role=author.role, subject=f"rule set {rule_set.pk}", **details)


def record_content_change(
    rule_set: RuleSet, what: Change, author: Author, *, row: Rule | Case | None = None, **fields: Any
) -> None:
    """Add a change of a draft's content to its change history and to the audit trail."""
    subject = str(row) if row else ""
    record_change(rule_set, what, author, row=row.pk if row else None, subject=subject, **fields)
    record_draft_event(
        Action.RULES_CHANGED, rule_set, author, what=what.value, rule=row.link_id if isinstance(row, Rule) else ""
    )


# The rows -----------------------------------------------------------------------------------------------------


def definition_data(definition: Definition) -> dict[str, Any]:
    """Return a definition as JSON-compatible values."""
    data: dict[str, Any] = json.loads(rules.to_json(definition))
    return data


def insert_rules(data: RowData, at: datetime) -> RuleSet:
    """Open a draft with the rows of a definition.

    Raises:
        AnotherDraftIsOpen: someone else opened a draft at the same time.
    """
    try:
        with transaction.atomic():
            rule_set = RuleSet.objects.create(opened_at=at, **{name: data[name] for name in RuleSet.FIELDS})
    except IntegrityError:
        raise AnotherDraftIsOpen from None
    for position, item in enumerate([*data["items"], *data.get("listed", [])]):
        insert_rule(rule_set, position, item)
    Case.objects.bulk_create(
        Case(rule_set=rule_set, position=position, **case) for position, case in enumerate(data["cases"])
    )
    return rule_set


def insert_rule(rule_set: RuleSet, position: int, item: RowData) -> Rule:
    """Insert a rule and its follow-ups."""
    fields = {name: item[name] for name in Rule.FIELDS if name in item}
    rule = Rule.objects.create(rule_set=rule_set, position=position, **fields)
    FollowUp.objects.bulk_create(
        FollowUp(rule=rule, position=place, **follow_up) for place, follow_up in enumerate(item["follow_ups"])
    )
    return rule


def next_position(rows: models.QuerySet[Any]) -> int:
    """Return the position after the last row."""
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1
