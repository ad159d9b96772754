"""Plausibility checks: values that are possible but more likely a slip get a remark and are never refused.

The limits are opinion, not from a clinical source: they ask the reader to check again and change no result.
Remarks do not repeat the entered value; only the note on a finding does.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from screening.clinical.rules.definition import Feeds, FollowUp, FollowUpKind, Item
from screening.clinical.text.phrases import format_number, join_with_and
from screening.clinical.text.translation import gettext_noop

from .follow_up_values import FollowUpValue, FollowUpValues

OLDEST_YEARS = 110
MOST_TIMES_UPPER_LIMIT = Decimal(50)

BORN_LONG_AGO = gettext_noop("The birth date is more than 110 years ago. Check it.")
NOT_TIMES_THE_LIMIT = gettext_noop("Is this in U/L? Enter it as times the upper limit.")
NOT_AFTER_BIRTH = gettext_noop("This is the day of birth, or before it. Check both dates.")


def is_born_long_ago(born: date, on: date) -> bool:
    """True when more than 110 years have passed since ``born``, the last possible day of birth."""
    return (born.year + OLDEST_YEARS, born.month, born.day) < (on.year, on.month, on.day)


def is_not_after_birth(follow_up: FollowUp, value: FollowUpValue | None, born: date) -> bool:
    """True for a date on or before the day of birth; ``born`` is the last possible day."""
    return follow_up.kind is FollowUpKind.DATE and isinstance(value, date) and value <= born


def is_beyond_upper_limit(follow_up: FollowUp, value: FollowUpValue | None) -> bool:
    """True for more than 50 times the upper limit, which is more likely the result in the laboratory's unit."""
    is_multiple = follow_up.feeds is Feeds.TIMES_UPPER_LIMIT
    return is_multiple and isinstance(value, Decimal) and value > MOST_TIMES_UPPER_LIMIT


def beyond_upper_limit(item: Item, details: FollowUpValues) -> str:
    """Return the sentence about values above 50 times the upper limit, empty when there are no such values."""
    given = [(each, details.get(each.link_id)) for each in item.follow_ups]
    beyond = [
        f"{each.name} is given as {format_number(value)} {each.unit}"
        for each, value in given
        if isinstance(value, Decimal) and is_beyond_upper_limit(each, value)
    ]
    return f"{join_with_and(beyond)}. {NOT_TIMES_THE_LIMIT}" if beyond else ""
