"""Birth dates of which a part may not be known."""

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
    ("typed", "born"),
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
def test_what_is_known_of_a_birth_date_is_read(typed: str, born: BirthDate) -> None:
    assert parse_birth_date(typed) == born


@pytest.mark.parametrize(
    "typed",
    [
        *("61", "0000", "19610", "Mar 61", "Mar 19610", "1961-13", "1961-00", "0000-03", "03/1961"),
        *("1961/03", "03.1961", "Foo 1961", "Ma 1961", "30 Feb 1961", "1961-02-30", "1961-00-00", "1961-03-00"),
        *("12 1961", "?? Mar 1961", "unknown", "ca. 1961", "1961?", "-1961", "Mar", "1961 Mar", "１９６１", "١٩٦١"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(DateError, match=r"^[A-Z].*\.$"):
        parse_birth_date(typed)


@pytest.mark.parametrize(
    ("born", "in_full", "in_short", "as_typed"),
    [
        (BirthDate(1961, 3, 2), "2 March 1961", "2 Mar 1961", "2 Mar 1961"),
        (BirthDate(1961, 3), "March 1961, day not known", "Mar 1961, day not known", "Mar 1961"),
        (BirthDate(1961), "1961, day and month not known", "1961, day and month not known", "1961"),
    ],
)
def test_what_is_not_known_is_said(born: BirthDate, in_full: str, in_short: str, as_typed: str) -> None:
    assert (born.in_words, born.in_short_words, born.as_typed) == (in_full, in_short, as_typed)


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
def test_the_age_is_a_range_where_it_depends_on_what_is_not_known(born: BirthDate, on: date, age: str) -> None:
    assert born.age_in_words(on) == age


@pytest.mark.parametrize("parts", [(1961, None, 2), (1961, 13), (1961, 2, 30), (0,), (1961, 0), (1961, 3, 0)])
def test_what_is_no_date_cannot_be_made(parts: tuple[int | None, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        BirthDate(*parts)  # type: ignore[arg-type]


@given(BIRTH_DATES)
def test_what_is_written_is_read_again(born: BirthDate) -> None:
    assert BirthDate.from_iso(str(born)) == parse_birth_date(str(born)) == parse_birth_date(born.as_typed) == born


@given(BIRTH_DATES, st.integers(min_value=0, max_value=45_000))
def test_the_ages_are_those_of_the_first_and_the_last_day_that_it_may_be(born: BirthDate, later: int) -> None:
    on = born.latest + timedelta(days=later)
    youngest, oldest = born.ages_on(on)
    assert (youngest, oldest) == (
        BirthDate.of(born.latest).ages_on(on)[0],
        BirthDate.of(born.earliest).ages_on(on)[0],
    )
    assert 0 <= oldest - youngest <= 1


@given(BIRTH_DATES, BIRTH_DATES)
def test_two_agree_when_one_day_may_be_both(one: BirthDate, other: BirthDate) -> None:
    overlap = one.earliest <= other.latest and other.earliest <= one.latest
    assert one.agrees_with(other) == other.agrees_with(one) == overlap
