"""The text about the details of a "yes": what was given, what was not, and what is unlikely."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from screening.clinical.evaluation.follow_up_values import FollowUpValues, chosen_choices
from screening.clinical.evaluation.plausibility import NOT_AFTER_BIRTH, is_not_after_birth
from screening.clinical.rules.definition import FollowUp, FollowUpKind, Item
from screening.clinical.text.local_dates import format_date
from screening.clinical.text.phrases import format_number, in_sentence
from screening.clinical.text.translation import gettext, join_with_and


def format_follow_ups(follow_ups: Sequence[FollowUp], details: FollowUpValues) -> str:
    """Format every follow-up under its short name; those not given are listed last, so that none is overlooked."""
    sentences = [
        gettext("{name}: {value}").format(name=each.name, value=_value(each, details))
        for each in follow_ups
        if each.link_id in details
    ]
    missing = [in_sentence(each.name) for each in follow_ups if each.link_id not in details]
    if missing:
        sentences.append(gettext("Not given: {names}").format(names=", ".join(missing)))
    return " ".join(f"{sentence.rstrip('.')}." for sentence in sentences)


def _value(follow_up: FollowUp, details: FollowUpValues) -> str:
    value = details[follow_up.link_id]
    if follow_up.kind in (FollowUpKind.ONE, FollowUpKind.SEVERAL):
        return join_with_and([in_sentence(choice.label) for choice in chosen_choices(follow_up, details)])
    if isinstance(value, Decimal):
        return f"{format_number(value)} {follow_up.unit}".strip()
    return format_date(value) if isinstance(value, date) else str(value)


def not_after_birth(item: Item, details: FollowUpValues, born: date) -> str:
    """Return the remark about dates on or before the day of birth, without the dates; empty when there is nothing."""
    names = [
        in_sentence(each.name)
        for each in item.follow_ups
        if is_not_after_birth(each, details.get(each.link_id), born)
    ]
    if not names:
        return ""
    remark = in_sentence(gettext(NOT_AFTER_BIRTH))
    name = f"{item.name[:1].upper()}{item.name[1:]}, {join_with_and(names)}"
    return gettext("{name}: {value}").format(name=name, value=remark)
