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
from screening.web.layout import Part, WithUnit, wide

from .field_notes import notes_on
from .medication_list import MEDICATIONS, CheckedList, ReadList, RuleMatch
from .screening_fields import reason_field, screening_fields

LastUsed = Callable[[str], LastUse | None]
"""Who a record number was last used for."""
CONFIRM_PATIENT, CONFIRM_TAKEOVER = "confirm_patient", "confirm_takeover"


class Takeover(NamedTuple):
    """Who began a form that another person sends, and the value that confirms that this person takes it over."""

    begun_by: str
    confirms: str


@dataclass(frozen=True)
class Question:
    """One rule on the form.

    ``keep_open`` shows details that no yes would; ``earlier`` is what was answered in the record to amend;
    ``told`` is what the medication list says to it.
    """

    item: Item
    number: int
    total: int
    answer: BoundField
    keep_open: bool
    earlier: str
    told: RuleMatch | None


class ScreeningForm(StrictForm):
    """Patient, context and one question a rule of the definition.

    ``today`` bounds what may be typed as a date; ``last_use`` says who a record number was last used for.
    ``amends`` is the record that the answers correct: its patient and its medication list are filled in, its answers
    are only shown. Without ``read_list`` no medication list is asked for. ``takeover`` is who else began the form,
    which is then to be confirmed.
    """

    not_fields = {*StrictForm.not_fields, TICKET_FIELD}
    list_alone = False
    """That only the medication list was asked to be read."""
    list_address = ""
    """Where the button beside the list sends the form, when not to the page that screenings have for that."""

    def __init__(
        self,
        definition: Definition,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        today: date,
        last_use: LastUsed,
        amends: Record | None = None,
        read_list: ReadList | None = None,
        takeover: Takeover | None = None,
    ) -> None:
        super().__init__(data, files, initial=_kept_of(amends) if amends else None)
        self.definition, self.today, self.last_use, self.amends = definition, today, last_use, amends
        self.read_list, self.takeover = read_list, takeover
        self.asked_about: LastUse | None = None
        self.earlier = answer_texts(amends) if amends else {}
        self.fields[CONFIRM_TAKEOVER] = _takeover_box(takeover) if takeover else Confirmation()
        if amends:
            self.fields["amendment_reason"] = reason_field()
        self.fields.update(screening_fields(definition, today, takes_list=self.takes_list))

    @property
    def takes_list(self) -> bool:
        """That a medication list is asked for."""
        return self.read_list is not None

    @cached_property
    def plainly_optional(self) -> frozenset[str]:  # type: ignore[override]
        """Details, and the reason that is needed where a question does not apply."""
        return frozenset(name for name in self.fields if "." in name and not name.endswith(".unknown-reason"))

    @property
    def layout(self) -> Layout:
        """What is asked about this form, the patient, the medication list, and a part for each question."""
        takeover = Part(
            "screening/screenings/form/takeover.html", Field(CONFIRM_TAKEOVER, wrapper_class="wide confirm")
        )
        return Layout(
            *([takeover] if self.takeover else []),
            *([Fieldset("Amendment", *wide("amendment_reason"), css_id="reason")] if self.amends else []),
            self._patient_part(),
            *([Part("screening/screenings/form/medications.html")] if self.takes_list else []),
            *map(_question_part, self.questions),
        )

    def _patient_part(self) -> Fieldset:
        return Fieldset(
            "Patient",
            *wide("patient_name"),
            "birth_date",
            "record_number",
            *([Field(CONFIRM_PATIENT, wrapper_class="wide confirm")] if self.asked_about else []),
            WithUnit("dose_mg", "mg"),
            Field("indication", list="indications"),
            Part("screening/screenings/form/beside_patient.html", definition=self.definition),
            css_id="patient",
        )

    @property
    def questions(self) -> list[Question]:
        """Each rule with what the page shows of it."""
        return [self._question(number, item) for number, item in enumerate(self.definition.items, start=1)]

    def _question(self, number: int, item: Item) -> Question:
        filled = any(self._filled(item, each) for each in item.follow_ups)
        return Question(
            item=item,
            number=number,
            total=len(self.definition.items),
            answer=self[item.link_id],
            keep_open=filled and self[item.link_id].value() != AnswerCode.YES.value,
            earlier=self.earlier.get(item.link_id, "Not asked." if self.amends else ""),
            told=self.checked.to(item) if self.checked else None,
        )

    def check_list(self) -> bool:
        """Read the medication list alone, so that nothing else is told to be wrong; False when it is refused."""
        self.list_alone = True
        self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}
        if MEDICATIONS in self.fields:
            try:
                self.cleaned_data[MEDICATIONS] = self.fields[MEDICATIONS].clean(self[MEDICATIONS].data)
            except ValidationError as error:
                self.add_error(MEDICATIONS, error)
        return not self._errors

    @cached_property
    def listed(self) -> MedicationList:
        """The list that stands in the form, read once; none while it is blank or refused."""
        typed = self.cleaned_data if self.is_bound and self.errors is not None else self.initial
        text = typed.get(MEDICATIONS, "")
        return self.read_list(text) if text and self.read_list else NO_LIST

    @cached_property
    def checked(self) -> CheckedList | None:
        """What the list says, in words; None without one."""
        return CheckedList.of(self.listed, self.definition) if self.listed else None

    @cached_property
    def notes(self) -> dict[str, FieldNote]:  # type: ignore[override]
        """What is said beside fields whose values are unlikely, by the field's name."""
        given = self.cleaned_data if self.is_bound and self.errors is not None else {}
        return dict(notes_on(self.definition, given, self.today))

    def clean(self) -> dict[str, Any]:
        """Check what no single field can: fields that do not belong, and answers that contradict their details."""
        super().clean()
        for item in self.definition.items:
            self._check_answer(item)
        if self.amends:
            self._refuse_another_chart(self.amends)
        else:
            self._check_record_number()
        self._ask_to_confirm_takeover()
        self._ask_to_confirm_patient()
        return self.cleaned_data

    @property
    def patient(self) -> Patient:
        """The patient and the context that were given, once valid."""
        return Patient(
            name=self.cleaned_data["patient_name"],
            birth_date=self.cleaned_data["birth_date"],
            record_number=self.cleaned_data["record_number"],
            dose_mg=self.cleaned_data["dose_mg"],
            indication=self.cleaned_data["indication"],
        )

    @property
    def amendment_reason(self) -> str:
        """Why the earlier record is corrected, once valid; empty when none is."""
        return str(self.cleaned_data.get("amendment_reason", ""))

    @property
    def answers(self) -> dict[str, Answer]:
        """The answers by link id, once valid."""
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
            self.add_error(reason, "Choose why this does not apply.")
        if code is None or code == AnswerCode.YES:
            return
        for follow_up in item.follow_ups:
            if self._filled(item, follow_up):
                said, given = in_sentence(ANSWER_WORDS[AnswerCode(code)]), in_sentence(follow_up.name)
                self.add_error(
                    f"{item.link_id}.{follow_up.link_id}",
                    f"You answered {said}, but gave details ({given}). Clear them, or change the answer to yes.",
                )

    def _refuse_another_chart(self, amends: Record) -> None:
        number, kept = self.cleaned_data.get("record_number"), amends.patient.record_number
        if number is not None and record_key(number) != record_key(kept):
            self.add_error(
                "record_number",
                f"An amendment stays in the chart of record number {kept}. If that is the wrong chart, mark the "
                "record as entered in error and screen again.",
            )

    def _check_record_number(self) -> None:
        """Of a new screening only: an earlier record can be amended in its own chart, whatever its number is."""
        number = self.cleaned_data.get("record_number", "")
        if problem := look_alike_message(number):
            self.add_error("record_number", problem)
        elif len(record_key(number)) > LONGEST_RECORD_KEY:
            self.add_error(
                "record_number", "Some of these signs are whole words. Type the number in letters and digits."
            )

    def _ask_to_confirm_takeover(self) -> None:
        if self.takeover:
            self._ask(
                CONFIRM_TAKEOVER,
                f"This form was begun by {self.takeover.begun_by}. Confirm that you take it over: "
                "the record then names both of you.",
            )

    def _ask_to_confirm_patient(self) -> None:
        """Ask when the number was last used for somebody else. The tick holds for what is typed now, and for who the
        number was last used for now."""
        data = self.cleaned_data
        if not {"patient_name", "birth_date", "record_number"} <= data.keys():
            return
        patient = Patient(
            name=data["patient_name"], birth_date=data["birth_date"], record_number=data["record_number"]
        )
        last = self.last_use(patient.record_number)
        if last is None or _may_be_one(last.patient, patient):
            return
        self.asked_about, known = last, last.patient
        box, born = self[CONFIRM_PATIENT], patient.birth_date.in_words
        box.label = f"Record number {patient.record_number} belongs to {patient.name}, born {born}"
        box.field.widget.confirms = confirmation_of(*_identity(patient), *_identity(known))
        self._ask(
            CONFIRM_PATIENT,
            f"Record number {known.record_number} was last used for {known.name}, born {known.birth_date.in_words}. "
            "Check number, name and birth date.",
        )

    def _ask(self, name: str, question: str) -> None:
        """Put a question where its box was not ticked for exactly what it asks about."""
        box = cast(ConfirmationBox, self.fields[name].widget)
        if not box.is_confirmed(self.cleaned_data.get(name, "")):
            self.add_error(name, question)


