"""Entries of two lists that are the same one, and those that changed their place."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.pairing import Pair, paired, rising

LETTERS = st.text("abcdef", max_size=8)


def pairs(before: str, after: str) -> list[Pair[str]]:
    """The letters of two words as pairs."""
    return list(paired(before, after, lambda letter: letter))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("", "", [], id="nothing"),
        pytest.param("ab", "ab", [("a", "a", False), ("b", "b", False)], id="the same"),
        pytest.param("ac", "abc", [("a", "a", False), (None, "b", False), ("c", "c", False)], id="one more"),
        pytest.param("abc", "ac", [("a", "a", False), ("b", None, False), ("c", "c", False)], id="one gone"),
        pytest.param("xa", "a", [("x", None, False), ("a", "a", False)], id="the first is gone"),
        pytest.param("abc", "cab", [("c", "c", True), ("a", "a", False), ("b", "b", False)], id="one moved"),
        pytest.param("aa", "a", [("a", "a", False), ("a", None, False)], id="one of two"),
    ],
)
def test_entries_are_paired_in_the_new_order(before: str, after: str, expected: list[Pair[str]]) -> None:
    assert pairs(before, after) == expected


@given(LETTERS, LETTERS)
def test_no_entry_is_lost_and_none_is_told_twice(before: str, after: str) -> None:
    found = pairs(before, after)
    assert sorted(pair.before for pair in found if pair.before) == sorted(before)
    assert [pair.after for pair in found if pair.after] == list(after)


@given(LETTERS, LETTERS)
def test_taking_the_moved_away_leaves_one_order(before: str, after: str) -> None:
    stay = [pair.after for pair in pairs(before, after) if pair.before and pair.after and not pair.is_moved]
    rest = iter(before)
    assert all(letter in rest for letter in stay)


@given(st.permutations("abcdef").map("".join))
def test_what_only_came_or_went_moves_nothing(before: str) -> None:
    assert not [pair for pair in pairs(before, before[1:] + "z") if pair.is_moved]


def test_what_went_to_another_section_leaves_the_order_of_the_others() -> None:
    found = paired(["a1", "b1", "c1"], ["b1", "c1", "a2"], lambda each: each[0], lambda each: each[1])
    assert [pair.is_moved for pair in found] == [False, False, False]


@given(st.lists(st.integers(0, 9), max_size=8))
def test_a_rising_run_is_the_longest(numbers: list[int]) -> None:
    run = [numbers[place] for place in rising(numbers)]
    assert run == sorted(set(run))
    longer = combinations(numbers, len(run) + 1)
    assert not [each for each in longer if list(each) == sorted(set(each))]
