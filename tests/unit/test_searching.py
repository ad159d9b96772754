"""How names and record numbers are compared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.searching import folded, record_key

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


@given(EUROPEAN)
def test_a_name_folded_twice_is_folded_once(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@given(EUROPEAN)
def test_case_and_composition_never_matter(name: str) -> None:
    assert folded(unicodedata.normalize("NFD", name.upper())) == folded(name)


@pytest.mark.parametrize("typed", ["demo-0007", " DEMO-0007 ", "Demo-0007"])
def test_a_record_number_is_the_same_in_any_case_and_with_spaces_around(typed: str) -> None:
    assert record_key(typed) == record_key("DEMO-0007")


def test_runs_of_space_in_a_record_number_count_as_one() -> None:
    assert record_key("12  34") == record_key("12 34")


@pytest.mark.parametrize("other", ["7", "07", "0 07", "00 7", "007a"])
def test_leading_zeros_and_inner_spaces_of_a_record_number_count(other: str) -> None:
    assert record_key(other) != record_key("007")
