"""Parts of pages that are kept, and controls that are drawn from widgets which all forms share."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template
from django.utils.safestring import SafeString
from lxml import html

from screening.clinical.definition import Severity
from screening.forms import ScreeningForm, blank_questions
from screening.templatetags import look
from tests.rules import shipped_rules
from tests.unit.builders import TODAY, definition, item, record
from tests.unit.test_forms import empty_form, form_of, never_used, sent

REMARKS = "screening/summary/remarks.html"
LISTING = "screening/summary/listing.html"


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """No part is kept from test to test."""
    look._kept.cache_clear()
    yield
    look._kept.cache_clear()


# Kept ---------------------------------------------------------------------------------------------------------


def listing(**changes: Any) -> SafeString:
    """A part of a page, made of these values."""
    return look.once(LISTING, **{"name": "scope", "heading": "Heading", "items": ("a", "b"), "closing": ""} | changes)


def test_the_same_values_give_the_same_part() -> None:
    assert listing() is listing()


def test_values_that_are_equal_but_not_identical_give_the_same_part() -> None:
    assert listing(items=tuple(["a", "b"])) is listing(items=tuple("ab"))  # noqa: C409


@pytest.mark.parametrize(
    "changes",
    [{"heading": "Other"}, {"items": ("a",)}, {"items": ("b", "a")}, {"items": ()}, {"closing": "The end."}],
    ids=str,
)
def test_another_value_gives_another_part(changes: dict[str, Any]) -> None:
    before = str(listing())
    assert listing(**changes) != before
    assert listing() == before


def test_two_templates_with_the_same_values_are_two_parts() -> None:
    assert look.once(REMARKS, remarks=("x",), items=("x",)) != look.once(LISTING, remarks=("x",), items=("x",))


def test_a_definition_with_other_words_gives_another_part() -> None:
    first, second = (definition(item(), not_covered=(words,)) for words in ("First scope", "Second scope"))
    parts = [look.once("screening/form/asked.html", definition=each) for each in (first, second, first)]
    assert ["First scope" in each for each in parts] == [True, False, True]
    assert parts[0] is parts[2]


@pytest.mark.parametrize("text", ["<b>bold</b>", "a & b", "\"quoted\" 'text'", "{{ name }}{% now 'Y' %}"])
def test_text_is_escaped(text: str) -> None:
    part = listing(heading=text, items=(text,), closing=text)
    page = html.fromstring(f"<div>{part}</div>")
    assert "<b>" not in part
    assert [" ".join(each.text_content().split()) for each in page.xpath("//h2 | //li")] == [text, text]


def test_a_part_is_not_escaped_once_more_by_the_page() -> None:
    page = Template("{% load look %}{% once 'screening/summary/remarks.html' remarks=remarks %}")
    assert "&lt;" not in page.render(Context({"remarks": ("x",)}))


def test_a_part_knows_nothing_of_the_page_around_it() -> None:
    page = Template("{% load look %}{% once 'screening/summary/remarks.html' remarks=remarks %}")
    seen = [page.render(Context({"remarks": ("x",), "summary": each, "heading": each})) for each in ("one", "two")]
    assert seen[0] == seen[1]


# Controls -----------------------------------------------------------------------------------------------------


def drawn(form: forms.Form, name: str, **attributes: str) -> Any:
    """A control of a form as an element."""
    return html.fromstring(str(look.control(form[name], "form-control", **attributes)))


CONTROLS = ["patient_name", "birth_date", "dose_mg", "opioid-use.agent", "opioid-use.urine-screen", "confirm_patient"]
every_control = pytest.mark.parametrize("name", CONTROLS)


@every_control
def test_drawing_a_control_leaves_its_widget_as_it_was(name: str) -> None:
    form = form_of({"birth_date": "nonsense", "dose_mg": "1000", "patient_name": None})
    widget = form.fields[name].widget
    before = copy.deepcopy(widget.attrs)
    look.control(form[name], "form-control", list="indications")
    assert widget.attrs == before


@every_control
def test_a_control_has_the_class_that_was_asked_for(name: str) -> None:
    assert drawn(empty_form(), name).get("class") == "form-control"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("patient_name", None),
        ("birth_date", "nonsense"),
        ("dose_mg", "1000"),
        ("opioid-use.agent", "given under no"),
        ("opioid-use.urine-screen", "none of them"),
    ],
)
def test_a_control_with_an_error_is_invalid_and_no_other_is(name: str, value: str | None) -> None:
    form = form_of({name: value})
    classes = {each: drawn(form, each).get("class") for each in CONTROLS}
    assert classes == {each: "form-control is-invalid" if each == name else "form-control" for each in CONTROLS}


def test_an_attribute_is_set_only_where_it_has_a_value() -> None:
    form = empty_form()
    assert drawn(form, "indication", list="indications").get("list") == "indications"
    assert "list" not in drawn(form, "indication", list="").attrib


def test_what_the_widget_says_of_itself_stands_beside_what_was_asked_for() -> None:
    said = drawn(empty_form(), "dose_mg", list="doses").attrib
    assert (said["inputmode"], said["autocomplete"], said["list"]) == ("decimal", "off", "doses")


def test_what_was_typed_into_a_control_is_escaped() -> None:
    assert drawn(form_of({"indication": '"><b>x</b>'}), "indication").get("value") == '"><b>x</b>'


# Forms that share their fields --------------------------------------------------------------------------------

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
    """A form as it stands on the page."""
    return str(render_crispy_form(form))


def chosen_or_typed(form: ScreeningForm) -> list[str]:
    """The names of the fields that hold something."""
    page = html.fromstring(f"<form>{shown(form)}</form>")
    return sorted({name for name, value in page.form_values() if value})


def test_forms_share_their_fields_so_that_the_next_tests_say_something() -> None:
    assert empty_form().fields["patient_name"] is empty_form().fields["patient_name"]


def test_after_a_form_with_errors_a_blank_one_has_none() -> None:
    before = shown(empty_form())
    first = shown(form_of(TYPED))
    assert "is-invalid" in first
    assert "Invented Name" in first
    assert shown(empty_form()) == before


def test_after_a_form_that_was_filled_a_blank_one_holds_nothing() -> None:
    assert len(chosen_or_typed(form_of(TYPED))) > 5
    assert chosen_or_typed(empty_form()) == []


def test_after_a_form_with_errors_the_kept_blank_one_has_none() -> None:
    blank_questions.cache_clear()
    shown(form_of(TYPED))
    kept = blank_questions(shipped_rules())
    assert [
        each for each in ("is-invalid", "has-error", "Invented Name", "Typed", "invalid-feedback") if each in kept
    ] == []
    assert {value for _, value in html.fromstring(f"<form>{kept}</form>").form_values() if value} == set()


def test_the_kept_blank_form_says_what_a_blank_form_says() -> None:
    assert blank_questions(shipped_rules()) == shown(empty_form())


def test_two_forms_that_are_open_at_once_keep_each_its_own() -> None:
    first, second = form_of(TYPED), form_of({"patient_name": "Other Name"})
    assert shown(second) == shown(form_of({"patient_name": "Other Name"}))
    assert "Invented Name" in shown(first)
    assert (bool(first.errors), bool(second.errors)) == (True, False)


def test_a_form_that_amends_leaves_no_reason_and_no_answer_in_the_next() -> None:
    before = shown(empty_form())
    rules = shipped_rules()
    answers = {each.link_id: form_of().answers[each.link_id] for each in rules.items}
    amending = ScreeningForm(rules, sent(), today=TODAY, last_use=never_used, amends=record(rules, answers))
    assert "amendment_reason" in amending.fields
    assert "Earlier answer" in shown(amending)
    assert "amendment_reason" not in empty_form().fields
    assert shown(empty_form()) == before


def test_what_one_form_takes_away_from_its_fields_the_next_still_has() -> None:
    form = empty_form()
    del form.fields["indication"]
    assert "indication" in empty_form().fields


def test_forms_of_other_rules_have_their_own_fields() -> None:
    other = definition(item("first-rule", severity=Severity.CAUTION))
    form = ScreeningForm(other, today=TODAY, last_use=never_used)
    assert {"first-rule", "pregnancy"} & set(form.fields) == {"first-rule"}
    assert {"first-rule", "pregnancy"} & set(empty_form().fields) == {"pregnancy"}


def test_a_form_of_the_next_day_takes_the_date_of_that_day() -> None:
    tomorrow, typed = TODAY + timedelta(days=1), sent({"opioid-use": "yes", "opioid-use.last-dose": "2026-11-24"})
    errors = [
        ScreeningForm(shipped_rules(), typed, today=day, last_use=never_used).errors
        for day in (TODAY, tomorrow, TODAY)
    ]
    assert ["opioid-use.last-dose" in each for each in errors] == [True, False, True]
