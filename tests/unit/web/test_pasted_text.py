"""Pasted medication lists: what is kept, what is removed silently, what is refused with a message."""

from __future__ import annotations

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from screening.web.fields import PastedText

LIST = PastedText(max_length=20_000, required=False)
LETTER = "Dear colleague,\n\nthank you for seeing Mrs Sample.\n\tShe takes:\n• oxycodone 5 mg\n\nYours,\nDr Example"


def refused(pasted: str) -> str:
    """Return the one error message for a list."""
    with pytest.raises(ValidationError) as error:
        LIST.clean(pasted)
    (sentence,) = error.value.messages
    return str(sentence)


# Kept ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pasted",
    [
        pytest.param("oxycodone 5 mg\naspirin 75 mg", id="two lines"),
        pytest.param("a\n\n\nb", id="empty lines between"),
        pytest.param("\n\na", id="empty lines before, because lines are numbered"),
        pytest.param("  a,b;c | d\te", id="separators and spaces"),
        pytest.param(LETTER, id="a whole letter"),
        pytest.param("<b>oxycodone</b> & {{ x }} <script>alert(1)</script>", id="markup"),
        pytest.param("оксикодон אוקסיקודון أوكسيكودون 羟考酮", id="other scripts"),
        pytest.param("caf\u0065\u0301", id="a combining accent"),
        pytest.param("½ tab ≥ 5 µg €", id="signs"),
        pytest.param("💊 👍", id="emoji"),
        pytest.param("x" * 20_000, id="the maximum length"),
        pytest.param("x\n" * 9_999 + "xy", id="ten thousand lines"),
    ],
)
def test_a_list_is_stored_unchanged(pasted: str) -> None:
    assert LIST.clean(pasted) == pasted


@pytest.mark.parametrize("blank", [None, "", " ", "\n \t\r\n", "\u200b\ufeff", "\u00a0", "\u2029"])
def test_a_list_without_visible_characters_is_empty(blank: str | None) -> None:
    assert LIST.clean(blank) == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_line_ends_are_normalised(end: str) -> None:
    assert LIST.clean(f"a{end}b{end}{end}c") == "a\nb\n\nc"


def test_trailing_white_space_is_removed() -> None:
    assert LIST.clean("a\n b \n\n ") == "a\n b"


# Removed silently ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "invisible",
    [
        *("\u00ad", "\u061c", "\u180e", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f"),
        *("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069"),
        *("\ufeff", "\ufff9", "\U000e0001", "\U000e006f"),
    ],
    ids=lambda each: f"U+{ord(each):04X}",
)
def test_invisible_characters_are_removed(invisible: str) -> None:
    assert LIST.clean(f"{invisible}oxy{invisible}codone{invisible}") == "oxycodone"


@pytest.mark.parametrize("bullet", ["\ue000", "\uf0b7", "\uf8ff", "\U000f0000", "\U0010fffd"])
def test_a_private_use_character_becomes_a_bullet(bullet: str) -> None:
    assert LIST.clean(f"{bullet}\toxycodone") == "•\toxycodone"


# Refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "named"),
    [
        pytest.param("\x00", "U+0000", id="NUL"),
        pytest.param("\x07", "U+0007", id="a bell"),
        pytest.param("\x1b", "U+001B", id="escape"),
        pytest.param("\x1c", "U+001C", id="file separator"),
        pytest.param("\x7f", "U+007F", id="delete"),
        pytest.param("\x9f", "U+009F", id="C1 control"),
        pytest.param("\ud800", "U+D800", id="half a character"),
        pytest.param("\ufffd", "U+FFFD", id="replacement character"),
        pytest.param("\u0378", "U+0378", id="unassigned"),
        pytest.param("\ufffe", "U+FFFE", id="noncharacter"),
    ],
)
def test_characters_that_are_not_text_are_refused_with_the_line_number(sign: str, named: str) -> None:
    assert refused(f"aspirin\r\noxy{sign}codone") == (
        f"This is not text: line 2 has a character that cannot be shown ({named}). Paste the list as text."
    )


def test_a_binary_file_is_refused() -> None:
    assert "This is not text" in refused(bytes(range(256)).decode("latin-1") * 50)


@pytest.mark.parametrize(
    ("length", "shown"), [(20_001, "20,001"), (2_000_000, "2,000,000")], ids=["one too many", "two megabytes"]
)
def test_a_list_that_is_too_long_is_refused_with_limit_and_length(length: int, shown: str) -> None:
    assert refused("x" * length) == (
        f"Use at most 20,000 characters; this has {shown}. "
        "Nothing was cut off: remove what is not a current medicine."
    )


def test_the_length_is_counted_after_cleaning() -> None:
    assert len(LIST.clean("x\r\n\u200b" * 9_999 + "xy")) == 20_000


def test_the_length_is_checked_before_the_characters() -> None:
    assert "20,000" in refused("\x00" * 30_000)


@given(pasted=st.text())
def test_any_text_is_accepted_or_refused_with_a_message(pasted: str) -> None:
    try:
        cleaned = LIST.clean(pasted)
    except ValidationError:
        assert refused(pasted).endswith("Paste the list as text.")
    else:
        assert {unicodedata.category(each) for each in cleaned} & {"Cs", "Cn", "Co", "Zl", "Zp"} == set()
        assert LIST.clean(cleaned) == cleaned


# The browser --------------------------------------------------------------------------------------------------


def test_the_browser_neither_truncates_nor_shares_the_text() -> None:
    attributes = LIST.widget.attrs
    assert "maxlength" not in attributes
    assert (attributes["autocomplete"], attributes["spellcheck"]) == ("off", "false")
