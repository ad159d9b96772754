"""How names and record numbers are compared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.text.identifiers import folded, look_alikes, name_key, name_parts, name_words, record_key

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
        pytest.param("Anne\u2011Marie", "Anne-Marie", id="hyphen that does not break"),
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
        pytest.param("Ahmad\u200d", "Ahmad", id="what cannot be seen"),
        pytest.param("مُحَمَّد", "محمد", id="vowel signs"),
        pytest.param("Room ٣", "Room 3", id="digits of another script"),
    ],
)
def test_names_that_people_write_differently_are_the_same(one: str, other: str) -> None:
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
def test_names_that_differ_stay_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize(("one", "other"), [("ガ", "カ"), ("कि", "क"), ("Ψ", "Y"), ("Р", "P")])
def test_letters_of_other_scripts_stay_what_they_are(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(EUROPEAN)
def test_a_name_folded_twice_is_folded_once(name: str) -> None:
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
def test_a_name_is_parted_at_hyphens_and_commas_and_not_at_apostrophes(name: str, words: list[str]) -> None:
    assert name_words(name) == words


@given(st.text())
def test_every_word_is_in_ascii_whatever_the_script(name: str) -> None:
    assert "".join(name_words(name)).isascii()


@pytest.mark.parametrize("query", ["Иван", "ван", "李", "明", "김민수"])
def test_a_part_of_a_name_in_another_script_is_found(query: str) -> None:
    key = name_key("Иван 李明 김민수")
    assert all(part in key for part in name_parts(query))


def test_one_or_two_letters_are_looked_for_at_the_beginning_of_a_word() -> None:
    assert name_parts("Li Ann") == [" li", "ann"]
    assert name_parts("Li")[0] in name_key("Ann Lindgren")
    assert name_parts("Li")[0] not in name_key("Alison")


# Record numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
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
def test_a_record_number_is_the_same_however_it_is_typed(typed: str) -> None:
    assert record_key(typed) == record_key("DEMO-0007")


def test_spaces_in_a_record_number_do_not_matter() -> None:
    assert record_key("DEMO\u2011PC 0717") == record_key("demo-pc0717") == record_key("DEMO-PC 07 17")


@pytest.mark.parametrize("other", ["7", "07", "0-07", "00-7", "007a", "-007"])
def test_leading_zeros_and_dashes_of_a_record_number_count(other: str) -> None:
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
    assert look_alikes(number) == ""


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
def test_a_record_number_in_several_scripts_is_refused(number: str, place: int) -> None:
    assert look_alikes(number).startswith(f"Character {place}, “{number[place - 1]}”, is ")


def test_the_sentence_names_the_letter_and_the_other_script() -> None:
    assert look_alikes("DEM\u041e-1") == (
        "Character 4, “\u041e”, is CYRILLIC CAPITAL LETTER O, but the number also has Latin letters. "
        "Letters of different scripts can look the same: type the whole number in one script."
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
def test_a_record_number_that_reads_as_latin_in_another_script_is_refused(number: str, place: int) -> None:
    name = unicodedata.name(number[place - 1])
    assert look_alikes(number) == (
        f"Character {place}, “{number[place - 1]}”, is {name}. It looks like a Latin letter: type a Latin one."
    )


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=64))
def test_a_record_number_in_ascii_is_never_refused(number: str) -> None:
    assert look_alikes(number) == ""
