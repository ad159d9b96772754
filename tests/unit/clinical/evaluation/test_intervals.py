"""The opioid-free interval: how it is counted, when it ends, and that reaching its end decides nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.evaluation.calculations import interval_end, opioid_free_interval
from screening.clinical.evaluation.follow_up_values import FollowUpValue
from screening.clinical.rules.definition import FollowUp
from screening.clinical.text.dates import format_date
from tests.rules import shipped_rules
from tests.unit.builders import band, interval_kind, interval_start, item

DOSE = date(2026, 11, 2)
SCREENED = date(2026, 11, 5)
OPIOID_USE = shipped_rules().by_link_id["opioid-use"]
KINDS = [choice.code for each in OPIOID_USE.follow_ups if each.link_id == "kind" for choice in each.choices]

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


# The day on which it ends -------------------------------------------------------------------------------------


def end_of(*kinds: str, start: FollowUpValue | None = DOSE, on: date = SCREENED) -> date | None:
    """The end of the interval of the shipped rules for some kinds of opioid."""
    details: dict[str, FollowUpValue] = {"kind": kinds} if kinds else {}
    return interval_end(OPIOID_USE, details | ({"last-dose": start} if start else {}), on)


@pytest.mark.parametrize(
    ("kinds", "days"),
    [
        (["short-acting"], 10),
        (["long-acting"], 10),
        (["methadone"], 14),
        (["buprenorphine"], 14),
        (["short-acting", "long-acting"], 10),
        (["short-acting", "methadone"], 14),
        (["methadone", "short-acting"], 14),
    ],
)
def test_the_end_is_counted_by_the_longest_interval(kinds: list[str], days: int) -> None:
    assert end_of(*kinds) == DOSE + timedelta(days=days)


@pytest.mark.parametrize(("kind", "words"), UNDATED)
@pytest.mark.parametrize("beside", [[], ["methadone"]], ids=["alone", "beside a kind with a date"])
def test_a_kind_without_an_interval_has_no_end(kind: str, words: str, beside: list[str]) -> None:
    assert end_of(*beside, kind) is None


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(None, id="missing"),
        pytest.param(SCREENED + timedelta(days=1), id="after the screening"),
        pytest.param(date.max, id="the last day of all"),
        pytest.param(datetime(2026, 11, 2, 8, 0, tzinfo=UTC), id="a time"),
        pytest.param("2026-11-02", id="a text"),
        pytest.param(Decimal(20261102), id="a number"),
    ],
)
def test_without_a_day_to_count_from_there_is_no_end(start: FollowUpValue | None) -> None:
    assert end_of("methadone", start=start) is None


@pytest.mark.parametrize("kinds", [(), ("nonsense",)], ids=["none", "not offered"])
def test_without_a_kind_there_is_no_end(kinds: tuple[str, ...]) -> None:
    assert end_of(*kinds) is None


def test_a_dose_on_the_day_of_the_screening_has_an_end() -> None:
    assert end_of("methadone", start=SCREENED) == SCREENED + timedelta(days=14)


def test_an_end_in_the_past_stays_the_same_on_every_later_day() -> None:
    assert {end_of("methadone", on=DOSE + timedelta(days=later)) for later in range(40)} == {date(2026, 11, 16)}


def test_an_end_beyond_the_calendar_is_none() -> None:
    assert end_of("methadone", start=date.max - timedelta(days=13), on=date.max) is None
    assert end_of("methadone", start=date.max - timedelta(days=14), on=date.max) == date.max


@pytest.mark.parametrize(
    "follow_ups",
    [
        pytest.param((), id="no follow-up"),
        pytest.param((interval_kind(),), id="the kind alone"),
        pytest.param((interval_start(),), id="the date alone"),
    ],
)
def test_a_rule_that_does_not_ask_for_kind_and_date_has_no_end(follow_ups: tuple[FollowUp, ...]) -> None:
    assert interval_end(item(follow_ups=follow_ups), {"kind": ("dated",), "last-dose": DOSE}, SCREENED) is None


@given(
    kinds=st.lists(st.sampled_from(KINDS), unique=True),
    start=st.none() | st.dates(DOSE - timedelta(days=30), SCREENED + timedelta(days=5)),
)
def test_the_sentence_names_the_end_where_there_is_one_and_only_there(kinds: list[str], start: date | None) -> None:
    end, sentence = end_of(*kinds, start=start), interval_sentence(*kinds, start=start)
    assert ("runs until" in sentence) is (end is not None)
    assert end is None or f"runs until {format_date(end)}." in sentence
