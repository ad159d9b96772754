"""Comparing and searching names and record numbers."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.text.identifiers import (
    folded,
    look_alike_message,
    name_key,
    name_parts,
    name_words,
    record_key,
)

EUROPEAN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Ada Example", "ADA EXAMPLE", id="case"),
        pytest.param("José Núñez", "Jose Nunez", id="accents"),
        pytest.param("José", "Jose\u0301", id="accents composed or not"),
        pytest.param("Ada  Example", " Ada\u00a0Example ", id="spaces"),
        pytest.param("Ａｄａ", "Ada", id="width"),
        pytest.param("Groß", "GROSS", id="sharp s"),
        pytest.param("Σίσυφος", "ΣΙΣΥΦΟΣ", id="final sigma"),
        pytest.param("ﬁona", "Fiona", id="ligature"),
        pytest.param("O’Hara", "O'Hara", id="apostrophe"),
        pytest.param("O´Hara", "O`Hara", id="accents used as an apostrophe"),
        pytest.param("Anne\u2011Marie", "Anne-Marie", id="non-breaking hyphen"),
        pytest.param("Łukasz", "Lukasz", id="l with a stroke"),
        pytest.param("Øster", "Oster", id="o with a stroke"),
        pytest.param("Đorđe", "Dorde", id="d with a stroke"),
        pytest.param("Ħal", "Hal", id="h with a stroke"),
        pytest.param("Ærø", "Aero", id="ae"),
        pytest.param("Œuvre", "Oeuvre", id="oe"),
        pytest.param("Yıldız", "Yildiz", id="i without a dot"),
        pytest.param("İnci", "Inci", id="capital i with a dot"),
        pytest.param("Þór", "Thor", id="thorn"),
        pytest.param("Guðrún", "Gudrun", id="eth"),
        pytest.param("Ɗanladi", "Danladi", id="d with a hook"),
        pytest.param("Ŋala", "Nala", id="eng"),
        pytest.param("Ahmad\u200d", "Ahmad", id="invisible characters"),
        pytest.param("مُحَمَّد", "محمد", id="vowel signs"),
        pytest.param("Room ٣", "Room 3", id="digits of another script"),
    ],
)
def test_spelling_variants_of_a_name_are_equal(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Ada Example", "Adam Example", id="another name"),
        pytest.param("Ada Example", "AdaExample", id="joined"),
        pytest.param("Ada Example", "Example Ada", id="order"),
        pytest.param("O’Hara", "OHara", id="apostrophe"),
    ],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize(("one", "other"), [("ガ", "カ"), ("कि", "क"), ("Ψ", "Y"), ("Р", "P")])
def test_letters_of_other_scripts_are_not_changed(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(EUROPEAN)
def test_folding_twice_changes_nothing(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@given(EUROPEAN)
def test_case_and_composition_never_matter(name: str) -> None:
    assert folded(unicodedata.normalize("NFD", name.upper())) == folded(name)


# Words of a name ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Seán O’Dálaigh", ["sean", "odalaigh"]),
        ("Anne-Marie", ["anne", "marie"]),
        ("Example, Ada (née Sample)", ["example", "ada", "nee", "sample"]),
        ("Gal·la", ["galla"]),
        ("J.R. Sample", ["j", "r", "sample"]),
        ("... - ’", []),
    ],
)
def test_hyphens_and_commas_separate_words_and_apostrophes_do_not(name: str, words: list[str]) -> None:
    assert name_words(name) == words


@given(st.text())
def test_every_word_is_in_ascii_in_any_script(name: str) -> None:
    assert "".join(name_words(name)).isascii()


@pytest.mark.parametrize("query", ["Иван", "ван", "李", "明", "김민수"])
def test_a_part_of_a_name_in_another_script_is_found(query: str) -> None:
    key = name_key("Иван 李明 김민수")
    assert all(part in key for part in name_parts(query))


def test_one_or_two_letters_match_only_at_the_start_of_a_word() -> None:
    assert name_parts("Li Ann") == [" li", "ann"]
    assert name_parts("Li")[0] in name_key("Ann Lindgren")
    assert name_parts("Li")[0] not in name_key("Alison")


# Record numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entered",
    [
        "demo-0007",
        " DEMO-0007 ",
        "Demo-0007",
        "DEMO\u20110007",
        "DEMO\u22120007",
        "ＤＥＭＯ－０００７",
        "DEMO - 00 07",
    ],
)
def test_spelling_variants_of_a_record_number_are_equal(entered: str) -> None:
    assert record_key(entered) == record_key("DEMO-0007")


def test_spaces_in_a_record_number_do_not_matter() -> None:
    assert record_key("DEMO\u2011PC 0717") == record_key("demo-pc0717") == record_key("DEMO-PC 07 17")


@pytest.mark.parametrize("other", ["7", "07", "0-07", "00-7", "007a", "-007"])
def test_leading_zeros_and_dashes_of_a_record_number_matter(other: str) -> None:
    assert record_key(other) != record_key("007")


@pytest.mark.parametrize(
    "number",
    [
        "DEMO-1",
        "ДЕМО-1",
        "ΑΒΓ-1",
        "病歴カルテ12",
        "ب-٣",
        "ＤＥＭＯ－１",
        "№ 12",
        "DEMO-É1",
        "K-1",
        "12345",
        "O’1",
        "",
    ],
)
def test_a_record_number_in_one_script_is_accepted(number: str) -> None:
    assert look_alike_message(number) == ""


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("DEM\u041e-1", 4),
        ("\u0410BC", 1),
        ("A\u03bf", 2),
        ("\u0410\u0391", 2),
        ("X-\u13a0", 3),
        ("DEMO-\u09ea", 6),
        ("\u00b5A", 1),
        ("病歴A", 1),
    ],
)
def test_a_record_number_in_mixed_scripts_is_refused(number: str, place: int) -> None:
    assert look_alike_message(number).startswith(f"Character {place}, “{number[place - 1]}”, is ")


def test_the_message_names_the_letter_and_the_other_script() -> None:
    assert look_alike_message("DEM\u041e-1") == (
        "Character 4, “\u041e”, is CYRILLIC CAPITAL LETTER O, but the number also has Latin letters. "
        "Letters of different scripts can look the same: enter the whole number in one script."
    )


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("\u0410\u0412\u0421-1", 1),
        ("\u041e", 1),
        ("12-\u0391", 4),
        ("\u03bf1", 1),
        ("1\u0555", 2),
        ("\u0430\u0435", 1),
    ],
)
def test_a_record_number_in_another_script_that_looks_latin_is_refused(number: str, place: int) -> None:
    name = unicodedata.name(number[place - 1])
    assert look_alike_message(number) == (
        f"Character {place}, “{number[place - 1]}”, is {name}. It looks like a Latin letter: enter that one."
    )


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=64))
def test_a_record_number_in_ascii_is_never_refused(number: str) -> None:
    assert look_alike_message(number) == ""
