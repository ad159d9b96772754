"""What the forms of a draft share: the draft and the version that a page was opened on, and lists with their rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict

from screening.clinical.rules.labelled_fields import LabelledField
from screening.web.forms import AppForm
from screening.web.layout import TemplatePart

from .lists import ListFormSet
from .rule_language import mark_rule_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DRAFT, ROW, VERSION, DETAIL = "draft", "row", "seen", "detail"
"""Hidden fields of a page: the keys of the draft and of the row, its revision, the key of a follow-up."""
ADD_ROW = "add"
"""The button that adds a row to a list; its value is the name of the list."""
DUPLICATE = "duplicate"
"""The code of the error that an earlier submission of the same form would cause."""


class FormError(NamedTuple):
    """A message, and the HTML id of the input that it is about; empty if it is about the whole form."""

    target_id: str
    message: str


class EditForm(AppForm):
    """A form of the draft. ``lists`` are its formsets, by the name of the field that stores the list as JSON."""

    lists: Mapping[str, ListFormSet] = {}

    def is_valid(self) -> bool:
        """True if the fields and the rows of every list are valid."""
        return all([super().is_valid(), *(each.is_valid() for each in self.lists.values())])

    @property
    def names(self) -> list[str]:
        """The names of the fields and the lists."""
        return [*self.fields, *self.lists]

    def label_of(self, name: str) -> str:
        """Return the label of a field or a list."""
        return str(self.lists[name].label if name in self.lists else self[name].label)

    def target_id_of(self, name: str) -> str:
        """Return the HTML id that a link to a field or a list leads to."""
        return self.lists[name].html_id if name in self.lists else control_id(self[name])

    @property
    def problems(self) -> tuple[FormError, ...]:
        """Every error of the submitted form and its lists, each with the id of its input."""
        return tuple(self._problems()) if self.is_bound else ()

    def _problems(self) -> Iterator[FormError]:
        for message in self.non_field_errors():
            yield FormError("", str(message))
        for field in self:
            yield from _field_errors(field, self.label_of(field.name))
        for formset in self.lists.values():
            for message in formset.non_form_errors():
                yield FormError(formset.html_id, f"{formset.label}: {message}")
            for number, row in enumerate(formset.forms, start=1):
                if not row.is_removed:
                    for field in row:
                        label = f"{field.label[:1].lower()}{field.label[1:]}"
                        yield from _field_errors(field, f"{formset.noun.capitalize()} {number}, {label}")


def _field_errors(field: BoundField, label: str) -> Iterator[FormError]:
    for error in field.errors:
        yield FormError(control_id(field), f"{label}: {error}")


def control_id(field: BoundField) -> str:
    """Return the HTML id of a field's first control; a group of buttons has no id of its own."""
    widget = field.field.widget
    is_group = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return str(widget.id_for_label(field.auto_id, "0") if is_group else field.id_for_label)


class DraftRowForm(EditForm, forms.ModelForm):
    """The form of a rule, a follow-up or a case. Its lists are set on the row together with its fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lists: dict[str, ListFormSet] = {}
        mark_rule_text(self)

    def rows_with_text(self, name: str, formset: type[ListFormSet]) -> Iterable[Mapping[str, Any]]:
        """Return the submitted text of a list, input by input, or the stored rows as their inputs show them."""
        row_form: Any = formset.form
        if self.is_bound:
            return submitted_inputs(self.data, name)
        return [row_form.initial_of(entry) for entry in getattr(self.instance, name)]

    def add_list(self, name: str, formset: type[ListFormSet], **form_kwargs: Any) -> None:
        """Add the formset for a list of the row, with the submitted, the initial or the stored rows."""
        row_form: Any = formset.form
        stored = [row_form.initial_of(entry) for entry in getattr(self.instance, name)]
        rows = self.initial.get(name, stored) or ([{}] if formset.required_sentence else [])
        source: dict[str, Any] = {"data": self.data} if self.is_bound else {"initial": rows}
        self.lists[name] = formset(prefix=name, form_kwargs=form_kwargs, **source)

    def list_part(self, name: str) -> TemplatePart:
        """Return the layout of a list with its rows."""
        other_version = self.theirs.get(name)
        return TemplatePart(
            "screening/drafts/row/formset.html", formset=self.lists[name], other_version=other_version
        )

    def clean(self) -> dict[str, Any]:
        """Set the valid lists on the row. An unchanged list stays exactly as it is stored."""
        cleaned = super().clean() or {}
        for name, formset in self.lists.items():
            entries = formset.entries
            if entries is not None and not self._is_stored(name, entries):
                setattr(self.instance, name, entries)
        return cleaned

    def _is_stored(self, name: str, entries: list[dict[str, Any]]) -> bool:
        """True if the submitted entries are those that the page of the stored row submits."""
        stored = getattr(self.instance, name)
        row_form: Any = self.lists[name].form
        shown = [row_form.initial_of(entry) for entry in stored]
        return [_as_shown(row_form.initial_of(entry)) for entry in entries] == [_as_shown(each) for each in shown]

    @property
    def data_as_entered(self) -> dict[str, Any]:
        """The submitted data in the shape of the row's JSON, without validation and without empty fields."""
        values: dict[str, Any] = {name: self[name].data for name in self.fields}
        for name, formset in self.lists.items():
            row_form: Any = formset.form
            values[name] = [row_form.unvalidated_entry(row) for row in formset.data_as_entered]
        return {name: value for name, value in values.items() if value}

    def with_another_row(self, name: str) -> Self:
        """Return the form with the submitted text and one more row in a list, without validation."""
        initial = {field: self[field].data for field in self.fields}
        for each, formset in self.lists.items():
            initial[each] = [*formset.data_as_entered, *([{}] if each == name else [])]
        return type(self)(instance=self.instance, initial=initial)


def _as_shown(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: " ".join(str(value).split()) for name, value in row.items() if value not in ("", None)}


def fixed_field(label: str, words: str, why: StrOrPromise = "") -> TemplatePart:
    """Return the layout of a value that is shown but cannot be edited."""
    return TemplatePart("screening/drafts/row/fixed.html", label=label, words=words, why=why)


def duplicate(message: str) -> ValidationError:
    """Return the error for content that the draft already has."""
    return ValidationError(message, code=DUPLICATE)


def has_text(field: LabelledField) -> bool:
    """True if a field of a row has any text."""
    return any(line.words for line in field.lines)


def whole_number(data: QueryDict, name: str) -> int | None:
    """Return a submitted whole number; None if it is missing or not one."""
    text = data.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def submitted_inputs(data: Mapping[str, Any], prefix: str) -> Iterator[dict[str, Any]]:
    """Yield the column and the text of each input of a formset in submitted data."""
    name = re.compile(rf"{re.escape(prefix)}-[0-9]{{1,4}}-([a-z_]+)")
    for key in data:
        if match := name.fullmatch(key):
            yield {match[1]: data[key]}
