"""The words that are stored for lists, shown in the language of the reader."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from screening.clinical.evaluation.evaluate import Answer, evaluate
from screening.clinical.report.stored_words import headline_parts, tally_in_words
from screening.clinical.report.summary import headline, words_in_lists
from screening.clinical.rules.definition import AnswerCode
from screening.clinical.text import translation
from screening.clinical.text.translation import Translator, set_translator
from tests.rules import shipped_rules
from tests.unit.builders import TODAY

RULES = shipped_rules()
YES, NOT_KNOWN = Answer(AnswerCode.YES), Answer(AnswerCode.UNKNOWN, "not-asked")
SPANISH = {
    "Contraindication flagged": "Contraindicación señalada",
    "Caution flagged": "Precaución señalada",
    "Cannot conclude": "No se puede concluir",
    "No listed contraindication was identified from these answers": "Ninguna",
    "contraindicated": "contraindicado",
    "caution": "precaución",
    "to avoid": "a evitar",
    "answered no": "respondido no",
    "not known": "no se sabe",
    "{} answer is not known": "no se sabe {} respuesta",
    "{} answers are not known": "no se saben {} respuestas",
    "the review of {} rule is overdue": "la revisión de {} regla está atrasada",
    "the review of {} rules is overdue": "la revisión de {} reglas está atrasada",
    "an answer belongs to no question of this edition": "una respuesta no corresponde a ninguna pregunta",
    "{} question": "{} pregunta",
    "{} questions": "{} preguntas",
    "{count} of {questions}": "{count} de {questions}",
    "{first} and {last}": "{first} y {last}",
}


@pytest.fixture(autouse=True)
def _spanish() -> Iterator[None]:
    before = translation._translator
    set_translator(
        Translator(
            lambda message: SPANISH.get(message, message),
            lambda one, several, number: SPANISH[one if number == 1 else several],
        )
    )
    yield
    set_translator(before)


@pytest.mark.parametrize(
    ("outcome", "stored", "shown"),
    [
        ("contraindication_flagged", "Contraindication flagged: opioid use", "Contraindicación señalada: opioid use"),
        ("caution_flagged", "Caution flagged: breastfeeding and x", "Precaución señalada: breastfeeding and x"),
        ("cannot_conclude", "Cannot conclude: 1 answer is not known", "No se puede concluir: no se sabe 1 respuesta"),
        (
            "cannot_conclude",
            "Cannot conclude: 2 answers are not known and the review of 11 rules is overdue",
            "No se puede concluir: no se saben 2 respuestas y la revisión de 11 reglas está atrasada",
        ),
        (
            "cannot_conclude",
            "Cannot conclude: an answer belongs to no question of this edition",
            "No se puede concluir: una respuesta no corresponde a ninguna pregunta",
        ),
        (
            "contraindication_flagged",
            "Contraindication flagged: 4 of 12 questions and naltrexone: already taken",
            "Contraindicación señalada: 4 de 12 preguntas and naltrexone: already taken",
        ),
        ("none_identified", "No listed contraindication was identified from these answers", "Ninguna"),
        ("cannot_conclude", "Cannot conclude: earlier words", "No se puede concluir: earlier words"),
    ],
)
def test_the_fixed_words_of_a_stored_headline_are_translated(outcome: str, stored: str, shown: str) -> None:
    parts = headline_parts(outcome, stored)
    assert ": ".join(filter(None, parts[:2])) == shown


@pytest.mark.parametrize(
    ("outcome", "stored", "names_rules"),
    [
        ("contraindication_flagged", "Contraindication flagged: opioid use", True),
        ("contraindication_flagged", "Contraindication flagged: 4 of 12 questions", False),
        ("cannot_conclude", "Cannot conclude: 1 answer is not known", False),
    ],
)
def test_only_names_of_rules_are_in_the_language_of_the_rules(outcome: str, stored: str, names_rules: bool) -> None:
    assert headline_parts(outcome, stored).names_rules is names_rules


@pytest.mark.parametrize(
    "answers",
    [
        {"opioid-use": YES},
        {"severe-liver-disease": NOT_KNOWN, "pregnancy": NOT_KNOWN},
        {item.link_id: YES for item in RULES.items},
        {item.link_id: NOT_KNOWN for item in RULES.items},
        {},
    ],
)
def test_a_stored_headline_reads_as_one_made_in_the_language(answers: dict[str, Answer]) -> None:
    everything = {item.link_id: Answer(AnswerCode.NO) for item in RULES.items} | answers
    evaluation = evaluate(RULES, everything, TODAY)
    stored = words_in_lists(RULES, evaluation)["headline"]
    made_now = headline(RULES, evaluation).replace(" y ", " and ") if answers else headline(RULES, evaluation)
    shown = ": ".join(filter(None, headline_parts(evaluation.outcome, stored)[:2]))
    assert shown.replace(" y ", " and ") == made_now


def test_a_headline_made_in_the_language_stays_as_it_is() -> None:
    made = "No se puede concluir: no se saben 2 respuestas y la revisión de 1 regla está atrasada"
    assert headline_parts("cannot_conclude", made)[:2] == tuple(made.split(": "))


def test_a_stored_tally_is_translated_and_unknown_words_stay() -> None:
    stored = "1 contraindicated, 2 not known, 9 answered no, 1 of an earlier release"
    assert tally_in_words(stored) == "1 contraindicado, 2 no se sabe, 9 respondido no, 1 of an earlier release"
