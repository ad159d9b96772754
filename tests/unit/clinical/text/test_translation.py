"""Translation of the fixed words of the core, and what is never translated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from ldn_screen.bootstrap import ROOT
from screening.clinical.evaluation.evaluate import Answer, evaluate
from screening.clinical.report.summary import words_in_lists
from screening.clinical.rules import labels
from screening.clinical.rules.definition import AnswerCode, Outcome
from screening.clinical.text import dates, local_dates, translation, wording
from screening.clinical.text.birth_dates import BirthDate
from screening.clinical.text.translation import (
    Translator,
    gettext,
    join_with_and,
    ngettext,
    set_translator,
    untranslated,
)
from tests.rules import shipped_rules
from tests.unit.builders import TODAY, summary

RULES = shipped_rules()
KNOWN = {"April": "abril", "Apr": "abr", "{first} and {last}": "{first} y {last}", "December": "diciembre"}


@pytest.fixture
def _translated() -> Iterator[None]:
    """Translate into upper case, except for a few words that are Spanish."""
    before = translation._translator
    set_translator(Translator(_translate, lambda one, several, number: _translate(one if number == 1 else several)))
    yield
    set_translator(before)


def _translate(message: str) -> str:
    return KNOWN.get(message, f"«{message}»")


def test_without_a_translator_words_stay_english() -> None:
    assert gettext(wording.REMINDER) == "A prescriber must decide."
    assert [ngettext("{} question", "{} questions", number) for number in (1, 4)] == ["1 question", "4 questions"]
    assert join_with_and(["a", "b", "c"]) == "a, b and c"


@pytest.mark.usefixtures("_translated")
def test_words_are_translated_where_they_are_shown() -> None:
    assert gettext(wording.REMINDER) == "«A prescriber must decide.»"
    assert ngettext("{} question", "{} questions", 4) == "«4 questions»"
    assert join_with_and(["a", "b"]) == "a y b"


@pytest.mark.usefixtures("_translated")
def test_dates_are_written_and_read_in_the_language() -> None:
    assert local_dates.format_date(date(1961, 4, 12)) == "12 abril 1961"
    assert local_dates.format_short_date(date(1961, 4, 12)) == "12 abr 1961"
    assert local_dates.format_datetime(datetime(1961, 4, 12, 9, 30, tzinfo=UTC)) == "12 abril 1961, 09:30 UTC"
    assert BirthDate(1961, 4, 12).in_words == "12 abril 1961"
    assert BirthDate(1961, 4).as_entered == "abr 1961"
    assert dates.parse(local_dates.with_english_months("12 abril 1961")) == date(1961, 4, 12)
    assert dates.parse(local_dates.with_english_months("12 abr 1961")) == date(1961, 4, 12)
    assert local_dates.with_english_months("1961-04-12, 12 Foo 1961") == "1961-04-12, 12 Foo 1961"


@pytest.mark.usefixtures("_translated")
def test_what_is_stored_stays_english() -> None:
    stored = evaluate(RULES, {"opioid-use": Answer(AnswerCode.YES)}, TODAY)
    with untranslated():
        expected = evaluate(RULES, {"opioid-use": Answer(AnswerCode.YES)}, TODAY)
    assert stored == expected
    assert words_in_lists(RULES, stored)["headline"].startswith("Contraindication flagged: ")
    assert gettext("Next") == "«Next»"


@pytest.mark.usefixtures("_translated")
@pytest.mark.parametrize("code", [AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN])
def test_a_summary_translates_its_outcome_headings_and_answers(code: AnswerCode) -> None:
    shown = summary(RULES, {item.link_id: Answer(code) for item in RULES.items})
    outcome = labels.OUTCOME_WORDS[Outcome(shown.outcome)]
    assert shown.headline.startswith(f"«{outcome}»")
    assert shown.reminder == "«A prescriber must decide.»"
    assert shown.headings.not_covered == f"«{wording.NOT_COVERED}»"
    assert {line.label for line in shown.provenance} >= {"«Screened»", "«By»", "«Rules»"}


@pytest.mark.usefixtures("_translated")
def test_rule_text_is_never_translated_and_is_marked() -> None:
    (flag,) = summary(RULES, {**_all(AnswerCode.NO), "pregnancy": Answer(AnswerCode.YES)}).flagged
    rule = RULES.by_link_id["pregnancy"]
    assert (flag.heading, flag.title) == (rule.severity_words, rule.finding)
    assert {line.words: line.is_rule_text for line in flag.lines}[rule.why] is True
    assert [line.is_rule_text for line in flag.lines if line.label == "«Answer»"] == [False]


def test_no_module_of_the_evaluation_translates() -> None:
    for path in sorted((ROOT / "screening/clinical/evaluation").glob("*.py")):
        imported = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and node.module == "screening.clinical.text.translation"
            for alias in node.names
        }
        assert imported <= {"gettext_noop"}, path
        assert "local_dates" not in path.read_text(), path


def test_the_safety_sentences_include_every_outcome_every_answer_and_the_reminder() -> None:
    sentences = set(labels.SAFETY_SENTENCES)
    assert sentences >= {*labels.OUTCOME_WORDS.values(), *labels.ANSWER_WORDS.values()}
    assert sentences >= {wording.REMINDER, wording.FOOTER, wording.NOT_KNOWN_MEANS}
    assert len(sentences) == len(labels.SAFETY_SENTENCES)


def _all(code: AnswerCode) -> dict[str, Answer]:
    return {item.link_id: Answer(code) for item in RULES.items}
