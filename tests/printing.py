"""What tests put on printed pages, and how they compare the text that comes back."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.evaluation.follow_up_values import FollowUpValue
from screening.clinical.rules.definition import AnswerCode, Definition, FollowUp, FollowUpKind


def sample_value(follow_up: FollowUp) -> FollowUpValue:
    """Return a valid value for a follow-up; two choices where several may be chosen."""
    match follow_up.kind:
        case FollowUpKind.TEXT:
            return f"Invented words about {follow_up.name}"
        case FollowUpKind.DATE:
            return date(2026, 11, 2)
        case FollowUpKind.NUMBER:
            return Decimal("3.5")
        case FollowUpKind.ONE:
            return follow_up.choices[0].code
        case FollowUpKind.SEVERAL:
            return tuple(choice.code for choice in follow_up.choices[:2])


def all_yes(definition: Definition) -> dict[str, Answer]:
    """Answer every question with yes and every detail."""
    return {
        item.link_id: Answer(AnswerCode.YES, details={each.link_id: sample_value(each) for each in item.follow_ups})
        for item in definition.items
    }


def bare(text: str) -> str:
    """Remove spaces, and the hyphens at which a line may have been broken."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text)


def spaced(text: str) -> str:
    """Replace each run of spaces with one space."""
    return " ".join(text.split())
