"""How far back a draft is held against past screenings."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from screening.web.forms import StrictForm

USUAL_DAYS, MOST_DAYS = 365, 3660
SENTENCE = f"Enter a whole number of days from 1 to {MOST_DAYS}."


class DaysForm(StrictForm):
    """So many days back; a year when nothing is asked for. It names no patient, so it may stand in an address."""

    days = forms.IntegerField(
        label="Days back",
        help_text=f"From 1 to {MOST_DAYS}.",
        min_value=1,
        max_value=MOST_DAYS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), SENTENCE),
    )

    def __init__(self, sent: QueryDict) -> None:
        super().__init__(sent or QueryDict(f"days={USUAL_DAYS}"))
