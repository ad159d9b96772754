"""The words of faults in another language: places, and cases that give another result."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from screening.clinical.rules.definition import Outcome
from screening.clinical.rules.fault_words import place_in_words, unexpected_flags, unexpected_outcome
from screening.clinical.text import translation
from screening.clinical.text.translation import Translator, set_translator

SPANISH = {
    "rule {which}": "regla {which}",
    "source {which}": "fuente {which}",
    "follow-up {which}": "detalle {which}",
    "follow-ups": "detalles",
    "sources": "fuentes",
    "case {number}, “{words}”": "caso {number}, «{words}»",
    "case {number}": "caso {number}",
    "the file": "el archivo",
    "“{name}”": "«{name}»",
    "{first} and {last}": "{first} y {last}",
    "nothing": "nada",
    "expects {expected} flagged, found {found}": "espera {expected}, obtiene {found}",
    "expects “{expected}”, found “{found}”": "espera «{expected}», obtiene «{found}»",
    "Caution flagged": "Precaución señalada",
    "Cannot conclude": "No se puede concluir",
}
PLACES = [
    ("rule opioid-use", "regla opioid-use"),
    ("rule opioid-use, source 2, title", "regla opioid-use, fuente 2, title"),
    ("rule opioid-use, follow-up last-dose", "regla opioid-use, detalle last-dose"),
    ("rule sources, sources", "regla sources, fuentes"),
    ("rule rule, follow-ups", "regla rule, detalles"),
    ("case 3, “Takes it, rule a, sources, once”", "caso 3, «Takes it, rule a, sources, once»"),
    ("case 3, “Takes it”, words", "caso 3, «Takes it», words"),
    ("case 12", "caso 12"),
    ("the file", "el archivo"),
    ("items[2].sources[1].title", "items[2].sources[1].title"),
    ("not_covered", "not_covered"),
    ("", ""),
]


@pytest.fixture
def _spanish() -> Iterator[None]:
    before = translation._translator
    set_translator(Translator(lambda message: SPANISH.get(message, message), before.ngettext))
    yield
    set_translator(before)


@pytest.mark.usefixtures("_spanish")
@pytest.mark.parametrize(("place", "shown"), PLACES)
def test_a_place_is_translated_but_names_and_quotes_in_it_are_not(place: str, shown: str) -> None:
    assert place_in_words(place) == shown


@pytest.mark.parametrize("place", [english for english, _ in PLACES])
def test_in_english_a_place_does_not_change(place: str) -> None:
    assert place_in_words(place) == place


@pytest.mark.usefixtures("_spanish")
def test_what_a_case_expects_and_gives_is_translated() -> None:
    assert (
        unexpected_outcome(Outcome.CAUTION_FLAGGED, Outcome.CANNOT_CONCLUDE)
        == "espera «Precaución señalada», obtiene «No se puede concluir»"
    )
    assert unexpected_flags(["age", "liver"], []) == "espera «age» y «liver», obtiene nada"
