"""The fixed words of this application about answers and outcomes; clinical words come from the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .definition import AnswerCode, Listed, Outcome, Severity, Source, SourceKind, UnknownReason
from .lexicon import Group

TITLE = "LDN contraindication screen."
REMINDER = "A prescriber must decide."
NOT_REVIEWED = "Rule text not yet reviewed by a clinician of this organisation."
NOT_CHECKED = "Not checked by a clinician yet"
NO_SECOND_REVIEWER = "This edition was published without a second reviewer."
NOT_KNOWN_MEANS = (
    "“Not known” is never counted as no. While it is open the result cannot say that nothing was found; "
    "it lists what to find out."
)

OUTCOME_WORDS = {
    Outcome.CONTRAINDICATION_FLAGGED: "Contraindication flagged",
    Outcome.CANNOT_CONCLUDE: "Cannot conclude",
    Outcome.CAUTION_FLAGGED: "Caution flagged",
    Outcome.NONE_IDENTIFIED: "No listed contraindication was identified from these answers",
}
OUTCOME_SHORT = {**OUTCOME_WORDS, Outcome.NONE_IDENTIFIED: "None identified"}
SEVERITY_TALLY = {
    Severity.CONTRAINDICATED: "contraindicated",
    Severity.AVOID: "to avoid",
    Severity.CAUTION: "caution",
}
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
SOURCE_WORDS = {
    SourceKind.LABEL: "Label",
    SourceKind.LABEL_OTHER_REGION: "Label",
    SourceKind.LITERATURE: "Literature",
    SourceKind.OPINION: "Opinion",
}

GROUP_WORDS = {
    Group.AGONIST: "agonist",
    Group.PARTIAL_OR_MIXED: "partial or mixed agonist",
    Group.GUT_ACTING: "gut-acting",
    Group.ANTAGONIST: "antagonist",
}
LISTED_WORDS = {Listed.OPIOID: "an opioid", Listed.NALTREXONE: "a naltrexone product"}

CONFLICT, EVIDENCE, IN_THE_LIST, CHECK = "Conflict", "Evidence", "In the list", "Check"
BESIDE_THE_ANSWER = {CONFLICT, EVIDENCE, IN_THE_LIST, CHECK}
"""Labels of notes shown with the answer: what a medication list says to it, and what its details say."""
LIST_BESIDE_ANSWER = {
    AnswerCode.YES: (IN_THE_LIST, "The list names"),
    AnswerCode.NO: (CONFLICT, "The answer is no, but the list names"),
    AnswerCode.NOT_APPLICABLE: (CONFLICT, "The answer is not applicable, but the list names"),
    AnswerCode.UNKNOWN: (EVIDENCE, "The answer is not known, and the list names"),
}

NO_OPIOID_IN_LIST = "No opioid recognised in this list; that does not show there is none."
NO_CURRENT_OPIOID_IN_LIST = "No current opioid recognised in this list; that does not show there is none."
NOT_READ = "Not read (not in Latin letters)"
LIST_NOT_READ = "This list was not searched: the edition holds no names of medicines."


def not_read_completely(count: int) -> str:
    """That so many lines of a list are in letters that are not read, and what to do about it."""
    lines = "1 line is not in Latin letters. Ask what it names."
    if count != 1:
        lines = f"{count} lines are not in Latin letters. Ask what they name."
    return f"The list is not read completely: {lines}"


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings over the parts of a summary."""

    answered: str
    next_step: str = "Next"
    flagged: str = "Flagged"
    unresolved: str = "Still open"
    not_covered: str = "What this screen does not cover"
    counselling: str = "If LDN is prescribed, tell the patient"


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def in_sentence(label: str) -> str:
    """A label as it stands within a sentence: its first letter small, unless it begins an abbreviation."""
    begins_abbreviation = label[:2].isalpha() and label[:2].isupper()
    return label if begins_abbreviation else label[:1].lower() + label[1:]


def counted(count: int, one: str, several: str) -> str:
    """A count with its noun: ``1 question``, ``4 questions``."""
    return f"{count} {one if count == 1 else several}"


def source_kind(source: Source) -> str:
    """The kind of a source with the region of a label: ``Label, US``."""
    words = SOURCE_WORDS[source.kind]
    return f"{words}, {source.region}" if source.region else words


def source_words(source: Source) -> str:
    """Title, identifier and the part relied on, each as a sentence."""
    return " ".join(f"{part.rstrip('.')}." for part in (source.title, source.identifier, source.supports) if part)
