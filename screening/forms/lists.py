"""What narrows the list of screenings."""

from __future__ import annotations

from datetime import date

from django import forms
from django.http import QueryDict

from screening.clinical.definition import Outcome
from screening.clinical.wording import OUTCOME_SHORT
from screening.fields import PlainText, TypedDate

from .asked import EARLIEST_BIRTH
from .common import IdWithoutDots


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
