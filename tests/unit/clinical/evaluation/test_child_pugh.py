"""The Child-Pugh class for every combination of the five point bands."""

from __future__ import annotations

from itertools import product

import pytest

from screening.clinical.evaluation.calculations import child_pugh_class, child_pugh_conflict
from screening.clinical.evaluation.follow_up_values import FollowUpValue
from screening.clinical.rules.definition import Feeds, FollowUpKind
from tests.rules import shipped_rules
from tests.unit.builders import BANDS, band, choice, follow_up, item

LIVER = shipped_rules().by_link_id["severe-liver-disease"]
CLASS_OF = {
    **dict.fromkeys((5, 6), "A"),
    **dict.fromkeys((7, 8, 9), "B"),
    **dict.fromkeys((10, 11, 12, 13, 14, 15), "C"),
}
"""The published table: 5 to 6 points A, 7 to 9 B, 10 to 15 C."""


def sentence_for(**bands: str) -> str:
    """The class of the shipped rules for some bands."""
    details: dict[str, FollowUpValue] = dict(bands)
    return child_pugh_class(LIVER, details)


def test_every_combination_of_bands_gives_the_class_of_the_published_table() -> None:
    wrong = []
    for points in product((1, 2, 3), repeat=len(BANDS)):
        total = sum(points)
        expected = f"Child-Pugh class {CLASS_OF[total]}, {total} points, calculated from the five bands."
        if sentence_for(**dict(zip(BANDS, map(str, points), strict=True))) != expected:
            wrong.append(points)
    assert wrong == []


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        pytest.param(["bilirubin"], "albumin, INR, ascites and encephalopathy", id="one given"),
        pytest.param(["albumin", "ascites"], "bilirubin, INR and encephalopathy", id="two given"),
        pytest.param(["bilirubin", "albumin", "ascites", "encephalopathy"], "INR", id="one missing"),
    ],
)
def test_missing_bands_are_named_and_no_class_is_calculated(given: list[str], missing: str) -> None:
    assert sentence_for(**dict.fromkeys(given, "3")) == f"The Child-Pugh class cannot be told: {missing} not given."


def test_without_any_band_the_text_is_empty() -> None:
    assert sentence_for(kind="child-pugh-c") == ""


def test_a_band_that_is_not_offered_counts_as_missing() -> None:
    assert (
        sentence_for(**dict.fromkeys(BANDS, "1") | {"inr": "4"})
        == "The Child-Pugh class cannot be told: INR not given."
    )


def test_two_bands_of_the_same_name_are_both_counted() -> None:
    rule = item(follow_ups=tuple(band(link_id, name="A blood test") for link_id in BANDS))
    assert child_pugh_class(rule, dict.fromkeys(BANDS, "3")).startswith("Child-Pugh class C, 15 points")


# A class that was chosen --------------------------------------------------------------------------------------

KIND = follow_up(
    "kind",
    FollowUpKind.ONE,
    feeds=Feeds.CHILD_PUGH_STATED,
    choices=(choice("child-pugh-a"), choice("child-pugh-b"), choice("child-pugh-c"), choice("something-else")),
)
RULE = item(follow_ups=(KIND, *map(band, BANDS)))


@pytest.mark.parametrize("stated", ["A", "B", "C"])
def test_a_conflict_is_reported_exactly_when_the_chosen_class_differs_from_the_bands(stated: str) -> None:
    wrong = []
    for points in product((1, 2, 3), repeat=len(BANDS)):
        total, details = sum(points), dict(zip(BANDS, map(str, points), strict=True))
        by_bands = CLASS_OF[total]
        expected = (
            ""
            if by_bands == stated
            else (f"Class {stated} was chosen, but the five bands give class {by_bands}, {total} points. Check both.")
        )
        if child_pugh_conflict(RULE, details | {"kind": f"child-pugh-{stated.lower()}"}) != expected:
            wrong.append(points)
    assert wrong == []


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"kind": "child-pugh-c"}, id="no band"),
        pytest.param({"kind": "child-pugh-c", "bilirubin": "1"}, id="one band"),
        pytest.param({"kind": "something-else", **dict.fromkeys(BANDS, "3")}, id="a choice that states no class"),
        pytest.param(dict.fromkeys(BANDS, "1"), id="no choice"),
        pytest.param({"kind": "child-pugh-d", **dict.fromkeys(BANDS, "1")}, id="a choice that is not offered"),
    ],
)
def test_without_a_class_and_five_bands_there_is_no_conflict(details: dict[str, FollowUpValue]) -> None:
    assert child_pugh_conflict(RULE, details) == ""


def test_a_rule_whose_choice_states_no_class_has_no_conflict() -> None:
    rule = item(follow_ups=(follow_up("kind", FollowUpKind.ONE, choices=KIND.choices), *map(band, BANDS)))
    assert child_pugh_conflict(rule, {"kind": "child-pugh-c", **dict.fromkeys(BANDS, "1")}) == ""
