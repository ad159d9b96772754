"""Rendering of the screening form: two forms share no data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crispy_forms.utils import render_crispy_form
from lxml import html

from screening.clinical.rules.definition import Severity
from screening.screenings.forms.screening_form import ScreeningForm
from tests.rules import shipped_rules
from tests.unit.builders import TODAY, definition, item, record
from tests.unit.screenings.forms import blank_form, form_data, never_used, submitted_form

FILLED: dict[str, Any] = {
    "patient_name": "Invented Name",
    "birth_date": "nonsense",
    "record_number": "ENTERED-1",
    "dose_mg": "1000",
    "indication": "Entered indication",
    "opioid-use": "no",
    "opioid-use.agent": "Entered agent",
    "opioid-use.kind": ["short-acting"],
    "opioid-use.urine-screen": "negative",
    "pregnancy": "not_applicable",
    "breastfeeding": None,
}


def shown(form: ScreeningForm) -> str:
    """Render a form."""
    return str(render_crispy_form(form))


def filled_fields(form: ScreeningForm) -> list[str]:
    """Return the names of the fields with a value."""
    page = html.fromstring(f"<form>{shown(form)}</form>")
    return sorted({name for name, value in page.form_values() if value})


def test_a_blank_form_after_a_form_with_errors_has_no_errors() -> None:
    before = shown(blank_form())
    first = shown(submitted_form(FILLED))
    assert 'aria-invalid="true"' in first
    assert "Invented Name" in first
    assert shown(blank_form()) == before


def test_a_blank_form_after_a_filled_form_is_empty() -> None:
    assert len(filled_fields(submitted_form(FILLED))) > 5
    assert filled_fields(blank_form()) == []


def test_two_open_forms_do_not_share_input_or_errors() -> None:
    first, second = submitted_form(FILLED), submitted_form({"patient_name": "Other Name"})
    assert shown(second) == shown(submitted_form({"patient_name": "Other Name"}))
    assert "Invented Name" in shown(first)
    assert (bool(first.errors), bool(second.errors)) == (True, False)


def test_a_blank_form_after_an_amendment_has_no_amendment_reason_and_no_answers() -> None:
    before = shown(blank_form())
    rules = shipped_rules()
    answers = {each.link_id: submitted_form().answers[each.link_id] for each in rules.items}
    amending = ScreeningForm(rules, form_data(), today=TODAY, last_use=never_used, amends=record(rules, answers))
    assert "amendment_reason" in amending.fields
    assert "Earlier answer" in shown(amending)
    assert "amendment_reason" not in blank_form().fields
    assert shown(blank_form()) == before


def test_a_changed_field_of_one_form_does_not_change_the_next_form() -> None:
    form = blank_form()
    form.fields["indication"].label = "Changed"
    form.fields["indication"].widget.attrs["list"] = "changed"
    assert "hanged" not in shown(blank_form())


def test_a_field_deleted_from_one_form_is_still_in_the_next_form() -> None:
    form = blank_form()
    del form.fields["indication"]
    assert "indication" in blank_form().fields


def test_forms_of_different_rules_have_different_fields() -> None:
    other = definition(item("first-rule", severity=Severity.CAUTION))
    form = ScreeningForm(other, today=TODAY, last_use=never_used)
    assert {"first-rule", "pregnancy"} & set(form.fields) == {"first-rule"}
    assert {"first-rule", "pregnancy"} & set(blank_form().fields) == {"pregnancy"}


def test_the_latest_accepted_date_is_the_day_of_the_form() -> None:
    tomorrow, data = TODAY + timedelta(days=1), form_data({"opioid-use": "yes", "opioid-use.last-dose": "2026-11-24"})
    errors = [
        ScreeningForm(shipped_rules(), data, today=day, last_use=never_used).errors
        for day in (TODAY, tomorrow, TODAY)
    ]
    assert ["opioid-use.last-dose" in each for each in errors] == [True, False, True]
