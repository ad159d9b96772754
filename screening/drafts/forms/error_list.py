"""What is wrong with a form of rows, as a list of links to where it is typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.forms.boundfield import BoundField

from .draft_row import OVERTAKEN
from .follow_ups import FollowUpFormSet
from .formsets import BoundRows

DETAILS = "details"
"""The id of the part of the page that holds the details."""


class Problem(NamedTuple):
    """A sentence, and the id of the control that it is about; empty where it is about no one."""

    at: str
    words: str


def problems_of(form: forms.BaseForm, details: FollowUpFormSet | None = None) -> tuple[Problem, ...]:
    """All that is wrong with a form and the details that go with it, in the order of the page."""
    if not form.is_bound:
        return ()
    return (*_of_form(form), *(_of_details(details) if details else ()))


def _of_details(details: FollowUpFormSet) -> Iterator[Problem]:
    for sentence in details.non_form_errors():
        yield Problem(DETAILS, f"Details: {sentence}")
    forms: list[Any] = details.forms
    for form in forms:
        yield from _of_form(form, f"Detail “{form.heading}”, ")


def _of_form(form: forms.BaseForm, lead: str = "") -> Iterator[Problem]:
    for error in form.non_field_errors().as_data():
        if error.code != OVERTAKEN:
            yield from (Problem("", f"{lead}{message}") for message in error.messages)
    for field in form:
        if isinstance(field, BoundRows):
            yield from _of_rows(field, lead)
        else:
            yield from _of_field(field, lead)


def _of_rows(field: BoundRows, lead: str) -> Iterator[Problem]:
    for sentence in field.own_errors:
        yield Problem(field.rows[0].cells[0].id_for_label, f"{lead}{field.label}: {sentence}")
    for row in field.rows if field.errors else ():
        for cell in row:
            yield from _of_field(cell, f"{lead}{field.field.noun} {row.number}, ")


def _of_field(field: BoundField, lead: str) -> Iterator[Problem]:
    widget = field.field.widget
    is_group = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    at = widget.id_for_label(field.auto_id, "0") if is_group else field.id_for_label
    for sentence in field.errors:
        words = f"{lead}{field.label}: {sentence}"
        yield Problem(at, f"{words[:1].upper()}{words[1:]}")
