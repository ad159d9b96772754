"""Letters made comparable, and how near words are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.medications.normalise import as_scanned, fold, sound
from screening.clinical.medications.spelling import NAMES, SUBSTANCES, Known, Vocabulary, weight_between

LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", max_size=14)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Codéine", "codeine"),
        ("ŁÓDŹ", "lodz"),
        ("оxyсоdonе", "oxycodone"),
        ("ＣＯＤ", "cod"),
        ("Percocet®5", "percocet 5"),
        ("co\u00adde\u200bine", "codeine"),
        ("50 µg", "50 ug"),
    ],
)
def test_letters_fold(text: str, plain: str) -> None:
    assert fold(text).text == plain


@given(st.text(max_size=200))
def test_a_fold_knows_the_place_of_each_letter(text: str) -> None:
    folded = fold(text)
    for place in range(len(folded.text)):
        start, end = folded.span(place, place + 1)
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("percoset", "percocet"),
        ("oxicodon", "oxycodone"),
        ("trarnadol", "tramadol"),
        ("buprenorfine", "buprenorphine"),
    ],
)
def test_words_that_sound_or_scan_alike_are_one(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_figures_are_read_as_the_letters_they_may_have_been() -> None:
    assert as_scanned("c0de1ne") == ("codelne", "codeine")


@given(LETTERS, LETTERS)
def test_only_the_same_word_weighs_nothing(one: str, other: str) -> None:
    assert (weight_between(one, other) == 0) is (one == other)


@pytest.mark.parametrize(
    ("slight", "grave"),
    [("vicadin", "vicordin"), ("oxycodne", "xycodone"), ("perocet", "pergocet"), ("lomitil", "lonotal")],
)
def test_a_likely_slip_weighs_less(slight: str, grave: str) -> None:
    meant = {"v": "vicodin", "o": "oxycodone", "p": "percocet", "l": "lomotil"}[slight[0]]
    assert weight_between(slight, meant) < weight_between(grave, meant)


def vocabulary() -> Vocabulary:
    return Vocabulary(
        [
            Known("hydrocodone", True, SUBSTANCES),
            Known("percocet", True, NAMES),
            Known("hydrocortisone", False, ()),
        ]
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("hydrocodne", "hydrocodone"), ("hidrocodone", "hydrocodone"), ("percocit", "percocet")],
)
def test_a_misspelt_word_is_known(typed: str, meant: str) -> None:
    assert vocabulary().nearest(typed) == meant


@pytest.mark.parametrize("typed", ["hydrocortisne", "hydro", "percolator", "water", ""])
def test_a_word_nearer_to_another_is_not_taken_for_it(typed: str) -> None:
    assert vocabulary().nearest(typed) is None
