"""List fields: filled rows become JSON entries, in order."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context
from lxml import html

from screening.clinical.rules.definition import Feeds
from screening.drafts.forms.formsets import EMPTY_ROWS, BoundRows, RowsLayout, RowsWidget
from screening.drafts.forms.rule_formsets import (
    choices_field,
    code_from_label,
    reasons_field,
    set_columns,
    sources_field,
)
from screening.web.forms import AppForm
from tests.rules import shipped_rules

LABEL = {"kind": "label", "region": "US", "title": "Tablets", "identifier": "NDA", "supports": "Dosage"}
OPINION = {"kind": "opinion", "region": "", "title": "This rule set", "identifier": "", "supports": ""}
EMPTY = {"kind": "", "region": "", "title": "", "identifier": "", "supports": ""}


class SourcesForm(AppForm, forms.Form):
    """A form with one list of sources."""

    sources = sources_field()


class ReasonsForm(AppForm, forms.Form):
    """A form with one list of reasons."""

    reasons = reasons_field()


def submitted(name: str, *rows: dict[str, str]) -> QueryDict:
    """The data that a browser submits for some rows."""
    data = QueryDict(mutable=True)
    for number, row in enumerate(rows):
        data.update({f"{name}-{number}-{column}": words for column, words in row.items()})
    return data


def form_of(*rows: dict[str, str]) -> SourcesForm:
    return SourcesForm(submitted("sources", *rows))


def rows_of(form: forms.Form, name: str = "sources") -> BoundRows:
    bound = form[name]
    assert isinstance(bound, BoundRows)
    return bound


def cleaned(*rows: dict[str, str]) -> list[dict[str, Any]]:
    """The entries of valid rows."""
    form = form_of(*rows)
    assert form.is_valid(), form.errors
    entries: list[dict[str, Any]] = form.cleaned_data["sources"]
    return entries


def plain(rule: str, part: str) -> list[dict[str, Any]]:
    """A list of a shipped rule as stored in JSON."""
    import json

    from screening.clinical.rules.definition import to_json

    (item,) = [each for each in json.loads(to_json(shipped_rules()))["items"] if each["link_id"] == rule]
    entries: list[dict[str, Any]] = item[part]
    return entries


# Cleaning -----------------------------------------------------------------------------------------------------


def test_filled_rows_become_entries_and_empty_rows_are_ignored() -> None:
    assert cleaned(LABEL, EMPTY, OPINION, EMPTY) == [LABEL, OPINION]


def test_a_row_with_only_spaces_is_empty() -> None:
    assert cleaned(OPINION, EMPTY | {"title": "   "}) == [OPINION]


def test_a_row_marked_for_removal_is_left_out_without_validation() -> None:
    assert cleaned(LABEL | {"kind": "nonsense", "remove": "on"}, OPINION) == [OPINION]


@pytest.mark.parametrize(
    ("place", "titles"),
    [
        pytest.param("1", ["three", "one", "two", "four"], id="to the front"),
        pytest.param("2", ["one", "three", "two", "four"], id="one place up"),
        pytest.param("3", ["one", "two", "three", "four"], id="its own place"),
        pytest.param("4", ["one", "two", "four", "three"], id="one place down"),
        pytest.param("99", ["one", "two", "four", "three"], id="after the last"),
        pytest.param("", ["one", "two", "three", "four"], id="no place"),
    ],
)
def test_a_row_moves_to_its_submitted_place(place: str, titles: list[str]) -> None:
    rows = [
        OPINION | {"title": title, "place": str(number)}
        for number, title in enumerate(("one", "two", "three", "four"), start=1)
    ]
    rows[2]["place"] = place
    assert [entry["title"] for entry in cleaned(*rows)] == titles


@pytest.mark.parametrize("rule", [item.link_id for item in shipped_rules().items])
def test_the_rows_of_a_shipped_rule_give_the_same_list(rule: str) -> None:
    field, entries = sources_field(), plain(rule, "sources")
    assert field.clean(field.row_data_of(entries)) == entries
    for follow_up in plain(rule, "follow_ups"):
        choices = choices_field()
        set_columns(choices, choices.row_data_of(follow_up["choices"]), follow_up["feeds"])
        assert choices.clean(choices.row_data_of(follow_up["choices"])) == follow_up["choices"]


# Errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ({"title": ""}, "title", "Enter the title of the source."),
        ({"kind": ""}, "kind", "Choose the kind of source."),
        ({"kind": "rumour"}, "kind", "Choose the kind of source."),
        ({"title": "Tab\u202elets"}, "title", "cannot be shown or printed"),
        ({"supports": "x" * 4001}, "supports", "Use at most 4000 characters; this has 4001."),
        ({"place": "first"}, "place", "This is not a whole number."),
    ],
)
def test_an_invalid_row_has_the_message_on_its_cell(row: dict[str, str], column: str, message: str) -> None:
    form = form_of(LABEL | row, OPINION)
    assert not form.is_valid()
    first, second, *_ = rows_of(form).rows
    assert message in str(first[column].errors)
    assert not second.errors
    assert rows_of(form).list_errors == []


def test_a_required_list_must_not_be_empty() -> None:
    form = form_of(EMPTY)
    assert not form.is_valid()
    assert rows_of(form).list_errors == ["Add at least one source. If there is no better one, add an opinion."]


def test_too_many_rows_are_refused_with_their_number() -> None:
    form = form_of(*[OPINION] * 21)
    assert not form.is_valid()
    assert rows_of(form).list_errors == ["There are 21; use at most 20."]


def test_two_reasons_with_the_same_code_are_refused() -> None:
    form = ReasonsForm(
        submitted("reasons", {"code": "other", "label": "Other"}, {"code": "other", "label": "Another"})
    )
    assert not form.is_valid()
    assert rows_of(form, "reasons").list_errors == ["2 of them have the code “other”; each needs its own."]


# Rendering ----------------------------------------------------------------------------------------------------


def test_two_empty_rows_follow_the_filled_rows() -> None:
    rows = rows_of(SourcesForm(initial={"sources": [LABEL, OPINION]})).rows
    assert [row.is_empty for row in rows] == [False, False, *[True] * EMPTY_ROWS]
    assert [row.prefix for row in rows] == ["sources-0", "sources-1", "sources-2", "sources-3"]


def test_an_invalid_form_keeps_its_submitted_data() -> None:
    form = form_of(LABEL | {"title": "", "remove": "on"}, EMPTY, OPINION | {"kind": "rumour"})
    assert not form.is_valid()
    first, second, *_ = rows_of(form).rows
    assert first["region"].value() == "US"
    assert first["remove"].value() == "on"
    assert (second["kind"].value(), second["title"].value()) == ("rumour", "This rule set")


@pytest.mark.parametrize(
    ("rows", "has_changed"),
    [
        pytest.param([LABEL], False, id="unchanged"),
        pytest.param([LABEL | {"place": "1"}], False, id="with its place"),
        pytest.param([LABEL | {"remove": "on"}], True, id="removed"),
        pytest.param([LABEL, EMPTY], False, id="with an empty row"),
        pytest.param([LABEL | {"title": " Tablets "}], False, id="with spaces around the text"),
        pytest.param([OPINION], True, id="different"),
        pytest.param([], True, id="no rows"),
    ],
)
def test_a_list_has_changed_only_if_its_content_differs(rows: list[dict[str, str]], has_changed: bool) -> None:
    assert sources_field().has_changed([LABEL], rows) is has_changed


def test_the_widget_distinguishes_omitted_rows_from_empty_rows() -> None:
    widget = RowsWidget()
    assert widget.value_omitted_from_data(QueryDict("name=x"), {}, "sources")
    assert not widget.value_omitted_from_data(submitted("sources", EMPTY), {}, "sources")


def rendered_data(form: forms.Form, name: str = "sources") -> dict[str, str]:
    """The data that a browser would submit for a rendered list, without blank inputs."""
    page = html.fromstring(f"<form>{RowsLayout(name).render(form, Context())}</form>")
    return {key: value.removeprefix("\n") for key, value in page.form_values() if value.strip()}


def as_rendered(**texts: str) -> dict[str, str]:
    """The data of one rendered row of sources."""
    return {f"sources-0-{column}": text for column, text in {**texts, "place": "1"}.items() if text}


def test_a_cached_list_shows_its_own_content() -> None:
    for source in (LABEL, OPINION, LABEL | {"title": "Tablets 2"}, LABEL):
        assert rendered_data(SourcesForm(initial={"sources": [source]})) == as_rendered(**source)
        assert rendered_data(form_of(source)) == as_rendered(**source)


def test_a_list_that_was_cached_without_errors_shows_its_errors() -> None:
    invalid = LABEL | {"kind": ""}
    assert "Choose the kind of source." not in RowsLayout("sources").render(
        SourcesForm(initial={"sources": [invalid]}), Context()
    )
    assert "Choose the kind of source." in RowsLayout("sources").render(form_of(invalid), Context())


def test_a_cached_list_has_its_current_columns() -> None:
    reason = {"label": "After menopause", "code": "after-menopause"}
    for feeds, needs_days in ((None, False), (Feeds.INTERVAL_KIND, True), (None, False)):
        form = ReasonsForm(initial={"reasons": [reason]})
        set_columns(form.fields["reasons"], [], feeds)  # type: ignore[arg-type]
        assert ("reasons-0-days" in RowsLayout("reasons").render(form, Context())) is needs_days


def test_two_lists_with_the_same_content_have_their_own_input_names() -> None:
    first, second = (SourcesForm(initial={"sources": [LABEL]}, prefix=prefix) for prefix in ("a", "b"))
    assert all(key.startswith("a-") for key in rendered_data(first))
    assert all(key.startswith("b-") for key in rendered_data(second))


# Choices ------------------------------------------------------------------------------------------------------


def choice(**data: str) -> dict[str, Any]:
    """The cleaned choice of a follow-up that feeds the opioid-free interval."""
    field = choices_field()
    set_columns(field, [data], Feeds.INTERVAL_KIND)
    (entry,) = field.clean([data])
    return entry


def test_an_interval_counts_from_the_last_dose_by_default() -> None:
    assert choice(label="Short", interval="at least 10 days", days="10")["interval"] == {
        "words": "at least 10 days",
        "days": 10,
        "counted_from": "the last dose",
    }


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Short-acting", "short-acting"),
        ("Buprenorphine by mouth or patch", "buprenorphine-by-mouth-or-patch"),
        ("Déjà_vu & Co.", "deja-vu-co"),
        ("x" * 60, "x" * 40),
        ("李", ""),
    ],
)
def test_a_code_is_made_from_the_label(label: str, code: str) -> None:
    assert code_from_label(label) == code


def test_a_submitted_code_is_kept() -> None:
    assert choice(label="Short-acting", code="short", interval="None is known.")["code"] == "short"


@pytest.mark.parametrize("feeds", [None, Feeds.INTERVAL_KIND, Feeds.CHILD_PUGH])
def test_choices_have_the_columns_of_the_calculation_that_they_feed(feeds: Feeds | None) -> None:
    field = choices_field()
    set_columns(field, [], feeds)
    shown = field.columns - {"code", "label", "next_step"}
    expected = {None: set(), Feeds.INTERVAL_KIND: {"days", "interval", "counted_from"}, Feeds.CHILD_PUGH: {"points"}}
    assert shown == expected[feeds]


def test_columns_with_text_stay_even_if_the_calculation_does_not_need_them() -> None:
    field = choices_field()
    set_columns(field, [{"days": "10"}, {"points": "1"}], None)
    assert {"days", "points"} <= field.columns
