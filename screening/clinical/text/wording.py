"""The fixed sentences and headings of this application; what codes are called is in ``labels``."""

from __future__ import annotations

from dataclasses import dataclass

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


DEMONSTRATION = "Demonstration, not for real patients."
