"""The fields of the screening form: for the patient, the medication list and the rules of a definition."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from django import forms

from screening.clinical.rules.definition import Choice, Definition, FollowUp, FollowUpKind, Item
from screening.clinical.rules.labels import ANSWER_WORDS, UNKNOWN_REASON_WORDS
from screening.clinical.text.birth_dates import EXAMPLES
from screening.clinical.text.dates import EXAMPLE
from screening.clinical.text.phrases import format_number
from screening.web.date_fields import BirthDateField, DateField
from screening.web.fields import Confirmation, NumberField, PlainText
from screening.web.forms import LONGEST_TEXT

from .medication_list import MEDICATIONS, medications_field

EARLIEST_BIRTH = date(1900, 1, 1)
DOSE_LIMITS_MG, DOSE_DECIMALS = (Decimal("0.1"), Decimal(100)), 3
DATE_HELP = f"Day, month in letters, year: {EXAMPLE}"
CHOOSE_ONE = "Choose one"

Options: TypeAlias = list[tuple[str, str]]
"""Choices: codes with their labels."""


def screening_fields(definition: Definition, today: date, *, takes_list: bool) -> dict[str, forms.Field]:
    """Return new fields for one form; ``takes_list`` adds the medication list."""
    fields = _patient_fields(definition, today)
    if takes_list:
        fields[MEDICATIONS] = medications_field()
    for item in definition.items:
        fields.update(_question_fields(item, today))
    return fields


def reason_field() -> PlainText:
    """Return the field for the reason of an amendment."""
    return PlainText(
        label="Why is it amended?",
        help_text="One sentence. It is shown on both records, the earlier one and this one.",
        max_length=LONGEST_TEXT,
        error_messages={"required": "Say in a sentence why the record is amended."},
    )


def _patient_fields(definition: Definition, today: date) -> dict[str, forms.Field]:
    low, high = format_number(definition.dose_low_mg), format_number(definition.dose_high_mg)
    least, most = DOSE_LIMITS_MG
    return {
        "patient_name": PlainText(
            label="Patient name", max_length=200, error_messages={"required": "Enter the patient’s name."}
        ),
        "birth_date": BirthDateField(
            label="Birth date",
            help_text=f"As in {EXAMPLE}, Mar 1985 or 1985",
            earliest=EARLIEST_BIRTH,
            latest=today,
            error_messages={"required": f"Enter the birth date: {EXAMPLES}."},
        ),
        "record_number": PlainText(
            label="Record number", max_length=64, error_messages={"required": "Enter the record number."}
        ),
        "confirm_patient": Confirmation(),
        "dose_mg": NumberField(
            label="Intended daily dose",
            help_text=f"The low range is {low} to {high} mg",
            required=False,
            minimum=least,
            maximum=most,
            unit="mg",
            decimals=DOSE_DECIMALS,
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


def _radio(label: str, options: Options, *, required: bool, help_text: str = "") -> forms.ChoiceField:
    message = _choose_one_of(*(words for _, words in options))
    return forms.ChoiceField(
        label=label,
        choices=lambda: options,  # a callable is evaluated only when the field is validated or rendered
        required=required,
        help_text=help_text,
        widget=forms.RadioSelect,
        error_messages={"required": message, "invalid_choice": message},
    )


@cache
def _choose_one_of(*options: str) -> str:
    words = [each.lower() for each in options]
    return f"Choose {', '.join(words[:-1])} or {words[-1]}."


def _follow_up_field(follow_up: FollowUp, today: date) -> forms.Field:
    common: dict[str, Any] = {"label": follow_up.label, "required": False, "help_text": follow_up.help}
    unknown_choice = {"invalid_choice": "Choose from the list."}
    match follow_up.kind:
        case FollowUpKind.TEXT:
            return PlainText(max_length=LONGEST_TEXT, **common)
        case FollowUpKind.DATE:
            common["help_text"] = f"{follow_up.help} {DATE_HELP}".strip()
            return DateField(earliest=EARLIEST_BIRTH, latest=today, **common)
        case FollowUpKind.NUMBER:
            return NumberField(minimum=follow_up.minimum, maximum=follow_up.maximum, unit=follow_up.unit, **common)
        case FollowUpKind.ONE:
            return forms.ChoiceField(
                choices=lambda: [("", CHOOSE_ONE), *_options(follow_up.choices)],
                error_messages=unknown_choice,
                **common,
            )
        case FollowUpKind.SEVERAL:
            return forms.MultipleChoiceField(
                choices=lambda: _options(follow_up.choices),
                widget=forms.CheckboxSelectMultiple,
                error_messages=unknown_choice,
                **common,
            )


def _options(choices: tuple[Choice, ...]) -> Options:
    return [(choice.code, choice.label) for choice in choices]
