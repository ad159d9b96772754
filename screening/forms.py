"""The forms. The screening form is built from an edition's definition; nothing in it is preselected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict

from .clinical.dates import EXAMPLE, in_words
from .clinical.decimals import in_figures
from .clinical.definition import AnswerCode, Choice, Definition, FollowUp, FollowUpKind, Item, Outcome
from .clinical.details import Detail
from .clinical.evaluation import Answer
from .clinical.record import Patient
from .clinical.searching import folded
from .clinical.wording import ANSWER_WORDS, OUTCOME_SHORT, UNKNOWN_REASON_WORDS, in_sentence
from .fields import PlainText, TypedDate, TypedNumber
from .tickets import TICKET_FIELD

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
    """One rule on the form, with its bound fields. ``keep_open`` shows details that no yes would."""

    item: Item
    number: int
    total: int
    answer: BoundField
    unknown_reason: BoundField
    na_reason: BoundField | None
    follow_ups: list[BoundField]
    keep_open: bool


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
    ) -> None:
        super().__init__(data, files)
        self.sent = data if data is not None else QueryDict()
        self.definition, self.today, self.last_patient = definition, today, last_patient
        self.fields.update(_patient_fields(definition, today))
        for item in definition.items:
            self.fields.update(_question_fields(item, today))
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            Panel("screening/form/patient.html", definition=definition),
            *(
                Panel("screening/form/rule.html", question=_question_of(number))
                for number in range(1, len(definition.items) + 1)
            ),
        )

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
        )

    def clean(self) -> dict[str, Any]:
        """Check what no single field can: fields that do not belong, and answers that contradict their details."""
        self._refuse_foreign_fields()
        for item in self.definition.items:
            self._check_answer(item)
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

    def _refuse_foreign_fields(self) -> None:
        for name in (*self.sent, *self.files):
            field = self.fields.get(name)
            if field is None and name not in NOT_QUESTIONS:
                self.add_error(None, f"This form has no field “{name[:60]}”. Send only what it asks for.")
            several = isinstance(field, forms.MultipleChoiceField)
            if field is not None and not several and len(self.sent.getlist(name)) > 1:
                self.add_error(name, "This was sent twice. Give one answer.")

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


# Lists --------------------------------------------------------------------------------------------------------


class FilterForm(forms.Form):
    """What narrows the list of screenings. Nothing in it names a patient, so it may stand in an address."""

    bound_field_class = IdWithoutDots
    outcome = forms.ChoiceField(
        required=False, choices=[("", "Any"), *((each.value, OUTCOME_SHORT[each]) for each in Outcome)]
    )
    id = forms.RegexField(
        r"^\s*[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}\s*$",
        required=False,
        label="Record",
        help_text="As printed: 5d3a-91c7",
        error_messages={"invalid": "Enter the eight characters as printed: 5d3a-91c7."},
    )

    def __init__(self, data: QueryDict | None = None, *, today: date) -> None:
        super().__init__(data)
        for name, label in (("from", "Screened from"), ("to", "Screened to")):
            self.fields[name] = TypedDate(
                required=False, label=label, help_text="As in 27 Mar 2026", earliest=EARLIEST_BIRTH, latest=today
            )

    def clean_id(self) -> str:
        """The eight hexadecimal digits."""
        return str(self.cleaned_data["id"]).strip().replace("-", "").lower()


class SearchForm(forms.Form):
    """A name or a record number; sent by POST so that it stands in no address and no log."""

    q = PlainText(label="Name or record number", max_length=200, error_messages={"required": "Enter a name."})
