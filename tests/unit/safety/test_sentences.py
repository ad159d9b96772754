"""The sentences above the charts, and the words for a selection."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from screening.safety.figures import RuleFigures, SafetyFigures
from screening.safety.selection import Selection
from screening.safety.sentences import time_to_decision, what_rules_found


def rule(name: str, asked: int | None = 412, flagged: int = 0, not_known: int = 0) -> RuleFigures:
    return RuleFigures("a-rule", name, None, asked, flagged, not_known, 0, 0, Counter())


def figures(*rules: RuleFigures, **changes: Any) -> SafetyFigures:
    numbers: dict[str, Any] = {
        "screenings": 412,
        "amended": 0,
        "in_error": 0,
        "flagged": 0,
        "spans": (0,) * 5,
        "dated_before": 0,
        "undecided": 0,
    }
    others: dict[str, Any] = {"undecided_long": 0, "overridden_for": (), "decided_on_old_answers": 0, "refused": 0}
    return SafetyFigures(rules=rules, **numbers | others | changes)


def test_the_rules_that_are_flagged_and_not_known_most_often_are_named() -> None:
    found = figures(
        rule("Opioid use", flagged=61, not_known=18), rule("Severe liver disease", flagged=9, not_known=37)
    )
    assert what_rules_found(found) == (
        "Opioid use is flagged most often: 61 of 412 screenings. "
        "Severe liver disease is not known most often: 37 of 412 screenings."
    )


def test_rules_that_share_the_first_place_are_both_named() -> None:
    found = figures(rule("Pregnancy", flagged=3), rule("Breastfeeding", flagged=3))
    assert what_rules_found(found) == (
        "Pregnancy and breastfeeding are flagged most often: 3 of 412 screenings each. Every answer is known."
    )


def test_rules_that_share_the_first_place_may_have_been_asked_differently_often() -> None:
    found = figures(rule("Pregnancy", flagged=1), rule("Breastfeeding", asked=5, flagged=1))
    assert "Pregnancy and breastfeeding are flagged most often: 1 screening each." in what_rules_found(found)


@pytest.mark.parametrize(("flagged", "times"), [(0, "never"), (1, "once"), (2, "twice"), (3_000, "3,000 times")])
def test_a_rule_without_a_question_is_said_to_be_raised_by_the_list(flagged: int, times: str) -> None:
    found = figures(rule("Naltrexone product", asked=None, flagged=flagged))
    assert f"Naltrexone product has no question; the medication list raised it {times}." in what_rules_found(found)


def test_the_times_to_decision_are_said() -> None:
    found = figures(flagged=78, spans=(30, 17, 13, 8, 3), undecided=7, undecided_long=2)
    assert time_to_decision(found, 7) == (
        "Of 78 flagged screenings 71 are decided: 47 within 1 day, 3 after more than 7 days. "
        "7 are undecided, 2 of them for more than 7 days."
    )


def test_one_screening_and_one_day_are_in_the_singular() -> None:
    found = figures(flagged=1, undecided=1, undecided_long=1)
    assert time_to_decision(found, 1) == (
        "Of 1 flagged screening 0 are decided: 0 within 1 day, 0 after more than 7 days. "
        "1 is undecided, 1 of them for more than 1 day."
    )


def test_without_a_flag_there_is_nothing_to_decide() -> None:
    assert time_to_decision(figures(), 7) == "No screening is flagged."


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (None, None, "All editions, all days"),
        (date(2026, 9, 1), date(2026, 11, 29), "All editions, 1 September to 29 November 2026"),
        (date(2025, 9, 1), date(2026, 11, 29), "All editions, 1 September 2025 to 29 November 2026"),
        (date(2026, 9, 1), date(2026, 9, 1), "All editions, 1 September 2026"),
        (date(2026, 9, 1), None, "All editions, from 1 September 2026"),
        (None, date(2026, 9, 1), "All editions, until 1 September 2026"),
    ],
)
def test_a_selection_is_said_in_words(first: date | None, last: date | None, words: str) -> None:
    assert Selection((), ZoneInfo("UTC"), None, first, last).words == words
