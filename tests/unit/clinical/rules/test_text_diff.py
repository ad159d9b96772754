"""Word diffs of texts and entry diffs of lists."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.rules.text_diff import MOST_TOKENS, EntryPair, diff_words, pair_entries

WORDS = st.lists(
    st.sampled_from(["a", "the", "opioid", "liver", "7", "0.5", ",", ".", "and", " ", "\n", "’s", "é"]), max_size=40
).map(" ".join)
TEXTS = st.one_of(st.text(max_size=60), WORDS, st.text(" .\n\tab1\U00020000\U00020001", max_size=40))


def marked(before: str, after: str) -> str:
    """Both texts in one: removed words in square brackets, added ones in braces."""
    marks = {"same": "{}", "removed": "[{}]", "added": "{{{}}}"}
    return "".join(marks[piece.kind].format(piece.words) for piece in diff_words(before, after))


# Any two texts ------------------------------------------------------------------------------------------------


@given(TEXTS, TEXTS)
def test_the_pieces_contain_both_texts(before: str, after: str) -> None:
    pieces = diff_words(before, after)
    assert "".join(piece.words for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.words for piece in pieces if piece.kind != "removed") == after


@given(TEXTS, TEXTS)
def test_texts_have_added_or_removed_pieces_exactly_when_they_differ(before: str, after: str) -> None:
    kinds = {piece.kind for piece in diff_words(before, after)}
    assert (kinds <= {"same"}) is (before == after)


@given(TEXTS, TEXTS)
def test_removed_words_come_before_the_words_that_replace_them(before: str, after: str) -> None:
    pieces = diff_words(before, after)
    kinds = [(one.kind, other.kind) for one, other in pairwise(pieces)]
    assert not [pair for pair in kinds if pair == ("added", "removed") or pair[0] == pair[1]]
    replacing = [pair == ("removed", "added") for pair in kinds]
    assert [piece.replaces for piece in pieces[1:]] == replacing
    assert all(piece.words for piece in pieces)


# Readability --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("", "", "", id="nothing"),
        pytest.param("No change.", "No change.", "No change.", id="the same"),
        pytest.param("", "New words.", "{New words.}", id="all added"),
        pytest.param("Old words.", "", "[Old words.]", id="all removed"),
        pytest.param(
            "or GP input. Take a panel.",
            "or GP advice, stored with the record. Take a panel.",
            "or GP [input]{advice, stored with the record}. Take a panel.",
            id="a word replaced by several",
        ),
        pytest.param("patches or pumps", "patches or implanted pumps", "patches or {implanted }pumps", id="a word"),
        pytest.param(
            "use counts: tablets",
            "use counts, and so do pumps: tablets",
            "use counts{, and so do pumps}: tablets",
            id="punctuation",
        ),
        pytest.param(
            "Ask again. Ask the pharmacy.",
            "Ask again. Ask the nurse. Ask the pharmacy.",
            "Ask again.{ Ask the nurse.} Ask the pharmacy.",
            id="a whole sentence",
        ),
        pytest.param(
            "Ask. Ask the nurse. Ask the pharmacy.",
            "Ask. Ask the pharmacy.",
            "Ask.[ Ask the nurse.] Ask the pharmacy.",
            id="a sentence removed",
        ),
        pytest.param("One.", "One. Two.", "One.{ Two.}", id="a sentence at the end"),
        pytest.param("One.\nTwo.", "One.\nNew.\nTwo.", "One.\n{New.\n}Two.", id="a line"),
        pytest.param("1 November 2027", "1 November 2028", "1 November [2027]{2028}", id="a year"),
        pytest.param("0.5 mg", "0.25 mg", "[0.5]{0.25} mg", id="a number is one word"),
        pytest.param(
            "the patient’s dose", "the patients’ dose", "the [patient’s]{patients’} dose", id="an apostrophe"
        ),
        pytest.param(
            "caf\u0065\u0301 now", "caf\u0065\u0300 now", "[cafe\u0301]{cafe\u0300} now", id="letters stay whole"
        ),
        pytest.param("two  spaces", "two spaces", "two [ ]spaces", id="spaces"),
        pytest.param("1 000 mg", "1\u00a0000 mg", "1[ ]{\u00a0}000 mg", id="a space of another kind"),
    ],
)
def test_changes_are_whole_words(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            "nobody yet",
            "Sample Reviewer, 4 January 2027",
            "[nobody yet]{Sample Reviewer, 4 January 2027}",
            id="nothing in common",
        ),
        pytest.param(
            "Ask about the liver and the tests of the patient.",
            "Check the record of pregnancy and give advice.",
            "[Ask about the liver and the tests of the patient]{Check the record of pregnancy and give advice}.",
            id="one common word",
        ),
        pytest.param("Opioid.", "Liver.", "[Opioid]{Liver}.", id="only punctuation in common"),
    ],
)
def test_a_text_with_little_in_common_is_replaced_as_a_whole(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


# Long and hostile texts ---------------------------------------------------------------------------------------

NUMBERS = [f"w{number}" for number in range(700)]
LONG = {
    "a few words of a page": (" ".join(NUMBERS), " ".join(NUMBERS).replace("w77", "other")),
    "every other word": (" ".join(NUMBERS), " ".join(f"{each} x" for each in NUMBERS[::2])),
    "reversed": (" ".join(NUMBERS), " ".join(reversed(NUMBERS))),
    "one word again and again": ("a " * 700, "b " + "a " * 699),
    "two words again and again": ("a " * 700, "a b " * 350),
    "marks": ("." * 1400, ".," * 700),
    "one long word": ("a" * 4000, "a" * 3999 + "b"),
    "nested anchors": (
        " ".join(f"x{at + 1} u x{at} v" for at in range(180)),
        " ".join(f"x{at + 1} s x{at} t" for at in range(180)),
    ),
}


@pytest.mark.parametrize("name", LONG)
def test_no_letter_of_a_long_text_is_lost(name: str) -> None:
    before, after = LONG[name]
    pieces = diff_words(before, after)
    assert "".join(piece.words for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.words for piece in pieces if piece.kind != "removed") == after


def test_very_long_texts_are_replaced_without_comparison() -> None:
    before, after = "a " * MOST_TOKENS, "a " * MOST_TOKENS + "b"
    assert diff_words(before, after) == (("removed", before, False), ("added", after, True))


# Lists -------------------------------------------------------------------------------------------------------

LETTERS = st.text("abcdef", max_size=8)


def pairs(before: str, after: str) -> list[EntryPair[str]]:
    """The letters of two words as pairs."""
    return list(pair_entries(before, after, lambda letter: letter))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("", "", [], id="nothing"),
        pytest.param("ab", "ab", [("a", "a", False), ("b", "b", False)], id="the same"),
        pytest.param("ac", "abc", [("a", "a", False), (None, "b", False), ("c", "c", False)], id="one added"),
        pytest.param("abc", "ac", [("a", "a", False), ("b", None, False), ("c", "c", False)], id="one removed"),
        pytest.param("xa", "a", [("x", None, False), ("a", "a", False)], id="the first removed"),
        pytest.param("abc", "cab", [("c", "c", True), ("a", "a", False), ("b", "b", False)], id="one moved"),
        pytest.param("aa", "a", [("a", "a", False), ("a", None, False)], id="one of two"),
    ],
)
def test_entries_are_paired_in_the_new_order(before: str, after: str, expected: list[EntryPair[str]]) -> None:
    assert pairs(before, after) == expected


@given(LETTERS, LETTERS)
def test_no_entry_is_lost_or_repeated(before: str, after: str) -> None:
    found = pairs(before, after)
    assert sorted(pair.before for pair in found if pair.before) == sorted(before)
    assert [pair.after for pair in found if pair.after] == list(after)


@given(LETTERS, LETTERS)
def test_entries_that_did_not_move_are_in_the_same_order(before: str, after: str) -> None:
    stay = [pair.after for pair in pairs(before, after) if pair.before and pair.after and not pair.is_moved]
    rest = iter(before)
    assert all(letter in rest for letter in stay)


@given(st.permutations("abcdef").map("".join))
def test_as_few_entries_as_possible_are_moved(after: str) -> None:
    stay = sum(not pair.is_moved for pair in pairs("abcdef", after))
    assert not [each for each in combinations(after, stay + 1) if list(each) == sorted(each)]


@given(st.permutations("abcdef").map("".join))
def test_added_and_removed_entries_do_not_move_others(before: str) -> None:
    assert not [pair for pair in pairs(before, before[1:] + "z") if pair.is_moved]


def test_an_entry_that_changed_its_section_does_not_move_others() -> None:
    found = pair_entries(["a1", "b1", "c1"], ["b1", "c1", "a2"], lambda each: each[0], lambda each: each[1])
    assert [pair.is_moved for pair in found] == [False, False, False]
