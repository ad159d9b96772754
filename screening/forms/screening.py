"""The screening form, built from an edition's definition; nothing in it is preselected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from crispy_forms.utils import render_crispy_form
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from screening.clinical.dates import EXAMPLE, in_short_words, in_words
from screening.clinical.decimals import in_figures
from screening.clinical.definition import AnswerCode, Choice, Definition, FollowUp, FollowUpKind, Item
from screening.clinical.details import Detail
from screening.clinical.entries import answers_in_words
from screening.clinical.evaluation import Answer
from screening.clinical.record import Patient, Record
from screening.clinical.searching import folded, record_key
from screening.clinical.wording import ANSWER_WORDS, UNKNOWN_REASON_WORDS, in_sentence
from screening.fields import PlainText, TypedDate, TypedNumber
from screening.tickets import TICKET_FIELD

EARLIEST_BIRTH = date(1900, 1, 1)
DOSE_LIMITS_MG = (Decimal("0.1"), Decimal(100))
DATE_HELP = f"Day, month in letters, year: {EXAMPLE}"
CHOOSE_ONE = "Choose one"
LONGEST_TEXT = 500
NOT_QUESTIONS = {TICKET_FIELD, "csrfmiddlewaretoken"}

LastPatient = Callable[[str], Patient | None]
"""Who a record number was last used for."""


class IdWithoutDots(BoundField):
    """A bound field whose HTML id holds no dot, so that a style or a link can name it."""

    @property
    def auto_id(self) -> str:
        """``id_opioid-use__last-dose`` for the field ``opioid-use.last-dose``."""
        return str(super().auto_id).replace(".", "__")


@dataclass(frozen=True)
class Question:
    """One rule on the form, with its bound fields.

    ``keep_open`` shows details that no yes would; ``earlier`` is what was answered in the record to amend.
    """

    item: Item
    number: int
    total: int
    answer: BoundField
    unknown_reason: BoundField
    na_reason: BoundField | None
    follow_ups: list[BoundField]
    keep_open: bool
    earlier: str


class Panel(LayoutObject):
    """A part of the layout drawn by a template, with the form and what belongs to the part."""

    def __init__(self, template: str, **context: object) -> None:
        self.template, self.context = template, context
        self.fields: list[object] = []

    def render(self, form: forms.Form, context: Context, template_pack: str = "", **kwargs: Any) -> str:
        """The part's HTML."""
        own = {name: value(form) if callable(value) else value for name, value in self.context.items()}
        return render_to_string(self.template, {"form": form, **own})


