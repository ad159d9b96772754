"""The details of a yes: the chosen choices and the storage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.evaluation.follow_up_values import (
    FollowUpValue,
    chosen_choices,
    from_plain,
    to_plain,
)
from screening.clinical.rules.definition import FollowUpKind
from tests.unit.builders import choice, follow_up

TEXT = follow_up("agent")
DAY = follow_up("last-dose", FollowUpKind.DATE)
NUMBER = follow_up("egfr", FollowUpKind.NUMBER, name="eGFR", unit="mL/min")
ONE = follow_up("status", FollowUpKind.ONE)
SEVERAL = follow_up("kind", FollowUpKind.SEVERAL, choices=(choice("first"), choice("second"), choice("third")))
ALL = (TEXT, DAY, NUMBER, ONE, SEVERAL)


# Choices ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        pytest.param("second", ["second"], id="one code"),
        pytest.param(("second",), ["second"], id="one of several"),
        pytest.param(("third", "first"), ["first", "third"], id="several, in the order offered"),
        pytest.param((), [], id="none"),
        pytest.param("other", [], id="not offered"),
        pytest.param("", [], id="empty"),
        pytest.param(("first", "first"), ["first"], id="twice the same"),
        pytest.param("first, second", [], id="no code"),
    ],
)
def test_only_choices_that_are_offered_are_chosen(value: FollowUpValue, codes: list[str]) -> None:
    assert [each.code for each in chosen_choices(SEVERAL, {"kind": value})] == codes


def test_nothing_is_chosen_where_nothing_was_given() -> None:
    assert chosen_choices(SEVERAL, {}) == ()


# Storage ------------------------------------------------------------------------------------------------------

DETAILS = st.fixed_dictionaries(
    {},
    optional={
        "agent": st.text(),
        "last-dose": st.dates(),
        "egfr": st.decimals(allow_nan=False, allow_infinity=False),
        "status": st.sampled_from(["first", "second"]),
        "kind": st.lists(st.sampled_from(["first", "second", "third"]), unique=True).map(tuple),
    },
)


@given(DETAILS)
def test_stored_details_are_parsed_to_the_same_values(details: dict[str, FollowUpValue]) -> None:
    assert from_plain(ALL, to_plain(details)) == details


@given(DETAILS)
def test_parsed_details_have_the_same_types(details: dict[str, FollowUpValue]) -> None:
    read = from_plain(ALL, to_plain(details))
    assert {name: type(value) for name, value in read.items()} == {name: type(details[name]) for name in read}


def test_details_are_stored_as_text_and_lists() -> None:
    details: dict[str, FollowUpValue] = {"last-dose": date(2026, 11, 2), "egfr": Decimal("28.5"), "kind": ("first",)}
    assert to_plain(details) == {"last-dose": "2026-11-02", "egfr": "28.5", "kind": ["first"]}


def test_a_stored_detail_without_a_follow_up_is_ignored() -> None:
    assert from_plain([TEXT], {"agent": "Tramadol", "other": "x"}) == {"agent": "Tramadol"}
