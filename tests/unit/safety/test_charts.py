"""The geometry of the charts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.safety.charts import COLUMN_HEIGHT, SMALLEST, WIDTH, Bar, Part, columns, shares, stacked_bars


def parts(*numbers: int) -> list[Part]:
    return [Part(f"kind{place}", f"label {place}", number) for place, number in enumerate(numbers)]


def bars(rows: list[tuple[str, list[Part]]]) -> tuple[Bar, ...]:
    (drawing,) = stacked_bars(rows)
    return drawing.bars


def test_parts_are_as_wide_as_their_share() -> None:
    (bar,) = bars([("Pregnancy", parts(1, 2, 1))])
    assert [(box.x, box.width) for box in bar.boxes] == [(0, 260), (260, 520), (780, 260)]


def test_a_part_of_zero_has_no_box_and_no_number() -> None:
    (bar,) = bars([("Pregnancy", parts(3, 0, 1))])
    assert [box.kind for box in bar.boxes] == ["kind0", "kind2"]
    assert bar.numbers == "3 label 0 · 1 label 2"


def test_one_in_a_million_can_still_be_seen() -> None:
    (bar,) = bars([("Pregnancy", parts(1, 0, 999_999))])
    assert [box.width for box in bar.boxes] == [SMALLEST, WIDTH - SMALLEST]


def test_a_rule_without_numbers_has_no_bar() -> None:
    assert stacked_bars([("Pregnancy", parts(0, 0))]) == ()
    assert stacked_bars([]) == ()


def test_numbers_that_do_not_fit_beside_a_long_name_go_below_it() -> None:
    short, long = bars([("Opioid use", parts(5)), ("A rule with a name " * 5, parts(12_345, 67_890))])
    assert not short.has_own_line
    assert long.has_own_line
    assert long.y > long.numbers_y > long.name_y > short.y


def test_a_name_that_is_longer_than_the_chart_is_cut_off_with_an_ellipsis() -> None:
    (bar,) = bars([("x" * 500, parts(1))])
    assert bar.name == f"{'x' * 89}…"


def test_bars_do_not_overlap() -> None:
    (drawing,) = stacked_bars([("A rule with a long name " * 4, parts(1_000_000, 2_000_000))] * 3)
    ends = [bar.y + 26 for bar in drawing.bars]
    assert all(end < bar.name_y - 15 for end, bar in zip(ends, drawing.bars[1:], strict=False))
    assert ends[-1] <= drawing.height


def test_many_bars_make_several_drawings_because_paper_ends_between_drawings() -> None:
    drawings = stacked_bars([("A rule", parts(1))] * 13)
    assert [len(drawing.bars) for drawing in drawings] == [6, 6, 1]
    assert drawings[0].height > drawings[1].height > drawings[2].height


@given(st.lists(st.integers(1, 2_000_000), min_size=1, max_size=4))
def test_shares_fill_the_bar_and_each_can_be_seen(numbers: list[int]) -> None:
    widths = shares(numbers, WIDTH)
    assert sum(widths) == pytest.approx(WIDTH)
    assert min(widths) >= SMALLEST


def test_the_highest_column_has_the_full_height() -> None:
    found = columns([("Same day", 10), ("1 day", 5), ("Undecided", 0)], ["bar", "bar", "bar-open"])
    assert [column.height for column in found] == [COLUMN_HEIGHT, COLUMN_HEIGHT / 2, 0]
    assert len({column.y + column.height for column in found}) == 1
    assert [column.kind for column in found] == ["bar", "bar", "bar-open"]


def test_a_small_number_has_a_column_that_can_be_seen() -> None:
    assert columns([("Same day", 1_000_000), ("1 day", 1)], ["bar", "bar"])[1].height == SMALLEST


def test_columns_without_numbers_have_no_height() -> None:
    assert {column.height for column in columns([("Same day", 0), ("1 day", 0)], ["bar", "bar"])} == {0}
