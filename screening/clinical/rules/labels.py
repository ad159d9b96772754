"""The labels of the codes of the domain, one table each, used on every page, on paper and in comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from screening.clinical.text import wording
from screening.clinical.text.phrases import in_sentence
from screening.clinical.text.translation import gettext, gettext_noop

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

# English here, as they are stored; ``gettext`` translates them where they are shown.

OUTCOME_WORDS = {
    Outcome.CONTRAINDICATION_FLAGGED: gettext_noop("Contraindication flagged"),
    Outcome.CANNOT_CONCLUDE: gettext_noop("Cannot conclude"),
    Outcome.CAUTION_FLAGGED: gettext_noop("Caution flagged"),
    Outcome.NONE_IDENTIFIED: gettext_noop("No listed contraindication was identified from these answers"),
}
OUTCOME_SHORT = {**OUTCOME_WORDS, Outcome.NONE_IDENTIFIED: gettext_noop("None identified")}
SEVERITY_WORDS = {
    Severity.CONTRAINDICATED: gettext_noop("Contraindicated"),
    Severity.AVOID: gettext_noop("Avoid"),
    Severity.CAUTION: gettext_noop("Caution"),
}
SEVERITY_TALLY = {
    Severity.CONTRAINDICATED: gettext_noop("contraindicated"),
    Severity.AVOID: gettext_noop("to avoid"),
    Severity.CAUTION: gettext_noop("caution"),
}
"""After a count: ``1 to avoid``."""
ANSWER_WORDS = {
    AnswerCode.YES: gettext_noop("Yes"),
    AnswerCode.NO: gettext_noop("No"),
    AnswerCode.UNKNOWN: gettext_noop("Not known"),
    AnswerCode.NOT_APPLICABLE: gettext_noop("Not applicable"),
}
ANSWER_TALLY = {
    AnswerCode.UNKNOWN: gettext_noop("not known"),
    AnswerCode.NO: gettext_noop("answered no"),
    AnswerCode.NOT_APPLICABLE: gettext_noop("not applicable"),
}
"""After a count of answers that raised no flag: ``2 answered no``."""
DECISION_WORDS = {
    DecisionCode.PRESCRIBE: gettext_noop("Prescribe"),
    DecisionCode.DO_NOT_PRESCRIBE: gettext_noop("Do not prescribe"),
    DecisionCode.DEFER: gettext_noop("Defer until"),
    DecisionCode.MORE_INFORMATION: gettext_noop("Need more information"),
    DecisionCode.REFER: gettext_noop("Refer"),
}
ANSWER = gettext_noop("Answer")
REASON = gettext_noop("Reason")
UNKNOWN_REASON_WORDS = {
    UnknownReason.ASKED_UNKNOWN: gettext_noop("Asked, not known"),
    UnknownReason.ASKED_DECLINED: gettext_noop("Declined to say"),
    UnknownReason.NOT_ASKED: gettext_noop("Not asked"),
}
TRIGGER_WORDS = {
    Trigger.ANSWERED_YES: gettext_noop("The answer yes"),
    Trigger.FOUND_IN_LIST: gettext_noop("A medication list alone"),
}
LISTED_WORDS = {
    Listed.OPIOID: gettext_noop("an opioid"),
    Listed.NALTREXONE: gettext_noop("a naltrexone product"),
}
IN_A_LIST = {
    Listed.OPIOID: gettext_noop("An opioid in a medication list, counted as current"),
    Listed.NALTREXONE: gettext_noop("A naltrexone product in a medication list, counted as current"),
}
FEEDS_WORDS = {
    Feeds.INTERVAL_KIND: gettext_noop("The opioid-free interval: the kind of opioid"),
    Feeds.INTERVAL_START: gettext_noop("The opioid-free interval: the date from which it counts"),
    Feeds.CHILD_PUGH: gettext_noop("The Child-Pugh class: one of its five point bands"),
    Feeds.CHILD_PUGH_STATED: gettext_noop(
        "The Child-Pugh class as stated: choices with the codes child-pugh-a, -b or -c"
    ),
    Feeds.TIMES_UPPER_LIMIT: gettext_noop("A multiple of the upper limit: above 50 it is asked whether it is in U/L"),
}
SOURCE_WORDS = {
    SourceKind.LABEL: gettext_noop("Label"),
    SourceKind.LABEL_OTHER_REGION: gettext_noop("Label of another region"),
    SourceKind.LITERATURE: gettext_noop("Literature"),
    SourceKind.OPINION: gettext_noop("Opinion"),
}
RULE_LABELS = {
    "severity": gettext_noop("Severity"),
    "name": gettext_noop("Name"),
    "question": gettext_noop("Question"),
    "help": gettext_noop("Explained"),
    "trigger": gettext_noop("Flagged by"),
    "listed": gettext_noop("Flagged by"),
    "severity_words": gettext_noop("Severity in words"),
    "finding": gettext_noop("Flag"),
    "why": gettext_noop("Why"),
    "next_step": gettext_noop("Next step"),
    "find_out": gettext_noop("Find out"),
    "follow_ups": gettext_noop("Details"),
    "not_applicable_reasons": ANSWER_WORDS[AnswerCode.NOT_APPLICABLE],
    "holds_days": gettext_noop("Answer holds"),
    "sources": gettext_noop("Sources"),
    "authored_by": gettext_noop("Written by"),
    "checked_by": gettext_noop("Checked by"),
    "next_review": gettext_noop("Next review"),
    "link_id": gettext_noop("Link id"),
}
"""The label of each field of a rule: on the summary, on the page of an edition and in comparisons."""
ONE_SOURCE = gettext_noop("Source")
RAISED_BY_LIST_ALONE = gettext_noop("Not asked: raised by a medication list")


def by_code(words: Mapping[AnyCode, str]) -> dict[str, str]:
    """Return a table by the code values used in files and forms."""
    return {code.value: each for code, each in words.items()}


def trigger_words(item: Item) -> str:
    """Say what flags a rule: the answer, a medication list, or either."""
    found = gettext(IN_A_LIST[item.listed]) if item.listed else ""
    if item.trigger is Trigger.FOUND_IN_LIST:
        return found
    answer = gettext(TRIGGER_WORDS[item.trigger])
    return gettext("{first} or {second}").format(first=answer, second=in_sentence(found)) if found else answer


def source_kind(source: Source) -> str:
    """Format the kind of a source; a label with its region: ``Label, US``."""
    kind = SourceKind.LABEL if source.kind is SourceKind.LABEL_OTHER_REGION else source.kind
    words = gettext(SOURCE_WORDS[kind])
    return gettext("{kind}, {region}").format(kind=words, region=source.region) if source.region else words


def source_words(source: Source) -> str:
    """Format title, identifier and the part relied on, each as a sentence."""
    return " ".join(f"{part.rstrip('.')}." for part in (source.title, source.identifier, source.supports) if part)


SAFETY_SENTENCES = (
    *OUTCOME_WORDS.values(),
    *ANSWER_WORDS.values(),
    *SEVERITY_WORDS.values(),
    wording.REMINDER,
    wording.FOOTER,
    wording.NOT_KNOWN_MEANS,
    wording.DEMONSTRATION,
    wording.NO_OPIOID_IN_LIST,
    wording.NO_CURRENT_OPIOID_IN_LIST,
    wording.NOT_READ,
    wording.LIST_NOT_READ,
    wording.NOT_YET_DECIDED,
    wording.DO_NOT_ACT_ON_DECISION,
    wording.SUPERSEDED,
    wording.VOID,
    wording.ENTERED_IN_ERROR,
    wording.DRAFT_NOT_IN_USE,
    wording.NOTHING_RECORDED,
)
"""The sentences that nobody may misunderstand. A language is offered only once a speaker reviewed all of them."""
