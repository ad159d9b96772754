"""The screening form, built from an edition's definition; nothing in it is preselected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, cast

from crispy_forms.layout import Field, Fieldset, Layout
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext

from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.evaluation.follow_up_values import FollowUpValue
from screening.clinical.medications.reader import NO_LIST, MedicationList
from screening.clinical.report.findings import answer_texts
from screening.clinical.report.record import LastUse, Patient, Record
from screening.clinical.rules.definition import AnswerCode, Definition, FollowUp, Item
from screening.clinical.rules.labels import ANSWER_WORDS
from screening.clinical.text.identifiers import LONGEST_RECORD_KEY, look_alike_message, record_key, same_name
from screening.clinical.text.phrases import format_number, in_sentence
from screening.screenings.form_ticket import TICKET_FIELD
from screening.web.fields import Confirmation, ConfirmationBox, confirmation_of
from screening.web.forms import FieldNote, StrictForm
from screening.web.languages import as_rule_text
from screening.web.layout import TemplatePart, WithUnit, wide

from .field_notes import notes_on
from .medication_list import MEDICATIONS, CheckedList, ReadList, RuleMatch
from .screening_fields import reason_field, screening_fields

FindLastUse = Callable[[str], LastUse | None]
"""Finds the patient for whom a record number was last used."""
CONFIRM_PATIENT, CONFIRM_TAKEOVER = "confirm_patient", "confirm_takeover"


class Takeover(NamedTuple):
    """The person who began a form that another person sends, and the value of the box that confirms the takeover."""

    begun_by: str
    confirms: str


@dataclass(frozen=True)
class Question:
    """One rule on the form.

    ``has_stray_details``: details are filled in although the answer is not yes. ``earlier`` is the answer in the
    record to amend. ``list_match`` holds the medicines of the list that concern the rule.
    """

    item: Item
    number: int
    total: int
    answer: BoundField
    has_stray_details: bool
    earlier: str
    list_match: RuleMatch | None

    @property
    def place(self) -> str:
        """The number of the question, of how many."""
        return gettext("Question {number} of {count}").format(number=self.number, count=self.total)


class ScreeningForm(StrictForm):
    """The patient, the medication list and one question for each rule of the definition.

    ``today`` is the latest date that date fields accept. ``last_use`` finds the patient for whom a record number was
    last used. ``amends`` is the record to amend: its patient and medication list are filled in, its answers are only
    shown. Without ``read_list`` the form has no medication list. ``takeover`` is set when another person began the
    form: then the takeover must be confirmed.
    """

    not_fields = {*StrictForm.not_fields, TICKET_FIELD}
    only_list_checked = False
    """True after ``check_list``."""
    list_address = ""
    """The URL to which the button "Check the list" submits the form, if it is not the usual one."""

    def __init__(
        self,
        definition: Definition,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        today: date,
        last_use: FindLastUse,
        amends: Record | None = None,
        read_list: ReadList | None = None,
        takeover: Takeover | None = None,
    ) -> None:
        super().__init__(data, files, initial=_initial_values(amends) if amends else None)
        self.definition, self.today, self.last_use, self.amends = definition, today, last_use, amends
        self.read_list, self.takeover = read_list, takeover
        self.last_use_to_confirm: LastUse | None = None
        self.earlier = answer_texts(amends) if amends else {}
        self.fields[CONFIRM_TAKEOVER] = _takeover_box(takeover) if takeover else Confirmation()
        if amends:
            self.fields["amendment_reason"] = reason_field()
        self.fields.update(screening_fields(definition, today, takes_list=self.takes_list))

    @property
    def takes_list(self) -> bool:
        """True when the form has a medication list."""
        return self.read_list is not None

    @cached_property
    def plainly_optional(self) -> frozenset[str]:  # type: ignore[override]
        """The details, which have a note saying so, and the reason why a question does not apply."""
        return frozenset(name for name in self.fields if "." in name and not name.endswith(".unknown-reason"))

    @property
    def layout(self) -> Layout:
        """The takeover, the amendment, the patient, the medication list, and a part for each question."""
        takeover = TemplatePart(
            "screening/screenings/form/takeover.html", Field(CONFIRM_TAKEOVER, wrapper_class="wide confirm")
        )
        return Layout(
            *([takeover] if self.takeover else []),
            *([Fieldset(gettext("Amendment"), *wide("amendment_reason"), css_id="reason")] if self.amends else []),
            self._patient_part(),
            *([TemplatePart("screening/screenings/form/medications.html")] if self.takes_list else []),
            *map(question_part, self.questions),
        )

    def _patient_part(self) -> Fieldset:
        return Fieldset(
            gettext("Patient"),
            *wide("patient_name"),
            "birth_date",
            "record_number",
            *([Field(CONFIRM_PATIENT, wrapper_class="wide confirm")] if self.last_use_to_confirm else []),
            WithUnit("dose_mg", "mg"),
            Field("indication", list="indications"),
            TemplatePart("screening/screenings/form/beside_patient.html", definition=self.definition),
            css_id="patient",
        )

    @property
    def questions(self) -> list[Question]:
        """The rules as the page shows them."""
        return [self._question(number, item) for number, item in enumerate(self.definition.items, start=1)]

    def _question(self, number: int, item: Item) -> Question:
        filled = any(self._filled(item, each) for each in item.follow_ups)
        return Question(
            item=item,
            number=number,
            total=len(self.definition.items),
            answer=self[item.link_id],
            has_stray_details=filled and self[item.link_id].value() != AnswerCode.YES.value,
            earlier=self.earlier.get(item.link_id, gettext("Not asked.") if self.amends else ""),
            list_match=self.checked.match_for(item) if self.checked else None,
        )

    def check_list(self) -> bool:
        """Validate the medication list only, without errors of other fields. Return False if it is invalid."""
        self.only_list_checked = True
        return self.check_only(MEDICATIONS)

    def check_only(self, name: str) -> bool:
        """Validate one field, if the form has it, without errors of other fields. Return False if it is invalid."""
        self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}
        if name in self.fields:
            try:
                self.cleaned_data[name] = self.fields[name].clean(self[name].data)
            except ValidationError as error:
                self.add_error(name, error)
        return not self._errors

    @cached_property
    def listed(self) -> MedicationList:
        """The list in the form, read once; ``NO_LIST`` while it is blank or invalid."""
        values = self.cleaned_data if self.is_bound and self.errors is not None else self.initial
        text = values.get(MEDICATIONS, "")
        return self.read_list(text) if text and self.read_list else NO_LIST

    @cached_property
    def checked(self) -> CheckedList | None:
        """The list as the page shows it; None without a list."""
        return CheckedList.of(self.listed, self.definition) if self.listed else None

    @cached_property
    def notes(self) -> dict[str, FieldNote]:  # type: ignore[override]
        """The notes on unlikely values, by field name."""
        valid = self.cleaned_data if self.is_bound and self.errors is not None else {}
        return dict(notes_on(self.definition, valid, self.today))

    def clean(self) -> dict[str, Any]:
        """Check fields together: answers and their details, the record number, and the confirmations."""
        super().clean()
        for item in self.definition.items:
            self._check_answer(item)
        if self.amends:
            self._refuse_another_chart(self.amends)
        else:
            self._check_record_number()
        self._require_takeover_confirmation()
        self._require_patient_confirmation()
        return self.cleaned_data

    @property
    def patient(self) -> Patient:
        """The patient of a valid form, with dose and indication."""
        return Patient(
            name=self.cleaned_data["patient_name"],
            birth_date=self.cleaned_data["birth_date"],
            record_number=self.cleaned_data["record_number"],
            dose_mg=self.cleaned_data["dose_mg"],
            indication=self.cleaned_data["indication"],
        )

    @property
    def amendment_reason(self) -> str:
        """The reason of a valid amendment; empty for a new screening."""
        return str(self.cleaned_data.get("amendment_reason", ""))

    @property
    def answers(self) -> dict[str, Answer]:
        """The answers of a valid form by link id."""
        return {item.link_id: self._answer(item) for item in self.definition.items}

    def _answer(self, item: Item) -> Answer:
        code = AnswerCode(self.cleaned_data[item.link_id])
        if code is AnswerCode.YES:
            return Answer(code, details=dict(self._details(item)))
        reasons = {AnswerCode.UNKNOWN: "unknown-reason", AnswerCode.NOT_APPLICABLE: "na-reason"}
        field = reasons.get(code)
        return Answer(code, self.cleaned_data[f"{item.link_id}.{field}"] if field else "")

    def _details(self, item: Item) -> Iterator[tuple[str, FollowUpValue]]:
        for follow_up in item.follow_ups:
            value = self.cleaned_data[f"{item.link_id}.{follow_up.link_id}"]
            if value not in (None, "", []):
                yield follow_up.link_id, tuple(dict.fromkeys(value)) if isinstance(value, list) else value

    def _filled(self, item: Item, follow_up: FollowUp) -> bool:
        name = f"{item.link_id}.{follow_up.link_id}"
        return any(value.strip() for value in self.data.getlist(name))

    def _check_answer(self, item: Item) -> None:
        code = self.cleaned_data.get(item.link_id)
        reason = f"{item.link_id}.na-reason"
        if code == AnswerCode.NOT_APPLICABLE and reason not in self.errors and not self.cleaned_data.get(reason):
            self.add_error(reason, gettext("Choose why this does not apply."))
        if code is None or code == AnswerCode.YES:
            return
        for follow_up in item.follow_ups:
            if self._filled(item, follow_up):
                answer = in_sentence(gettext(ANSWER_WORDS[AnswerCode(code)]))
                message = gettext(
                    "You answered {answer}, but gave details ({detail}). Clear them, or change the answer to yes."
                )
                self.add_error(
                    f"{item.link_id}.{follow_up.link_id}",
                    message.format(answer=answer, detail=in_sentence(follow_up.name)),
                )

    def _refuse_another_chart(self, amends: Record) -> None:
        number, earlier = self.cleaned_data.get("record_number"), amends.patient.record_number
        if number is not None and record_key(number) != record_key(earlier):
            message = gettext(
                "An amendment stays in the chart of record number {number}. If that is the wrong chart, mark the "
                "record as entered in error and screen again."
            )
            self.add_error("record_number", message.format(number=earlier))

    def _check_record_number(self) -> None:
        """Check the number of a new screening. An amendment is allowed whatever the number of its record is."""
        number = self.cleaned_data.get("record_number", "")
        if problem := look_alike_message(number):
            self.add_error("record_number", problem)
        elif len(record_key(number)) > LONGEST_RECORD_KEY:
            self.add_error(
                "record_number",
                gettext("Some of these characters stand for whole words. Enter the number in letters and digits."),
            )

    def _require_takeover_confirmation(self) -> None:
        if self.takeover:
            message = gettext(
                "This form was begun by {person}. Confirm that you take it over: the record then names both of you."
            )
            self._require_confirmation(CONFIRM_TAKEOVER, message.format(person=self.takeover.begun_by))

    def _require_patient_confirmation(self) -> None:
        """Ask for confirmation when the number was last used for somebody else.

        The confirmation is valid only for the number, name and birth date in the form and that earlier patient.
        """
        data = self.cleaned_data
        if not {"patient_name", "birth_date", "record_number"} <= data.keys():
            return
        patient = Patient(
            name=data["patient_name"], birth_date=data["birth_date"], record_number=data["record_number"]
        )
        last = self.last_use(patient.record_number)
        if last is None or _may_be_same_person(last.patient, patient):
            return
        self.last_use_to_confirm, known, box = last, last.patient, self[CONFIRM_PATIENT]
        belongs = gettext("Record number {number} belongs to {name}, born {born}")
        box.label = belongs.format(**_in_words(patient))
        box.field.widget.confirms = confirmation_of(*_identity(patient), *_identity(known))
        message = gettext(
            "Record number {number} was last used for {name}, born {born}. Check number, name and birth date."
        )
        self._require_confirmation(CONFIRM_PATIENT, message.format(**_in_words(known)))

    def _require_confirmation(self, name: str, message: str) -> None:
        """Add the message as an error unless the box was ticked for exactly these facts."""
        box = cast(ConfirmationBox, self.fields[name].widget)
        if not box.is_confirmed(self.cleaned_data.get(name, "")):
            self.add_error(name, message)


def _takeover_box(takeover: Takeover) -> Confirmation:
    label = gettext("I take this form over from {person}").format(person=takeover.begun_by)
    return Confirmation(label=label, confirms=takeover.confirms)


def _may_be_same_person(known: Patient, entered: Patient) -> bool:
    """True when the names are the same and no known part of the birth dates differs."""
    return same_name(known.name, entered.name) and known.birth_date.agrees_with(entered.birth_date)


def _identity(patient: Patient) -> tuple[str, str, str]:
    return patient.record_number, patient.name, str(patient.birth_date)


def _in_words(patient: Patient) -> dict[str, str]:
    return {"number": patient.record_number, "name": patient.name, "born": patient.birth_date.in_words}


def question_part(question: Question) -> TemplatePart:
    """Lay out a rule: its answers, and the fields that belong to each answer."""
    item, name = question.item, question.item.link_id
    return TemplatePart(
        "screening/screenings/form/rule.html",
        question=question,
        details=Layout(*(_detail(item, each) for each in item.follow_ups)),
        not_known=Layout(f"{name}.unknown-reason"),
        not_applicable=Layout(*([f"{name}.na-reason"] if item.not_applicable_reasons else [])),
    )


def _detail(item: Item, follow_up: FollowUp) -> Field:
    name, kind = f"{item.link_id}.{follow_up.link_id}", follow_up.kind.value
    unit = follow_up.unit
    return WithUnit(name, as_rule_text(unit), wrapper_class=kind) if unit else Field(name, wrapper_class=kind)


def drop_answers(items: tuple[Item, ...], data: QueryDict) -> QueryDict:
    """Return a copy of the submitted data without the answers to some rules and their details."""
    remaining = data.copy()
    link_ids = {item.link_id for item in items}
    for name in data:
        if name.partition(".")[0] in link_ids:
            del remaining[name]
    return remaining


def _initial_values(record: Record) -> dict[str, str]:
    return {**form_values(record.patient), MEDICATIONS: record.listed.text}


def form_values(patient: Patient) -> dict[str, str]:
    """Return the form's values for a patient, with dose and indication."""
    return {
        "patient_name": patient.name,
        "birth_date": patient.birth_date.as_entered,
        "record_number": patient.record_number,
        "dose_mg": format_number(patient.dose_mg) if patient.dose_mg is not None else "",
        "indication": patient.indication,
    }
