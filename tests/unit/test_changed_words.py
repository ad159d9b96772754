"""What changed between two texts, word by word."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.changed_words import LONGEST, Piece, words_changed

WORDS = st.lists(
    st.sampled_from(["a", "the", "opioid", "liver", "7", "0.5", ",", ".", "and", " ", "\n", "’s", "é"]), max_size=40
).map(" ".join)
TEXTS = st.one_of(st.text(max_size=60), WORDS, st.text(" .\n\tab1", max_size=40))


def marked(before: str, after: str) -> str:
    """Both texts in one: removed words in square brackets, added ones in braces."""
    marks = {"same": "{}", "removed": "[{}]", "added": "{{{}}}"}
    return "".join(marks[piece.kind].format(piece.words) for piece in words_changed(before, after))


# Whatever is compared -----------------------------------------------------------------------------------------


@given(TEXTS, TEXTS)
def test_pieces_give_back_both_texts(before: str, after: str) -> None:
    pieces = words_changed(before, after)
    assert "".join(piece.words for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.words for piece in pieces if piece.kind != "removed") == after


@given(TEXTS, TEXTS)
def test_there_is_a_mark_exactly_where_texts_differ(before: str, after: str) -> None:
    kinds = {piece.kind for piece in words_changed(before, after)}
    assert (kinds <= {"same"}) is (before == after)


@given(TEXTS, TEXTS)
def test_removed_words_stand_before_those_that_replace_them(before: str, after: str) -> None:
    pieces = words_changed(before, after)
    kinds = [(one.kind, other.kind) for one, other in pairwise(pieces)]
    assert not [pair for pair in kinds if pair == ("added", "removed") or pair[0] == pair[1]]
    replacing = [pair == ("removed", "added") for pair in kinds]
    assert [piece.replaces for piece in pieces[1:]] == replacing
    assert all(piece.words for piece in pieces)


@given(TEXTS, TEXTS)
def test_what_is_shown_is_the_words_with_the_space_around_them(before: str, after: str) -> None:
    for piece in words_changed(before, after):
        shown = piece.space_before + piece.shown + piece.space_behind
        assert shown.replace("¶\n", "\n") == piece.words.replace("¶\n", "\n")


# What reads well ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param("", "", "", id="nothing"),
        pytest.param("As it was.", "As it was.", "As it was.", id="the same"),
        pytest.param("", "New words.", "{New words.}", id="all added"),
        pytest.param("Old words.", "", "[Old words.]", id="all removed"),
        pytest.param(
            "or GP input. Take a panel.",
            "or GP advice, kept with the record. Take a panel.",
            "or GP [input]{advice, kept with the record}. Take a panel.",
            id="a word replaced by several",
        ),
        pytest.param("patches or pumps", "patches or implanted pumps", "patches or {implanted }pumps", id="a word"),
        pytest.param(
            "use counts: tablets",
            "use counts, and so do pumps: tablets",
            "use counts{, and so do pumps}: tablets",
            id="a mark",
        ),
        pytest.param(
            "Ask again. Ask the pharmacy.",
            "Ask again. Ask the nurse. Ask the pharmacy.",
            "Ask again. {Ask the nurse. }Ask the pharmacy.",
            id="a whole sentence",
        ),
        pytest.param(
            "Ask. Ask the nurse. Ask the pharmacy.",
            "Ask. Ask the pharmacy.",
            "Ask. [Ask the nurse. ]Ask the pharmacy.",
            id="a whole sentence less",
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
        pytest.param("two  spaces", "two spaces", "two[  ]{ }spaces", id="spaces"),
        pytest.param("1 000 mg", "1\u00a0000 mg", "1[ ]{\u00a0}000 mg", id="a space of another kind"),
    ],
)
def test_changes_are_whole_words(before: str, after: str, said: str) -> None:
    assert marked(before, after) == said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(
            "at least 7 to 10 days",
            "at least 10 to 14 days",
            "at least [7 to 10]{10 to 14} days",
            id="a word between",
        ),
        pytest.param(
            "nobody yet",
            "Sample Reviewer, 4 January 2027",
            "[nobody yet]{Sample Reviewer, 4 January 2027}",
            id="none",
        ),
        pytest.param(
            "Ask about the liver and the tests of the patient.",
            "Look at a record of pregnancy and give advice.",
            "[Ask about the liver and the tests of the patient.]{Look at a record of pregnancy and give advice.}",
            id="one common word",
        ),
        pytest.param("Opioid.", "Liver.", "[Opioid.]{Liver.}", id="only a mark"),
    ],
)
def test_a_text_with_little_in_common_is_replaced(before: str, after: str, said: str) -> None:
    assert marked(before, after) == said


@pytest.mark.parametrize(
    ("words", "shown", "around"),
    [
        ("implanted ", "implanted", ("", " ")),
        (" and so on", "and so on", (" ", "")),
        ("  ", "  ", ("", "")),
        ("\n\n", "¶\n¶\n", ("", "")),
    ],
)
def test_a_mark_covers_no_space_around_words_unless_space_is_all(
    words: str, shown: str, around: tuple[str, str]
) -> None:
    piece = Piece("added", words)
    assert (piece.shown, (piece.space_before, piece.space_behind)) == (shown, around)


# Long and hostile texts ---------------------------------------------------------------------------------------

NUMBERS = [f"w{number}" for number in range(800)]
LONG = {
    "a few words of a page": (" ".join(NUMBERS), " ".join(NUMBERS).replace("w77", "other")),
    "every other word": (" ".join(NUMBERS), " ".join(f"{each} x" for each in NUMBERS[::2])),
    "the other way round": (" ".join(NUMBERS), " ".join(reversed(NUMBERS))),
    "one word again and again": ("a " * 2000, "b " + "a " * 1999),
    "two words again and again": ("a " * 2000, "a b " * 1000),
    "marks": ("." * 4000, ".," * 2000),
    "one long word": ("a" * 4000, "a" * 3999 + "b"),
    "anchors one within the other": (
        " ".join(f"x{at + 1} u x{at} v" for at in range(400)),
        " ".join(f"x{at + 1} s x{at} t" for at in range(400)),
    ),
}


@pytest.mark.parametrize("name", LONG)
def test_long_texts_lose_no_letter(name: str) -> None:
    before, after = LONG[name]
    pieces = words_changed(before, after)
    assert "".join(piece.words for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.words for piece in pieces if piece.kind != "removed") == after


def test_texts_beyond_all_measure_are_replaced_unread() -> None:
    before, after = "a " * LONGEST, "a " * LONGEST + "b"
    assert words_changed(before, after) == (("removed", before, False), ("added", after, True))
