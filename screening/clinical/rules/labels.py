"""The labels of the codes of the domain, one table each, used on every page, on paper and in comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from screening.clinical.text.phrases import in_sentence

from .deciding import DecisionCode
from .definition import (
    AnswerCode,
    Feeds,
    Item,
    Listed,
    Outcome,
    Severity,
    Source,
    SourceKind,
    Trigger,
    UnknownReason,
)

AnyCode = TypeVar("AnyCode", bound=StrEnum)

OUTCOME_WORDS = {
    Outcome.CONTRAINDICATION_FLAGGED: "Contraindication flagged",
    Outcome.CANNOT_CONCLUDE: "Cannot conclude",
    Outcome.CAUTION_FLAGGED: "Caution flagged",
    Outcome.NONE_IDENTIFIED: "No listed contraindication was identified from these answers",
}
OUTCOME_SHORT = {**OUTCOME_WORDS, Outcome.NONE_IDENTIFIED: "None identified"}
SEVERITY_WORDS = {
    Severity.CONTRAINDICATED: "Contraindicated",
    Severity.AVOID: "Avoid",
    Severity.CAUTION: "Caution",
}
SEVERITY_TALLY = {
    Severity.CONTRAINDICATED: "contraindicated",
    Severity.AVOID: "to avoid",
    Severity.CAUTION: "caution",
}
"""After a count: ``1 to avoid``."""
ANSWER_WORDS = {
    AnswerCode.YES: "Yes",
    AnswerCode.NO: "No",
    AnswerCode.UNKNOWN: "Not known",
    AnswerCode.NOT_APPLICABLE: "Not applicable",
}
ANSWER_TALLY = {
    AnswerCode.UNKNOWN: in_sentence(ANSWER_WORDS[AnswerCode.UNKNOWN]),
    AnswerCode.NO: f"answered {in_sentence(ANSWER_WORDS[AnswerCode.NO])}",
    AnswerCode.NOT_APPLICABLE: in_sentence(ANSWER_WORDS[AnswerCode.NOT_APPLICABLE]),
}
"""After a count of answers that raised no flag: ``2 answered no``."""
DECISION_WORDS = {
    DecisionCode.PRESCRIBE: "Prescribe",
    DecisionCode.DO_NOT_PRESCRIBE: "Do not prescribe",
    DecisionCode.DEFER: "Defer until",
    DecisionCode.MORE_INFORMATION: "Need more information",
    DecisionCode.REFER: "Refer",
}
ANSWER = "Answer"
REASON = "Reason"
UNKNOWN_REASON_WORDS = {
    UnknownReason.ASKED_UNKNOWN: "Asked, not known",
    UnknownReason.ASKED_DECLINED: "Declined to say",
    UnknownReason.NOT_ASKED: "Not asked",
}
TRIGGER_WORDS = {
    Trigger.ANSWERED_YES: "The answer yes",
    Trigger.FOUND_IN_LIST: "A medication list alone",
}
LISTED_WORDS = {Listed.OPIOID: "an opioid", Listed.NALTREXONE: "a naltrexone product"}
IN_A_LIST = {
    listed: f"{words.capitalize()} in a medication list, counted as current" for listed, words in LISTED_WORDS.items()
}
FEEDS_WORDS = {
    Feeds.INTERVAL_KIND: "The opioid-free interval: the kind of opioid",
    Feeds.INTERVAL_START: "The opioid-free interval: the date from which it counts",
    Feeds.CHILD_PUGH: "The Child-Pugh class: one of its five point bands",
    Feeds.CHILD_PUGH_STATED: "The Child-Pugh class as stated: choices with the codes child-pugh-a, -b or -c",
    Feeds.TIMES_UPPER_LIMIT: "A multiple of the upper limit: above 50 it is asked whether it is in U/L",
}
SOURCE_WORDS = {
    SourceKind.LABEL: "Label",
    SourceKind.LABEL_OTHER_REGION: "Label of another region",
    SourceKind.LITERATURE: "Literature",
    SourceKind.OPINION: "Opinion",
}
RULE_LABELS = {
    "severity": "Severity",
    "name": "Name",
    "question": "Question",
    "help": "Explained",
    "trigger": "Flagged by",
    "listed": "Flagged by",
    "severity_words": "Severity in words",
    "finding": "Flag",
    "why": "Why",
    "next_step": "Next step",
    "find_out": "Find out",
    "follow_ups": "Details",
    "not_applicable_reasons": ANSWER_WORDS[AnswerCode.NOT_APPLICABLE],
    "holds_days": "Answer holds",
    "sources": "Sources",
    "authored_by": "Written by",
    "checked_by": "Checked by",
    "next_review": "Next review",
    "link_id": "Link id",
}
"""The label of each field of a rule: on the summary, on the page of an edition and in comparisons."""
ONE_SOURCE = "Source"
RAISED_BY_LIST_ALONE = "Not asked: raised by a medication list"


def by_code(words: Mapping[AnyCode, str]) -> dict[str, str]:
    """Return a table by the code values used in files and forms."""
    return {code.value: each for code, each in words.items()}


def trigger_words(item: Item) -> str:
    """Say what flags a rule: the answer, a medication list, or either."""
    found = IN_A_LIST[item.listed] if item.listed else ""
    if item.trigger is Trigger.FOUND_IN_LIST:
        return found
    return " or ".join(filter(None, (TRIGGER_WORDS[item.trigger], in_sentence(found))))


def source_kind(source: Source) -> str:
    """Format the kind of a source; a label with its region: ``Label, US``."""
    kind = SourceKind.LABEL if source.kind is SourceKind.LABEL_OTHER_REGION else source.kind
    words = SOURCE_WORDS[kind]
    return f"{words}, {source.region}" if source.region else words


def source_words(source: Source) -> str:
    """Format title, identifier and the part relied on, each as a sentence."""
    return " ".join(f"{part.rstrip('.')}." for part in (source.title, source.identifier, source.supports) if part)
