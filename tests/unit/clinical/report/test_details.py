"""The text about the details of a yes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from screening.clinical.evaluation.follow_up_values import FollowUpValue
from screening.clinical.report.details import format_follow_ups
from screening.clinical.rules.definition import FollowUp, FollowUpKind
from tests.unit.builders import choice, follow_up

TEXT = follow_up("agent")
DAY = follow_up("last-dose", FollowUpKind.DATE)
NUMBER = follow_up("egfr", FollowUpKind.NUMBER, name="eGFR", unit="mL/min")
ONE = follow_up("status", FollowUpKind.ONE)
SEVERAL = follow_up("kind", FollowUpKind.SEVERAL, choices=(choice("first"), choice("second"), choice("third")))


@pytest.mark.parametrize(
    ("asked", "value", "words"),
    [
        pytest.param(TEXT, "Tramadol 50 mg", "Agent: Tramadol 50 mg.", id="text"),
        pytest.param(TEXT, "Ends with a point.", "Agent: Ends with a point.", id="text with its own point"),
        pytest.param(DAY, date(2026, 11, 2), "Last dose: 2 November 2026.", id="date"),
        pytest.param(NUMBER, Decimal("28.50"), "eGFR: 28.5 mL/min.", id="number with its unit"),
        pytest.param(ONE, "first", "Status: first.", id="choice"),
        pytest.param(SEVERAL, ("first", "second", "third"), "Kind: first, second and third.", id="several choices"),
    ],
)
def test_a_detail_is_labelled_with_its_short_name(asked: FollowUp, value: FollowUpValue, words: str) -> None:
    assert format_follow_ups([asked], {asked.link_id: value}) == words


def test_a_number_without_a_unit_is_shown_alone() -> None:
    assert format_follow_ups([follow_up("count", FollowUpKind.NUMBER)], {"count": Decimal(3)}) == "Count: 3."


def test_details_not_given_are_named_last() -> None:
    assert format_follow_ups([TEXT, DAY, ONE], {"last-dose": date(2026, 11, 2)}) == (
        "Last dose: 2 November 2026. Not given: agent, status."
    )


def test_when_no_detail_was_given_all_are_named() -> None:
    assert format_follow_ups([TEXT, DAY], {}) == "Not given: agent, last dose."


def test_when_every_detail_was_given_no_detail_is_listed_as_missing() -> None:
    assert "Not given" not in format_follow_ups([TEXT], {"agent": "Tramadol"})


@pytest.mark.parametrize("name", ["INR", "AST or ALT", "eGFR"])
def test_a_missing_detail_keeps_the_capitals_of_its_abbreviation(name: str) -> None:
    assert format_follow_ups([follow_up("test", name=name)], {}) == f"Not given: {name}."


def test_a_rule_without_follow_ups_has_no_details() -> None:
    assert format_follow_ups([], {}) == ""
