"""Three-way merge: changes to different fields are merged, changes to the same field conflict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screening.drafts.merging import FieldValues, merge

NAMES = st.sampled_from("abcd")
FIELDS = st.dictionaries(NAMES, st.integers(0, 2), max_size=4)


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
