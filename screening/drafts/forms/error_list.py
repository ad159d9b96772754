"""The error summary of the page of a rule or a case: every message with a link to its input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.forms.boundfield import BoundField

from .draft_row import STALE
from .follow_ups import FollowUpFormSet
from .formsets import BoundRows

DETAILS_ID = "details"
"""The HTML id of the section with the follow-ups."""


class FormError(NamedTuple):
    """A message, and the HTML id of the input that it is about; empty if it is about the whole form."""

    target_id: str
    message: str


def form_errors(form: forms.BaseForm, follow_ups: FollowUpFormSet | None = None) -> tuple[FormError, ...]:
    """Return every error of a bound form and its follow-ups, in page order. The error of a stale page is left out."""
    if not form.is_bound:
        return ()
    return (*_errors_of_form(form), *(_errors_of_formset(follow_ups) if follow_ups else ()))


def _errors_of_formset(follow_ups: FollowUpFormSet) -> Iterator[FormError]:
    for message in follow_ups.non_form_errors():
        yield FormError(DETAILS_ID, f"Details: {message}")
    forms: list[Any] = follow_ups.forms
    for form in forms:
        yield from _errors_of_form(form, f"Detail “{form.heading}”, ")


def _errors_of_form(form: forms.BaseForm, lead: str = "") -> Iterator[FormError]:
    for error in form.non_field_errors().as_data():
        if error.code != STALE:
            yield from (FormError("", f"{lead}{message}") for message in error.messages)
    for field in form:
        if isinstance(field, BoundRows):
            yield from _errors_of_rows(field, lead)
        else:
            yield from _errors_of_field(field, lead)


def _errors_of_rows(field: BoundRows, lead: str) -> Iterator[FormError]:
    for message in field.list_errors:
        yield FormError(field.rows[0].cells[0].id_for_label, f"{lead}{field.label}: {message}")
    for row in field.rows if field.errors else ():
        for cell in row:
            yield from _errors_of_field(cell, f"{lead}{field.field.noun} {row.number}, ")


def _errors_of_field(field: BoundField, lead: str) -> Iterator[FormError]:
    widget = field.field.widget
    is_group = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    target_id = widget.id_for_label(field.auto_id, "0") if is_group else field.id_for_label
    for error in field.errors:
        message = f"{lead}{field.label}: {error}"
        yield FormError(target_id, f"{message[:1].upper()}{message[1:]}")
