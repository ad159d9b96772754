"""The text of a screening, the same on every page, print and export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from screening.clinical.evaluation.evaluate import Evaluation, FindingStatus
from screening.clinical.evaluation.plausibility import BORN_LONG_AGO, is_born_long_ago, not_after_birth
from screening.clinical.rules import labels
from screening.clinical.rules.definition import AnswerCode, Definition, Outcome, Severity
from screening.clinical.rules.reviews import NO_REVIEWS, Reviews, review_remarks
from screening.clinical.text import wording
from screening.clinical.text.dates import format_datetime
from screening.clinical.text.phrases import counted, format_number, join_with_and

from .decisions import DecisionsText, asked_again_on, decisions_text, shelf_life
from .findings import FindingText, LabelledText, finding_text, state_of
from .medication_list import MedicationListText, medication_list_text
from .record import Decided, Patient, Record, RecordStatus, Superseded, short_id_of

NAMES_IN_HEADLINE = 3
ON_PAPER = "on paper"
NO_CURRENT_RECORD = "The record that superseded them was entered in error, so no record is current: screen again."
NO_RECORD_TO_USE = (
    "Screen again. The record that replaced this one was entered in error, so there is no record to use."
)
CHECK_OTHER_RECORDS = (
    "Check the list of screenings for others with this record number, and screen again if the patient needs it. "
    "This record must not be used."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryHeadings:
    """The headings of the parts of a summary. ``answered`` and ``next_step`` depend on the record."""

    answered: str
    next_step: str
    flagged: str = wording.FLAGGED
    unresolved: str = wording.UNRESOLVED
    not_covered: str = wording.NOT_COVERED
    counselling: str = wording.COUNSELLING


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
    decisions: DecisionsText | None = None
    reminder: str = wording.REMINDER


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
        provenance=tuple(_provenance(record)),
        remarks=tuple(_remarks(record, shown_on, reviews)),
        shelf_life="" if watermark else shelf_life(record, shown_on, decisions),
        flagged=tuple(each for each in entries if each.finding is FindingStatus.FLAGGED),
        unresolved=tuple(each for each in entries if each.finding is FindingStatus.UNRESOLVED),
        answered=tuple(each for each in entries if each.finding is FindingStatus.NOT_FLAGGED),
        medications=medication_list_text(record) if record.listed else None,
        basis=definition.basis,
        not_covered=definition.not_covered,
        counselling=definition.counselling,
        decisions=decisions_text(record, decisions, watermark.no_decision if watermark else ""),
    )


DRAFT_WATERMARK = Watermark(
    kind="draft",
    label=wording.DRAFT,
    explanation=f"{wording.NOTHING_RECORDED} Do not act on it. It shows what the rules would say once published.",
    no_decision="This is a draft of the rules. Nothing is decided on it.",
)


def _watermark(record: Record, status: RecordStatus) -> Watermark | None:
    if record.is_draft:
        return DRAFT_WATERMARK
    if status is None:
        return None
    when = format_datetime(status.at)
    reason = f"Do not act on this page. Reason: {status.reason.rstrip('.')}."
    if isinstance(status, Superseded):
        current = status.current and short_id_of(status.current)
        decide = f"The prescriber decides on record {current}." if current else NO_CURRENT_RECORD
        return Watermark(
            kind="superseded",
            label=wording.SUPERSEDED,
            explanation=f"on {when}, by record {short_id_of(status.by)}. {reason}",
            no_decision=f"These answers are superseded. {decide}",
            next_step=f"Use record {current}, which replaces this one." if current else NO_RECORD_TO_USE,
        )
    return Watermark(
        kind="void",
        label=wording.VOID,
        explanation=f"{wording.ENTERED_IN_ERROR}; marked on {when}, by {status.by}, {status.role}. {reason}",
        no_decision="This record was entered in error. It must not be used.",
        next_step=CHECK_OTHER_RECORDS,
    )


def _headings(evaluation: Evaluation, watermark: Watermark | None) -> SummaryHeadings:
    only_answers = all(finding.status is FindingStatus.NOT_FLAGGED for finding in evaluation.findings)
    return SummaryHeadings(
        answered=wording.ASKED_AND_ANSWERED if only_answers else wording.OTHER_ANSWERS,
        next_step=wording.INSTEAD if watermark and watermark.next_step else wording.NEXT,
    )


def words_in_lists(definition: Definition, evaluation: Evaluation) -> dict[str, str]:
    """Return the state, headline and tally of a result: the words that are stored with it for lists."""
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
    words = labels.OUTCOME_WORDS[evaluation.outcome]
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
    return tuple(Tally(state, f"{states[state]} {words[state]}") for state in words if states[state])


def _why_not_concluded(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.unrecognised:
        yield "an answer belongs to no question of this edition"
    elif open_questions := len(evaluation.open_questions):
        yield counted(open_questions, "answer is not known", "answers are not known")
    if overdue := len(evaluation.overdue):
        yield f"the review of {counted(overdue, 'rule', 'rules')} is overdue"


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
        names[: len(asked)] = [f"{len(asked)} of {counted(len(definition.items), 'question', 'questions')}"]
    return join_with_and(names)


def _next_step(definition: Definition, evaluation: Evaluation) -> str:
    count = len(evaluation.open_questions)
    to_find_out = "the one unresolved answer" if count == 1 else f"the {count} unresolved answers"
    match evaluation.outcome:
        case Outcome.CONTRAINDICATION_FLAGGED:
            contraindicated = outcome_state(evaluation) == Severity.CONTRAINDICATED
            raised_by = "these answers and this list" if _list_raised(evaluation) else "these answers"
            condition = f"on {raised_by}" if contraindicated else "before the prescriber has weighed each flag below"
            find_out = f"Find out {to_find_out}, and give" if count else "Give"
            return f"Do not start LDN {condition}. {find_out} the summary to the prescriber."
        case Outcome.CANNOT_CONCLUDE if evaluation.overdue:
            find_out = f"Find out {to_find_out}, and screen" if count else "Screen"
            reviewed = f"once the text of {_overdue_rules(definition, evaluation)} has been reviewed"
            return f"{find_out} again {reviewed}. Until then nothing is ruled out."
        case Outcome.CANNOT_CONCLUDE:
            find_out = f"Find out {to_find_out}, then amend or screen" if count else "Screen"
            return f"{find_out} again. Until then nothing is ruled out."
        case Outcome.CAUTION_FLAGGED:
            return "Give the summary to the prescriber, who weighs each caution below."
    asked = counted(len(definition.items), "question", "questions")
    return f"Give the summary to the prescriber. This result covers {asked} only; what was not asked is listed below."


def _overdue_rules(definition: Definition, evaluation: Evaluation) -> str:
    rules, overdue = (*definition.items, *definition.listed), evaluation.overdue
    names = [item.name for item in rules if item.link_id in overdue]
    if not 0 < len(names) <= NAMES_IN_HEADLINE:
        return counted(len(overdue), "rule", "rules")
    return f"the {'rule' if len(names) == 1 else 'rules'} on {join_with_and(names)}"


def _list_raised(evaluation: Evaluation) -> bool:
    """True when the medication list raised a flag although the answer was not yes."""
    flagged = evaluation.with_status(FindingStatus.FLAGGED)
    return any(finding.answer is not AnswerCode.YES for finding in flagged)


def patient_lines(patient: Patient, screened_on: date) -> Iterator[LabelledText]:
    """Yield the patient's data as every page of a record shows them, with the age on the day of screening."""
    age = patient.birth_date.age_in_words(screened_on)
    yield LabelledText("Patient", patient.name)
    yield LabelledText("Born", f"{patient.birth_date.in_words} ({age})")
    yield LabelledText("Record number", patient.record_number)
    if patient.dose_mg is not None:
        yield LabelledText("Intended dose", f"{format_number(patient.dose_mg)} mg daily")
    if patient.indication:
        yield LabelledText("Indication", patient.indication)


