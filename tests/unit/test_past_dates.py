"""When something ended: the latest day that the words leave open."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.past_dates import DATE, latest_end

ON = date(2026, 11, 26)


def ends(text: str) -> list[date | None]:
    return [latest_end(found, ON) for found in DATE.finditer(text)]


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2024-03-01", date(2024, 3, 1)),
        ("3/12/25", date(2025, 12, 3)),
        ("10/01/2026", date(2026, 10, 1)),
        ("25.12.2025", date(2025, 12, 25)),
        ("06/2025", date(2025, 6, 30)),
        ("march 2024", date(2024, 3, 31)),
        ("5 nov 2026", date(2026, 11, 5)),
        ("march 3rd, 2024", date(2024, 3, 3)),
        ("nov 5", date(2026, 11, 5)),
        ("december", date(2025, 12, 31)),
        ("june '25", date(2025, 6, 30)),
        ("2019", date(2019, 12, 31)),
        ("2026", ON),
        ("1990s", date(1999, 12, 31)),
        ("6 months ago", date(2026, 5, 30)),
        ("two years ago", date(2024, 11, 26)),
        ("il y a 3 mois", date(2026, 8, 28)),
        ("hace 2 anos", date(2024, 11, 26)),
        ("vor 3 jahren", date(2023, 11, 27)),
        ("last month", date(2026, 10, 31)),
        ("last year", date(2025, 12, 31)),
        ("last week", date(2026, 11, 19)),
        ("yesterday", ON),
    ],
)
def test_the_latest_day_counts(text: str, end: date) -> None:
    assert ends(text) == [end]


@pytest.mark.parametrize("text", ["5/325", "15 mg", "3 weeks", "q6h", "10-20", "30/500"])
def test_a_strength_or_a_duration_is_no_date(text: str) -> None:
    assert ends(text) == []


@pytest.mark.parametrize("text", ["2024-13-01", "31/31/2024", "13/2025"])
def test_a_day_that_cannot_be_tells_no_end(text: str) -> None:
    assert ends(text)[:1] in ([None], [])


@given(st.text("0123456789/-. abcdefghijlmnoprstuvy", max_size=80), st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_no_end_lies_in_the_future(text: str, on: date) -> None:
    found = [latest_end(match, on) for match in DATE.finditer(text)]
    assert all(end is None or end <= on for end in found)
