"""How far back a draft is held against past screenings."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.http import QueryDict

from .common import IdWithoutDots, refuse_foreign_fields

USUAL_DAYS, MOST_DAYS = 365, 3660
SENTENCE = f"Enter a whole number of days from 1 to {MOST_DAYS}."


class DaysForm(forms.Form):
    """So many days back; a year when nothing is asked for. It names no patient, so it may stand in an address."""

    bound_field_class = IdWithoutDots
    use_required_attribute = False
    usual: ClassVar[dict[str, str]] = {"days": str(USUAL_DAYS)}
    days = forms.IntegerField(
        label="Days back",
        help_text=f"From 1 to {MOST_DAYS}.",
        min_value=1,
        max_value=MOST_DAYS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), SENTENCE),
    )

    def __init__(self, sent: QueryDict) -> None:
        super().__init__(sent or self.usual)
        self.sent = sent

    def clean(self) -> dict[str, object]:
        """Refuse what this form does not ask for, and what is sent twice."""
        refuse_foreign_fields(self, self.sent)
        return self.cleaned_data
