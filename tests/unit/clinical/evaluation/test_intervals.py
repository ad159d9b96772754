"""The opioid-free interval: how it is counted, when it ends, and that reaching its end decides nothing."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from screening.clinical.evaluation.calculations import opioid_free_interval
from screening.clinical.evaluation.follow_up_values import FollowUpValue
from screening.clinical.rules.definition import FollowUp
from tests.rules import shipped_rules
from tests.unit.builders import band, interval_kind, interval_start, item

DOSE = date(2026, 11, 2)
SCREENED = date(2026, 11, 5)
OPIOID_USE = shipped_rules().by_link_id["opioid-use"]

SEVEN_TO_TEN = "at least 7 to 10 days"
TWO_WEEKS = "up to 2 weeks"
DATED = [
    pytest.param("short-acting", SEVEN_TO_TEN, "12 November 2026", id="short-acting"),
    pytest.param("long-acting", SEVEN_TO_TEN, "12 November 2026", id="long-acting"),
    pytest.param("methadone", TWO_WEEKS, "16 November 2026", id="methadone"),
    pytest.param("buprenorphine", TWO_WEEKS, "16 November 2026", id="buprenorphine"),
]
UNDATED = [
    pytest.param("buprenorphine-depot", "Count in months", id="depot"),
    pytest.param("illicit-or-unknown", "longer than 10 days may be needed", id="illicit or unknown"),
    pytest.param("kratom-tianeptine", "treat it as at least 7 to 10 days (opinion)", id="kratom or tianeptine"),
    pytest.param("gut-acting", "states no interval", id="gut-acting"),
]


def interval_sentence(*kinds: str, start: date | None = DOSE, on: date = SCREENED) -> str:
    """The interval of the shipped rules for some kinds of opioid."""
    details: dict[str, FollowUpValue] = {"kind": kinds} if kinds else {}
    return opioid_free_interval(OPIOID_USE, details | ({"last-dose": start} if start else {}), on)


# With a date --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "length", "until"), DATED)
def test_a_kind_with_an_interval_has_an_end_date(kind: str, length: str, until: str) -> None:
    words = interval_sentence(kind)
    assert (length in words, f"runs until {until}." in words) == (True, True)


@pytest.mark.parametrize(("kind", "length", "until"), DATED)
def test_a_dated_interval_says_from_which_day_it_is_counted(kind: str, length: str, until: str) -> None:
    assert interval_sentence(kind).startswith("Counted from 2 November 2026 (the last dose")


@pytest.mark.parametrize("kind", ["long-acting", "buprenorphine"])
def test_a_patch_counts_from_its_removal(kind: str) -> None:
    assert "(the last dose or the patch’s removal)" in interval_sentence(kind)


@pytest.mark.parametrize("kind", ["short-acting", "methadone"])
def test_what_is_no_patch_counts_from_the_last_dose_alone(kind: str) -> None:
    assert "(the last dose)," in interval_sentence(kind)


def test_the_form_says_that_a_fentanyl_patch_is_long_acting() -> None:
    kind = OPIOID_USE.follow_up("kind")
    assert kind is not None
    assert "A fentanyl patch is long-acting" in kind.help


LAST_DAY = DOSE + timedelta(days=10)


@pytest.mark.parametrize(
    ("on", "ending"),
    [
        pytest.param(LAST_DAY - timedelta(days=1), "Reaching that date does not lift this flag", id="the day before"),
        pytest.param(LAST_DAY, "Reaching that date does not lift this flag", id="the day itself"),
        pytest.param(
            LAST_DAY + timedelta(days=1),
            "That date is in the past, which does not lift this flag",
            id="the day after",
        ),
    ],
)
def test_a_dated_interval_says_whether_it_has_passed_and_that_the_prescriber_decides(on: date, ending: str) -> None:
    assert interval_sentence("short-acting", on=on).endswith(f"12 November 2026. {ending}; the prescriber decides.")


def test_a_dose_on_the_day_of_the_screening_counts() -> None:
    assert "Counted from 5 November 2026" in interval_sentence("short-acting", start=SCREENED)


# Several kinds ------------------------------------------------------------------------------------------------


def test_of_several_kinds_the_longest_interval_is_used() -> None:
    assert interval_sentence("short-acting", "methadone") == interval_sentence("methadone")


def test_the_order_of_the_kinds_does_not_matter() -> None:
    assert interval_sentence("methadone", "short-acting") == interval_sentence("short-acting", "methadone")


@pytest.mark.parametrize(("kind", "words"), UNDATED)
def test_of_several_kinds_the_one_without_a_date_is_used(kind: str, words: str) -> None:
    assert interval_sentence("methadone", kind) == interval_sentence(kind)


def test_several_kinds_without_a_date_are_all_described() -> None:
    words = interval_sentence("kratom-tianeptine", "gut-acting")
    assert ("kratom or tianeptine" in words, "loperamide" in words) == (True, True)


def test_a_tie_describes_both_kinds() -> None:
    assert "after extended-release opioids 10 to 14 is sensible" in interval_sentence("short-acting", "long-acting")


def test_a_tie_with_equal_words_describes_them_once() -> None:
    assert interval_sentence("methadone", "buprenorphine").count(TWO_WEEKS) == 1


def test_a_tie_names_the_patch_of_one_kind() -> None:
    assert "the patch’s removal" in interval_sentence("methadone", "buprenorphine")


def test_a_tie_does_not_name_the_last_dose_twice() -> None:
    assert interval_sentence("methadone", "buprenorphine").count("the last dose") == 1


# Without a date -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "words"), UNDATED)
def test_a_kind_without_an_interval_has_its_own_words(kind: str, words: str) -> None:
    assert words in interval_sentence(kind)


@pytest.mark.parametrize(("kind", "words"), UNDATED)
def test_a_kind_without_an_interval_has_no_date_and_the_prescriber_decides(kind: str, words: str) -> None:
    assert interval_sentence(kind).endswith(" No end date can be calculated. The prescriber decides.")


@pytest.mark.parametrize("start", [DOSE, None], ids=["with a date", "without a date"])
def test_without_a_kind_the_interval_cannot_be_calculated(start: date | None) -> None:
    assert interval_sentence(start=start) == (
        "The opioid-free interval cannot be calculated: the kind of opioid is missing, so its end cannot be told. "
        "The prescriber decides."
    )


def test_a_kind_that_is_not_offered_counts_as_not_given() -> None:
    assert interval_sentence("nonsense") == interval_sentence()


@pytest.mark.parametrize("kind", ["short-acting", "long-acting", "methadone", "buprenorphine"])
def test_without_the_date_the_interval_cannot_be_calculated(kind: str) -> None:
    words = interval_sentence(kind, start=None)
    missing = r"The interval cannot be calculated: the date of the last dose.* is missing, so its end cannot"
    assert re.match(missing, words)


@pytest.mark.parametrize(("kind", "length", "until"), DATED)
def test_without_the_date_the_length_is_given_and_the_prescriber_decides(kind: str, length: str, until: str) -> None:
    words = interval_sentence(kind, start=None)
    assert (length in words, words.endswith("The prescriber decides.")) == (True, True)


def test_a_date_after_the_screening_counts_as_not_given() -> None:
    assert interval_sentence("methadone", start=SCREENED + timedelta(days=1)) == interval_sentence(
        "methadone", start=None
    )


@pytest.mark.parametrize(
    "follow_ups",
    [
        pytest.param((), id="no follow-up"),
        pytest.param((interval_kind(),), id="the kind alone"),
        pytest.param((interval_start(),), id="the date alone"),
        pytest.param((band("inr"),), id="another calculation"),
    ],
)
def test_a_rule_that_does_not_ask_for_kind_and_date_has_no_interval(follow_ups: tuple[FollowUp, ...]) -> None:
    details: dict[str, FollowUpValue] = {"kind": ("dated",), "last-dose": DOSE}
    assert opioid_free_interval(item(follow_ups=follow_ups), details, SCREENED) == ""
