"""Three-way merge: changes to different fields and rows are merged, changes to the same field conflict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screening.drafts.merging import FieldValues, RowsByKey, merge, merge_rows

NAMES = st.sampled_from("abcd")
FIELDS = st.dictionaries(NAMES, st.integers(0, 2), max_size=4)
KEYS = st.lists(st.sampled_from("pqrst"), unique=True, max_size=5)


@st.composite
def rows_of(draw: st.DrawFn) -> dict[str, dict[str, int]]:
    """Rows by key, in any order."""
    return {key: draw(FIELDS) for key in draw(KEYS)}


def in_order(rows: RowsByKey) -> list[tuple[str, FieldValues]]:
    """The rows as a list, so that a comparison includes their order."""
    return list(rows.items())


# Fields -------------------------------------------------------------------------------------------------------


def test_changes_to_different_fields_are_merged() -> None:
    merged = merge({"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 1, "c": 1}, {"a": 1, "b": 3, "c": 1})
    assert merged.values == {"a": 2, "b": 3, "c": 1}
    assert (merged.theirs, merged.mine, merged.conflicts) == (("a",), ("b",), ())


def test_a_field_that_both_changed_is_a_conflict_with_my_value() -> None:
    merged = merge({"a": 1}, {"a": 2}, {"a": 3})
    assert (merged.values, merged.conflicts) == ({"a": 3}, ("a",))


def test_the_same_change_by_both_is_not_reported() -> None:
    merged = merge({"a": 1}, {"a": 2}, {"a": 2})
    assert (merged.values, merged.theirs, merged.mine, merged.conflicts) == ({"a": 2}, (), (), ())


def test_a_field_missing_on_one_side_was_removed_there() -> None:
    assert merge({"a": 1, "b": 1}, {"b": 1}, {"a": 1, "b": 1}).values == {"b": 1}
    assert merge({"a": 1}, {}, {"a": 2}).conflicts == ("a",)


def test_without_a_base_every_difference_is_a_conflict() -> None:
    assert merge({}, {"a": 1, "b": 1}, {"a": 1, "b": 2}).conflicts == ("b",)


@given(FIELDS, FIELDS)
def test_if_one_side_changed_nothing_the_other_side_is_the_result(base: FieldValues, changed: FieldValues) -> None:
    assert merge(base, changed, base).values == changed
    assert merge(base, base, changed).values == changed
    assert not merge(base, changed, base).conflicts
    assert not merge(base, base, changed).conflicts


@given(FIELDS, FIELDS)
def test_two_equal_sides_merge_to_the_same(base: FieldValues, changed: FieldValues) -> None:
    merged = merge(base, changed, changed)
    assert (merged.values, merged.conflicts) == (changed, ())


@given(FIELDS, FIELDS, FIELDS)
def test_only_a_field_that_both_changed_can_conflict(
    base: FieldValues, theirs: FieldValues, mine: FieldValues
) -> None:
    def changes(side: FieldValues) -> set[str]:
        return {name for name in {*base, *side} if base.get(name) != side.get(name)}

    merged = merge(base, theirs, mine)
    assert {*merged.conflicts} <= changes(theirs) & changes(mine)
    assert {*merged.theirs} == changes(theirs) - changes(mine)
    assert {*merged.mine} == changes(mine) - changes(theirs)


@given(FIELDS, FIELDS, FIELDS)
def test_merging_fields_is_symmetric_except_for_conflicts(
    base: FieldValues, theirs: FieldValues, mine: FieldValues
) -> None:
    one, other = merge(base, theirs, mine), merge(base, mine, theirs)
    assert {*one.conflicts} == {*other.conflicts}
    assert ({*one.theirs}, {*one.mine}) == ({*other.mine}, {*other.theirs})
    for name in {*one.values, *other.values} - {*one.conflicts}:
        assert one.values.get(name) == other.values.get(name)


@given(FIELDS, FIELDS, FIELDS)
def test_resubmitting_merged_values_saves_them_unchanged(
    base: FieldValues, theirs: FieldValues, mine: FieldValues
) -> None:
    merged = merge(base, theirs, mine)
    assert merge(theirs, theirs, merged.values).values == merged.values
    assert not merge(theirs, theirs, merged.values).conflicts


# Rows ---------------------------------------------------------------------------------------------------------

P, Q, R = {"a": 1, "b": 1}, {"a": 2}, {"a": 3}


def test_changes_to_different_rows_and_to_different_fields_of_a_row_are_merged() -> None:
    merged = merge_rows({"p": P, "q": Q}, {"p": {"a": 9, "b": 1}, "q": {"a": 8}}, {"p": {"a": 1, "b": 7}, "q": Q})
    assert merged.values == {"p": {"a": 9, "b": 7}, "q": {"a": 8}}
    assert not merged.has_conflicts


def test_a_field_that_both_changed_is_a_conflict_of_its_row() -> None:
    merged = merge_rows({"q": Q}, {"q": {"a": 8}}, {"q": {"a": 9}})
    assert merged.rows["q"].conflicts == ("a",)
    assert merged.has_conflicts


def test_added_rows_stay_behind_the_row_that_they_follow() -> None:
    merged = merge_rows({"p": P, "q": Q}, {"p": P, "x": R, "q": Q, "y": R}, {"p": P, "q": Q, "z": R})
    assert list(merged.rows) == ["p", "x", "q", "y", "z"]
    assert merged.added == ("x", "y")


def test_a_row_that_one_side_removed_and_the_other_left_unchanged_is_removed() -> None:
    assert merge_rows({"p": P, "q": Q}, {"p": P}, {"p": P, "q": Q}).removed == ("q",)
    assert list(merge_rows({"p": P, "q": Q}, {"p": P, "q": Q}, {"p": P}).rows) == ["p"]
    assert list(merge_rows({"p": P, "q": Q}, {"p": P}, {"q": Q}).rows) == []


def test_a_row_that_one_side_removed_and_the_other_changed_is_a_conflict() -> None:
    by_them = merge_rows({"p": P, "q": Q}, {"p": P}, {"p": P, "q": R})
    assert (by_them.removed_by_them, by_them.values["q"], by_them.has_conflicts) == (("q",), R, True)
    by_me = merge_rows({"p": P, "q": Q}, {"p": P, "q": R}, {"p": P})
    assert (by_me.removed_by_me, by_me.values["q"], by_me.has_conflicts) == (("q",), R, True)


def test_an_order_that_one_side_changed_is_merged_and_one_that_both_changed_conflicts() -> None:
    pqr, rpq, qpr = (dict.fromkeys(each, P) for each in ("pqr", "rpq", "qpr"))
    theirs = merge_rows(pqr, rpq, pqr)
    assert (list(theirs.rows), theirs.is_reordered, theirs.has_conflicts) == (["r", "p", "q"], True, False)
    mine = merge_rows(pqr, pqr, qpr)
    assert (list(mine.rows), mine.is_reordered, mine.has_conflicts) == (["q", "p", "r"], False, False)
    both = merge_rows(pqr, rpq, qpr)
    assert (list(both.rows), both.is_reordered, both.has_conflicts) == (["q", "p", "r"], False, True)


@given(rows_of(), rows_of())
def test_if_one_side_changed_no_row_the_other_side_is_the_result_in_order(
    base: RowsByKey, changed: RowsByKey
) -> None:
    assert in_order(merge_rows(base, changed, base).values) == in_order(changed)
    assert in_order(merge_rows(base, base, changed).values) == in_order(changed)
    assert not merge_rows(base, changed, base).has_conflicts
    assert not merge_rows(base, base, changed).has_conflicts


@given(rows_of(), rows_of())
def test_two_equal_lists_of_rows_merge_to_the_same(base: RowsByKey, changed: RowsByKey) -> None:
    merged = merge_rows(base, changed, changed)
    assert in_order(merged.values) == in_order(changed)
    assert not merged.has_conflicts


@given(rows_of(), rows_of(), rows_of())
def test_merging_rows_is_symmetric_except_for_conflicts(base: RowsByKey, theirs: RowsByKey, mine: RowsByKey) -> None:
    one, other = merge_rows(base, theirs, mine), merge_rows(base, mine, theirs)
    assert one.has_conflicts == other.has_conflicts
    assert one.rows.keys() == other.rows.keys()
    assert (one.removed_by_me, one.order_conflicts) == (other.removed_by_them, other.order_conflicts)
    if not one.has_conflicts:
        assert one.values == other.values


@given(rows_of(), rows_of(), rows_of())
def test_resubmitting_merged_rows_saves_them_unchanged(base: RowsByKey, theirs: RowsByKey, mine: RowsByKey) -> None:
    merged = merge_rows(base, theirs, mine).values
    again = merge_rows(theirs, theirs, merged)
    assert in_order(again.values) == in_order(merged)
    assert not again.has_conflicts


@given(rows_of(), rows_of(), rows_of())
def test_no_row_and_no_value_is_lost_unless_one_side_removed_it(
    base: RowsByKey, theirs: RowsByKey, mine: RowsByKey
) -> None:
    merged = merge_rows(base, theirs, mine)
    for added in (theirs.keys() | mine.keys()) - base.keys():
        assert added in merged.rows
    for key, fields in mine.items():
        if key in merged.rows:
            for name in fields.keys() - {each for each in base.get(key, {}) if base[key][each] == fields.get(each)}:
                assert merged.values[key][name] == fields[name]
