"""The form for the period of past screenings that a draft is compared with."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from screening.web.forms import StrictForm

DEFAULT_DAYS, MOST_DAYS = 365, 3660
DAYS_ERROR = format_lazy(_("Enter a whole number of days from 1 to {most}."), most=MOST_DAYS)


class DaysForm(StrictForm):
    """The number of days back; a year by default. It names no patient, so it may be part of a URL."""

    days = forms.IntegerField(
        label=_("Days back"),
        help_text=format_lazy(_("From 1 to {most}."), most=MOST_DAYS),
        min_value=1,
        max_value=MOST_DAYS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), DAYS_ERROR),
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data or QueryDict(f"days={DEFAULT_DAYS}"))
