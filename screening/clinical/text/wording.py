"""The fixed sentences and headings of this application, each defined once; the labels of codes are in ``labels``."""

from __future__ import annotations

TITLE = "LDN contraindication screen."
REMINDER = "A prescriber must decide."
FOOTER = f"{REMINDER} LDN Screen does not."
DEMONSTRATION = "Demonstration, not for real patients."
NOT_REVIEWED = "Rule text not yet reviewed by a clinician of this organisation."
NOT_CHECKED = "Not checked by a clinician yet"
NO_SECOND_REVIEWER = "This edition was published without a second reviewer."
ASK_EVERY_TIME = "Ask again at every screening"
NOT_KNOWN_MEANS = (
    "“Not known” is never counted as no. While it is unresolved, the result cannot say that nothing was found; "
    "it lists what to find out."
)

# The parts of a summary

CHART_SUMMARY = "Chart summary"
NEXT = "Next"
INSTEAD = "Instead"
FLAGGED = "Flagged"
UNRESOLVED = "Unresolved"
ASKED_AND_ANSWERED = "What was asked and answered"
OTHER_ANSWERS = "Other answers"
NOT_COVERED = "What this screen does not cover"
COUNSELLING = "If LDN is prescribed, tell the patient"
DECISION = "Prescriber’s decision"
NO_DECISION = "No decision on this page"
NOT_YET_DECIDED = "Not yet decided"
NOT_DECIDED_WHEN_PRINTED = f"{NOT_YET_DECIDED} when this was printed."
SUPERSEDED_DECISION = "Decision made on superseded answers"
DO_NOT_ACT_ON_DECISION = "Do not act on this decision."
OVERRIDE = "Override"
OVERRIDE_CONFIRMED = "Confirmed by typing the record id."
ASKED_AGAIN = "Asked again"
DECIDED_ON = "Dose and product"
NOTHING_PRESCRIBED = "LDN Screen notes this and does not write a prescription."
ANSWERS_HOLD = "Answers hold until"
ASK_EXPIRED_AGAIN = "Ask again before deciding."
DECISION_TABLE = "Decision table"

# Transcribing a paper form

TRANSCRIBE = "Transcribe a paper form"
TRANSCRIBED = "Transcribed"

# The watermarks of a record that must not be used

SUPERSEDED = "SUPERSEDED"
VOID = "VOID"
DRAFT = "DRAFT, NOT IN USE"
DRAFT_NOT_IN_USE = "Draft, not in use."
NOTHING_RECORDED = "Nothing on this page is recorded."
ENTERED_IN_ERROR = "Entered in error"
SUPERSEDED_BY = "Superseded by record"

# The labels of notes

INTERVAL = "Interval"
CHILD_PUGH = "Child-Pugh"
CONFLICT = "Conflict"
EVIDENCE = "Evidence"
IN_THE_LIST = "In the list"
CHECK = "Check"
BESIDE_THE_ANSWER = {CONFLICT, EVIDENCE, IN_THE_LIST, CHECK}
"""The notes shown directly after the answer, because they say something about it."""

# The medication list

MEDICATION_LIST = "List of medicines"
LIST_AS_ENTERED = "List as entered"
MENTIONED = "Mentioned, not counted as current"
NO_OPIOID_IN_LIST = "No opioid recognised in this list; that does not show there is none."
NO_CURRENT_OPIOID_IN_LIST = "No current opioid recognised in this list; that does not show there is none."
NOT_READ = "Not read (not in Latin letters)"
LIST_NOT_READ = "This list was not searched: the edition holds no names of medicines."


def not_read_completely(count: int) -> str:
    """Return the sentence about lines that are not read; ``count`` is their number."""
    lines = "1 line is not in Latin letters. Ask what it names."
    if count != 1:
        lines = f"{count} lines are not in Latin letters. Ask what they name."
    return f"The list is not read completely: {lines}"
