"""Conversion to ASCII for old record systems: usual forms of signs, and every letter can be recovered."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.text.ascii_text import as_ascii, notes_on_ascii, spelt_out

ANY_TEXT = st.text(max_size=200)
CODE_POINTS = re.compile(r"\[(U\+[0-9A-F]{4,6}(?: U\+[0-9A-F]{4,6})*)\]")


def with_letters_restored(converted: str) -> str:
    """The text with the letters of the code points in brackets."""

    def letters(found: re.Match[str]) -> str:
        return "".join(chr(int(number, 16)) for number in re.findall("U\\+([0-9A-F]+)", found[1]))

    return CODE_POINTS.sub(letters, converted)


@pytest.mark.parametrize(
    ("text", "converted"),
    [
        ("3 × limit", "3 x limit"),
        ("the patch’s ‘removal’", "the patch's 'removal'"),
        ("“oxycodone”", '"oxycodone"'),
        ("0.5–4.5 mg — daily", "0.5-4.5 mg - daily"),
        ("≥ 3, ≤ 5", ">= 3, <= 5"),
        ("34 µmol/L, 34 μmol/L", "34 umol/L, 34 umol/L"),
        ("and so on…", "and so on..."),
        ("½ tablet", "1/2 tablet"),
        ("1½ tablets", "1 1/2 tablets"),
        ("2¾", "2 3/4"),
        ("38 °C", "38 degC"),
        ("50\u00a0mg\u202fdaily", "50 mg daily"),
        ("1.73 m²", "1.73 m^2"),
        ("≠", "!="),
    ],
)
def test_signs_get_their_usual_ascii_form(text: str, converted: str) -> None:
    assert as_ascii(text) == converted


@pytest.mark.parametrize(
    ("text", "converted"),
    [
        ("José", "Jose"),
        ("Jose\u0301", "Jose"),
        ("Łukasz Żółć", "Lukasz Zolc"),
        ("Großmann", "Grossmann"),
        ("Søren Ærø", "Soren AEro"),
        ("Đặng", "Dang"),
        ("Þór Guðrún", "Thor Gudrun"),
        ("İrem Kılıç", "Irem Kilic"),
    ],
)
def test_accented_latin_letters_become_their_base_letters(text: str, converted: str) -> None:
    assert as_ascii(text) == converted


@pytest.mark.parametrize(
    ("text", "converted"),
    [
        ("Яна", "[U+042F U+043D U+0430]"),
        ("李明 Li", "[U+674E U+660E] Li"),
        ("Ana 👩‍⚕️", "Ana [U+1F469 U+200D U+2695 U+FE0F]"),
        ("a≮b", "a[U+226E]b"),
        ("n\u0336o\u0336", "n[U+0336]o[U+0336]"),
        ("1\u0301", "1[U+0301]"),
        ("β", "[U+03B2]"),
    ],
)
def test_characters_without_an_ascii_form_become_code_points(text: str, converted: str) -> None:
    assert as_ascii(text) == converted
    assert with_letters_restored(converted) == text


@given(ANY_TEXT)
def test_any_text_becomes_ascii(text: str) -> None:
    assert as_ascii(text).isascii()
    assert spelt_out(text).isascii()


@given(st.text(st.characters(codec="ascii"), max_size=200))
def test_ascii_text_is_unchanged(text: str) -> None:
    assert as_ascii(text) == spelt_out(text) == text


@given(ANY_TEXT)
def test_converting_twice_changes_nothing(text: str) -> None:
    assert as_ascii(as_ascii(text)) == as_ascii(text)


@given(st.text(st.characters(categories=["L", "M"]), max_size=60))
def test_every_letter_can_be_recovered_from_its_code_point(text: str) -> None:
    without_signs = "".join(each for each in text if each not in "ʼμµ")
    assert with_letters_restored(spelt_out(without_signs)) == without_signs


@given(st.characters(categories=["L", "N", "S", "So"], exclude_characters="\u0000"))
def test_no_character_is_dropped(character: str) -> None:
    assert as_ascii(f"a{character}b") != "ab"


@given(st.characters(categories=["L"]))
def test_a_letter_becomes_its_base_letters_or_its_code_point(character: str) -> None:
    converted = as_ascii(character)
    assert converted.isalpha() or with_letters_restored(converted) == character or character == "ʼ"
    if converted.isalpha() and len(converted) == 1 and character not in "µμŁłØøĐđÐðĦħŦŧı":
        assert unicodedata.normalize("NFD", character)[0] == converted


# Notes --------------------------------------------------------------------------------------------------------


def notes(name: str, *texts: str) -> list[str]:
    """The notes on a copy with these texts."""
    return list(notes_on_ascii(name, (f"Patient: {name}", *texts)))


@pytest.mark.parametrize("text", ["Sample Patient", "the patch’s “removal” – ½ × 34 µmol/L"])
def test_a_copy_that_shows_every_letter_has_no_notes(text: str) -> None:
    assert notes("Sample Patient", text) == []


def test_each_word_that_lost_accents_is_listed_once_with_its_code_points() -> None:
    assert notes("José Núñez", "By: Zoë Núñez, clinician", "(José)") == [
        "Accents are left out. The letters by their Unicode numbers: Jose is Jos[U+00E9]; "
        "Nunez is N[U+00FA U+00F1]ez; Zoe is Zo[U+00EB]."
    ]


def test_a_note_says_when_ascii_cannot_show_the_name() -> None:
    assert notes("Яна", "Agent: трамадол") == [
        "The patient's name has letters that ASCII cannot show. Their Unicode numbers are given instead."
    ]


def test_a_note_says_when_ascii_cannot_show_other_letters() -> None:
    assert notes("Sample Patient", "Agent: трамадол") == [
        "This copy has letters that ASCII cannot show. Their Unicode numbers are given instead."
    ]


def test_a_name_with_accents_and_other_letters_has_both_notes() -> None:
    assert notes("José 李") == [
        "The patient's name has letters that ASCII cannot show. Their Unicode numbers are given instead.",
        "Accents are left out. The letters by their Unicode numbers: Jose is Jos[U+00E9].",
    ]


@given(st.lists(ANY_TEXT, max_size=5), ANY_TEXT)
def test_a_note_is_ascii(texts: list[str], name: str) -> None:
    assert all(each.isascii() for each in notes(name, *texts))
