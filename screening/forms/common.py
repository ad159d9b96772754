"""What the forms have in common: how they are drawn, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crispy_forms.layout import LayoutObject
from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.template import Context
from django.template.loader import render_to_string

from screening.tickets import TICKET_FIELD

LONGEST_TEXT = 500
NOT_QUESTIONS = {TICKET_FIELD, "csrfmiddlewaretoken"}


class IdWithoutDots(BoundField):
    """A bound field whose HTML id holds no dot, so that a style or a link can name it."""

    @property
    def auto_id(self) -> str:
        """``id_opioid-use__last-dose`` for the field ``opioid-use.last-dose``."""
        return str(super().auto_id).replace(".", "__")


class Panel(LayoutObject):
    """A part of the layout drawn by a template, with the form and what belongs to the part."""

    def __init__(self, template: str, **context: object) -> None:
        self.template, self.context = template, context
        self.fields: list[object] = []

    def render(self, form: forms.Form, context: Context, template_pack: str = "", **kwargs: Any) -> str:
        """The part's HTML."""
        own = {name: value(form) if callable(value) else value for name, value in self.context.items()}
        return render_to_string(self.template, {"form": form, **own})


def refuse_foreign_fields(form: forms.Form, sent: QueryDict, files: Iterable[str] = ()) -> None:
    """Put an error where something was sent that the form does not ask for, or sent twice."""
    for name in (*sent, *files):
        field = form.fields.get(name)
        if field is None and name not in NOT_QUESTIONS:
            form.add_error(None, f"This form has no field “{name[:60]}”. Send only what it asks for.")
        several = isinstance(field, forms.MultipleChoiceField)
        if field is not None and not several and len(sent.getlist(name)) > 1:
            form.add_error(name, "This was sent twice. Give one answer.")
