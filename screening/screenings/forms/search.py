"""What narrows the list of screenings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from screening.clinical.rules.definition import Outcome
from screening.clinical.rules.labels import OUTCOME_SHORT
from screening.clinical.text.identifiers import name_words
from screening.web.fields import DateField, PlainText
from screening.web.forms import AppForm

from .screening_fields import EARLIEST_BIRTH

LATEST_DAY = date(9998, 12, 31)
"""A filter may end in the future; the day after it must be a date too."""


class SearchForm(AppForm, forms.Form):
    """A name or a record number, and filters that narrow the list.

    What is searched names a patient, so it is sent by POST and appears in no address and no log. Only the filters may
    be part of an address.
    """

    q = PlainText(
        label="Name or record number",
        help_text="Words or parts of words of the name, in any order, or the whole record number",
        max_length=200,
        required=False,
    )
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

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        for name, label in (("from", "Screened from"), ("to", "Screened to")):
            self.fields[name] = DateField(
                required=False, label=label, help_text="As in 27 Mar 2026", earliest=EARLIEST_BIRTH, latest=LATEST_DAY
            )
        self.order_fields(["q", "outcome", "from", "to", "id"])

    @property
    def plainly_optional(self) -> Collection[str]:  # type: ignore[override]
        """Every field: whoever searches knows it."""
        return self.fields

    @property
    def layout(self) -> Layout:
        """The days stand side by side."""
        return Layout(
            Field("q", wrapper_class="whole-row"),
            Field("outcome", wrapper_class="alone"),
            "from",
            "to",
            Field("id", wrapper_class="alone"),
        )

    def clean_q(self) -> str:
        """A query that can find something."""
        query = str(self.cleaned_data["q"])
        if query and not name_words(query):
            raise ValidationError("Enter at least one letter or digit of the name or record number.")
        return query

    def clean_id(self) -> str:
        """The eight hexadecimal digits."""
        return str(self.cleaned_data["id"]).strip().replace("-", "").lower()

    @property
    def query(self) -> str:
        """What is searched, once valid; empty when the list is only narrowed."""
        return str(self.cleaned_data["q"])

    @property
    def filters(self) -> dict[str, Any]:
        """The filters that were given, once valid, without what is searched."""
        return {name: value for name, value in self.cleaned_data.items() if value and name != "q"}

    @property
    def filters_as_typed(self) -> dict[str, str]:
        """The same, as a link or another form repeats them."""
        return {name: str(self[name].value()).strip() for name in self.filters}
