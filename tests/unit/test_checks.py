"""Every fault that a rule set may have although it reads well, each shown by the smallest set that has it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from screening.clinical.checks import check
from screening.clinical.definition import AnswerCode, Definition, FollowUpKind, Interval, Listed, Outcome, Trigger
from tests.rules import shipped_rules
from tests.unit.builders import (
    BANDS,
    allowing_not_applicable,
    band,
    case,
    choice,
    definition,
    enough_cases,
    follow_up,
    interval_kind,
    interval_start,
    item,
    listed_item,
)

FIVE_BANDS = tuple(band(link_id) for link_id in BANDS)
ONE, SEVERAL = FollowUpKind.ONE, FollowUpKind.SEVERAL


def with_follow_ups(*follow_ups: object) -> Definition:
    """A rule set of one rule with these follow-ups."""
    return definition(item("rule", follow_ups=follow_ups))


def with_case(**changes: object) -> Definition:
    """A rule set of one rule with one case more than enough, its fourth."""
    return definition(item("rule"), cases=(*enough_cases(item("rule")), case(**changes)))


# Without fault ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(definition(), id="one rule"),
        pytest.param(definition(item("one"), item("other")), id="two rules"),
        pytest.param(definition(allowing_not_applicable()), id="not applicable"),
        pytest.param(with_follow_ups(*(follow_up(f"a-{kind}", kind) for kind in FollowUpKind)), id="all kinds"),
        pytest.param(with_follow_ups(interval_kind(), interval_start()), id="an interval"),
        pytest.param(with_follow_ups(interval_kind(kind=ONE), interval_start()), id="an interval of one choice"),
        pytest.param(with_follow_ups(*FIVE_BANDS), id="five bands"),
        pytest.param(definition(dose_low_mg=Decimal(1), dose_high_mg=Decimal(1)), id="one dose"),
        pytest.param(definition(item(next_step="A failed challenge: refer.")), id="a term of art in a text"),
        pytest.param(definition(item(name="unsafe passage")), id="words that only look like verdicts"),
        pytest.param(definition(item(listed=Listed.OPIOID), listed=(listed_item(),)), id="raised by a list"),
        pytest.param(shipped_rules(), id="shipped rules"),
    ],
)
def test_a_correct_rule_set_has_no_fault(rules: Definition) -> None:
    assert check(rules) == ()


# With one fault -----------------------------------------------------------------------------------------------

RULE = "rule rule"
REASON_TWICE = item("rule", not_applicable_reasons=(choice("twice"), choice("twice")))


@pytest.mark.parametrize(
    ("rules", "place", "said"),
    [
        pytest.param(definition(items=(), cases=()), "items", "there is no rule", id="no rule"),
        pytest.param(
            definition(dose_low_mg=Decimal(5)),
            "dose_low_mg",
            "the low end of the dose range is above",
            id="dose range",
        ),
        pytest.param(
            definition(item("rule"), item("rule")),
            "items",
            "2 rules are called “rule”",
            id="two rules of one link id",
        ),
        pytest.param(
            definition(item("indication")),
            "rule indication",
            "is the name of a field",
            id="link id of the indication",
        ),
        pytest.param(
            definition(item("medications")), "rule medications", "is the name of a field", id="link id of the list"
        ),
        pytest.param(definition(item("rule", sources=())), RULE, "there is no source", id="no source"),
        pytest.param(
            definition(item("rule", trigger=Trigger.FOUND_IN_LIST)),
            RULE,
            "a rule with the trigger found-in-list stands in listed",
            id="a rule that is asked and raised by a list alone",
        ),
        pytest.param(
            definition(listed=(listed_item("rule", trigger=Trigger.ANSWERED_YES),)),
            RULE,
            "a rule with the trigger answered-yes stands in items",
            id="a rule that is not asked and raised by an answer",
        ),
        pytest.param(
            definition(listed=(item("rule", trigger=Trigger.FOUND_IN_LIST),)),
            RULE,
            "nothing raises this rule",
            id="a rule that nothing raises",
        ),
        pytest.param(
            definition(listed=(listed_item("rule", follow_ups=(follow_up("detail"),)),)),
            RULE,
            "takes no follow-ups",
            id="a detail of what is not asked",
        ),
        pytest.param(
            definition(listed=(listed_item("rule", not_applicable_reasons=(choice("reason"),)),)),
            RULE,
            "takes no follow-ups and no reasons",
            id="a reason why what is not asked does not apply",
        ),
        pytest.param(
            definition(item("rule"), listed=(listed_item("rule"),)),
            "items",
            "2 rules are called “rule”",
            id="the link id of a rule that is not asked",
        ),
        pytest.param(
            definition(listed=(listed_item("rule", sources=()),)),
            RULE,
            "there is no source",
            id="no source of a list",
        ),
        pytest.param(
            definition(listed=(listed_item("rule", finding="Not safe"),)),
            f"{RULE}, finding",
            "“safe” is a verdict",
            id="a verdict of a list",
        ),
        pytest.param(
            definition(REASON_TWICE),
            f"{RULE}, not_applicable_reasons",
            "2 choices are called “twice”",
            id="two reasons of one code",
        ),
        pytest.param(
            with_follow_ups(follow_up("twice"), follow_up("twice")),
            RULE,
            "2 follow-ups are called “twice”",
            id="two follow-ups of one link id",
        ),
        pytest.param(
            with_follow_ups(follow_up("unknown-reason")),
            f"{RULE}, follow-up unknown-reason",
            "taken by the reasons of an answer",
            id="follow-up named like the reason for unknown",
        ),
        pytest.param(
            with_follow_ups(follow_up("na-reason")),
            f"{RULE}, follow-up na-reason",
            "taken by the reasons of an answer",
            id="follow-up named like the reason for not applicable",
        ),
        pytest.param(
            with_follow_ups(follow_up("kind", ONE, choices=())),
            f"{RULE}, follow-up kind",
            "a list of choices and has none",
            id="one of no choices",
        ),
        pytest.param(
            with_follow_ups(follow_up("kind", SEVERAL, choices=())),
            f"{RULE}, follow-up kind",
            "a list of choices and has none",
            id="several of no choices",
        ),
        pytest.param(
            with_follow_ups(follow_up("kind", ONE, choices=(choice("twice"), choice("twice")))),
            f"{RULE}, follow-up kind",
            "2 choices are called “twice”",
            id="two choices of one code",
        ),
        pytest.param(
            with_follow_ups(interval_kind()),
            RULE,
            "one follow-up for the kind and one for the date",
            id="interval without date",
        ),
        pytest.param(
            with_follow_ups(interval_start()),
            RULE,
            "one follow-up for the kind and one for the date",
            id="interval without kind",
        ),
        pytest.param(
            with_follow_ups(
                interval_kind(), interval_start(), interval_kind(link_id="kind-2"), interval_start(link_id="date-2")
            ),
            RULE,
            "one follow-up for the kind and one for the date",
            id="two intervals",
        ),
        pytest.param(
            with_follow_ups(interval_kind(), interval_start(kind=FollowUpKind.TEXT)),
            f"{RULE}, follow-up last-dose",
            "the start of an interval is a date",
            id="interval from a text",
        ),
        pytest.param(
            with_follow_ups(interval_kind(choices=(choice("bare"),)), interval_start()),
            f"{RULE}, choice bare",
            "say the interval",
            id="choice without interval",
        ),
        pytest.param(with_follow_ups(*FIVE_BANDS[:4]), RULE, "needs 5 point bands, not 4", id="four bands"),
        pytest.param(with_follow_ups(*FIVE_BANDS, band("sixth")), RULE, "needs 5 point bands, not 6", id="six bands"),
        pytest.param(
            with_follow_ups(*FIVE_BANDS[:4], band("x", choices=(choice("1", points=1), choice("2", points=2)))),
            f"{RULE}, follow-up x",
            "one choice each of 1, 2 and 3 points",
            id="band of two choices",
        ),
        pytest.param(
            with_follow_ups(*FIVE_BANDS[:4], band("x", kind=SEVERAL)),
            f"{RULE}, follow-up x",
            "one choice each of 1, 2 and 3 points",
            id="band of several choices",
        ),
        pytest.param(
            with_case(answers={"foreign": AnswerCode.NO}),
            "cases[4]",
            "there is no rule “foreign”",
            id="foreign answer",
        ),
        pytest.param(with_case(flagged=("foreign",)), "cases[4]", "there is no rule “foreign”", id="foreign flag"),
    ],
)
def test_a_fault_is_told_with_its_place(rules: Definition, place: str, said: str) -> None:
    (fault,) = check(rules)
    assert (fault.place, said in fault.sentence) == (place, True)


@pytest.mark.parametrize("kind", [FollowUpKind.TEXT, FollowUpKind.DATE, FollowUpKind.NUMBER])
def test_what_is_no_list_takes_no_choices(kind: FollowUpKind) -> None:
    (fault,) = check(with_follow_ups(follow_up("x", kind, choices=(choice("a"),))))
    assert fault == (f"{RULE}, follow-up x", f"a {kind} follow-up takes no choices")


@pytest.mark.parametrize("field", ["name", "finding", "severity_words"])
@pytest.mark.parametrize(
    "verdict",
    ["safe", "cleared", "eligible", "approved", "pass", "passed", "fail", "failed", "reject", "rejected", "SAFE"],
)
def test_a_verdict_in_a_heading_is_a_fault(field: str, verdict: str) -> None:
    (fault,) = check(definition(item("rule", **{field: f"A {verdict} word"})))
    assert fault == (f"{RULE}, {field}", f"“{verdict}” is a verdict; the prescriber decides")


@pytest.mark.parametrize(
    ("missing", "position"), [(AnswerCode.NO, 0), (AnswerCode.YES, 1), (AnswerCode.UNKNOWN, 2)], ids=str
)
def test_a_rule_that_no_case_answers_in_some_way_is_a_fault(missing: AnswerCode, position: int) -> None:
    cases = list(enough_cases(item("rule")))
    del cases[position]
    assert check(definition(item("rule"), cases=tuple(cases))) == ((RULE, f"no case answers it {missing}"),)


def test_a_case_answers_a_rule_by_name_as_well_as_by_the_rest() -> None:
    cases = [
        case(answers={"rule": code}, otherwise=AnswerCode.NO, outcome=Outcome.CANNOT_CONCLUDE)
        for code in (AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN)
    ]
    assert check(definition(item("rule"), cases=tuple(cases))) == ()


BANDS_OF_ONE_NAME = with_follow_ups(*(band(link_id, name="A test") for link_id in BANDS))
KIND_AS_TEXT = with_follow_ups(interval_kind(kind=FollowUpKind.TEXT, choices=()), interval_start())
CROSSED_LIMITS = with_follow_ups(follow_up("x", FollowUpKind.NUMBER, minimum=Decimal(2), maximum=Decimal(1)))


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(BANDS_OF_ONE_NAME, id="Child-Pugh bands that share a name"),
        pytest.param(KIND_AS_TEXT, id="the kind of an interval is a text, so it can never be told"),
        pytest.param(CROSSED_LIMITS, id="a number whose minimum is above its maximum"),
    ],
)
def test_a_follow_up_that_no_answer_can_make_right_is_a_fault(rules: Definition) -> None:
    assert check(rules) != ()


# With several faults ------------------------------------------------------------------------------------------


def test_all_faults_are_listed_at_once() -> None:
    rules = definition(item("rule", sources=(), name="safe"), dose_low_mg=Decimal(5), cases=())
    assert {fault.place for fault in check(rules)} == {"dose_low_mg", RULE, f"{RULE}, name"}


def test_an_interval_without_a_day_says_so_in_words_alone() -> None:
    undated = choice("x", interval=Interval(words="Count in months."))
    assert check(with_follow_ups(interval_kind(choices=(undated,)), interval_start())) == ()


@pytest.mark.parametrize("field", ["not_covered", "counselling"])
def test_a_verdict_in_a_list_that_a_clear_result_shows_is_a_fault(field: str) -> None:
    (fault,) = check(definition(item("rule"), **{field: ("LDN is safe",)}))
    assert fault.sentence == "“safe” is a verdict; the prescriber decides"
