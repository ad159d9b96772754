"""Dates in medication entries, in every possible reading."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.medications.dates import DATE, is_month_alone, last_days

ON = date(2026, 11, 26)


def days(text: str) -> set[date]:
    """Return every reading of the first date in a folded text."""
    match = DATE.search(text)
    assert match
    return set(last_days(match, ON))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-01", date(2024, 3, 1)),
        ("25.12.2025", date(2025, 12, 25)),
        ("06/2025", date(2025, 6, 30)),
        ("march 2024", date(2024, 3, 31)),
        ("5 nov 2026", date(2026, 11, 5)),
        ("march 3rd, 2024", date(2024, 3, 3)),
        ("2nd of october 2026", date(2026, 10, 2)),
        ("2019", date(2019, 12, 31)),
        ("1990s", date(1999, 12, 31)),
        ("6 months ago", date(2026, 5, 30)),
        ("two years ago", date(2024, 11, 26)),
        ("il y a 3 mois", date(2026, 8, 28)),
        ("hace 2 anos", date(2024, 11, 26)),
        ("vor 3 jahren", date(2023, 11, 27)),
        ("last month", ON),
        ("last year", date(2025, 12, 31)),
        ("last week", ON),
        ("yesterday", ON),
    ],
)
def test_an_unambiguous_date_gives_the_last_day_of_its_period(text: str, day: date) -> None:
    assert days(text) == {day}


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("3/12/2025", {date(2025, 12, 3), date(2025, 3, 12)}),
        (
            "06/07/25",
            {date(year, *day) for year in (1925, 2025) for day in ((7, 6), (6, 7))}
            | {date(1906, 7, 25), date(2006, 7, 25)},
        ),
        ("01/15/27", {date(1927, 1, 15), date(2027, 1, 15)}),
        ("26-11-20", {date(1920, 11, 26), date(2020, 11, 26), date(1926, 11, 20), date(2026, 11, 20)}),
        ("26/11/20", {date(1920, 11, 26), date(2020, 11, 26), date(1926, 11, 20), date(2026, 11, 20)}),
        ("26.11.20", {date(1920, 11, 26), date(2020, 11, 26), date(1926, 11, 20), date(2026, 11, 20)}),
        ("15 jan 27", {date(1927, 1, 15), date(2027, 1, 15)}),
        ("june '25", {date(1925, 6, 30), date(2025, 6, 30)}),
    ],
)
def test_an_ambiguous_date_gives_all_readings(text: str, readings: set[date]) -> None:
    assert days(text) == readings


@pytest.mark.parametrize("text", ["nov 5", "december", "jan 27", "3rd of march"])
def test_a_month_without_a_year_may_lie_ahead(text: str) -> None:
    assert max(days(text)) > ON


@pytest.mark.parametrize("text", ["1900", "1930", "1959"])
def test_four_digits_that_may_be_a_time_of_day_are_no_past_year(text: str) -> None:
    assert days(text) == {ON}


@pytest.mark.parametrize("text", ["5/325", "15 mg", "3 weeks", "q6h", "10-20", "30/500", "1-0-1"])
def test_a_strength_or_a_duration_is_not_a_date(text: str) -> None:
    assert not DATE.search(text)


@pytest.mark.parametrize("text", ["2024-13-01", "31/31/2024", "45 oct 2025", "31 sep 2026", "feb 30, 2025"])
def test_an_impossible_date_has_no_reading(text: str) -> None:
    assert days(text) == set()


@pytest.mark.parametrize(("text", "alone"), [("may", True), ("may 3", False), ("may 2024", False), ("2024", False)])
def test_a_month_alone_may_be_another_word(text: str, alone: bool) -> None:
    match = DATE.search(text)
    assert match
    assert is_month_alone(match) is alone


@given(st.text("0123456789/-. abcdefghijlmnoprstuvy'", max_size=80), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_no_text_raises_an_error(text: str, on: date) -> None:
    for match in DATE.finditer(text):
        assert all(isinstance(day, date) for day in last_days(match, on))
