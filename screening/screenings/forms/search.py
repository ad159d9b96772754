"""The search form above the list of screenings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.rules.definition import Outcome
from screening.clinical.rules.labels import DECISION_WORDS, OUTCOME_SHORT
from screening.clinical.text.identifiers import name_words
from screening.clinical.text.wording import NOT_YET_DECIDED, SUPERSEDED_DECISION
from screening.web.date_fields import DateField
from screening.web.fields import CHOOSE_FROM_LIST, PlainText
from screening.web.forms import AppForm

from .screening_fields import EARLIEST_BIRTH

NOT_DECIDED, SUPERSEDED = "none", "superseded"
LATEST_DAY = date(9998, 12, 31)
"""The latest day that a filter takes. It may be in the future, but the day after it must be a valid date too."""


class SearchForm(AppForm, forms.Form):
    """A name or record number to search for, and filters.

    The search words may name a patient, so they are sent by POST and never appear in a URL or a log. Only the filters
    may be part of a URL.
    """

    q = PlainText(
        label=_("Name or record number"),
        help_text=_("Words or parts of words of the name, in any order, or the whole record number"),
        max_length=200,
        required=False,
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[("", _("Any")), *((each.value, _(OUTCOME_SHORT[each])) for each in Outcome)],
        error_messages=CHOOSE_FROM_LIST,
    )
    decision = forms.ChoiceField(
        label=_("Decision"),
        required=False,
        choices=[
            ("", _("Any")),
            (NOT_DECIDED, _(NOT_YET_DECIDED)),
            *((code.value, _(words)) for code, words in DECISION_WORDS.items()),
            (SUPERSEDED, _(SUPERSEDED_DECISION)),
        ],
        error_messages=CHOOSE_FROM_LIST,
    )
    id = forms.RegexField(
        r"^\s*[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}\s*$",
        required=False,
        label=_("Record"),
        help_text=_("As printed: 5d3a-91c7"),
        error_messages={"invalid": _("Enter the eight characters as printed: 5d3a-91c7.")},
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        for name, label in (("from", _("Screened from")), ("to", _("Screened to"))):
            self.fields[name] = DateField(
                required=False,
                label=label,
                help_text=_("As in 27 Mar 2026"),
                earliest=EARLIEST_BIRTH,
                latest=LATEST_DAY,
            )
        self.order_fields(["q", "outcome", "decision", "from", "to", "id"])

    @property
    def plainly_optional(self) -> Collection[str]:  # type: ignore[override]
        """Every field: a search form needs no "optional" labels."""
        return self.fields

    @property
    def layout(self) -> Layout:
        """The search field in a full row, then the filters."""
        return Layout(
            Field("q", wrapper_class="whole-row"),
            Field("outcome", wrapper_class="alone"),
            Field("decision", wrapper_class="alone"),
            "from",
            "to",
            Field("id", wrapper_class="alone"),
        )

    def clean_q(self) -> str:
        """Refuse a query without a letter or digit."""
        query = str(self.cleaned_data["q"])
        if query and not name_words(query):
            raise ValidationError(gettext("Enter at least one letter or digit of the name or record number."))
        return query

    def clean_id(self) -> str:
        """Return the eight hexadecimal digits without the hyphen."""
        return str(self.cleaned_data["id"]).strip().replace("-", "").lower()

    @property
    def query(self) -> str:
        """The search words of a valid form; empty when there are only filters."""
        return str(self.cleaned_data["q"])

    @property
    def filters(self) -> dict[str, Any]:
        """The cleaned values of the filters that are set."""
        return {name: value for name, value in self.cleaned_data.items() if value and name != "q"}

    @property
    def submitted_filters(self) -> dict[str, str]:
        """The filters that are set, as text for a link or a hidden field."""
        return {name: str(self[name].value()).strip() for name in self.filters}
