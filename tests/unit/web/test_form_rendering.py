"""The screening form as it is rendered: nothing of one form is left in the next."""

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

TYPED: dict[str, Any] = {
    "patient_name": "Invented Name",
    "birth_date": "nonsense",
    "record_number": "TYPED-1",
    "dose_mg": "1000",
    "indication": "Typed indication",
    "opioid-use": "no",
    "opioid-use.agent": "Typed agent",
    "opioid-use.kind": ["short-acting"],
    "opioid-use.urine-screen": "negative",
    "pregnancy": "not_applicable",
    "breastfeeding": None,
}


def shown(form: ScreeningForm) -> str:
    """A form as it appears on the page."""
    return str(render_crispy_form(form))


def chosen_or_typed(form: ScreeningForm) -> list[str]:
    """The names of the fields that hold something."""
    page = html.fromstring(f"<form>{shown(form)}</form>")
    return sorted({name for name, value in page.form_values() if value})


def test_after_a_form_with_errors_a_blank_one_has_none() -> None:
    before = shown(blank_form())
    first = shown(submitted_form(TYPED))
    assert 'aria-invalid="true"' in first
    assert "Invented Name" in first
    assert shown(blank_form()) == before


def test_after_a_form_that_was_filled_a_blank_one_holds_nothing() -> None:
    assert len(chosen_or_typed(submitted_form(TYPED))) > 5
    assert chosen_or_typed(blank_form()) == []


def test_two_forms_that_are_open_at_once_keep_each_its_own() -> None:
    first, second = submitted_form(TYPED), submitted_form({"patient_name": "Other Name"})
    assert shown(second) == shown(submitted_form({"patient_name": "Other Name"}))
    assert "Invented Name" in shown(first)
    assert (bool(first.errors), bool(second.errors)) == (True, False)


def test_a_form_that_amends_leaves_no_reason_and_no_answer_in_the_next() -> None:
    before = shown(blank_form())
    rules = shipped_rules()
    answers = {each.link_id: submitted_form().answers[each.link_id] for each in rules.items}
    amending = ScreeningForm(rules, form_data(), today=TODAY, last_use=never_used, amends=record(rules, answers))
    assert "amendment_reason" in amending.fields
    assert "Earlier answer" in shown(amending)
    assert "amendment_reason" not in blank_form().fields
    assert shown(blank_form()) == before


def test_what_one_form_changes_in_a_field_the_next_does_not_have() -> None:
    form = blank_form()
    form.fields["indication"].label = "Changed"
    form.fields["indication"].widget.attrs["list"] = "changed"
    assert "hanged" not in shown(blank_form())


def test_what_one_form_takes_away_from_its_fields_the_next_still_has() -> None:
    form = blank_form()
    del form.fields["indication"]
    assert "indication" in blank_form().fields


def test_forms_of_other_rules_have_their_own_fields() -> None:
    other = definition(item("first-rule", severity=Severity.CAUTION))
    form = ScreeningForm(other, today=TODAY, last_use=never_used)
    assert {"first-rule", "pregnancy"} & set(form.fields) == {"first-rule"}
    assert {"first-rule", "pregnancy"} & set(blank_form().fields) == {"pregnancy"}


def test_a_form_of_the_next_day_takes_the_date_of_that_day() -> None:
    tomorrow = TODAY + timedelta(days=1)
    data = form_data({"opioid-use": "yes", "opioid-use.last-dose": "2026-11-24"})
    errors = [
        ScreeningForm(shipped_rules(), data, today=day, last_use=never_used).errors
        for day in (TODAY, tomorrow, TODAY)
    ]
    assert ["opioid-use.last-dose" in each for each in errors] == [True, False, True]
