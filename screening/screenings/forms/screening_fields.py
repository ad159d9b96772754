"""The fields of the screening form: for the patient, the medication list and the rules of a definition."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.rules.definition import AnswerCode, Choice, Definition, FollowUp, FollowUpKind, Item
from screening.clinical.rules.labels import ANSWER_WORDS, UNKNOWN_REASON_WORDS
from screening.clinical.text.birth_dates import EXAMPLES
from screening.clinical.text.dates import EXAMPLE
from screening.clinical.text.phrases import format_number
from screening.web.date_fields import BirthDateField, DateField
from screening.web.fields import Confirmation, NumberField, PlainText, RuleTextSelect
from screening.web.forms import LONGEST_TEXT
from screening.web.languages import as_rule_text

from .medication_list import MEDICATIONS, medications_field

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EARLIEST_BIRTH = date(1900, 1, 1)
DOSE_LIMITS_MG, DOSE_DECIMALS = (Decimal("0.1"), Decimal(100)), 3

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
        label=_("Why is it amended?"),
        help_text=_("One sentence. It is shown on both records, the earlier one and this one."),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Say in a sentence why the record is amended.")},
    )


def _patient_fields(definition: Definition, today: date) -> dict[str, forms.Field]:
    low, high = format_number(definition.dose_low_mg), format_number(definition.dose_high_mg)
    least, most = DOSE_LIMITS_MG
    return {
        "patient_name": PlainText(
            label=_("Patient name"), max_length=200, error_messages={"required": _("Enter the patient’s name.")}
        ),
        "birth_date": BirthDateField(
            label=_("Birth date"),
            help_text=_("As in 27 Mar 1985, Mar 1985 or 1985"),
            earliest=EARLIEST_BIRTH,
            latest=today,
            error_messages={
                "required": gettext("Enter the birth date: {examples}.").format(examples=gettext(EXAMPLES))
            },
        ),
        "record_number": PlainText(
            label=_("Record number"), max_length=64, error_messages={"required": _("Enter the record number.")}
        ),
        "confirm_patient": Confirmation(),
        "dose_mg": NumberField(
            label=_("Intended daily dose"),
            help_text=gettext("The low range is {low} to {high} mg").format(low=low, high=high),
            required=False,
            minimum=least,
            maximum=most,
            unit="mg",
            decimals=DOSE_DECIMALS,
        ),
        "indication": PlainText(label=_("Indication"), required=False, max_length=200),
    }


def _question_fields(item: Item, today: date) -> Iterator[tuple[str, forms.Field]]:
    yield (
        item.link_id,
        _radio(
            item.question,
            _answers(item.answer_codes, get_language()),
            required=True,
            help_text=item.help,
        ),
    )
    reasons = _unknown_reasons(get_language())
    yield f"{item.link_id}.unknown-reason", _radio(_("Why is it not known?"), reasons, required=False)
    if item.not_applicable_reasons:
        yield (
            f"{item.link_id}.na-reason",
            _radio(_("Why does this not apply?"), _options(item.not_applicable_reasons), required=False),
        )
    for follow_up in item.follow_ups:
        yield f"{item.link_id}.{follow_up.link_id}", _follow_up_field(follow_up, today)


def _radio(label: StrOrPromise, options: Options, *, required: bool, help_text: str = "") -> forms.ChoiceField:
    message = _choose_one_of(tuple(words for _code, words in options), get_language())
    return forms.ChoiceField(
        label=label,
        choices=lambda: options,  # a callable is evaluated only when the field is validated or rendered
        required=required,
        help_text=help_text,
        widget=forms.RadioSelect,
        error_messages={"required": message, "invalid_choice": message},
    )


# What all questions share is translated once for each language.


@cache
def _answers(codes: tuple[AnswerCode, ...], language: str) -> Options:
    with translation.override(language):
        return [(code.value, gettext(ANSWER_WORDS[code])) for code in codes]


@cache
def _unknown_reasons(language: str) -> Options:
    with translation.override(language):
        return [(reason.value, gettext(words)) for reason, words in UNKNOWN_REASON_WORDS.items()]


@cache
def _choose_one_of(options: tuple[str, ...], language: str) -> str:
    *others, last = [each.lower() for each in options]
    with translation.override(language):
        return gettext("Choose {options} or {last}.").format(options=", ".join(others), last=last)


def _follow_up_field(follow_up: FollowUp, today: date) -> forms.Field:
    common: dict[str, Any] = {
        "label": as_rule_text(follow_up.label),
        "required": False,
        "help_text": as_rule_text(follow_up.help),
    }
    unknown_choice = {"invalid_choice": _("Choose from the list.")}
    match follow_up.kind:
        case FollowUpKind.TEXT:
            return PlainText(max_length=LONGEST_TEXT, **common)
        case FollowUpKind.DATE:
            common["help_text"] = _with_date_help(common["help_text"])
            return DateField(earliest=EARLIEST_BIRTH, latest=today, **common)
        case FollowUpKind.NUMBER:
            return NumberField(minimum=follow_up.minimum, maximum=follow_up.maximum, unit=follow_up.unit, **common)
        case FollowUpKind.ONE:
            return forms.ChoiceField(
                choices=lambda: [("", _("Choose one")), *_plain_options(follow_up.choices)],
                widget=RuleTextSelect,
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


def _with_date_help(help_text: str) -> str:
    words = gettext("Day, month in letters, year: {example}").format(example=gettext(EXAMPLE))
    return format_html("{} {}", help_text, words) if help_text else words


def _options(choices: tuple[Choice, ...]) -> Options:
    return [(choice.code, as_rule_text(choice.label)) for choice in choices]


def _plain_options(choices: tuple[Choice, ...]) -> Options:
    return [(choice.code, choice.label) for choice in choices]