def _provenance(record: Record) -> Iterator[LabelledText]:
    screened, person = format_datetime(record.screened_at), f"{record.screened_by}, {record.role}"
    if paper := record.transcribed:
        yield LabelledText("Screened", f"{screened}, {ON_PAPER}")
        yield LabelledText("By", f"{paper.completed_by}, {ON_PAPER}")
        yield LabelledText(wording.TRANSCRIBED, f"{format_datetime(paper.at)}, by {person}")
    else:
        yield LabelledText("Screened", screened)
        yield LabelledText("By", person)
    if record.begun_by:
        yield LabelledText("Form begun by", record.begun_by)
    yield LabelledText("Rules", record.rules)
    yield LabelledText("Record", "None" if record.is_draft else record.short_id)
    if record.amends:
        yield LabelledText("Amends", f"{short_id_of(record.amends.uuid)}, because: {record.amends.reason}")


def _remarks(record: Record, shown_on: date, reviews: Reviews) -> Iterator[str]:
    dose, definition = record.patient.dose_mg, record.definition
    yield from _transcription_remarks(record)
    if dose is not None and not definition.is_low_dose(dose):
        yield definition.dose_note
    born, on = record.patient.birth_date.latest, record.screened_at.date()
    if is_born_long_ago(born, on):
        yield BORN_LONG_AGO
    for item in definition.items:
        if (answer := record.answers.get(item.link_id)) and (words := not_after_birth(item, answer.details, born)):
            yield words
    yield from review_remarks(definition, shown_on, reviews, without_second_reviewer=record.without_second_reviewer)


def _transcription_remarks(record: Record) -> Iterator[str]:
    edition, paper = record.edition_number, record.transcribed
    if paper and paper.edition_in_use != edition:
        yield (
            f"Evaluated under edition {edition}, which was printed on the paper form. Edition {paper.edition_in_use} "
            "was in use when it was transcribed."
        )
    if paper and paper.is_before_edition:
        yield f"The time on the paper is before edition {edition} was published. Check both."
