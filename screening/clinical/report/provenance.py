"""The text of a summary about the record: the patient, who screened and when, and remarks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from screening.clinical.evaluation.plausibility import BORN_LONG_AGO, is_born_long_ago
from screening.clinical.rules.reviews import Reviews, review_remarks
from screening.clinical.text import wording
from screening.clinical.text.dates import occurred_twice
from screening.clinical.text.local_dates import format_datetime
from screening.clinical.text.phrases import format_number
from screening.clinical.text.translation import gettext, gettext_noop

from .details import not_after_birth
from .findings import LabelledText, RuleText
from .record import Patient, Record, short_id_of

ON_PAPER = gettext_noop("on paper")
DATED_AFTER_TODAY = gettext_noop(
    "This record is dated after today: the clock or the time zone of the server was changed. "
    "The age of its answers is not known."
)
OCCURRED_TWICE = gettext_noop(
    "Clocks were put back, so the time on the paper occurred twice on that day. The first of the two was taken."
)


def patient_lines(patient: Patient, screened_on: date) -> Iterator[LabelledText]:
    """Yield the patient's data as every page of a record shows them, with the age on the day of screening."""
    age = patient.birth_date.age_in_words(screened_on)
    yield LabelledText(gettext("Patient"), patient.name)
    yield LabelledText(gettext("Born"), f"{patient.birth_date.in_words} ({age})")
    yield LabelledText(gettext("Record number"), patient.record_number)
    if patient.dose_mg is not None:
        yield LabelledText(
            gettext("Intended dose"), gettext("{dose} mg daily").format(dose=format_number(patient.dose_mg))
        )
    if patient.indication:
        yield LabelledText(gettext("Indication"), patient.indication)


def provenance_lines(record: Record) -> Iterator[LabelledText]:
    """Yield who screened and when, on paper or not, under which rules, and what the record amends."""
    screened, person = format_datetime(record.screened_at), f"{record.screened_by}, {gettext(record.role)}"
    if paper := record.transcribed:
        yield LabelledText(gettext("Screened"), f"{screened}, {gettext(ON_PAPER)}")
        yield LabelledText(gettext("By"), f"{paper.completed_by}, {gettext(ON_PAPER)}")
        yield LabelledText(
            gettext(wording.TRANSCRIBED),
            gettext("{time}, by {person}").format(time=format_datetime(paper.at), person=person),
        )
    else:
        yield LabelledText(gettext("Screened"), screened)
        yield LabelledText(gettext("By"), person)
    if record.begun_by:
        yield LabelledText(gettext("Form begun by"), record.begun_by)
    yield LabelledText(gettext("Rules"), record.rules)
    yield LabelledText(gettext("Record"), gettext("None") if record.is_draft else record.short_id)
    if record.amends:
        yield LabelledText(
            gettext("Amends"),
            gettext("{record}, because: {reason}").format(
                record=short_id_of(record.amends.uuid), reason=record.amends.reason
            ),
        )


def remarks(record: Record, shown_on: date, reviews: Reviews) -> Iterator[str]:
    """Yield the sentences that warn about a record or its rules, as of the day it is shown."""
    dose, definition = record.patient.dose_mg, record.definition
    yield from _transcription_remarks(record)
    if record.screened_at.date() > shown_on:
        yield gettext(DATED_AFTER_TODAY)
    if dose is not None and not definition.is_low_dose(dose):
        yield RuleText(definition.dose_note)
    born, on = record.patient.birth_date.latest, record.screened_at.date()
    if is_born_long_ago(born, on):
        yield gettext(BORN_LONG_AGO)
    for item in definition.items:
        if (answer := record.answers.get(item.link_id)) and (words := not_after_birth(item, answer.details, born)):
            yield words
    yield from review_remarks(definition, shown_on, reviews, without_second_reviewer=record.without_second_reviewer)


def _transcription_remarks(record: Record) -> Iterator[str]:
    edition, paper = record.edition_number, record.transcribed
    if paper and paper.edition_in_use != edition:
        yield gettext(
            "Evaluated under edition {edition}, which was printed on the paper form. Edition {edition_in_use} "
            "was in use when it was transcribed."
        ).format(edition=edition, edition_in_use=paper.edition_in_use)
    if paper and paper.is_before_edition:
        yield gettext("The time on the paper is before edition {edition} was published. Check both.").format(
            edition=edition
        )
    if paper and occurred_twice(record.screened_at):
        yield gettext(OCCURRED_TWICE)
