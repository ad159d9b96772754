"""Lists within a form: rows that are filled become entries of JSON, in their order."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context
from lxml import html

from screening.clinical.rules.definition import Feeds
from screening.drafts.forms.formsets import EMPTY_ROWS, BoundRows, Rows, RowsWidget
from screening.drafts.forms.rule_formsets import choices_field, fit, made_from, reasons_field, sources_field
from screening.web.forms import AppForm
from tests.rules import shipped_rules

LABEL = {"kind": "label", "region": "US", "title": "Tablets", "identifier": "NDA", "supports": "Dosage"}
OPINION = {"kind": "opinion", "region": "", "title": "This rule set", "identifier": "", "supports": ""}
EMPTY = {"kind": "", "region": "", "title": "", "identifier": "", "supports": ""}


class Sources(AppForm, forms.Form):
    """A form of nothing but sources."""

    sources = sources_field()


class Reasons(AppForm, forms.Form):
    """A form of nothing but reasons."""

    reasons = reasons_field()


def sent(name: str, *rows: dict[str, str]) -> QueryDict:
    """Rows as a browser sends them."""
    data = QueryDict(mutable=True)
    for number, row in enumerate(rows):
        data.update({f"{name}-{number}-{column}": words for column, words in row.items()})
    return data


def form_of(*rows: dict[str, str]) -> Sources:
    return Sources(sent("sources", *rows))


def rows_of(form: forms.Form, name: str = "sources") -> BoundRows:
    bound = form[name]
    assert isinstance(bound, BoundRows)
    return bound


def read(*rows: dict[str, str]) -> list[dict[str, Any]]:
    """The entries of rows in which nothing is wrong."""
    form = form_of(*rows)
    assert form.is_valid(), form.errors
    entries: list[dict[str, Any]] = form.cleaned_data["sources"]
    return entries


def plain(rule: str, part: str) -> list[dict[str, Any]]:
    """A list of a shipped rule as JSON holds it."""
    import json

    from screening.clinical.rules.definition import to_json

    (item,) = [each for each in json.loads(to_json(shipped_rules()))["items"] if each["link_id"] == rule]
    entries: list[dict[str, Any]] = item[part]
    return entries


# Reading ------------------------------------------------------------------------------------------------------


def test_filled_rows_become_entries_and_empty_ones_count_for_nothing() -> None:
    assert read(LABEL, EMPTY, OPINION, EMPTY) == [LABEL, OPINION]


def test_a_row_of_spaces_is_empty() -> None:
    assert read(OPINION, EMPTY | {"title": "   "}) == [OPINION]


def test_a_row_marked_for_removal_is_left_out_whatever_it_holds() -> None:
    assert read(LABEL | {"kind": "nonsense", "remove": "on"}, OPINION) == [OPINION]


@pytest.mark.parametrize(
    ("place", "titles"),
    [
        pytest.param("1", ["three", "one", "two", "four"], id="to the front"),
        pytest.param("2", ["one", "three", "two", "four"], id="one earlier"),
        pytest.param("3", ["one", "two", "three", "four"], id="where it is"),
        pytest.param("4", ["one", "two", "four", "three"], id="one later"),
        pytest.param("99", ["one", "two", "four", "three"], id="behind all"),
        pytest.param("", ["one", "two", "three", "four"], id="no place"),
    ],
)
def test_a_row_takes_the_place_that_is_typed(place: str, titles: list[str]) -> None:
    rows = [
        OPINION | {"title": title, "place": str(number)}
        for number, title in enumerate(("one", "two", "three", "four"), start=1)
    ]
    rows[2]["place"] = place
    assert [entry["title"] for entry in read(*rows)] == titles


@pytest.mark.parametrize("rule", [item.link_id for item in shipped_rules().items])
def test_what_stands_in_the_rows_of_a_shipped_rule_is_what_it_holds(rule: str) -> None:
    field, entries = sources_field(), plain(rule, "sources")
    assert field.clean(field.as_typed(entries)) == entries
    for follow_up in plain(rule, "follow_ups"):
        choices = choices_field()
        fit(choices, choices.as_typed(follow_up["choices"]), follow_up["feeds"])
        assert choices.clean(choices.as_typed(follow_up["choices"])) == follow_up["choices"]


# Refusing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        ({"title": ""}, "title", "Enter the title of the source."),
        ({"kind": ""}, "kind", "Choose the kind of source."),
        ({"kind": "rumour"}, "kind", "Choose the kind of source."),
        ({"title": "Tab\u202elets"}, "title", "cannot be shown or printed"),
        ({"supports": "x" * 4001}, "supports", "Use at most 4000 characters; this has 4001."),
        ({"place": "first"}, "place", "This is not a whole number."),
    ],
)
def test_what_is_wrong_with_a_row_is_said_beside_its_cell(row: dict[str, str], column: str, sentence: str) -> None:
    form = form_of(LABEL | row, OPINION)
    assert not form.is_valid()
    first, second, *_ = rows_of(form).rows
    assert sentence in str(first[column].errors)
    assert not second.errors
    assert rows_of(form).own_errors == []


def test_a_list_that_must_not_be_empty_says_so() -> None:
    form = form_of(EMPTY)
    assert not form.is_valid()
    assert rows_of(form).own_errors == ["Name at least one source, an opinion if there is nothing better."]


def test_too_many_rows_are_counted() -> None:
    form = form_of(*[OPINION] * 21)
    assert not form.is_valid()
    assert rows_of(form).own_errors == ["There are 21; use at most 20."]


def test_two_reasons_of_one_code_are_told() -> None:
    form = Reasons(sent("reasons", {"code": "other", "label": "Other"}, {"code": "other", "label": "Another"}))
    assert not form.is_valid()
    assert rows_of(form, "reasons").own_errors == ["2 of them have the code “other”; each needs its own."]


# Showing ------------------------------------------------------------------------------------------------------


def test_behind_the_rows_that_are_filled_stand_two_that_are_empty() -> None:
    rows = rows_of(Sources(initial={"sources": [LABEL, OPINION]})).rows
    assert [row.is_empty for row in rows] == [False, False, *[True] * EMPTY_ROWS]
    assert [row.prefix for row in rows] == ["sources-0", "sources-1", "sources-2", "sources-3"]


def test_nothing_that_was_typed_is_lost() -> None:
    form = form_of(LABEL | {"title": "", "remove": "on"}, EMPTY, OPINION | {"kind": "rumour"})
    assert not form.is_valid()
    first, second, *_ = rows_of(form).rows
    assert first["region"].value() == "US"
    assert first["remove"].value() == "on"
    assert (second["kind"].value(), second["title"].value()) == ("rumour", "This rule set")


@pytest.mark.parametrize(
    ("typed", "has_changed"),
    [
        pytest.param([LABEL], False, id="as it was"),
        pytest.param([LABEL | {"place": "1"}], False, id="with its place"),
        pytest.param([LABEL | {"remove": "on"}], True, id="removed"),
        pytest.param([LABEL, EMPTY], False, id="with an empty row"),
        pytest.param([LABEL | {"title": " Tablets "}], False, id="with spaces around a word"),
        pytest.param([OPINION], True, id="another"),
        pytest.param([], True, id="none"),
    ],
)
def test_a_list_that_says_the_same_has_not_changed(typed: list[dict[str, str]], has_changed: bool) -> None:
    assert sources_field().has_changed([LABEL], typed) is has_changed


def test_rows_that_were_not_sent_are_told_from_rows_that_were_emptied() -> None:
    widget = RowsWidget()
    assert widget.value_omitted_from_data(QueryDict("name=x"), {}, "sources")
    assert not widget.value_omitted_from_data(sent("sources", EMPTY), {}, "sources")


def shown(form: forms.Form, name: str = "sources") -> dict[str, str]:
    """What a browser would send of a list that is shown, without what is blank."""
    page = html.fromstring(f"<form>{Rows(name).render(form, Context())}</form>")
    return {key: value.removeprefix("\n") for key, value in page.form_values() if value.strip()}


def as_shown(**words: str) -> dict[str, str]:
    """The one row of sources as it is shown."""
    return {f"sources-0-{column}": typed for column, typed in {**words, "place": "1"}.items() if typed}


def test_a_list_shows_its_own_content_whatever_was_shown_before() -> None:
    for source in (LABEL, OPINION, LABEL | {"title": "Tablets 2"}, LABEL):
        assert shown(Sources(initial={"sources": [source]})) == as_shown(**source)
        assert shown(form_of(source)) == as_shown(**source)


def test_what_is_wrong_is_said_of_a_list_that_was_shown_before() -> None:
    faulty = LABEL | {"kind": ""}
    assert "Choose the kind of source." not in Rows("sources").render(
        Sources(initial={"sources": [faulty]}), Context()
    )
    assert "Choose the kind of source." in Rows("sources").render(form_of(faulty), Context())


def test_a_list_has_the_columns_that_it_needs_now_whatever_was_shown_before() -> None:
    reason = {"label": "After menopause", "code": "after-menopause"}
    for feeds, needs_days in ((None, False), (Feeds.INTERVAL_KIND, True), (None, False)):
        form = Reasons(initial={"reasons": [reason]})
        fit(form.fields["reasons"], [], feeds)  # type: ignore[arg-type]
        assert ("reasons-0-days" in Rows("reasons").render(form, Context())) is needs_days


def test_two_lists_with_the_same_words_have_controls_of_their_own() -> None:
    first, second = (Sources(initial={"sources": [LABEL]}, prefix=prefix) for prefix in ("a", "b"))
    assert all(key.startswith("a-") for key in shown(first))
    assert all(key.startswith("b-") for key in shown(second))


# Choices ------------------------------------------------------------------------------------------------------


def choice(**typed: str) -> dict[str, Any]:
    """The one choice of a detail that feeds an interval."""
    field = choices_field()
    fit(field, [typed], Feeds.INTERVAL_KIND)
    (entry,) = field.clean([typed])
    return entry


def test_an_interval_counts_from_the_last_dose_unless_something_else_is_typed() -> None:
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
    assert made_from(label) == code


def test_a_code_that_is_typed_stays() -> None:
    assert choice(label="Short-acting", code="short", interval="None is known.")["code"] == "short"


@pytest.mark.parametrize("feeds", [None, Feeds.INTERVAL_KIND, Feeds.CHILD_PUGH])
def test_choices_have_the_columns_of_what_they_feed(feeds: Feeds | None) -> None:
    field = choices_field()
    fit(field, [], feeds)
    shown = field.columns - {"code", "label", "next_step"}
    expected = {None: set(), Feeds.INTERVAL_KIND: {"days", "interval", "counted_from"}, Feeds.CHILD_PUGH: {"points"}}
    assert shown == expected[feeds]


def test_columns_in_which_something_stands_stay_so_that_nothing_is_lost() -> None:
    field = choices_field()
    fit(field, [{"days": "10"}, {"points": "1"}], None)
    assert {"days", "points"} <= field.columns
