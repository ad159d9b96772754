"""Cases: answers with the result that is expected of them, run against the rules that they travel with."""

from __future__ import annotations

import pytest

from screening.clinical.cases import failing_cases, result_of
from screening.clinical.definition import AnswerCode, Case, Fault, Outcome
from tests.unit.builders import case, definition, item

RULES = definition(item("one"), item("other"))


def faults_of(**changes: object) -> tuple[Fault, ...]:
    """What is wrong with one case under two contraindicated rules."""
    return failing_cases(definition(item("one"), item("other"), cases=(case(words="As told.", **changes),)))


def test_cases_that_expect_what_is_found_have_no_fault() -> None:
    assert failing_cases(RULES) == ()


def test_another_outcome_than_expected_is_told() -> None:
    assert faults_of(outcome=Outcome.CANNOT_CONCLUDE) == (
        ("case 1, “As told.”", "expects cannot_conclude, found none_identified"),
    )


@pytest.mark.parametrize(
    ("answers", "flagged", "said"),
    [
        pytest.param({"one": AnswerCode.YES}, (), "expects nothing flagged, found one", id="a flag too many"),
        pytest.param(
            {"one": AnswerCode.YES}, ("one", "other"), "expects one, other flagged, found one", id="a flag too few"
        ),
        pytest.param({"one": AnswerCode.YES}, ("other",), "expects other flagged, found one", id="another flag"),
    ],
)
def test_other_flags_than_expected_are_told(
    answers: dict[str, AnswerCode], flagged: tuple[str, ...], said: str
) -> None:
    (fault,) = faults_of(answers=answers, flagged=flagged, outcome=Outcome.CONTRAINDICATION_FLAGGED)
    assert fault.sentence == said


def test_the_order_of_expected_flags_does_not_matter() -> None:
    answers = {"one": AnswerCode.YES, "other": AnswerCode.YES}
    assert faults_of(answers=answers, flagged=("other", "one"), outcome=Outcome.CONTRAINDICATION_FLAGGED) == ()


def test_a_case_wrong_in_outcome_and_flags_has_both_faults() -> None:
    assert len(faults_of(outcome=Outcome.CAUTION_FLAGGED, flagged=("one",))) == 2


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
def test_rules_that_a_case_does_not_name_are_answered_as_it_says(otherwise: AnswerCode, expected: list[str]) -> None:
    given: Case = case(answers={"one": AnswerCode.UNKNOWN}, otherwise=otherwise)
    assert [finding.answer for finding in result_of(RULES, given).findings] == expected
