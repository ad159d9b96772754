"""Characters that cannot be printed: detected in any text, and made visible in quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.text.printable import first_unprintable, shown, shows_nothing, visible

ANY_TEXT = st.text(st.characters(), max_size=80)


@pytest.mark.parametrize(
    "text",
    ["", "Opioid use", "Zoë 李 Σίσυφος", "two\r\nlines\t", "می\u200cخواهم", "a\u00a0b", "½ × 3 ≥ “2”"],
)
def test_letters_signs_line_breaks_and_joiners_can_be_printed(text: str) -> None:
    assert first_unprintable(text) is None


@pytest.mark.parametrize(
    ("text", "place", "name"),
    [
        ("a\x00", 2, "u+0000"),
        ("\x1b[2J", 1, "u+001b"),
        ("ab\u202e", 3, "right-to-left override"),
        ("\ufeffa", 1, "zero width no-break space"),
        ("a\u2029", 2, "paragraph separator"),
        ("\ud800", 1, "u+d800"),
        ("a\ufffd\x00", 2, "replacement character"),
    ],
    ids=ascii,
)
def test_the_first_unprintable_character_is_named(text: str, place: int, name: str) -> None:
    assert first_unprintable(text) == (place, name)


@pytest.mark.parametrize("text", [" ", "\u200d", "\u200c \n", "\u2800\u3164", "\u00a0\u2003"], ids=ascii)
def test_a_text_of_invisible_characters_shows_nothing(text: str) -> None:
    assert shows_nothing(text)


@pytest.mark.parametrize("text", ["", "a", "\u200da", "."], ids=ascii)
def test_an_empty_text_and_a_text_with_a_visible_character_do_not(text: str) -> None:
    assert not shows_nothing(text)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Opioid use", "Opioid use"),
        ("two\n lines", "two lines"),
        ("a\u202eb", "aU+202Eb"),
        ("\x1b[2J", "U+001B[2J"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
    ],
    ids=ascii,
)
def test_a_quoted_text_is_short_and_visible(text: str, quoted: str) -> None:
    assert shown(text) == quoted


@given(ANY_TEXT)
def test_every_quoted_text_can_be_printed_on_one_line(text: str) -> None:
    quoted = shown(text)
    assert first_unprintable(quoted) is None
    assert "\n" not in quoted


def test_a_refused_text_is_shown_whole_with_the_codes_of_its_controls() -> None:
    assert visible("no \u202esey\u202c\n" + "a" * 100) == "no U+202EseyU+202C\n" + "a" * 100


@given(ANY_TEXT)
def test_a_text_made_visible_can_be_printed(text: str) -> None:
    assert first_unprintable(visible(text)) is None
