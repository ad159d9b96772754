"""The one set of words of a screening, which every page, print and message shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
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
from screening.clinical.text.wording import Headings

from .findings import FindingText, LabelledText, finding_text, state_of
from .medication_list import MedicationListText, medication_list_text
from .record import Record, RecordStatus, Superseded, Voided, short_id_of

NAMES_IN_HEADLINE = 3
NONE_STANDS = "What superseded them was entered in error, so nothing stands: screen again."
NOTHING_TO_USE = "Screen again. What replaced this record was entered in error, so there is no record to use."
LOOK_ELSEWHERE = (
    "Look in the list of screenings for others of the record number, and screen again if the patient needs it. "
    "This record must not be used."
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many questions ended in a state; ``state`` names the shape that stands beside the words."""

    state: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """That a record is not to be used: the word across every sheet, what it means, and where to decide instead.

    ``next_step`` replaces what its answers ask for; it is empty for a draft, which shows what the rules would say.
    """

    word: str
    words: str
    instead: str
    next_step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The words of one screening, in the order in which they are read."""

    mark: Watermark | None
    headings: Headings
    outcome: Outcome
    state: str
    headline: str
    tally: tuple[Tally, ...]
    next_step: str
    patient: tuple[LabelledText, ...]
    provenance: tuple[LabelledText, ...]
    remarks: tuple[str, ...]
    flagged: tuple[FindingText, ...]
    unresolved: tuple[FindingText, ...]
    answered: tuple[FindingText, ...]
    medications: MedicationListText | None
    basis: str
    not_covered: tuple[str, ...]
    counselling: tuple[str, ...]
    reminder: str = wording.REMINDER


def summarise(
    record: Record, shown_on: date, standing: RecordStatus = None, reviews: Reviews = NO_REVIEWS
) -> Summary:
    """Put a record into words.

    ``shown_on`` is the day of reading, on which a rule's review may be overdue; ``standing`` is what became of the
    record by then, ``reviews`` what was signed under the rules of its edition.
    """
    definition, evaluation = record.definition, record.evaluation
    entries = [finding_text(record, finding, shown_on, reviews) for finding in evaluation.findings]
    mark = _mark(record, standing)
    return Summary(
        mark=mark,
        headings=_headings(evaluation, mark),
        outcome=evaluation.outcome,
        state=outcome_state(evaluation),
        headline=headline(definition, evaluation),
        tally=tally(evaluation),
        next_step=(mark and mark.next_step) or _next_step(definition, evaluation),
        patient=tuple(_patient(record)),
        provenance=tuple(_provenance(record)),
        remarks=tuple(_remarks(record, shown_on, reviews)),
        flagged=tuple(each for each in entries if each.finding is FindingStatus.FLAGGED),
        unresolved=tuple(each for each in entries if each.finding is FindingStatus.UNRESOLVED),
        answered=tuple(each for each in entries if each.finding is FindingStatus.NOT_FLAGGED),
        medications=medication_list_text(record) if record.listed else None,
        basis=definition.basis,
        not_covered=definition.not_covered,
        counselling=definition.counselling,
    )


DRAFT = Watermark(
    word="DRAFT, NOT IN USE",
    words="Nothing on this page is recorded. Do not act on it. It shows what the rules would say once published.",
    instead="This is a draft of the rules. Nothing is decided on it.",
)


def _mark(record: Record, standing: RecordStatus) -> Watermark | None:
    if record.is_draft:
        return DRAFT
    return _stands_no_longer(standing) if standing else None


def _stands_no_longer(standing: Superseded | Voided) -> Watermark:
    when = format_datetime(standing.at)
    reason = f"Do not act on this page. Reason: {standing.reason.rstrip('.')}."
    if isinstance(standing, Superseded):
        current = standing.stands and short_id_of(standing.stands)
        decide = f"The prescriber decides on record {current}." if current else NONE_STANDS
        return Watermark(
            word="SUPERSEDED",
            words=f"on {when}, by record {short_id_of(standing.by)}. {reason}",
            instead=f"These answers are superseded. {decide}",
            next_step=f"Use record {current}, which replaces this one." if current else NOTHING_TO_USE,
        )
    return Watermark(
        word="VOID",
        words=f"Entered in error; marked so on {when}, by {standing.by}, {standing.role}. {reason}",
        instead="This record was entered in error. It must not be used.",
        next_step=LOOK_ELSEWHERE,
    )


def _headings(evaluation: Evaluation, mark: Watermark | None) -> Headings:
    nothing_told = all(finding.status is FindingStatus.NOT_FLAGGED for finding in evaluation.findings)
    return Headings(
        answered="What was asked and answered" if nothing_told else "Also asked",
        next_step="Instead" if mark and mark.next_step else "Next",
    )


def outcome_state(evaluation: Evaluation) -> str:
    """The gravest severity that was flagged, ``unresolved`` when nothing can be concluded, else ``none``."""
    if evaluation.outcome is Outcome.CANNOT_CONCLUDE:
        return FindingStatus.UNRESOLVED.value
    flagged = {finding.severity for finding in evaluation.with_status(FindingStatus.FLAGGED)}
    return next((severity.value for severity in Severity if severity in flagged), "none")


def headline(definition: Definition, evaluation: Evaluation) -> str:
    """The outcome in one line, with what raised it."""
    words = labels.OUTCOME_WORDS[evaluation.outcome]
    if evaluation.outcome is Outcome.NONE_IDENTIFIED:
        return words
    if evaluation.outcome is Outcome.CANNOT_CONCLUDE:
        return f"{words}: {join_with_and(list(_why_open(evaluation)))}"
    return f"{words}: {_flagged_names(definition, evaluation)}"


def tally(evaluation: Evaluation) -> tuple[Tally, ...]:
    """How many questions ended in each state, gravest first."""
    states = Counter(state_of(finding) for finding in evaluation.findings)
    words = {
        **labels.by_code(labels.SEVERITY_TALLY),
        FindingStatus.UNRESOLVED.value: "not known",
        AnswerCode.NO.value: "answered no",
        AnswerCode.NOT_APPLICABLE.value: "not applicable",
    }
    return tuple(Tally(state, f"{states[state]} {said}") for state, said in words.items() if states[state])


def _why_open(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.unrecognised:
        yield "an answer belongs to no question of this edition"
    elif open_questions := len(evaluation.open_questions):
        yield counted(open_questions, "answer is not known", "answers are not known")
    if overdue := len(evaluation.overdue):
        yield f"the review of {counted(overdue, 'rule', 'rules')} is overdue"


def _flagged_names(definition: Definition, evaluation: Evaluation) -> str:
    grave = evaluation.outcome is Outcome.CONTRAINDICATION_FLAGGED
    flagged = evaluation.with_status(FindingStatus.FLAGGED)
    named = [each for each in flagged if not grave or each.severity is not Severity.CAUTION]
    asked = [each.link_id for each in named if each.link_id in definition.by_link_id]
    names = [definition.item(each.link_id).name for each in named]
    if len(named) > NAMES_IN_HEADLINE and asked:
        names[: len(asked)] = [f"{len(asked)} of {counted(len(definition.items), 'question', 'questions')}"]
    return join_with_and(names)


def _next_step(definition: Definition, evaluation: Evaluation) -> str:
    count = len(evaluation.open_questions)
    points = "the one open point" if count == 1 else f"the {count} open points"
    match evaluation.outcome:
        case Outcome.CONTRAINDICATION_FLAGGED:
            contraindicated = outcome_state(evaluation) == Severity.CONTRAINDICATED
            raised_by = "these answers and this list" if _list_raised(evaluation) else "these answers"
            held = f"on {raised_by}" if contraindicated else "before the prescriber has weighed each flag below"
            find_out = f"Find out {points}, and hand" if count else "Hand"
            return f"Do not start LDN {held}. {find_out} the summary to the prescriber."
        case Outcome.CANNOT_CONCLUDE if evaluation.overdue:
            find_out = f"Find out {points}, and screen" if count else "Screen"
            reviewed = f"once the text of {_overdue_rules(definition, evaluation)} has been reviewed"
            return f"{find_out} again {reviewed}. Until then nothing is ruled out."
        case Outcome.CANNOT_CONCLUDE:
            find_out = f"Find out {points}, then amend or screen" if count else "Screen"
            return f"{find_out} again. Until then nothing is ruled out."
        case Outcome.CAUTION_FLAGGED:
            return "Hand the summary to the prescriber, who weighs each caution below."
    asked = counted(len(definition.items), "question", "questions")
    return f"Hand the summary to the prescriber. This result covers {asked} only; what was not asked is listed below."


def _overdue_rules(definition: Definition, evaluation: Evaluation) -> str:
    rules, overdue = (*definition.items, *definition.listed), evaluation.overdue
    names = [item.name for item in rules if item.link_id in overdue]
    if not 0 < len(names) <= NAMES_IN_HEADLINE:
        return counted(len(overdue), "rule", "rules")
    return f"the {'rule' if len(names) == 1 else 'rules'} on {join_with_and(names)}"


def _list_raised(evaluation: Evaluation) -> bool:
    """True when a flag was raised by the medication list beside another answer than yes."""
    flagged = evaluation.with_status(FindingStatus.FLAGGED)
    return any(finding.answer is not AnswerCode.YES for finding in flagged)


def _patient(record: Record) -> Iterator[LabelledText]:
    patient = record.patient
    age = patient.birth_date.age_in_words(record.screened_at.date())
    yield LabelledText("Patient", patient.name)
    yield LabelledText("Born", f"{patient.birth_date.in_words} ({age})")
    yield LabelledText("Record number", patient.record_number)
    if patient.dose_mg is not None:
        yield LabelledText("Intended dose", f"{format_number(patient.dose_mg)} mg daily")
    if patient.indication:
        yield LabelledText("Indication", patient.indication)


def _provenance(record: Record) -> Iterator[LabelledText]:
    yield LabelledText("Screened", format_datetime(record.screened_at))
    yield LabelledText("By", f"{record.screened_by}, {record.role}")
    if record.begun_by:
        yield LabelledText("Form begun by", record.begun_by)
    yield LabelledText("Rules", record.rules)
    yield LabelledText("Record", "None" if record.is_draft else record.short_id)
    if record.amends:
        yield LabelledText("Amends", f"{short_id_of(record.amends.uuid)}, because: {record.amends.reason}")


def _remarks(record: Record, shown_on: date, reviews: Reviews) -> Iterator[str]:
    dose, definition = record.patient.dose_mg, record.definition
    if dose is not None and not definition.is_low_dose(dose):
        yield definition.dose_note
    born, on = record.patient.birth_date.latest, record.screened_at.date()
    if is_born_long_ago(born, on):
        yield BORN_LONG_AGO
    for item in definition.items:
        if (answer := record.answers.get(item.link_id)) and (words := not_after_birth(item, answer.details, born)):
            yield words
    alone = record.without_second_reviewer
    yield from review_remarks(definition, shown_on, reviews, without_second_reviewer=alone)
