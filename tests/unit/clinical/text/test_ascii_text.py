"""A text in ASCII for old record systems: signs in their usual form, and every letter can be read back."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.text.ascii_text import as_ascii, notes_on_ascii, spelt_out

ANY_TEXT = st.text(max_size=200)
NUMBERS = re.compile(r"\[(U\+[0-9A-F]{4,6}(?: U\+[0-9A-F]{4,6})*)\]")


def read_back(written: str) -> str:
    """The letters that the numbers in brackets stand for."""

    def letters(found: re.Match[str]) -> str:
        return "".join(chr(int(number, 16)) for number in re.findall("U\\+([0-9A-F]+)", found[1]))

    return NUMBERS.sub(letters, written)


@pytest.mark.parametrize(
    ("text", "written"),
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
def test_signs_get_their_usual_form(text: str, written: str) -> None:
    assert as_ascii(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
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
def test_accented_latin_letters_get_their_base_letters(text: str, written: str) -> None:
    assert as_ascii(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
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
def test_what_has_no_ascii_form_is_given_by_its_number(text: str, written: str) -> None:
    assert as_ascii(text) == written
    assert read_back(written) == text


@given(ANY_TEXT)
def test_any_text_becomes_ascii(text: str) -> None:
    assert as_ascii(text).isascii()
    assert spelt_out(text).isascii()


@given(st.text(st.characters(codec="ascii"), max_size=200))
def test_ascii_text_stays_as_it_is(text: str) -> None:
    assert as_ascii(text) == spelt_out(text) == text


@given(ANY_TEXT)
def test_what_was_written_in_ascii_is_written_the_same_again(text: str) -> None:
    assert as_ascii(as_ascii(text)) == as_ascii(text)


@given(st.text(st.characters(categories=["L", "M"]), max_size=60))
def test_every_letter_can_be_read_back_from_its_number(text: str) -> None:
    signs_aside = "".join(each for each in text if each not in "ʼμµ")
    assert read_back(spelt_out(signs_aside)) == signs_aside


@given(st.characters(categories=["L", "N", "S", "So"], exclude_characters="\u0000"))
def test_no_character_vanishes(character: str) -> None:
    assert as_ascii(f"a{character}b") != "ab"


@given(st.characters(categories=["L"]))
def test_a_letter_is_written_as_its_base_letters_or_by_its_number(character: str) -> None:
    written = as_ascii(character)
    assert written.isalpha() or read_back(written) == character or character == "ʼ"
    if written.isalpha() and len(written) == 1 and character not in "µμŁłØøĐđÐðĦħŦŧı":
        assert unicodedata.normalize("NFD", character)[0] == written


# Notes --------------------------------------------------------------------------------------------------------


def notes(name: str, *texts: str) -> list[str]:
    """What is noted on a copy with these texts."""
    return list(notes_on_ascii(name, (f"Patient: {name}", *texts)))


@pytest.mark.parametrize("text", ["Sample Patient", "the patch’s “removal” – ½ × 34 µmol/L"])
def test_where_every_letter_is_shown_nothing_is_noted(text: str) -> None:
    assert notes("Sample Patient", text) == []


def test_each_word_that_lost_accents_is_named_once_with_its_letters() -> None:
    assert notes("José Núñez", "By: Zoë Núñez, clinician", "(José)") == [
        "Accents are left out. With the Unicode numbers of the letters: Jose is Jos[U+00E9]; "
        "Nunez is N[U+00FA U+00F1]ez; Zoe is Zo[U+00EB]."
    ]


def test_a_name_that_ascii_cannot_show_is_said_to_be_one() -> None:
    assert notes("Яна", "Agent: трамадол") == [
        "The patient's name holds letters that ASCII cannot show. They are given by their Unicode numbers."
    ]


def test_letters_elsewhere_that_ascii_cannot_show_are_noted_too() -> None:
    assert notes("Sample Patient", "Agent: трамадол") == [
        "This copy holds letters that ASCII cannot show. They are given by their Unicode numbers."
    ]


def test_a_name_of_both_kinds_has_both_notes() -> None:
    assert notes("José 李") == [
        "The patient's name holds letters that ASCII cannot show. They are given by their Unicode numbers.",
        "Accents are left out. With the Unicode numbers of the letters: Jose is Jos[U+00E9].",
    ]


@given(st.lists(ANY_TEXT, max_size=5), ANY_TEXT)
def test_a_note_is_ascii(texts: list[str], name: str) -> None:
    assert all(each.isascii() for each in notes(name, *texts))
