"""The text of a screening, the same on every page, print and export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from screening.clinical.evaluation.evaluate import Evaluation, FindingStatus
from screening.clinical.rules import labels
from screening.clinical.rules.definition import AnswerCode, Definition, Outcome, Severity
from screening.clinical.rules.reviews import NO_REVIEWS, Reviews
from screening.clinical.text import wording
from screening.clinical.text.local_dates import format_datetime
from screening.clinical.text.translation import gettext, gettext_noop, join_with_and, ngettext, untranslated

from .decisions import DecisionsText, asked_again_on, decisions_text, shelf_life
from .findings import FindingText, LabelledText, finding_text, state_of
from .medication_list import MedicationListText, medication_list_text
from .provenance import patient_lines, provenance_lines, remarks
from .record import Decided, Record, RecordStatus, Superseded, short_id_of

NAMES_IN_HEADLINE = 3
NO_CURRENT_RECORD = gettext_noop(
    "The record that superseded them was entered in error, so no record is current: screen again."
)
NO_RECORD_TO_USE = gettext_noop(
    "Screen again. The record that replaced this one was entered in error, so there is no record to use."
)
CHECK_OTHER_RECORDS = gettext_noop(
    "Check the list of screenings for others with this record number, and screen again if the patient needs it. "
    "This record must not be used."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryHeadings:
    """The headings of the parts of a summary. ``answered`` and ``next_step`` depend on the record."""

    answered: str
    next_step: str
    flagged: str
    unresolved: str
    not_covered: str
    counselling: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many questions have a state; ``state`` names the shape shown beside the text."""

    state: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """The mark on a record that must not be used.

    ``kind`` is ``superseded``, ``void`` or ``draft``, for styles; ``label`` is printed across every sheet;
    ``no_decision`` replaces the prescriber's decision. ``next_step`` replaces the one from the answers; it is empty
    for a draft, which shows what the rules would say.
    """

    kind: str
    label: str
    explanation: str
    no_decision: str
    next_step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The text of one screening, in reading order.

    ``shelf_life`` says until when the answers hold; it is empty if none expires.
    """

    watermark: Watermark | None
    headings: SummaryHeadings
    outcome: Outcome
    state: str
    headline: str
    tally: tuple[Tally, ...]
    next_step: str
    patient: tuple[LabelledText, ...]
    provenance: tuple[LabelledText, ...]
    remarks: tuple[str, ...]
    shelf_life: str
    flagged: tuple[FindingText, ...]
    unresolved: tuple[FindingText, ...]
    answered: tuple[FindingText, ...]
    medications: MedicationListText | None
    basis: str
    not_covered: tuple[str, ...]
    counselling: tuple[str, ...]
    decisions: DecisionsText | None
    reminder: str


def summarise(
    record: Record,
    shown_on: date,
    status: RecordStatus = None,
    reviews: Reviews = NO_REVIEWS,
    decisions: Sequence[Decided] = (),
) -> Summary:
    """Write the summary of a record.

    ``shown_on`` is the day it is shown, which decides whether a review is overdue and which answers hold; ``status``,
    ``reviews`` (the confirmed reviews of the rules of its edition) and ``decisions``, oldest first, are as of then.
    """
    definition, evaluation = record.definition, record.evaluation
    asked_again = asked_again_on(decisions)
    entries = [finding_text(record, finding, shown_on, reviews, asked_again) for finding in evaluation.findings]
    watermark = _watermark(record, status)
    return Summary(
        watermark=watermark,
        headings=_headings(evaluation, watermark),
        outcome=evaluation.outcome,
        state=outcome_state(evaluation),
        headline=headline(definition, evaluation),
        tally=tally(evaluation),
        next_step=(watermark and watermark.next_step) or _next_step(definition, evaluation),
        patient=tuple(patient_lines(record.patient, record.screened_at.date())),
        provenance=tuple(provenance_lines(record)),
        remarks=tuple(remarks(record, shown_on, reviews)),
        shelf_life="" if watermark else shelf_life(record, shown_on, decisions),
        flagged=tuple(each for each in entries if each.finding is FindingStatus.FLAGGED),
        unresolved=tuple(each for each in entries if each.finding is FindingStatus.UNRESOLVED),
        answered=tuple(each for each in entries if each.finding is FindingStatus.NOT_FLAGGED),
        medications=medication_list_text(record) if record.listed else None,
        basis=definition.basis,
        not_covered=definition.not_covered,
        counselling=definition.counselling,
        decisions=decisions_text(record, decisions, watermark.no_decision if watermark else ""),
        reminder=gettext(wording.REMINDER),
    )


def _draft_watermark() -> Watermark:
    shows = gettext("Do not act on it. It shows what the rules would say once published.")
    return Watermark(
        kind="draft",
        label=gettext(wording.DRAFT),
        explanation=f"{gettext(wording.NOTHING_RECORDED)} {shows}",
        no_decision=gettext("This is a draft of the rules. Nothing is decided on it."),
    )


def _watermark(record: Record, status: RecordStatus) -> Watermark | None:
    if record.is_draft:
        return _draft_watermark()
    if status is None:
        return None
    when = format_datetime(status.at)
    reason = gettext("Do not act on this page. Reason: {reason}.").format(reason=status.reason.rstrip("."))
    if isinstance(status, Superseded):
        superseded = gettext("on {date}, by record {record}.").format(date=when, record=short_id_of(status.by))
        return Watermark(
            kind="superseded",
            label=gettext(wording.SUPERSEDED),
            explanation=f"{superseded} {reason}",
            no_decision=_no_decision(status),
            next_step=_record_to_use(status),
        )
    marked = gettext("{entered_in_error}; marked on {date}, by {name}, {role}.").format(
        entered_in_error=gettext(wording.ENTERED_IN_ERROR), date=when, name=status.by, role=gettext(status.role)
    )
    return Watermark(
        kind="void",
        label=gettext(wording.VOID),
        explanation=f"{marked} {reason}",
        no_decision=gettext("This record was entered in error. It must not be used."),
        next_step=gettext(CHECK_OTHER_RECORDS),
    )


def _no_decision(status: Superseded) -> str:
    decide = gettext(NO_CURRENT_RECORD)
    if status.current:
        decide = gettext("The prescriber decides on record {record}.").format(record=short_id_of(status.current))
    superseded = gettext("These answers are superseded.")
    return f"{superseded} {decide}"


def _record_to_use(status: Superseded) -> str:
    if not status.current:
        return gettext(NO_RECORD_TO_USE)
    return gettext("Use record {record}, which replaces this one.").format(record=short_id_of(status.current))


def _headings(evaluation: Evaluation, watermark: Watermark | None) -> SummaryHeadings:
    only_answers = all(finding.status is FindingStatus.NOT_FLAGGED for finding in evaluation.findings)
    return SummaryHeadings(
        answered=gettext(wording.ASKED_AND_ANSWERED if only_answers else wording.OTHER_ANSWERS),
        next_step=gettext(wording.INSTEAD if watermark and watermark.next_step else wording.NEXT),
        flagged=gettext(wording.FLAGGED),
        unresolved=gettext(wording.UNRESOLVED),
        not_covered=gettext(wording.NOT_COVERED),
        counselling=gettext(wording.COUNSELLING),
    )


def words_in_lists(definition: Definition, evaluation: Evaluation) -> dict[str, str]:
    """Return the state, headline and tally of a result: the words that are stored with it for lists, in English."""
    with untranslated():
        return {
            "state": outcome_state(evaluation),
            "headline": headline(definition, evaluation),
            "tally": ", ".join(each.words for each in tally(evaluation)),
        }


def outcome_state(evaluation: Evaluation) -> str:
    """Return the most severe flag, ``unresolved`` when nothing can be concluded, else ``none``."""
    if evaluation.outcome is Outcome.CANNOT_CONCLUDE:
        return FindingStatus.UNRESOLVED.value
    flagged = {finding.severity for finding in evaluation.with_status(FindingStatus.FLAGGED)}
    return next((severity.value for severity in Severity if severity in flagged), "none")


def headline(definition: Definition, evaluation: Evaluation) -> str:
    """Return the outcome in one line, with what raised it."""
    words = gettext(labels.OUTCOME_WORDS[evaluation.outcome])
    if evaluation.outcome is Outcome.NONE_IDENTIFIED:
        return words
    if evaluation.outcome is Outcome.CANNOT_CONCLUDE:
        return f"{words}: {join_with_and(list(_why_not_concluded(evaluation)))}"
    return f"{words}: {_flagged_names(definition, evaluation)}"


def tally(evaluation: Evaluation) -> tuple[Tally, ...]:
    """Count the questions by state, most severe first."""
    states = Counter(state_of(finding) for finding in evaluation.findings)
    words = {
        **labels.by_code(labels.SEVERITY_TALLY),
        FindingStatus.UNRESOLVED.value: labels.ANSWER_TALLY[AnswerCode.UNKNOWN],
        AnswerCode.NO.value: labels.ANSWER_TALLY[AnswerCode.NO],
        AnswerCode.NOT_APPLICABLE.value: labels.ANSWER_TALLY[AnswerCode.NOT_APPLICABLE],
    }
    return tuple(Tally(state, f"{states[state]} {gettext(words[state])}") for state in words if states[state])


def _why_not_concluded(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.unrecognised:
        yield gettext("an answer belongs to no question of this edition")
    elif open_questions := len(evaluation.open_questions):
        yield ngettext("{} answer is not known", "{} answers are not known", open_questions)
    if overdue := len(evaluation.overdue):
        yield ngettext("the review of {} rule is overdue", "the review of {} rules is overdue", overdue)


def _flagged_names(definition: Definition, evaluation: Evaluation) -> str:
    is_contraindication = evaluation.outcome is Outcome.CONTRAINDICATION_FLAGGED
    flagged = [
        finding
        for finding in evaluation.with_status(FindingStatus.FLAGGED)
        if not is_contraindication or finding.severity is not Severity.CAUTION
    ]
    asked = [finding.link_id for finding in flagged if finding.link_id in definition.by_link_id]
    names = [definition.item(finding.link_id).name for finding in flagged]
    if len(flagged) > NAMES_IN_HEADLINE and asked:
        questions = ngettext("{} question", "{} questions", len(definition.items))
        names[: len(asked)] = [gettext("{count} of {questions}").format(count=len(asked), questions=questions)]
    return join_with_and(names)


def _next_step(definition: Definition, evaluation: Evaluation) -> str:
    match evaluation.outcome:
        case Outcome.CONTRAINDICATION_FLAGGED:
            return f"{_do_not_start(evaluation)} {_find_out_and_give(len(evaluation.open_questions))}"
        case Outcome.CANNOT_CONCLUDE:
            until_then = gettext("Until then nothing is ruled out.")
            return f"{_screen_again(definition, evaluation)} {until_then}"
        case Outcome.CAUTION_FLAGGED:
            return gettext("Give the summary to the prescriber, who weighs each caution below.")
    covers = gettext("This result covers {questions} only; what was not asked is listed below.")
    questions = ngettext("{} question", "{} questions", len(definition.items))
    give = gettext("Give the summary to the prescriber.")
    return f"{give} {covers.format(questions=questions)}"


def _do_not_start(evaluation: Evaluation) -> str:
    if outcome_state(evaluation) != Severity.CONTRAINDICATED:
        return gettext("Do not start LDN before the prescriber has weighed each flag below.")
    if _list_raised(evaluation):
        return gettext("Do not start LDN on these answers and this list.")
    return gettext("Do not start LDN on these answers.")


def _find_out_and_give(count: int) -> str:
    if not count:
        return gettext("Give the summary to the prescriber.")
    return ngettext(
        "Find out the one unresolved answer, and give the summary to the prescriber.",
        "Find out the {} unresolved answers, and give the summary to the prescriber.",
        count,
    )


def _screen_again(definition: Definition, evaluation: Evaluation) -> str:
    count = len(evaluation.open_questions)
    if evaluation.overdue:
        rules = _overdue_rules(definition, evaluation)
        if not count:
            return gettext("Screen again once the text of {rules} has been reviewed.").format(rules=rules)
        return ngettext(
            "Find out the one unresolved answer, and screen again once the text of {rules} has been reviewed.",
            "Find out the {} unresolved answers, and screen again once the text of {rules} has been reviewed.",
            count,
            rules=rules,
        )
    if not count:
        return gettext("Screen again.")
    return ngettext(
        "Find out the one unresolved answer, then amend or screen again.",
        "Find out the {} unresolved answers, then amend or screen again.",
        count,
    )


def _overdue_rules(definition: Definition, evaluation: Evaluation) -> str:
    rules, overdue = (*definition.items, *definition.listed), evaluation.overdue
    names = [item.name for item in rules if item.link_id in overdue]
    if not 0 < len(names) <= NAMES_IN_HEADLINE:
        return ngettext("{} rule", "{} rules", len(overdue))
    if len(names) == 1:
        return gettext("the rule on {names}").format(names=names[0])
    return gettext("the rules on {names}").format(names=join_with_and(names))


def _list_raised(evaluation: Evaluation) -> bool:
    """True when the medication list raised a flag although the answer was not yes."""
    flagged = evaluation.with_status(FindingStatus.FLAGGED)
    return any(finding.answer is not AnswerCode.YES for finding in flagged)
