"""Implausible values get a remark: they are never refused, and they change no result."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.evaluation.evaluate import Note, evaluate
from screening.clinical.evaluation.follow_up_values import FollowUpValue
from screening.clinical.evaluation.plausibility import (
    beyond_upper_limit,
    is_born_long_ago,
    is_not_after_birth,
)
from screening.clinical.report.details import not_after_birth
from screening.clinical.rules.definition import Feeds, FollowUpKind
from screening.clinical.text.birth_dates import BirthDate
from tests.rules import shipped_rules
from tests.unit.builders import (
    BANDS,
    TODAY,
    all_answered,
    definition,
    follow_up,
    item,
    record,
    summary,
    with_patient,
    yes,
)

BORN = date(1961, 4, 12)
TIMES = follow_up("tests", FollowUpKind.NUMBER, feeds=Feeds.TIMES_UPPER_LIMIT, unit="× upper limit")
DAY, OTHER_DAY = follow_up("last-dose", FollowUpKind.DATE), follow_up("test-date", FollowUpKind.DATE)
RULES = shipped_rules()
LIVER = "severe-liver-disease"
LONG_AGO = "The birth date is more than 110 years ago. Check it."


# The birth date -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "on", "is_long_ago"),
    [
        (date(1916, 11, 23), date(2026, 11, 23), False),
        (date(1916, 11, 22), date(2026, 11, 23), True),
        (date(1916, 12, 1), date(2026, 11, 23), False),
        (date(1900, 1, 1), date(2026, 11, 23), True),
        (date(1916, 2, 29), date(2026, 2, 28), False),
        (date(1916, 2, 29), date(2026, 3, 1), True),
        (date(2026, 11, 23), date(2026, 11, 23), False),
        (date(1961, 4, 12), date.max, True),
    ],
)
def test_a_birth_date_is_long_ago_once_more_than_110_years_have_passed(
    born: date, on: date, is_long_ago: bool
) -> None:
    assert is_born_long_ago(born, on) is is_long_ago


@pytest.mark.parametrize(("born", "remarked"), [(date(1916, 11, 22), True), (date(1916, 11, 23), False)])
def test_the_summary_has_a_remark_on_a_birth_date_long_ago_on_the_day_of_the_screening(
    born: date, remarked: bool
) -> None:
    said = summary(definition(), {}, patient=with_patient(birth_date=BirthDate.of(born)), shown_on=date(2040, 1, 1))
    assert (LONG_AGO in said.remarks) is remarked


@pytest.mark.parametrize(
    ("born", "remarked"), [(BirthDate(1915), True), (BirthDate(1916), False), (BirthDate(1916, 10), True)]
)
def test_of_a_partly_known_birth_date_the_last_possible_day_counts(born: BirthDate, remarked: bool) -> None:
    said = summary(definition(), {}, patient=with_patient(birth_date=born))
    assert (LONG_AGO in said.remarks) is remarked


# Dates beside the birth date ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "is_early"), [(BORN, True), (date(1961, 4, 11), True), (date(1961, 4, 13), False)])
def test_a_date_on_the_day_of_birth_or_before_it_is_unlikely(day: date, is_early: bool) -> None:
    assert is_not_after_birth(DAY, day, BORN) is is_early


@pytest.mark.parametrize("value", [None, "12 April 1961", Decimal(3), ("a",)])
def test_what_is_no_date_is_not_compared_with_the_birth_date(value: FollowUpValue | None) -> None:
    assert not is_not_after_birth(DAY, value, BORN)


def test_every_date_of_a_rule_that_is_not_after_birth_is_named_without_the_date() -> None:
    rule = item("opioid-use", follow_ups=(follow_up("agent"), DAY, OTHER_DAY))
    details: dict[str, FollowUpValue] = {"agent": "1961", "last-dose": BORN, "test-date": BORN}
    assert not_after_birth(rule, details, BORN) == (
        "Opioid use, last dose and test date: this is the day of birth, or before it. Check both dates."
    )
    assert not_after_birth(rule, {**details, "last-dose": TODAY, "test-date": TODAY}, BORN) == ""


def test_the_summary_remarks_on_a_last_dose_on_the_day_of_birth() -> None:
    answers = all_answered(RULES, opioid_use=yes(last_dose=BORN))
    assert (
        "Opioid use, last dose: this is the day of birth, or before it. Check both dates."
        in summary(RULES, answers).remarks
    )
    answers = all_answered(RULES, opioid_use=yes(last_dose=date(1961, 4, 13)))
    assert not any("birth" in each for each in summary(RULES, answers).remarks)


# Multiples of the upper limit ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Decimal(50), ""),
        (Decimal(0), ""),
        (
            Decimal("50.1"),
            "Tests is given as 50.1 × upper limit. Is this in U/L? Enter it as times the upper limit.",
        ),
        (
            Decimal(240),
            "Tests is given as 240 × upper limit. Is this in U/L? Enter it as times the upper limit.",
        ),
        ("240", ""),
        (date(2026, 1, 1), ""),
    ],
)
def test_more_than_50_times_the_upper_limit_is_asked_about(value: FollowUpValue, words: str) -> None:
    assert beyond_upper_limit(item(follow_ups=(TIMES,)), {"tests": value}) == words


def test_a_number_that_is_no_multiple_is_not_asked_about() -> None:
    plain = follow_up("tests", FollowUpKind.NUMBER, unit="U/L")
    assert beyond_upper_limit(item(follow_ups=(plain,)), {"tests": Decimal(240)}) == ""


def liver(**details: Any) -> Any:
    """The finding of the shipped rule on the liver, answered yes."""
    answers = all_answered(RULES, severe_liver_disease=yes(**details))
    return next(each for each in evaluate(RULES, answers, TODAY).findings if each.link_id == LIVER)


def test_the_shipped_rule_on_the_liver_has_a_check_note_on_its_finding() -> None:
    assert liver(transaminases_uln=Decimal(240)).notes == (
        Note(
            "Check",
            "AST or ALT is given as 240 × upper limit. Is this in U/L? Enter it as times the upper limit.",
        ),
    )
    assert liver(transaminases_uln=Decimal("3.5")).notes == ()


def test_the_shipped_rule_on_the_liver_has_a_conflict_note_about_the_class() -> None:
    bands = dict(zip(BANDS, "22211", strict=True))
    assert [(each.label, each.words) for each in liver(kind="child-pugh-c", **bands).notes] == [
        ("Child-Pugh", "Child-Pugh class B, 8 points, calculated from the five bands."),
        ("Conflict", "Class C was chosen, but the five bands give class B, 8 points. Check both."),
    ]


def test_check_and_conflict_come_directly_after_the_answer() -> None:
    bands = dict(zip(BANDS, "11111", strict=True))
    answers = all_answered(
        RULES, severe_liver_disease=yes(kind="child-pugh-c", transaminases_uln=Decimal(51), **bands)
    )
    (entry,) = summary(RULES, answers).flagged
    labels = [each.label for each in entry.lines]
    assert labels == ["Answer", "Conflict", "Check", "Next step", "Child-Pugh", "Why"]


@given(
    value=st.decimals(0, 1000, places=2),
    bands=st.lists(st.sampled_from("123"), min_size=5, max_size=5),
    kind=st.sampled_from([each.code for each in RULES.by_link_id[LIVER].follow_ups[0].choices]),
)
def test_no_remark_changes_what_is_flagged(value: Decimal, bands: list[str], kind: str) -> None:
    plain, noted = liver(), liver(kind=kind, transaminases_uln=value, **dict(zip(BANDS, bands, strict=True)))
    assert (noted.status, noted.severity, noted.answer) == (plain.status, plain.severity, plain.answer)
    assert ("Check" in [each.label for each in noted.notes]) is (value > 50)


def test_a_remark_repeats_no_entered_value() -> None:
    answers = all_answered(RULES, opioid_use=yes(last_dose=BORN, agent="Invented words"))
    kept = record(RULES, answers, patient=with_patient(name="Invented Name", birth_date=BirthDate.of(BORN)))
    said = " ".join(summary(RULES, answers).remarks)
    assert [each for each in (kept.patient.name, "1961", "Invented") if each in said] == []
