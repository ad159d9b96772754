"""The fixed sentences and headings of this application; what codes are called is in ``labels``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .definition import AnswerCode, Item, Source, SourceKind, Trigger
from .labels import IN_A_LIST, SOURCE_WORDS, TRIGGER_WORDS

TITLE = "LDN contraindication screen."
REMINDER = "A prescriber must decide."
NOT_REVIEWED = "Rule text not yet reviewed by a clinician of this organisation."
NOT_CHECKED = "Not checked by a clinician yet"
NO_SECOND_REVIEWER = "This edition was published without a second reviewer."
ASK_EVERY_TIME = "Ask again at every screening"
NOT_KNOWN_MEANS = (
    "“Not known” is never counted as no. While it is open the result cannot say that nothing was found; "
    "it lists what to find out."
)

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
