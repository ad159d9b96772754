"""Birth dates with unknown parts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.text.birth_dates import BirthDate, parse_birth_date
from screening.clinical.text.dates import DateError

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))
BIRTH_DATES = st.builds(
    lambda day, parts: BirthDate(*(day.year, day.month, day.day)[:parts]), DAYS, st.integers(min_value=1, max_value=3)
)


@pytest.mark.parametrize(
    ("entered", "born"),
    [
        ("2 Mar 1961", BirthDate(1961, 3, 2)),
        ("1961-03-02", BirthDate(1961, 3, 2)),
        ("March 2, 1961", BirthDate(1961, 3, 2)),
        ("Mar 1961", BirthDate(1961, 3)),
        ("march 1961", BirthDate(1961, 3)),
        ("Sept. 1961", BirthDate(1961, 9)),
        ("Mar-1961", BirthDate(1961, 3)),
        ("March, 1961", BirthDate(1961, 3)),
        ("Mar1961", BirthDate(1961, 3)),
        ("1961-03", BirthDate(1961, 3)),
        ("1961-3", BirthDate(1961, 3)),
        (" 1961 ", BirthDate(1961)),
    ],
)
def test_full_and_partial_birth_dates_are_parsed(entered: str, born: BirthDate) -> None:
    assert parse_birth_date(entered) == born


@pytest.mark.parametrize(
    "entered",
    [
        *("61", "0000", "19610", "Mar 61", "Mar 19610", "1961-13", "1961-00", "0000-03", "03/1961"),
        *("1961/03", "03.1961", "Foo 1961", "Ma 1961", "30 Feb 1961", "1961-02-30", "1961-00-00", "1961-03-00"),
        *("12 1961", "?? Mar 1961", "unknown", "ca. 1961", "1961?", "-1961", "Mar", "1961 Mar", "１９６１", "١٩٦١"),
    ],
)  # fmt: skip
def test_an_ambiguous_or_invalid_birth_date_is_refused_with_a_sentence(entered: str) -> None:
    with pytest.raises(DateError, match=r"^[A-Z].*\.$"):
        parse_birth_date(entered)


@pytest.mark.parametrize(
    ("born", "in_full", "in_short", "as_entered"),
    [
        (BirthDate(1961, 3, 2), "2 March 1961", "2 Mar 1961", "2 Mar 1961"),
        (BirthDate(1961, 3), "March 1961, day not known", "Mar 1961, day not known", "Mar 1961"),
        (BirthDate(1961), "1961, day and month not known", "1961, day and month not known", "1961"),
    ],
)
def test_unknown_parts_are_named(born: BirthDate, in_full: str, in_short: str, as_entered: str) -> None:
    assert (born.in_words, born.in_short_words, born.as_entered) == (in_full, in_short, as_entered)


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (BirthDate(1961), date(2026, 11, 29), "64 or 65"),
        (BirthDate(1961), date(2026, 12, 31), "65"),
        (BirthDate(1961), date(2026, 1, 1), "64 or 65"),
        (BirthDate(1961, 3), date(2026, 2, 28), "64"),
        (BirthDate(1961, 3), date(2026, 3, 15), "64 or 65"),
        (BirthDate(1961, 3), date(2026, 3, 31), "65"),
        (BirthDate(1961, 3), date(2026, 4, 1), "65"),
        (BirthDate(1961, 3, 2), date(2026, 3, 1), "64"),
        (BirthDate(2004, 2), date(2026, 2, 28), "21 or 22"),
        (BirthDate(2026), date(2026, 11, 29), "0"),
        (BirthDate(2025), date(2026, 11, 29), "0 or 1"),
    ],
)
def test_both_possible_ages_are_given_if_the_unknown_part_matters(born: BirthDate, on: date, age: str) -> None:
    assert born.age_in_words(on) == age


@pytest.mark.parametrize("parts", [(1961, None, 2), (1961, 13), (1961, 2, 30), (0,), (1961, 0), (1961, 3, 0)])
def test_a_date_that_is_not_in_the_calendar_cannot_be_made(parts: tuple[int | None, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        BirthDate(*parts)  # type: ignore[arg-type]


@given(BIRTH_DATES)
def test_a_formatted_birth_date_can_be_parsed_again(born: BirthDate) -> None:
    assert BirthDate.from_iso(str(born)) == parse_birth_date(str(born)) == parse_birth_date(born.as_entered) == born


@given(BIRTH_DATES, st.integers(min_value=0, max_value=45_000))
def test_the_ages_are_those_of_the_first_and_last_possible_day(born: BirthDate, later: int) -> None:
    on = born.latest + timedelta(days=later)
    youngest, oldest = born.ages_on(on)
    assert (youngest, oldest) == (
        BirthDate.of(born.latest).ages_on(on)[0],
        BirthDate.of(born.earliest).ages_on(on)[0],
    )
    assert 0 <= oldest - youngest <= 1


@given(BIRTH_DATES, BIRTH_DATES)
def test_two_birth_dates_agree_when_they_share_a_possible_day(one: BirthDate, other: BirthDate) -> None:
    overlap = one.earliest <= other.latest and other.earliest <= one.latest
    assert one.agrees_with(other) == other.agrees_with(one) == overlap
