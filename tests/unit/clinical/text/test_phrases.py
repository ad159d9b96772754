"""Formatting numbers: without exponent, exact, and the same for equal numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.text.phrases import format_number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("4.5", "4.5"),
        ("4.50", "4.5"),
        ("4.0", "4"),
        ("50", "50"),
        ("100", "100"),
        ("1E+2", "100"),
        ("1E-3", "0.001"),
        ("0.10", "0.1"),
        ("0", "0"),
        ("0.000", "0"),
        ("-0", "0"),
        ("-1.50", "-1.5"),
    ],
)
def test_a_number_has_no_exponent_and_no_trailing_zeros(value: str, text: str) -> None:
    assert format_number(Decimal(value)) == text


NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, places=6)


@given(NUMBERS)
def test_formatting_is_exact(value: Decimal) -> None:
    assert Decimal(format_number(value)) == value


@given(NUMBERS, st.integers(min_value=6, max_value=12))
def test_equal_numbers_give_equal_texts(value: Decimal, places: int) -> None:
    assert format_number(value.quantize(Decimal(1).scaleb(-places))) == format_number(value)
