"""Cases: answers with their expected result, run against the rules they are stored with."""

from __future__ import annotations

import pytest

from screening.clinical.evaluation.cases import failing_cases, faults_of, result_of, results
from screening.clinical.rules.definition import AnswerCode, Case, Outcome
from screening.clinical.rules.labels import OUTCOME_SHORT
from screening.clinical.rules.validation import MOST_CASES, check
from screening.clinical.text.json_errors import Fault
from tests.rules import shipped_rules
from tests.unit.builders import case, definition, item

RULES = definition(item("one", name="the first"), item("other"))


def faults_of_a_case(**changes: object) -> tuple[Fault, ...]:
    """Run one case under two contraindicated rules and return its faults."""
    return failing_cases(definition(*RULES.items, cases=(case(words="As described.", **changes),)))


def test_cases_that_expect_what_is_found_have_no_fault() -> None:
    assert failing_cases(RULES) == ()


def test_an_unexpected_outcome_is_reported() -> None:
    assert faults_of_a_case(outcome=Outcome.CANNOT_CONCLUDE) == (
        ("case 1, “As described.”", "expects “Cannot conclude”, found “None identified”"),
    )


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.NONE_IDENTIFIED], ids=str)
def test_the_expected_outcome_is_reported_by_its_short_label(outcome: Outcome) -> None:
    (fault,) = faults_of_a_case(outcome=outcome)
    assert fault.sentence.startswith(f"expects “{OUTCOME_SHORT[outcome]}”, ")


@pytest.mark.parametrize(
    ("answered_yes", "flagged", "said"),
    [
        pytest.param(("one",), (), "expects nothing flagged, found “the first”", id="a flag too many"),
        pytest.param(
            ("one",), ("other", "one"), "expects “the first” and “other” flagged, found “the first”", id="too few"
        ),
        pytest.param(("one",), ("other",), "expects “other” flagged, found “the first”", id="another flag"),
        pytest.param(
            ("one", "other"), ("one",), "expects “the first” flagged, found “the first” and “other”", id="one of two"
        ),
        pytest.param(
            ("one",), ("gone", "one"), "expects “the first” and “gone” flagged, found “the first”", id="gone"
        ),
    ],
)
def test_unexpected_flags_are_reported_by_the_names_of_the_rules(
    answered_yes: tuple[str, ...], flagged: tuple[str, ...], said: str
) -> None:
    answers = dict.fromkeys(answered_yes, AnswerCode.YES)
    (fault,) = faults_of_a_case(answers=answers, flagged=flagged, outcome=Outcome.CONTRAINDICATION_FLAGGED)
    assert fault.sentence == said


def test_the_order_of_expected_flags_does_not_matter() -> None:
    answers = {"one": AnswerCode.YES, "other": AnswerCode.YES}
    assert faults_of_a_case(answers=answers, flagged=("other", "one"), outcome=Outcome.CONTRAINDICATION_FLAGGED) == ()


def test_a_case_wrong_in_outcome_and_flags_has_both_faults() -> None:
    assert len(faults_of_a_case(outcome=Outcome.CAUTION_FLAGGED, flagged=("one",))) == 2


def test_each_failing_case_is_numbered() -> None:
    wrong = case(words="Wrong.", outcome=Outcome.CAUTION_FLAGGED)
    rules = definition(item("one"), cases=(case(), wrong, case(), wrong))
    assert [fault.place for fault in failing_cases(rules)] == ["case 2, “Wrong.”", "case 4, “Wrong.”"]


@pytest.mark.parametrize(
    ("otherwise", "expected"),
    [
        (AnswerCode.YES, ["unknown", "yes"]),
        (AnswerCode.NO, ["unknown", "no"]),
        (AnswerCode.UNKNOWN, ["unknown", "unknown"]),
    ],
    ids=str,
)
def test_rules_that_a_case_does_not_name_get_its_answer_for_all_others(
    otherwise: AnswerCode, expected: list[str]
) -> None:
    given: Case = case(answers={"one": AnswerCode.UNKNOWN}, otherwise=otherwise)
    assert [finding.answer for finding in result_of(RULES, given).findings] == expected


# Results ------------------------------------------------------------------------------------------------------


def test_every_case_has_its_result_in_the_order_of_the_cases() -> None:
    case_results = results(RULES)
    assert [(each.number, each.case) for each in case_results] == list(enumerate(RULES.cases, start=1))
    assert [each.evaluation for each in case_results] == [result_of(RULES, each) for each in RULES.cases]


def test_a_result_holds_the_faults_of_its_own_case_alone() -> None:
    wrong = case(words="Wrong.", outcome=Outcome.CAUTION_FLAGGED)
    case_results = results(definition(item("one"), cases=(case(), wrong)))
    assert [len(each.faults) for each in case_results] == [0, 1]


def test_the_words_of_a_case_are_cut_where_it_is_named() -> None:
    (fault,) = failing_cases(definition(cases=(case(words="x " * 1000, outcome=Outcome.CAUTION_FLAGGED),)))
    assert len(fault.place) < 100


# All faults ---------------------------------------------------------------------------------------------------


def test_the_shipped_rules_may_be_published() -> None:
    assert faults_of(shipped_rules()) == ()


def test_the_faults_of_the_rules_come_before_those_of_the_cases() -> None:
    rules = definition(item("one", sources=()), cases=(case(outcome=Outcome.CAUTION_FLAGGED),))
    assert faults_of(rules) == check(rules) + failing_cases(rules)
    assert (len(check(rules)), len(failing_cases(rules))) == (3, 1)


def test_the_cases_of_a_rule_set_that_is_too_large_are_not_run() -> None:
    wrong = case(outcome=Outcome.CAUTION_FLAGGED)
    (fault,) = faults_of(definition(cases=(wrong,) * (MOST_CASES + 1)))
    assert fault.place == "cases"


def test_a_rule_set_without_rules_has_faults_and_no_error() -> None:
    assert faults_of(definition(items=(), cases=(case(flagged=("gone",)),))) != ()
