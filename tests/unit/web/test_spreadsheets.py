"""CSV lines: cells keep their text, and formulas are not run."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.web.spreadsheets import line


def cells(csv_line: str) -> list[str]:
    (row,) = csv.reader([csv_line], strict=True)
    return row


def test_cells_are_quoted_and_the_line_ends_with_crlf() -> None:
    assert line(["DEMO-0001", "Sample, Patient", 'a "b"', 3]) == 'DEMO-0001,"Sample, Patient","a ""b""",3\r\n'


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "  +"])
def test_a_text_that_looks_like_a_formula_is_prefixed_with_an_apostrophe(sign: str) -> None:
    text = f"{sign}HYPERLINK(1)"
    assert line(["x", text]) == line(["x", f"'{text}"])


@pytest.mark.parametrize("text", ["DEMO-0001", "O’Brien", "a=b", "1-2", "'quoted", "", "5 +", "2026-11-26"])
def test_other_text_is_unchanged(text: str) -> None:
    assert cells(line(["x", text])) == ["x", text]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8")), min_size=2))
def test_no_cell_is_lost_or_split(given_cells: list[str]) -> None:
    read = cells(line(given_cells))
    assert [each.removeprefix("'") for each in read] == [each.removeprefix("'") for each in given_cells]
