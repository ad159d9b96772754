"""The formsets of lists: filled rows become JSON entries, in order; rows without text are ignored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from lxml import html

from screening.clinical.rules.definition import Feeds, to_json
from screening.drafts.forms.choice_columns import columns_for, columns_with_text
from screening.drafts.forms.lists import (
    ChoiceFormSet,
    ListFormSet,
    ReasonFormSet,
    SourceFormSet,
    code_from_label,
)
from tests.rules import shipped_rules

LABEL = {"kind": "label", "region": "US", "title": "Tablets", "identifier": "NDA", "supports": "Dosage"}
OPINION = {"kind": "opinion", "region": "", "title": "This rule set", "identifier": "", "supports": ""}
EMPTY = {"kind": "", "region": "", "title": "", "identifier": "", "supports": ""}


def submitted(*rows: dict[str, str], prefix: str = "rows", **management: str) -> QueryDict:
    """The data that a browser submits for some rows."""
    data = QueryDict(mutable=True)
    management = {"TOTAL_FORMS": str(len(rows)), "INITIAL_FORMS": "0", **management}
    data.update({f"{prefix}-{name}": value for name, value in management.items()})
    for number, row in enumerate(rows):
        data.update({f"{prefix}-{number}-{column}": words for column, words in row.items()})
    return data


def sources(*rows: dict[str, str], **management: str) -> ListFormSet:
    """A bound formset of sources."""
    return SourceFormSet(submitted(*rows, **management), prefix="rows")


def page_of(formset: ListFormSet) -> dict[str, str]:
    """The data that a browser submits for a rendered list, without blank inputs."""
    content = render_to_string("screening/drafts/row/formset.html", {"formset": formset})
    page = html.fromstring(f"<form>{content}</form>")
    for template in page.xpath("//template"):
        template.drop_tree()
    return {key: value.removeprefix("\n") for key, value in page.form_values() if value.strip()}


def plain(rule: str, part: str) -> list[dict[str, Any]]:
    """A list of a shipped rule as stored in JSON."""
    (item,) = [each for each in json.loads(to_json(shipped_rules()))["items"] if each["link_id"] == rule]
    entries: list[dict[str, Any]] = item[part]
    return entries


# Cleaning -----------------------------------------------------------------------------------------------------


def test_filled_rows_become_entries_and_empty_rows_are_ignored() -> None:
    assert sources(LABEL, EMPTY, OPINION, EMPTY).entries == [LABEL, OPINION]


def test_a_row_with_only_spaces_or_a_place_is_empty() -> None:
    assert sources(OPINION, EMPTY | {"title": "   "}, EMPTY | {"ORDER": "1"}).entries == [OPINION]


def test_a_row_marked_for_removal_is_left_out_without_validation() -> None:
    assert sources(LABEL | {"kind": "nonsense", "DELETE": "on"}, OPINION).entries == [OPINION]


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
        OPINION | {"title": title, "ORDER": str(number)}
        for number, title in enumerate(("one", "two", "three", "four"), start=1)
    ]
    rows[2]["ORDER"] = place
    entries = sources(*rows).entries
    assert entries is not None
    assert [entry["title"] for entry in entries] == titles


@pytest.mark.parametrize("rule", [item.link_id for item in shipped_rules().items])
def test_the_page_of_a_shipped_list_submits_the_same_list(rule: str) -> None:
    entries = plain(rule, "sources")
    assert SourceFormSet(page_of(SourceFormSet(initial=entries, prefix="rows")), prefix="rows").entries == entries
    for follow_up in plain(rule, "follow_ups"):
        columns, required = columns_for(follow_up["feeds"])
        options: dict[str, Any] = {"prefix": "rows", "form_kwargs": {"only": columns, "required": required}}
        row_form: Any = ChoiceFormSet.form
        shown = ChoiceFormSet(initial=[row_form.initial_of(each) for each in follow_up["choices"]], **options)
        assert ChoiceFormSet(page_of(shown), **options).entries == follow_up["choices"]


# Errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ({"title": ""}, "title", "Enter the title of the source."),
        ({"kind": ""}, "kind", "Choose the kind of source."),
        ({"kind": "rumour"}, "kind", "Choose the kind of source."),
        ({"title": "Tab\u202elets"}, "title", "cannot be shown or printed"),
        ({"supports": "x" * 4001}, "supports", "Use at most 4000 characters; this has 4001."),
        ({"ORDER": "first"}, "ORDER", "This is not a whole number."),
        ({"ORDER": "9" * 400}, "ORDER", "This is not a whole number."),
    ],
)
def test_an_invalid_row_has_the_message_beside_its_input(row: dict[str, str], column: str, message: str) -> None:
    formset = sources(LABEL | row, OPINION)
    assert formset.entries is None
    first, second = formset.forms
    assert message in str(first[column].errors)
    assert not second.errors
    assert not formset.non_form_errors()


def test_a_required_list_must_not_be_empty() -> None:
    message = "Add at least one source. If there is no better one, add an opinion."
    assert list(sources(EMPTY).non_form_errors()) == [message]
    assert list(sources(OPINION | {"DELETE": "on"}).non_form_errors()) == [message]


def test_too_many_rows_are_refused_with_their_number() -> None:
    assert list(sources(*[OPINION] * 21).non_form_errors()) == ["There are 21; use at most 20."]


@pytest.mark.parametrize("total", ["5000", "999999999"])
def test_a_huge_number_of_rows_is_refused_without_reading_them(total: str) -> None:
    formset = sources(OPINION, TOTAL_FORMS=total)
    assert list(formset.non_form_errors()) == ["There are too many; use at most 20."]
    assert len(formset.forms) == 250


@pytest.mark.parametrize("management", [{"TOTAL_FORMS": "x"}, {"TOTAL_FORMS": ""}])
def test_a_missing_or_forged_number_of_rows_is_refused(management: dict[str, str]) -> None:
    (message,) = sources(OPINION, **management).non_form_errors()
    assert message == "The number of rows was not sent with the page. Open the page again."


@pytest.mark.parametrize("initial", ["0", "1", "99", "5000"])
def test_a_forged_number_of_initial_rows_changes_nothing(initial: str) -> None:
    assert sources(OPINION, EMPTY, INITIAL_FORMS=initial).entries == [OPINION]


def test_two_reasons_with_the_same_code_are_refused() -> None:
    rows = ({"code": "other", "label": "Other"}, {"code": "other", "label": "Another"})
    formset = ReasonFormSet(submitted(*rows), prefix="rows")
    assert list(formset.non_form_errors()) == ["2 of them have the code “other”; each needs its own."]


# Rendering ----------------------------------------------------------------------------------------------------


def test_an_invalid_list_keeps_its_submitted_data() -> None:
    formset = sources(LABEL | {"title": "", "DELETE": "on"}, OPINION | {"kind": "rumour"})
    first, second = formset.forms
    assert first["region"].value() == "US"
    assert first["DELETE"].value() is True
    assert (second["kind"].value(), second["title"].value()) == ("rumour", "This rule set")


def test_a_cached_row_shows_its_own_content() -> None:
    for source in (LABEL, OPINION, LABEL | {"title": "Tablets 2"}, LABEL):
        expected = {f"rows-0-{name}": text for name, text in {**source, "ORDER": "1"}.items() if text}
        shown = page_of(SourceFormSet(initial=[source], prefix="rows"))
        assert {name: text for name, text in shown.items() if name.startswith("rows-0-")} == expected


def test_a_row_that_was_cached_without_errors_shows_its_errors() -> None:
    invalid = LABEL | {"kind": ""}

    def content(formset: ListFormSet) -> str:
        return render_to_string("screening/drafts/row/formset.html", {"formset": formset})

    assert "Choose the kind of source." not in content(SourceFormSet(initial=[invalid], prefix="rows"))
    assert "Choose the kind of source." in content(sources(invalid))


def test_a_cached_row_has_its_current_columns() -> None:
    reason = {"label": "After menopause", "code": "after-menopause"}
    for feeds, needs_days in ((None, False), (Feeds.INTERVAL_KIND, True), (None, False)):
        columns, required = columns_for(feeds)
        formset = ChoiceFormSet(initial=[reason], prefix="rows", form_kwargs={"only": columns, "required": required})
        content = render_to_string("screening/drafts/row/formset.html", {"formset": formset})
        assert ("rows-0-days" in content) is needs_days


# Choices ------------------------------------------------------------------------------------------------------


def choice(**data: str) -> dict[str, Any]:
    """The cleaned choice of a follow-up that feeds the opioid-free interval."""
    columns, required = columns_for(Feeds.INTERVAL_KIND)
    formset = ChoiceFormSet(submitted(data), prefix="rows", form_kwargs={"only": columns, "required": required})
    assert formset.entries is not None, formset.errors
    (entry,) = formset.entries
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
    shown = columns_for(feeds)[0] - {"code", "label", "next_step"}
    expected = {None: set(), Feeds.INTERVAL_KIND: {"days", "interval", "counted_from"}, Feeds.CHILD_PUGH: {"points"}}
    assert shown == expected[feeds]


def test_columns_with_text_stay_even_if_the_calculation_does_not_need_them() -> None:
    assert {"days", "interval", "points"} <= columns_with_text([{"days": "10"}, {"points": "1"}])
