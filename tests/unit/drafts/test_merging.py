"""Two people's changes of one thing are joined where they changed different parts of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screening.drafts.merging import Fields, Rows, merge, merge_rows

NAMES = st.sampled_from("abcd")
FIELDS = st.dictionaries(NAMES, st.integers(0, 2), max_size=4)
KEYS = st.lists(st.sampled_from("pqrst"), unique=True, max_size=5)


@st.composite
def rows_of(draw: st.DrawFn) -> dict[str, dict[str, int]]:
    """Rows in some order."""
    return {key: draw(FIELDS) for key in draw(KEYS)}


def in_order(rows: Rows) -> list[tuple[str, Fields]]:
    """Rows as a list, so that comparing them compares their order."""
    return list(rows.items())


# Fields -------------------------------------------------------------------------------------------------------


def test_changes_of_different_fields_are_joined() -> None:
    merged = merge({"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 1, "c": 1}, {"a": 1, "b": 3, "c": 1})
    assert merged.values == {"a": 2, "b": 3, "c": 1}
    assert (merged.theirs, merged.mine, merged.conflicts) == (("a",), ("b",), ())


def test_of_a_field_that_both_changed_mine_is_kept_and_asked_about() -> None:
    merged = merge({"a": 1}, {"a": 2}, {"a": 3})
    assert (merged.values, merged.conflicts) == ({"a": 3}, ("a",))


def test_the_same_change_by_both_is_no_conflict_and_nothing_to_tell() -> None:
    merged = merge({"a": 1}, {"a": 2}, {"a": 2})
    assert (merged.values, merged.theirs, merged.mine, merged.conflicts) == ({"a": 2}, (), (), ())


def test_a_field_that_one_side_lacks_was_taken_out_there() -> None:
    assert merge({"a": 1, "b": 1}, {"b": 1}, {"a": 1, "b": 1}).values == {"b": 1}
    assert merge({"a": 1}, {}, {"a": 2}).conflicts == ("a",)


def test_without_what_both_began_with_whatever_differs_is_asked_about() -> None:
    assert merge({}, {"a": 1, "b": 1}, {"a": 1, "b": 2}).conflicts == ("b",)


@given(FIELDS, FIELDS)
def test_who_changed_nothing_gets_what_the_other_made(base: Fields, changed: Fields) -> None:
    assert merge(base, changed, base).values == changed
    assert merge(base, base, changed).values == changed
    assert not merge(base, changed, base).conflicts
    assert not merge(base, base, changed).conflicts


@given(FIELDS, FIELDS)
def test_the_same_from_both_is_that(base: Fields, changed: Fields) -> None:
    merged = merge(base, changed, changed)
    assert (merged.values, merged.conflicts) == (changed, ())


@given(FIELDS, FIELDS, FIELDS)
def test_there_is_a_conflict_only_where_both_changed_a_field(base: Fields, theirs: Fields, mine: Fields) -> None:
    def changes(side: Fields) -> set[str]:
        return {name for name in {*base, *side} if base.get(name) != side.get(name)}

    merged = merge(base, theirs, mine)
    assert {*merged.conflicts} <= changes(theirs) & changes(mine)
    assert {*merged.theirs} == changes(theirs) - changes(mine)
    assert {*merged.mine} == changes(mine) - changes(theirs)


@given(FIELDS, FIELDS, FIELDS)
def test_it_does_not_matter_who_is_who_but_for_conflicts(base: Fields, theirs: Fields, mine: Fields) -> None:
    one, other = merge(base, theirs, mine), merge(base, mine, theirs)
    assert {*one.conflicts} == {*other.conflicts}
    assert ({*one.theirs}, {*one.mine}) == ({*other.mine}, {*other.theirs})
    for name in {*one.values, *other.values} - {*one.conflicts}:
        assert one.values.get(name) == other.values.get(name)


@given(FIELDS, FIELDS, FIELDS)
def test_sent_again_after_being_asked_it_is_saved_as_it_was_sent(base: Fields, theirs: Fields, mine: Fields) -> None:
    asked = merge(base, theirs, mine)
    assert merge(theirs, theirs, asked.values).values == asked.values
    assert not merge(theirs, theirs, asked.values).conflicts


# Rows ---------------------------------------------------------------------------------------------------------

P, Q, R = {"a": 1, "b": 1}, {"a": 2}, {"a": 3}


def test_changes_of_different_rows_and_of_different_fields_of_one_row_are_joined() -> None:
    merged = merge_rows({"p": P, "q": Q}, {"p": {"a": 9, "b": 1}, "q": {"a": 8}}, {"p": {"a": 1, "b": 7}, "q": Q})
    assert merged.values == {"p": {"a": 9, "b": 7}, "q": {"a": 8}}
    assert not merged.has_conflicts


def test_what_both_changed_within_a_row_is_a_conflict_of_that_row() -> None:
    merged = merge_rows({"q": Q}, {"q": {"a": 8}}, {"q": {"a": 9}})
    assert merged.rows["q"].conflicts == ("a",)
    assert merged.has_conflicts


def test_rows_that_either_added_come_in_behind_what_they_follow() -> None:
    merged = merge_rows({"p": P, "q": Q}, {"p": P, "x": R, "q": Q, "y": R}, {"p": P, "q": Q, "z": R})
    assert list(merged.rows) == ["p", "x", "q", "y", "z"]
    assert merged.added == ("x", "y")


def test_a_row_that_only_one_removed_is_gone() -> None:
    assert merge_rows({"p": P, "q": Q}, {"p": P}, {"p": P, "q": Q}).removed == ("q",)
    assert list(merge_rows({"p": P, "q": Q}, {"p": P, "q": Q}, {"p": P}).rows) == ["p"]
    assert list(merge_rows({"p": P, "q": Q}, {"p": P}, {"q": Q}).rows) == []


def test_a_row_that_one_removed_and_the_other_changed_is_kept_and_asked_about() -> None:
    by_them = merge_rows({"p": P, "q": Q}, {"p": P}, {"p": P, "q": R})
    assert (by_them.removed_by_them, by_them.values["q"], by_them.has_conflicts) == (("q",), R, True)
    by_me = merge_rows({"p": P, "q": Q}, {"p": P, "q": R}, {"p": P})
    assert (by_me.removed_by_me, by_me.values["q"], by_me.has_conflicts) == (("q",), R, True)


def test_an_order_that_one_made_is_taken_and_one_that_both_made_is_asked_about() -> None:
    pqr, rpq, qpr = (dict.fromkeys(each, P) for each in ("pqr", "rpq", "qpr"))
    theirs = merge_rows(pqr, rpq, pqr)
    assert (list(theirs.rows), theirs.is_reordered, theirs.has_conflicts) == (["r", "p", "q"], True, False)
    mine = merge_rows(pqr, pqr, qpr)
    assert (list(mine.rows), mine.is_reordered, mine.has_conflicts) == (["q", "p", "r"], False, False)
    both = merge_rows(pqr, rpq, qpr)
    assert (list(both.rows), both.is_reordered, both.has_conflicts) == (["q", "p", "r"], False, True)


@given(rows_of(), rows_of())
def test_who_changed_no_row_gets_what_the_other_made_in_its_order(base: Rows, changed: Rows) -> None:
    assert in_order(merge_rows(base, changed, base).values) == in_order(changed)
    assert in_order(merge_rows(base, base, changed).values) == in_order(changed)
    assert not merge_rows(base, changed, base).has_conflicts
    assert not merge_rows(base, base, changed).has_conflicts


@given(rows_of(), rows_of())
def test_the_same_rows_from_both_are_those(base: Rows, changed: Rows) -> None:
    merged = merge_rows(base, changed, changed)
    assert in_order(merged.values) == in_order(changed)
    assert not merged.has_conflicts


@given(rows_of(), rows_of(), rows_of())
def test_it_does_not_matter_who_is_who_but_for_conflicts_in_rows(base: Rows, theirs: Rows, mine: Rows) -> None:
    one, other = merge_rows(base, theirs, mine), merge_rows(base, mine, theirs)
    assert one.has_conflicts == other.has_conflicts
    assert one.rows.keys() == other.rows.keys()
    assert (one.removed_by_me, one.order_conflicts) == (other.removed_by_them, other.order_conflicts)
    if not one.has_conflicts:
        assert one.values == other.values


@given(rows_of(), rows_of(), rows_of())
def test_rows_sent_again_after_being_asked_are_saved_as_they_were_sent(base: Rows, theirs: Rows, mine: Rows) -> None:
    asked = merge_rows(base, theirs, mine).values
    again = merge_rows(theirs, theirs, asked)
    assert in_order(again.values) == in_order(asked)
    assert not again.has_conflicts


@given(rows_of(), rows_of(), rows_of())
def test_no_row_and_no_value_is_lost_unless_somebody_took_it_out(base: Rows, theirs: Rows, mine: Rows) -> None:
    merged = merge_rows(base, theirs, mine)
    for added in (theirs.keys() | mine.keys()) - base.keys():
        assert added in merged.rows
    for key, fields in mine.items():
        if key in merged.rows:
            for name in fields.keys() - {each for each in base.get(key, {}) if base[key][each] == fields.get(each)}:
                assert merged.values[key][name] == fields[name]
