"""Normalising text and correcting misspelt words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.medications.normalise import fold, sound_key, without_scanned_digits
from screening.clinical.medications.spelling import (
    NAME_TOLERANCES,
    SUBSTANCE_TOLERANCES,
    KnownWord,
    Vocabulary,
    weighted_distance,
)

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
def test_letters_are_folded(text: str, plain: str) -> None:
    assert fold(text).text == plain


@given(st.text(max_size=200))
def test_folded_text_has_the_offset_of_each_letter(text: str) -> None:
    folded = fold(text)
    for place in range(len(folded.text)):
        start, end = folded.span_in_original(place, place + 1)
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
def test_words_that_sound_or_scan_alike_have_one_sound_key(one: str, other: str) -> None:
    assert sound_key(one) == sound_key(other)


def test_digits_are_read_as_letters_that_a_scanner_may_confuse() -> None:
    assert without_scanned_digits("c0de1ne") == ("codelne", "codeine")


@given(LETTERS, LETTERS)
def test_only_equal_words_have_distance_0(one: str, other: str) -> None:
    assert (weighted_distance(one, other) == 0) is (one == other)


@pytest.mark.parametrize(
    ("likely", "unlikely"),
    [("vicadin", "vicordin"), ("oxycodne", "xycodone"), ("perocet", "pergocet"), ("lomitil", "lonotal")],
)
def test_a_likely_slip_has_a_smaller_distance(likely: str, unlikely: str) -> None:
    intended = {"v": "vicodin", "o": "oxycodone", "p": "percocet", "l": "lomotil"}[likely[0]]
    assert weighted_distance(likely, intended) < weighted_distance(unlikely, intended)


def vocabulary() -> Vocabulary:
    return Vocabulary(
        [
            KnownWord("hydrocodone", True, SUBSTANCE_TOLERANCES),
            KnownWord("percocet", True, NAME_TOLERANCES),
            KnownWord("hydrocortisone", False, ()),
        ]
    )


@pytest.mark.parametrize(
    ("written", "intended"),
    [("hydrocodne", "hydrocodone"), ("hidrocodone", "hydrocodone"), ("percocit", "percocet")],
)
def test_a_misspelt_word_is_corrected(written: str, intended: str) -> None:
    assert vocabulary().nearest(written) == intended


@pytest.mark.parametrize("written", ["hydrocortisne", "hydro", "percolator", "water", ""])
def test_a_word_nearer_to_another_word_is_not_corrected(written: str) -> None:
    assert vocabulary().nearest(written) is None
