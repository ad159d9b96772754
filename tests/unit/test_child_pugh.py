"""The Child-Pugh class for every combination of the five point bands."""

from __future__ import annotations

from itertools import product

import pytest

from screening.clinical.child_pugh import child_pugh_class
from screening.clinical.details import Detail
from tests.rules import shipped_rules
from tests.unit.builders import BANDS, band, item

LIVER = shipped_rules().by_link_id["severe-liver-disease"]
CLASS_OF = {
    **dict.fromkeys((5, 6), "A"),
    **dict.fromkeys((7, 8, 9), "B"),
    **dict.fromkeys((10, 11, 12, 13, 14, 15), "C"),
}
"""The published table: 5 to 6 points A, 7 to 9 B, 10 to 15 C."""


def told(**bands: str) -> str:
    """The class of the shipped rules for some bands."""
    details: dict[str, Detail] = dict(bands)
    return child_pugh_class(LIVER, details)


def test_every_combination_of_bands_gives_the_class_of_the_published_table() -> None:
    wrong = []
    for points in product((1, 2, 3), repeat=len(BANDS)):
        total = sum(points)
        expected = f"Child-Pugh class {CLASS_OF[total]}, {total} points, worked out from the five bands."
        if told(**dict(zip(BANDS, map(str, points), strict=True))) != expected:
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
def test_missing_bands_are_named_and_no_class_is_told(given: list[str], missing: str) -> None:
    assert told(**dict.fromkeys(given, "3")) == f"Child-Pugh class cannot be told: not given {missing}."


def test_without_any_band_nothing_is_told() -> None:
    assert told(kind="child-pugh-c") == ""


def test_a_band_that_is_not_offered_counts_as_missing() -> None:
    assert told(**dict.fromkeys(BANDS, "1") | {"inr": "4"}) == "Child-Pugh class cannot be told: not given INR."


def test_two_bands_of_the_same_name_are_both_counted() -> None:
    rule = item(follow_ups=tuple(band(link_id, name="A blood test") for link_id in BANDS))
    assert child_pugh_class(rule, dict.fromkeys(BANDS, "3")).startswith("Child-Pugh class C, 15 points")
