"""Screening forms built from the shipped rules without a database."""

from __future__ import annotations

from collections.abc import Callable

from django.http import QueryDict

from screening.clinical.report.record import LastUse
from screening.screenings.forms.screening_form import ScreeningForm
from tests.rules import shipped_rules
from tests.unit.builders import TODAY

RULES = shipped_rules()
LINK_IDS = [rule.link_id for rule in RULES.items]
FormValue = str | list[str] | None

COMPLETE_FORM: dict[str, FormValue] = {
    "patient_name": "Sample Patient",
    "birth_date": "12 Apr 1961",
    "record_number": "DEMO-0001",
    **dict.fromkeys(LINK_IDS, "no"),
}
"""The shortest complete form: every question is answered no."""


def form_data(changes: dict[str, FormValue] | None = None) -> QueryDict:
    """Return the complete form as submitted data, with some fields changed, repeated (a list) or left out (None)."""
    data = QueryDict(mutable=True)
    for name, value in (COMPLETE_FORM | (changes or {})).items():
        if value is not None:
            data.setlist(name, value if isinstance(value, list) else [value])
    return data


def never_used(record_number: str) -> LastUse | None:
    """Find no last use: the record number is new."""
    return None


def submitted_form(
    changes: dict[str, FormValue] | None = None, *, last_use: Callable[[str], LastUse | None] = never_used
) -> ScreeningForm:
    """Return a submitted form, already validated."""
    form = ScreeningForm(RULES, form_data(changes), today=TODAY, last_use=last_use)
    form.full_clean()
    return form


def blank_form() -> ScreeningForm:
    """Return a form that was not submitted."""
    return ScreeningForm(RULES, today=TODAY, last_use=never_used)
