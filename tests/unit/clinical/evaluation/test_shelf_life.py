"""How long answers hold: which ones expire, on which day, and from which day they count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from screening.clinical.evaluation.evaluate import Answer, evaluate
from screening.clinical.evaluation.shelf_life import HeldAnswer, held_answers
from screening.clinical.medications.reader import NO_LIST, MedicationList
from screening.clinical.rules.definition import AnswerCode, Definition, Listed
from tests.rules import shipped_rules
from tests.unit.builders import (
    NO,
    NOT_APPLICABLE,
    NOT_KNOWN,
    TODAY,
    YES,
    all_answered,
    allowing_not_applicable,
    definition,
    item,
    listed_item,
    medication_list,
    medicine,
    naltrexone,
)

THIRTY = definition(item("one", holds_days=30), allowing_not_applicable("two", holds_days=90), item("three"))


def held(
    answers: Mapping[str, Answer],
    rules: Definition = THIRTY,
    asked_again: Mapping[str, date] | None = None,
    listed: MedicationList = NO_LIST,
) -> dict[str, date]:
    """The last day of each answer that expires, of a screening made on ``TODAY``."""
    evaluation = evaluate(rules, answers, TODAY, listed)
    return {each.item.link_id: each.until for each in held_answers(rules, evaluation, TODAY, asked_again or {})}


def days(count: int) -> date:
    """The day so many days after the screening."""
    return TODAY + timedelta(days=count)


# Which answers expire -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [YES, NO], ids=["yes", "no"])
def test_yes_and_no_expire(answer: Answer) -> None:
    assert held(all_answered(THIRTY, answer)) == {"one": days(30), "two": days(90), "three": TODAY}


@pytest.mark.parametrize("answer", [NOT_KNOWN, NOT_APPLICABLE], ids=["not known", "not applicable"])
def test_not_known_and_not_applicable_do_not_expire(answer: Answer) -> None:
    assert "two" not in held(all_answered(THIRTY, NO, two=answer))


def test_a_question_without_an_answer_does_not_expire() -> None:
    assert list(held({"one": NO})) == ["one"]


def test_an_answer_that_the_rule_does_not_allow_does_not_expire() -> None:
    assert "one" not in held(all_answered(THIRTY, NO, one=NOT_APPLICABLE))


def test_an_answer_to_no_question_of_the_edition_is_left_out() -> None:
    assert "foreign" not in held(all_answered(THIRTY, NO, foreign=YES))


def test_the_answers_are_in_the_order_of_the_questions() -> None:
    assert list(held({"three": NO, "two": YES, "one": NO})) == ["one", "two", "three"]


def test_an_answer_of_no_beside_a_list_that_flags_its_rule_expires_as_any_other() -> None:
    rules = definition(item("one", holds_days=30, listed=Listed.OPIOID))
    assert held({"one": NO}, rules, listed=medication_list(medicine())) == {"one": days(30)}


def test_a_rule_that_only_a_list_raises_has_no_answer_that_could_expire() -> None:
    rules = definition(item("one"), listed=(listed_item("product"),))
    assert list(held({"one": NO}, rules, listed=medication_list(naltrexone()))) == ["one"]


def test_the_answer_is_the_one_that_was_given() -> None:
    evaluation = evaluate(THIRTY, all_answered(THIRTY, NO, one=YES), TODAY)
    given = [each.answer for each in held_answers(THIRTY, evaluation, TODAY, {})]
    assert given == [AnswerCode.YES, AnswerCode.NO, AnswerCode.NO]


# Until when ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("holds_days", [0, 1, 30, 3660])
def test_the_last_day_is_the_day_of_the_screening_and_the_days_that_the_rule_holds(holds_days: int) -> None:
    assert held({"one": NO}, definition(item("one", holds_days=holds_days))) == {"one": days(holds_days)}


@pytest.mark.parametrize(
    ("on", "is_expired"),
    [
        pytest.param(TODAY, False, id="the day on which it was given"),
        pytest.param(days(30), False, id="the last day"),
        pytest.param(days(31), True, id="the day after"),
    ],
)
def test_an_answer_is_expired_from_the_day_after_its_last_one(on: date, is_expired: bool) -> None:
    assert HeldAnswer(item(holds_days=30), AnswerCode.NO, TODAY).is_expired(on) is is_expired


def test_an_answer_that_is_dated_after_today_does_not_hold() -> None:
    assert HeldAnswer(item(holds_days=30), AnswerCode.NO, TODAY).is_expired(days(-1))


def test_under_the_shipped_rules_all_but_severe_liver_disease_is_asked_every_time() -> None:
    rules = shipped_rules()
    until = held(all_answered(rules), rules)
    assert [link_id for link_id, last in until.items() if last == TODAY] == [
        "opioid-use", "pregnancy", "breastfeeding"
    ]  # fmt: skip


# Asked again --------------------------------------------------------------------------------------------------


def test_an_answer_that_was_asked_again_counts_from_that_day_and_no_other_one_does() -> None:
    assert held(all_answered(THIRTY), asked_again={"one": days(40)}) == {
        "one": days(70), "two": days(90), "three": TODAY
    }  # fmt: skip


@pytest.mark.parametrize("day", [days(-3), TODAY], ids=["a clock was set back", "on the day of the screening"])
def test_an_answer_counts_from_the_day_on_which_it_was_asked_again(day: date) -> None:
    assert held({"one": NO}, asked_again={"one": day}) == {"one": day + timedelta(30)}


@pytest.mark.parametrize("answer", [NOT_KNOWN, NOT_APPLICABLE], ids=["not known", "not applicable"])
def test_asking_again_does_not_make_an_answer_expire(answer: Answer) -> None:
    assert "two" not in held({"two": answer}, asked_again={"two": days(1)})


def test_a_rule_that_is_not_in_the_edition_may_have_been_asked_again() -> None:
    assert held({"one": NO}, asked_again={"foreign": days(1)}) == {"one": days(30)}