def _takeover_box(takeover: Takeover) -> Confirmation:
    return Confirmation(label=f"I take this form over from {takeover.begun_by}", confirms=takeover.confirms)


def _may_be_one(known: Patient, typed: Patient) -> bool:
    """True when two names are alike, and no known part of two birth dates differs."""
    return same_name(known.name, typed.name) and known.birth_date.agrees_with(typed.birth_date)


def _identity(patient: Patient) -> tuple[str, str, str]:
    return patient.record_number, patient.name, str(patient.birth_date)


def _question_part(question: Question) -> Part:
    """The answers of a rule and what each of them opens."""
    item, name = question.item, question.item.link_id
    return Part(
        "screening/screenings/form/rule.html",
        question=question,
        details=Layout(*(_detail(item, each) for each in item.follow_ups)),
        not_known=Layout(f"{name}.unknown-reason"),
        not_applicable=Layout(*([f"{name}.na-reason"] if item.not_applicable_reasons else [])),
    )


def _detail(item: Item, follow_up: FollowUp) -> Field:
    name, kind = f"{item.link_id}.{follow_up.link_id}", follow_up.kind.value
    unit = follow_up.unit
    return WithUnit(name, unit, wrapper_class=kind) if unit else Field(name, wrapper_class=kind)


def drop_answers(items: tuple[Item, ...], data: QueryDict) -> QueryDict:
    """What was sent, without the answers to some rules and their details."""
    kept = data.copy()
    link_ids = {item.link_id for item in items}
    for name in data:
        if name.partition(".")[0] in link_ids:
            del kept[name]
    return kept


def _kept_of(record: Record) -> dict[str, str]:
    return {**form_values(record.patient), MEDICATIONS: record.listed.text}


def form_values(patient: Patient) -> dict[str, str]:
    """A patient and the context as a person types them into the form."""
    return {
        "patient_name": patient.name,
        "birth_date": patient.birth_date.as_entered,
        "record_number": patient.record_number,
        "dose_mg": format_number(patient.dose_mg) if patient.dose_mg is not None else "",
        "indication": patient.indication,
    }
