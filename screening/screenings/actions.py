"""Record a screening, or mark one as entered in error; both change the worklist."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404

from screening.accounts.models import User
from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event
from screening.clinical.evaluation.evaluate import Answer as ClinicalAnswer
from screening.clinical.evaluation.evaluate import Evaluation, Finding, evaluate
from screening.clinical.evaluation.follow_up_values import to_plain
from screening.clinical.evaluation.listed_medicines import to_plain as medicines_to_plain
from screening.clinical.report.record import Patient
from screening.clinical.report.summary import words_in_lists
from screening.clinical.rules.definition import AnswerCode, Definition
from screening.clinical.rules.reviews import overdue
from screening.clinical.text.identifiers import name_key, record_key
from screening.editions.models import Edition
from screening.web import metrics
from screening.web.transactions import committed, lock

from .models import Answer, ListOfMedicines, Screening, Transcription, Void, WorklistEntry
from .submission import PaperForm, Submission

_NO_ANSWER = ClinicalAnswer(AnswerCode.UNKNOWN)


class RecordedWithOtherContent(Exception):
    """The form was already recorded with other content; ``screening`` is that record."""

    def __init__(self, screening: Screening) -> None:
        super().__init__(str(screening.uuid))
        self.screening = screening


class NotCurrent(Exception):
    """The record to change is superseded or void; ``screening`` is that record."""

    def __init__(self, screening: Screening) -> None:
        super().__init__(str(screening.uuid))
        self.screening = screening


def record_screening(*, edition: Edition, submission: Submission, by: User, role: Role, at: datetime) -> Screening:
    """Evaluate the answers and store them with the result.

    A transcribed form is evaluated as of the time on the paper; ``at`` is when it is transcribed.
    Resubmitting the same form with the same content returns the existing record.

    Raises:
        RecordedWithOtherContent: the form was already recorded with other content. Nothing is stored.
        NotCurrent: the record to amend is superseded or void. Nothing is stored.
    """
    try:
        with committed():
            amended = lock_current(submission.amends) if submission.amends else None
            return _insert_screening(edition, submission, amended, by, role, at)
    except (IntegrityError, NotCurrent):
        recorded = Screening.objects.filter(submission=submission.key).first()
        if recorded is None:
            raise
    if recorded.content_hash != submission.content_hash:
        raise RecordedWithOtherContent(recorded)
    return recorded


def _insert_screening(
    edition: Edition, submission: Submission, amended: Screening | None, by: User, role: Role, at: datetime
) -> Screening:
    paper = submission.paper
    screened_at = paper.completed_at if paper else at
    on = screened_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    overdue_rules, begun_by = _overdue(edition, on), submission.begun_by
    evaluation = evaluate(edition.definition, submission.answers, on, submission.medications, overdue_rules or ())
    screening = Screening.objects.create(
        **_patient_columns(submission.patient),
        **_result_columns(edition.definition, evaluation),
        submission=submission.key,
        content_hash=submission.content_hash,
        edition=edition,
        overdue=overdue_rules,
        screened_at=screened_at,
        time_zone=settings.TIME_ZONE,
        screened_by=by,
        screened_by_name=by.display_name,
        role=role.value,
        supersedes=submission.amends,
        amendment_reason=submission.amendment_reason,
        begun_by=begun_by,
        begun_by_name=begun_by.display_name if begun_by else "",
    )
    answers = [
        _answer_row(screening, position, finding, submission.answers.get(finding.link_id, _NO_ANSWER))
        for position, finding in enumerate(evaluation.findings)
    ]
    Answer.objects.bulk_create(answers)
    if submission.medications:
        _list_row(screening, submission).save(force_insert=True)
    _put_on_worklist(screening, amended)
    details = {"begun_by": begun_by.username} if begun_by else {}
    if paper:
        _transcription_row(screening, paper, at).save(force_insert=True)
        details["source"] = "paper"
    record_event(Action.SCREENING_RECORDED, by=by, role=role, subject=str(screening.uuid), **details)
    if earlier := submission.amends:
        later = str(screening.uuid)
        record_event(Action.SCREENING_SUPERSEDED, by=by, role=role, subject=str(earlier.uuid), later=later)
    transaction.on_commit(metrics.SCREENINGS.labels(screening.outcome).inc, robust=True)
    return screening


def _put_on_worklist(screening: Screening, amended: Screening | None) -> None:
    """Add a screening to the worklist in place of the one that it amends, with the decision that it supersedes."""
    columns = {"screening": screening, "screened_at": screening.screened_at, "outcome": screening.outcome}
    entry = getattr(amended, "worklist_entry", None)
    if amended is None or (entry and entry.due_on is None):
        superseded = entry.superseded_decision_id if entry else None
    else:
        superseded = amended.decisions.order_by("number").values_list("pk", flat=True).last()
    columns |= {"due_on": None, "superseded_decision_id": superseded}
    if entry:
        WorklistEntry.objects.filter(screening=amended).update(**columns)
    else:
        WorklistEntry.objects.create(**columns)


def _overdue(edition: Edition, on: date) -> tuple[str, ...] | None:
    """Return the rules whose review is overdue; None where the installation draws conclusions from them anyway."""
    if not settings.OVERDUE_CANNOT_CONCLUDE:
        return None
    return overdue(edition.definition, on, edition.review_confirmations())


@committed()
def void_screening(screening: Screening, *, by: User, role: Role, at: datetime, reason: str) -> Void:
    """Mark a record as entered in error.

    Raises:
        NotCurrent: it is already superseded or void.
    """
    lock_current(screening)
    void = Void.objects.create(
        screening=screening, reason=reason, at=at, by=by, by_name=by.display_name, role=role.value
    )
    WorklistEntry.objects.filter(screening=screening).delete()
    record_event(Action.SCREENING_VOIDED, by=by, role=role, subject=str(screening.uuid))
    return void


def lock_current(screening: Screening) -> Screening:
    """Lock a record, so that nobody else can supersede, void or decide on it before this transaction ends.

    Return the record as it is then, with its entry on the worklist.

    Raises:
        NotCurrent: it is already superseded or void.
        Http404: it was purged meanwhile.
    """
    lock(screening)
    locked = get_object_or_404(Screening.objects.with_status().select_related("worklist_entry"), pk=screening.pk)
    if not locked.is_current:
        raise NotCurrent(screening)
    return locked


def _patient_columns(patient: Patient) -> dict[str, object]:
    return {
        "patient_name": patient.name,
        "patient_name_key": name_key(patient.name),
        "birth_date": str(patient.birth_date),
        "record_number": patient.record_number,
        "record_number_key": record_key(patient.record_number),
        "dose_mg": patient.dose_mg,
        "indication": patient.indication,
    }


def _result_columns(definition: Definition, evaluation: Evaluation) -> dict[str, object]:
    return {
        "outcome": evaluation.outcome.value,
        **words_in_lists(definition, evaluation),
        "unrecognised": list(evaluation.unrecognised),
    }


def _answer_row(screening: Screening, position: int, finding: Finding, answer: ClinicalAnswer) -> Answer:
    return Answer(
        screening=screening,
        position=position,
        link_id=finding.link_id,
        code=finding.answer.value,
        reason=answer.reason,
        details=to_plain(answer.details),
        status=finding.status.value,
        severity=finding.severity.value,
        next_step=finding.next_step,
        notes=[{"label": note.label, "words": note.words} for note in finding.notes],
    )


def _list_row(screening: Screening, submission: Submission) -> ListOfMedicines:
    return ListOfMedicines(
        screening=screening,
        text=submission.medications.text,
        found=medicines_to_plain(submission.medications.found),
        not_read=list(submission.medications.not_read),
        lexicon=screening.edition.definition.lexicon,
        local_names=[{"name": each.name, "ingredients": list(each.ingredients)} for each in submission.local_names],
    )


def _transcription_row(screening: Screening, paper: PaperForm, at: datetime) -> Transcription:
    return Transcription(
        screening=screening,
        completed_by=paper.completed_by,
        transcribed_at=at,
        edition_in_use=paper.edition_in_use,
    )
