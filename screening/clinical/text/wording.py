"""The fixed sentences and headings of this application, each defined once; the labels of codes are in ``labels``.

They are English here, as they are stored; ``gettext`` translates them where they are shown.
"""

from __future__ import annotations

from .translation import gettext, gettext_noop, ngettext

TITLE = gettext_noop("LDN contraindication screen.")
REMINDER = gettext_noop("A prescriber must decide.")
FOOTER = gettext_noop("A prescriber must decide. LDN Screen does not.")
DEMONSTRATION = gettext_noop("Demonstration, not for real patients.")
NOT_REVIEWED = gettext_noop("Rule text not yet reviewed by a clinician of this organisation.")
NOT_CHECKED = gettext_noop("Not checked by a clinician yet")
NO_SECOND_REVIEWER = gettext_noop("This edition was published without a second reviewer.")
ASK_EVERY_TIME = gettext_noop("Ask again at every screening")
NOT_KNOWN_MEANS = gettext_noop(
    "“Not known” is never counted as no. While it is unresolved, the result cannot say that nothing was found; "
    "it lists what to find out."
)

# The parts of a summary

CHART_SUMMARY = gettext_noop("Chart summary")
NEXT = gettext_noop("Next")
INSTEAD = gettext_noop("Instead")
FLAGGED = gettext_noop("Flagged")
UNRESOLVED = gettext_noop("Unresolved")
ASKED_AND_ANSWERED = gettext_noop("What was asked and answered")
OTHER_ANSWERS = gettext_noop("Other answers")
NOT_COVERED = gettext_noop("What this screen does not cover")
COUNSELLING = gettext_noop("If LDN is prescribed, tell the patient")
DECISION = gettext_noop("Prescriber’s decision")
NO_DECISION = gettext_noop("No decision on this page")
NOT_YET_DECIDED = gettext_noop("Not yet decided")
NOT_DECIDED_WHEN_PRINTED = gettext_noop("Not yet decided when this was printed.")
SUPERSEDED_DECISION = gettext_noop("Decision made on superseded answers")
DO_NOT_ACT_ON_DECISION = gettext_noop("Do not act on this decision.")
OVERRIDE = gettext_noop("Override")
OVERRIDE_CONFIRMED = gettext_noop("Confirmed by typing the record id.")
ASKED_AGAIN = gettext_noop("Asked again")
DECIDED_ON = gettext_noop("Dose and product")
NOTHING_PRESCRIBED = gettext_noop("LDN Screen notes this and does not write a prescription.")
ANSWERS_HOLD = gettext_noop("Answers hold until")
ASK_EXPIRED_AGAIN = gettext_noop("Ask again before deciding.")
DECISION_TABLE = gettext_noop("Decision table")

# Transcribing a paper form

TRANSCRIBE = gettext_noop("Transcribe a paper form")
TRANSCRIBED = gettext_noop("Transcribed")

# The watermarks of a record that must not be used

SUPERSEDED = gettext_noop("SUPERSEDED")
VOID = gettext_noop("VOID")
DRAFT = gettext_noop("DRAFT, NOT IN USE")
DRAFT_NOT_IN_USE = gettext_noop("Draft, not in use.")
NOTHING_RECORDED = gettext_noop("Nothing on this page is recorded.")
ENTERED_IN_ERROR = gettext_noop("Entered in error")
SUPERSEDED_BY = gettext_noop("Superseded by record")

# The labels of notes

INTERVAL = gettext_noop("Interval")
CHILD_PUGH = gettext_noop("Child-Pugh")
CONFLICT = gettext_noop("Conflict")
EVIDENCE = gettext_noop("Evidence")
IN_THE_LIST = gettext_noop("In the list")
CHECK = gettext_noop("Check")
BESIDE_THE_ANSWER = {CONFLICT, EVIDENCE, IN_THE_LIST, CHECK}
"""The notes shown directly after the answer, because they say something about it."""

# The medication list

MEDICATION_LIST = gettext_noop("List of medicines")
LIST_AS_ENTERED = gettext_noop("List as entered")
MENTIONED = gettext_noop("Mentioned, not counted as current")
NO_OPIOID_IN_LIST = gettext_noop("No opioid recognised in this list; that does not show there is none.")
NO_CURRENT_OPIOID_IN_LIST = gettext_noop(
    "No current opioid recognised in this list; that does not show there is none."
)
NOT_READ = gettext_noop("Not read (not in Latin letters)")
LIST_NOT_READ = gettext_noop("This list was not searched: the edition holds no names of medicines.")


def not_read_completely(count: int) -> str:
    """Return the sentence about lines that are not read; ``count`` is their number."""
    lines = ngettext(
        "{} line is not in Latin letters. Ask what it names.",
        "{} lines are not in Latin letters. Ask what they name.",
        count,
    )
    return gettext("The list is not read completely: {lines}").format(lines=lines)
