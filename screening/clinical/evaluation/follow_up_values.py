"""The details given with a "yes": their values, the chosen choices, and how they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from screening.clinical.rules.definition import Choice, FollowUp, FollowUpKind

FollowUpValue: TypeAlias = str | date | Decimal | tuple[str, ...]
"""The value of a follow-up: text, a date, a number, a choice's code, or the codes of several choices."""

FollowUpValues: TypeAlias = Mapping[str, FollowUpValue]
"""Values by the link id of the follow-up; one that was not answered is missing."""


def chosen_choices(follow_up: FollowUp, details: FollowUpValues) -> tuple[Choice, ...]:
    """Return the choices that were chosen for a follow-up, without codes that it does not offer."""
    if not follow_up.choices or follow_up.link_id not in details:
        return ()
    value = details[follow_up.link_id]
    codes = value if isinstance(value, tuple) else (str(value),)
    return tuple([choice for choice in follow_up.choices if choice.code in codes])


def to_plain(details: FollowUpValues) -> dict[str, str | list[str]]:
    """Convert the details to JSON values: ISO dates, numbers as text, lists of codes."""
    return {name: list(value) if isinstance(value, tuple) else str(value) for name, value in details.items()}


def from_plain(follow_ups: Sequence[FollowUp], plain: Mapping[str, str | list[str]]) -> dict[str, FollowUpValue]:
    """Parse the result of ``to_plain``; the follow-ups give the type of each value."""
    return {each.link_id: _parse(each.kind, plain[each.link_id]) for each in follow_ups if each.link_id in plain}


def _parse(kind: FollowUpKind, value: str | list[str]) -> FollowUpValue:
    if isinstance(value, list):
        return tuple(value)
    if kind is FollowUpKind.DATE:
        return date.fromisoformat(value)
    return Decimal(value) if kind is FollowUpKind.NUMBER else value
