"""What the codes of the domain are called: one table each, for pages, paper and comparisons alike."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from screening.clinical.text.phrases import in_sentence

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
"""Behind a count: ``1 to avoid``."""
ANSWER_WORDS = {
    AnswerCode.YES: "Yes",
    AnswerCode.NO: "No",
    AnswerCode.UNKNOWN: "Not known",
    AnswerCode.NOT_APPLICABLE: "Not applicable",
}
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


def by_code(words: Mapping[AnyCode, str]) -> dict[str, str]:
    """A table by the codes that files and forms hold."""
    return {code.value: each for code, each in words.items()}


def trigger_words(item: Item) -> str:
    """What flags a rule: the answer, a medication list, or either."""
    found = IN_A_LIST[item.listed] if item.listed else ""
    if item.trigger is Trigger.FOUND_IN_LIST:
        return found
    return " or ".join(filter(None, (TRIGGER_WORDS[item.trigger], in_sentence(found))))


def source_kind(source: Source) -> str:
    """The kind of a source with the region of a label, which says enough: ``Label, US``."""
    kind = SourceKind.LABEL if source.kind is SourceKind.LABEL_OTHER_REGION else source.kind
    words = SOURCE_WORDS[kind]
    return f"{words}, {source.region}" if source.region else words


def source_words(source: Source) -> str:
    """Title, identifier and the part relied on, each as a sentence."""
    return " ".join(f"{part.rstrip('.')}." for part in (source.title, source.identifier, source.supports) if part)