class ScreeningForm(forms.Form):
    """Patient, context and one question a rule of the definition.

    ``today`` bounds what may be typed as a date; ``last_patient`` tells who a record number was last used for.
    ``amends`` is the record that the answers correct: its patient is filled in, its answers are only shown.
    """

    bound_field_class = IdWithoutDots
    use_required_attribute = False

    def __init__(
        self,
        definition: Definition,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        today: date,
        last_patient: LastPatient,
        amends: Record | None = None,
    ) -> None:
        super().__init__(data, files, initial=_as_typed(amends.patient) if amends else None)
        self.sent = data if data is not None else QueryDict()
        self.definition, self.today, self.last_patient, self.amends = definition, today, last_patient, amends
        self.earlier = answers_in_words(amends) if amends else {}
        if amends:
            self.fields["amendment_reason"] = _reason_field()
        self.fields.update(_fields(definition, today))

    @cached_property
    def helper(self) -> FormHelper:
        """How the form is drawn."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(
            *([Panel("screening/form/reason.html")] if self.amends else []),
            Panel("screening/form/patient.html", definition=self.definition),
            *(
                Panel("screening/form/rule.html", question=_question_of(number))
                for number in range(1, len(self.definition.items) + 1)
            ),
        )
        return helper

    def question(self, number: int) -> Question:
        """The bound fields of the rule with this number, counted from 1."""
        item = self.definition.items[number - 1]
        filled = any(self._filled(item, each) for each in item.follow_ups)
        return Question(
            item=item,
            number=number,
            total=len(self.definition.items),
            answer=self[item.link_id],
            unknown_reason=self[f"{item.link_id}.unknown-reason"],
            na_reason=self[f"{item.link_id}.na-reason"] if item.not_applicable_reasons else None,
            follow_ups=[self[f"{item.link_id}.{each.link_id}"] for each in item.follow_ups],
            keep_open=filled and self[item.link_id].value() != AnswerCode.YES.value,
            earlier=self.earlier.get(item.link_id, "Not asked." if self.amends else ""),
        )

    def clean(self) -> dict[str, Any]:
        """Check what no single field can: fields that do not belong, and answers that contradict their details."""
        refuse_foreign_fields(self, self.sent, self.files)
        for item in self.definition.items:
            self._check_answer(item)
        if self.amends:
            self._refuse_another_chart(self.amends)
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

    def _details(self, item: Item) -> Iterator[tuple[str, Detail]]:
        for follow_up in item.follow_ups:
            value = self.cleaned_data[f"{item.link_id}.{follow_up.link_id}"]
            if value not in (None, "", []):
                yield follow_up.link_id, tuple(dict.fromkeys(value)) if isinstance(value, list) else value

    def _filled(self, item: Item, follow_up: FollowUp) -> bool:
        name = f"{item.link_id}.{follow_up.link_id}"
        return any(value.strip() for value in self.sent.getlist(name))

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

    def _ask_to_confirm_patient(self) -> None:
        data = self.cleaned_data
        if not {"patient_name", "birth_date", "record_number"} <= data.keys() or data.get("confirm_patient"):
            return
        last = self.last_patient(data["record_number"])
        if last is None:
            return
        if (folded(last.name), last.birth_date) != (folded(data["patient_name"]), data["birth_date"]):
            self.add_error(
                "confirm_patient",
                f"Record number {last.record_number} was last used for {last.name}, "
                f"born {in_words(last.birth_date)}. Check number, name and birth date.",
            )


def refuse_foreign_fields(form: forms.Form, sent: QueryDict, files: Iterable[str] = ()) -> None:
    """Put an error where something was sent that the form does not ask for, or sent twice."""
    for name in (*sent, *files):
        field = form.fields.get(name)
        if field is None and name not in NOT_QUESTIONS:
            form.add_error(None, f"This form has no field “{name[:60]}”. Send only what it asks for.")
        several = isinstance(field, forms.MultipleChoiceField)
        if field is not None and not several and len(sent.getlist(name)) > 1:
            form.add_error(name, "This was sent twice. Give one answer.")


@lru_cache(maxsize=4)
def blank_questions(definition: Definition) -> SafeString:
    """The questions with nothing filled in. They are the same for everyone, so they are drawn once an edition."""
    form = ScreeningForm(definition, today=date.max, last_patient=lambda _: None)
    return SafeString(render_crispy_form(form))


def without_answers_to(items: tuple[Item, ...], data: QueryDict) -> QueryDict:
    """What was sent, without the answers to some rules and their details."""
    kept = data.copy()
    link_ids = {item.link_id for item in items}
    for name in data:
        if name.partition(".")[0] in link_ids:
            del kept[name]
    return kept


def _question_of(number: int) -> Callable[[ScreeningForm], Question]:
    return lambda form: form.question(number)


def _as_typed(patient: Patient) -> dict[str, str]:
    return {
        "patient_name": patient.name,
        "birth_date": in_short_words(patient.birth_date),
        "record_number": patient.record_number,
        "dose_mg": in_figures(patient.dose_mg) if patient.dose_mg is not None else "",
        "indication": patient.indication,
    }


@lru_cache(maxsize=4)
def _fields(definition: Definition, today: date) -> dict[str, forms.Field]:
    """The fields of all forms of a day: a field keeps nothing of what is typed into a form."""
    fields = _patient_fields(definition, today)
    for item in definition.items:
        fields.update(_question_fields(item, today))
    return fields


def _reason_field() -> PlainText:
    return PlainText(
        label="Why is it amended?",
        help_text="One sentence. It stands on both records, the earlier one and this one.",
        max_length=LONGEST_TEXT,
        error_messages={"required": "Say in a sentence why the record is amended."},
    )


def _patient_fields(definition: Definition, today: date) -> dict[str, forms.Field]:
    low, high = in_figures(definition.dose_low_mg), in_figures(definition.dose_high_mg)
    least, most = DOSE_LIMITS_MG
    return {
        "patient_name": PlainText(
            label="Patient name", max_length=200, error_messages={"required": "Enter the patient’s name."}
        ),
        "birth_date": TypedDate(
            label="Birth date",
            help_text=DATE_HELP,
            earliest=EARLIEST_BIRTH,
            latest=today,
            error_messages={"required": f"Enter the birth date: {EXAMPLE}."},
        ),
        "record_number": PlainText(
            label="Record number", max_length=64, error_messages={"required": "Enter the record number."}
        ),
        "confirm_patient": forms.BooleanField(label="The record number belongs to this patient", required=False),
        "dose_mg": TypedNumber(
            label="Intended daily dose",
            help_text=f"The low range is {low} to {high} mg",
            required=False,
            minimum=least,
            maximum=most,
            unit="mg",
        ),
        "indication": PlainText(label="Indication", required=False, max_length=200),
    }


def _question_fields(item: Item, today: date) -> Iterator[tuple[str, forms.Field]]:
    yield (
        item.link_id,
        _radio(
            item.question,
            [(code.value, ANSWER_WORDS[code]) for code in item.answer_codes],
            required=True,
            help_text=item.help,
        ),
    )
    reasons = [(reason.value, words) for reason, words in UNKNOWN_REASON_WORDS.items()]
    yield f"{item.link_id}.unknown-reason", _radio("Why is it not known?", reasons, required=False)
    if item.not_applicable_reasons:
        yield (
            f"{item.link_id}.na-reason",
            _radio("Why does this not apply?", _options(item.not_applicable_reasons), required=False),
        )
    for follow_up in item.follow_ups:
        yield f"{item.link_id}.{follow_up.link_id}", _follow_up_field(follow_up, today)


def _radio(label: str, options: list[tuple[str, str]], *, required: bool, help_text: str = "") -> forms.ChoiceField:
    words = [words.lower() for _, words in options]
    sentence = f"Choose {', '.join(words[:-1])} or {words[-1]}."
    return forms.ChoiceField(
        label=label,
        choices=options,
        required=required,
        help_text=help_text,
        widget=forms.RadioSelect,
        error_messages={"required": sentence, "invalid_choice": sentence},
    )


def _follow_up_field(follow_up: FollowUp, today: date) -> forms.Field:
    common: dict[str, Any] = {"label": follow_up.label, "required": False, "help_text": follow_up.help}
    unknown_choice = {"invalid_choice": "Choose from the list."}
    match follow_up.kind:
        case FollowUpKind.TEXT:
            return PlainText(max_length=LONGEST_TEXT, **common)
        case FollowUpKind.DATE:
            common["help_text"] = f"{follow_up.help} {DATE_HELP}".strip()
            return TypedDate(earliest=EARLIEST_BIRTH, latest=today, **common)
        case FollowUpKind.NUMBER:
            return TypedNumber(minimum=follow_up.minimum, maximum=follow_up.maximum, unit=follow_up.unit, **common)
        case FollowUpKind.ONE:
            options = [("", CHOOSE_ONE), *_options(follow_up.choices)]
            return forms.ChoiceField(choices=options, error_messages=unknown_choice, **common)
        case FollowUpKind.SEVERAL:
            return forms.MultipleChoiceField(
                choices=_options(follow_up.choices),
                widget=forms.CheckboxSelectMultiple,
                error_messages=unknown_choice,
                **common,
            )


def _options(choices: tuple[Choice, ...]) -> list[tuple[str, str]]:
    return [(choice.code, choice.label) for choice in choices]
