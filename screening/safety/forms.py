"""The form that selects an edition and a period."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from crispy_forms.layout import Field, Layout
from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from screening.editions.models import Edition
from screening.web.date_fields import DateField
from screening.web.fields import CHOOSE_FROM_LIST
from screening.web.forms import StrictForm

from .selection import Selection

EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(9998, 12, 31)
"""The days that a filter takes. The day after must be a valid date too."""


class SelectionForm(StrictForm):
    """An edition and a period, all optional. A name that is no filter is refused, because it would select nothing."""

    edition = forms.ChoiceField(label=_("Edition"), required=False, error_messages=CHOOSE_FROM_LIST)

    def __init__(self, data: QueryDict, editions: Sequence[Edition]) -> None:
        super().__init__(data)
        self.editions = tuple(editions)
        edition = self.fields["edition"]
        numbers = sorted((each.number for each in self.editions), reverse=True)
        current = [(str(number), gettext("{number} (current)").format(number=number)) for number in numbers[:1]]
        every = ("", pgettext("editions", "All"))
        edition.choices = [every, *current, *((str(each), str(each)) for each in numbers[1:])]  # type: ignore[attr-defined]
        edition.error_messages["invalid_choice"] = gettext("There is no such edition. Choose one from the list.")
        for name, label in (("from", gettext("Screened from")), ("to", gettext("Screened to"))):
            self.fields[name] = DateField(
                required=False,
                label=label,
                help_text=gettext("As in 27 Mar 2026"),
                earliest=EARLIEST_DAY,
                latest=LATEST_DAY,
                error_messages={"too_late": gettext("This date is too late. Check the year.")},
            )

    @property
    def plainly_optional(self) -> Collection[str]:  # type: ignore[override]
        """Every field: filters need no "optional" labels."""
        return self.fields

    @property
    def layout(self) -> Layout:
        """The filters in one row."""
        return Layout(Field("edition", wrapper_class="alone"), "from", "to")

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        cleaned = super().clean()
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last and last < first:
            self.add_error("to", gettext("This day is before “Screened from”. Check both dates."))
        return cleaned

    @property
    def selection(self) -> Selection:
        """The selection of a valid form."""
        number = self.cleaned_data["edition"]
        return Selection(
            published=self.editions,
            zone=ZoneInfo(settings.TIME_ZONE),
            edition=next((each for each in self.editions if str(each.number) == number), None),
            first=self.cleaned_data["from"],
            last=self.cleaned_data["to"],
        )
