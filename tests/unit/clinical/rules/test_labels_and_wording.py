"""Small words: lists, counts, labels within a sentence, and how a source is told."""

from __future__ import annotations

import pytest

from screening.clinical.medications.lexicon import GROUP_LABELS, OpioidGroup
from screening.clinical.rules import labels
from screening.clinical.rules.definition import (
    FOLLOW_UP_WORDS,
    AnswerCode,
    Feeds,
    FollowUpKind,
    Listed,
    Outcome,
    Severity,
    Source,
    SourceKind,
    Trigger,
    UnknownReason,
)
from screening.clinical.rules.labels import source_kind, source_words
from screening.clinical.text import wording
from screening.clinical.text.phrases import counted, in_sentence, join_with_and
from tests.unit.builders import source


@pytest.mark.parametrize(
    ("words", "sentence"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
    ids=["none", "one", "two", "three"],
)
def test_a_list_is_told_in_a_sentence(words: list[str], sentence: str) -> None:
    assert join_with_and(words) == sentence


@pytest.mark.parametrize(("count", "said"), [(0, "0 answers"), (1, "1 answer"), (2, "2 answers")])
def test_a_count_has_the_right_noun(count: int, said: str) -> None:
    assert counted(count, "answer", "answers") == said


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Last dose", "last dose"),
        ("INR", "INR"),
        ("AST or ALT", "AST or ALT"),
        ("eGFR", "eGFR"),
        ("GPs asked", "GPs asked"),
        ("", ""),
    ],
)
def test_a_label_within_a_sentence_begins_small_unless_it_is_an_abbreviation(label: str, said: str) -> None:
    assert in_sentence(label) == said


def test_a_label_that_begins_with_a_word_of_one_letter_begins_small_within_a_sentence() -> None:
    assert in_sentence("A positive test") == "a positive test"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (source(kind=SourceKind.LABEL, region="US"), "Label, US"),
        (source(kind=SourceKind.LABEL_OTHER_REGION, region="EU"), "Label, EU"),
        (source(kind=SourceKind.LABEL), "Label"),
        (source(kind=SourceKind.LITERATURE), "Literature"),
        (source(kind=SourceKind.OPINION), "Opinion"),
    ],
)
def test_a_source_is_told_with_its_kind_and_region(given: Source, said: str) -> None:
    assert source_kind(given) == said


def test_a_source_is_told_with_title_identifier_and_what_it_supports() -> None:
    given = source(title="A label.", identifier="NDA 021897", supports="Warnings")
    assert source_words(given) == "A label. NDA 021897. Warnings."


def test_what_a_source_does_not_say_is_left_out() -> None:
    assert source_words(source(title="A label")) == "A label."


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (labels.OUTCOME_WORDS, Outcome),
        (labels.OUTCOME_SHORT, Outcome),
        (labels.SEVERITY_WORDS, Severity),
        (labels.SEVERITY_TALLY, Severity),
        (labels.ANSWER_WORDS, AnswerCode),
        (labels.UNKNOWN_REASON_WORDS, UnknownReason),
        (labels.TRIGGER_WORDS, Trigger),
        (labels.LISTED_WORDS, Listed),
        (labels.IN_A_LIST, Listed),
        (GROUP_LABELS, OpioidGroup),
        (FOLLOW_UP_WORDS, FollowUpKind),
        (labels.FEEDS_WORDS, Feeds),
        (labels.SOURCE_WORDS, SourceKind),
    ],
    ids=[
        *("outcomes", "short outcomes", "severities", "counted severities", "answers", "reasons"),
        *("triggers", "listed", "in a list", "groups", "kinds", "feeds", "sources"),
    ],
)
def test_every_code_has_words(words: dict[str, str], codes: list[str]) -> None:
    assert list(words) == list(codes)
    assert all(words.values())


def test_the_reminder_leaves_the_decision_to_a_prescriber() -> None:
    assert wording.REMINDER == "A prescriber must decide."
