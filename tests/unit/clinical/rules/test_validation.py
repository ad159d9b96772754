"""Every fault that a rule set may have although it reads well, each shown by the smallest set that has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from time import process_time
from typing import Any

import pytest

from screening.clinical.evaluation.cases import faults_of
from screening.clinical.rules import validation as checks
from screening.clinical.rules.definition import (
    AnswerCode,
    Choice,
    Definition,
    Feeds,
    FollowUp,
    FollowUpKind,
    Interval,
    Item,
    Listed,
    Outcome,
    Trigger,
    from_json,
    to_json,
)
from screening.clinical.rules.labels import ANSWER_WORDS
from screening.clinical.rules.validation import check
from tests.rules import rules_with_two_more, shipped_rules
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
    source,
)

FIVE_BANDS = tuple(band(link_id) for link_id in BANDS)
ONE, SEVERAL = FollowUpKind.ONE, FollowUpKind.SEVERAL


def stated(link_id: str = "class", /, **changes: Any) -> FollowUp:
    """A follow-up whose choice states a Child-Pugh class."""
    plain = {"feeds": Feeds.CHILD_PUGH_STATED, "choices": (choice("child-pugh-c"), choice("none-of-these"))}
    return follow_up(link_id, changes.pop("kind", ONE), **plain | changes)


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
        pytest.param(rules_with_two_more(), id="shipped rules and two more"),
    ],
)
def test_a_correct_rule_set_has_no_fault(rules: Definition) -> None:
    assert check(rules) == ()


# With one fault -----------------------------------------------------------------------------------------------

RULE = "rule rule"
PLACE_OF_CASE = "case 4, “Every question is answered no.”"
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
            with_follow_ups(stated()), RULE, "one follow-up for it and the five point bands", id="class without bands"
        ),
        pytest.param(
            with_follow_ups(stated(), stated("other"), *FIVE_BANDS),
            RULE,
            "one follow-up for it and the five point bands",
            id="two stated classes",
        ),
        pytest.param(
            with_follow_ups(stated(choices=(choice("grave"),)), *FIVE_BANDS),
            f"{RULE}, follow-up class",
            "its codes are child-pugh-a, child-pugh-b, child-pugh-c",
            id="stated class without its codes",
        ),
        pytest.param(
            with_follow_ups(stated(kind=SEVERAL), *FIVE_BANDS),
            f"{RULE}, follow-up class",
            "a class is stated by one choice",
            id="several stated classes",
        ),
        pytest.param(
            with_follow_ups(follow_up("tests", FollowUpKind.TEXT, feeds=Feeds.TIMES_UPPER_LIMIT)),
            f"{RULE}, follow-up tests",
            "a multiple of an upper limit is a number",
            id="multiple as text",
        ),
        pytest.param(
            with_case(answers={"foreign": AnswerCode.NO}),
            PLACE_OF_CASE,
            "there is no rule “foreign”",
            id="foreign answer",
        ),
        pytest.param(with_case(flagged=("foreign",)), PLACE_OF_CASE, "there is no rule “foreign”", id="foreign flag"),
        pytest.param(
            with_case(answers={"rule": AnswerCode.NOT_APPLICABLE}),
            PLACE_OF_CASE,
            "rule rule does not allow the answer “Not applicable”",
            id="an answer that the rule does not allow",
        ),
        pytest.param(
            definition(item("rule", not_applicable_reasons=(choice("not-asked"),))),
            f"{RULE}, not_applicable_reasons",
            "“not-asked” is the code of a reason for not known",
            id="a reason that also says why an answer is not known",
        ),
        pytest.param(
            definition(not_covered=()), "not_covered", "say what this screen does not cover", id="nothing not covered"
        ),
        pytest.param(
            definition(dose_low_mg=Decimal("0.05")), "dose_low_mg", "between 0.1 and 100", id="too low a dose"
        ),
        pytest.param(
            definition(dose_high_mg=Decimal(101)), "dose_high_mg", "between 0.1 and 100", id="too high a dose"
        ),
        pytest.param(
            definition(dose_high_mg=Decimal("4.1234")), "dose_high_mg", "at most 3 decimals", id="too fine a dose"
        ),
    ],
)
def test_a_fault_is_told_with_its_place(rules: Definition, place: str, said: str) -> None:
    (fault,) = check(rules)
    assert (fault.place, said in fault.sentence) == (place, True)


@pytest.mark.parametrize("kind", [FollowUpKind.TEXT, FollowUpKind.DATE, FollowUpKind.NUMBER])
def test_what_is_no_list_takes_no_choices(kind: FollowUpKind) -> None:
    (fault,) = check(with_follow_ups(follow_up("x", kind, choices=(choice("a"),))))
    assert fault == (f"{RULE}, follow-up x", f"a {kind} follow-up takes no choices")


@pytest.mark.parametrize(
    ("missing", "position"), [(AnswerCode.NO, 0), (AnswerCode.YES, 1), (AnswerCode.UNKNOWN, 2)], ids=str
)
def test_a_rule_that_no_case_answers_in_some_way_is_a_fault(missing: AnswerCode, position: int) -> None:
    cases = list(enough_cases(item("rule")))
    del cases[position]
    assert check(definition(item("rule"), cases=tuple(cases))) == (
        (RULE, f"no case answers it “{ANSWER_WORDS[missing]}”; add one"),
    )


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


# Verdicts -----------------------------------------------------------------------------------------------------

every_verdict = pytest.mark.parametrize(
    "verdict",
    ["safe", "cleared", "eligible", "approved", "pass", "passed", "fail", "failed", "reject", "rejected", "SAFE"],
)


def saying(words: str, kind: type, field: str) -> Definition:
    """A rule set of one rule that says this in one field of a part of this kind."""
    if kind is Definition:
        return definition(item("rule"), **{field: (words,) if field in ("not_covered", "counselling") else words})
    if kind is Choice:
        return definition(item("rule", **{field: (choice("x", label=words),)}))
    return definition(item("rule", **{field: words}))


HEADINGS = [
    *((Definition, field) for field in ("title", "basis", "dose_note")),
    *((Item, field) for field in ("name", "question", "finding", "severity_words")),
]


@pytest.mark.parametrize(("kind", "field"), HEADINGS, ids=str)
@every_verdict
def test_a_verdict_in_what_a_result_shows_is_a_fault(kind: type, field: str, verdict: str) -> None:
    (fault,) = check(saying(f"A {verdict} word", kind, field))
    place = f"{RULE}, {field}" if kind is Item else field
    assert fault == (place, f"“{verdict}” is a verdict; the prescriber decides")


@pytest.mark.parametrize("field", ["not_covered", "counselling"])
def test_a_verdict_in_a_list_of_a_clear_result_is_a_fault(field: str) -> None:
    (fault,) = check(definition(item("rule"), **{field: ("Nothing", "LDN is safe")}))
    assert fault == (f"{field}[2]", "“safe” is a verdict; the prescriber decides")


def test_a_verdict_in_a_reason_why_a_rule_does_not_apply_is_a_fault() -> None:
    (fault,) = check(saying("Cleared", Choice, "not_applicable_reasons"))
    assert fault == (f"{RULE}, reason x, label", "“Cleared” is a verdict; the prescriber decides")


def test_a_verdict_in_the_label_of_a_choice_is_a_fault() -> None:
    (fault,) = check(with_follow_ups(follow_up("kind", ONE, choices=(choice("x", label="Passed"),))))
    assert fault == (f"{RULE}, follow-up kind, choice x, label", "“Passed” is a verdict; the prescriber decides")


@pytest.mark.parametrize("field", ["help", "why", "next_step", "find_out"])
@pytest.mark.parametrize("words", ["Approved by the label.", "Ask whether a treatment failed.", "Passed in milk."])
def test_running_text_may_tell_what_was_approved_or_failed(field: str, words: str) -> None:
    assert check(definition(item("rule", **{field: words}))) == ()


@pytest.mark.parametrize("field", ["name", "question", "finding"])
@pytest.mark.parametrize("term", ["failed naloxone challenge", "Failed naloxone\nchallenge"])
def test_a_term_of_art_is_no_verdict(field: str, term: str) -> None:
    assert check(definition(item("rule", **{field: f"{term} or positive screen"}))) == ()


def test_a_verdict_beside_a_term_of_art_is_a_fault() -> None:
    (fault,) = check(definition(item("rule", question="A failed naloxone challenge, or failed?")))
    assert fault.sentence.startswith("“failed” is a verdict")


# Too much -----------------------------------------------------------------------------------------------------


def rules(count: int, **changes: object) -> Definition:
    """So many rules of different link ids."""
    return definition(*(item(f"rule-{number}", **changes) for number in range(count)))


def choices(count: int) -> tuple[Choice, ...]:
    """So many choices of different codes."""
    return tuple(choice(f"choice-{number}") for number in range(count))


TOO_MUCH = {
    "rules": (rules, checks.MOST_RULES, "items", "rules; a form that nurses finish holds"),
    "rules of lists": (
        lambda count: definition(listed=tuple(listed_item(f"rule-{number}") for number in range(count))),
        checks.MOST_RULES,
        "listed",
        "rules that a list raises; a result holds",
    ),
    "follow-ups": (
        lambda count: with_follow_ups(*(follow_up(f"detail-{number}") for number in range(count))),
        checks.MOST_FOLLOW_UPS,
        RULE,
        "follow-ups; after a yes ask",
    ),
    "choices": (
        lambda count: with_follow_ups(follow_up("kind", ONE, choices=choices(count))),
        checks.MOST_CHOICES,
        f"{RULE}, follow-up kind",
        "choices; a list that is read holds",
    ),
    "reasons": (
        lambda count: definition(item("rule", not_applicable_reasons=choices(count))),
        checks.MOST_CHOICES,
        f"{RULE}, not_applicable_reasons",
        "choices; a list that is read holds",
    ),
    "sources": (
        lambda count: definition(item("rule", sources=(source(),) * count)),
        checks.MOST_SOURCES,
        RULE,
        "sources; a page shows",
    ),
    "lines": (
        lambda count: definition(counselling=("Tell.",) * count),
        checks.MOST_LINES,
        "counselling",
        "lines; a list that is read holds",
    ),
    "cases": (
        lambda count: definition(cases=(*enough_cases(item()), *(case(),) * (count - 3))),
        checks.MOST_CASES,
        "cases",
        "cases; they run at every save, so a draft holds",
    ),
}
every_limit = pytest.mark.parametrize(("made", "most", "place", "said"), TOO_MUCH.values(), ids=TOO_MUCH)


@every_limit
def test_as_many_as_can_be_read_are_no_fault(
    made: Callable[[int], Definition], most: int, place: str, said: str
) -> None:
    assert check(made(most)) == ()


@every_limit
def test_more_than_can_be_read_are_a_fault(
    made: Callable[[int], Definition], most: int, place: str, said: str
) -> None:
    assert check(made(most + 1)) == ((place, f"there are {most + 1} {said} at most {most}"),)


def test_200_rules_are_one_fault() -> None:
    assert check(rules(200)) == (("items", "there are 200 rules; a form that nurses finish holds at most 60"),)


def test_a_rule_set_as_large_as_may_be_is_gone_through_quickly() -> None:
    kinds = tuple(follow_up(f"kind-{number}", ONE, choices=choices(8)) for number in range(6))
    largest = rules(checks.MOST_RULES, follow_ups=kinds)
    cases = tuple(case(words=f"Case {number}.") for number in range(checks.MOST_CASES - len(largest.cases)))
    largest = replace(largest, cases=(*largest.cases, *cases))
    began = process_time()
    assert faults_of(largest) == ()
    assert process_time() - began < 0.3


# Texts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "place", "most"),
    [
        pytest.param(definition(title="x" * 201), "title", 200, id="title"),
        pytest.param(definition(indications=("x", "x" * 201)), "indications[2]", 200, id="indication"),
        *(
            pytest.param(definition(item("rule", **{field: "x" * 201})), f"{RULE}, {field}", 200, id=field)
            for field in ("name", "severity_words", "finding", "authored_by", "checked_by")
        ),
        *(
            pytest.param(
                with_follow_ups(follow_up("x", **{field: "x" * (most + 1)})),
                f"{RULE}, follow-up x, {field}",
                most,
                id=field,
            )
            for field, most in {"label": 200, "name": 200, "unit": 40}.items()
        ),
        pytest.param(
            with_follow_ups(follow_up("x", ONE, choices=(choice("y", label="x" * 201),))),
            f"{RULE}, follow-up x, choice y, label",
            200,
            id="choice",
        ),
    ],
)
def test_a_text_too_long_for_where_it_stands_is_a_fault(rules: Definition, place: str, most: int) -> None:
    assert check(rules) == ((place, f"this text has {most + 1} characters; use at most {most}"),)


UNPRINTABLE = {
    "a control": ("ab\x07", 3, "u+0007"),
    "a NUL": ("\x00", 1, "u+0000"),
    "a direction": ("a\u202eb", 2, "right-to-left override"),
    "a space of no width": ("ab\u200b", 3, "zero width space"),
    "a soft hyphen": ("a\u00adb", 2, "soft hyphen"),
    "a line separator": ("a\u2028b", 2, "line separator"),
    "a private letter": ("\ue000", 1, "u+e000"),
    "a lost letter": ("a\ufffd", 2, "replacement character"),
}


@pytest.mark.parametrize(("words", "number", "name"), UNPRINTABLE.values(), ids=UNPRINTABLE)
def test_a_character_that_cannot_be_printed_is_named_with_its_field(words: str, number: int, name: str) -> None:
    said = f"character {number} cannot be shown or printed ({name}); type the text again"
    assert check(definition(item("rule", why=words))) == ((f"{RULE}, why", said),)


WITH_ALL_PARTS = definition(
    allowing_not_applicable(
        "rule",
        sources=(source(region="x", identifier="x", supports="x"),),
        help="x",
        checked_by="x",
        follow_ups=(
            follow_up("number", FollowUpKind.NUMBER, help="x", unit="x"),
            interval_kind(
                choices=(choice("dated", interval=Interval(words="x", days=10, counted_from="x"), next_step="x"),)
            ),
            interval_start(),
        ),
    ),
    listed=(listed_item(),),
)
CODES = {"link_id", "code", "format", "lexicon"}


def with_each_text_broken() -> Iterator[tuple[str, Definition]]:
    """The place of every text that is typed, and a rule set in which that one cannot be printed."""
    plain = json.loads(to_json(WITH_ALL_PARTS))
    for holder, key in _texts_of(plain):
        kept, holder[key] = holder[key], "a\u202eb"
        yield str(key), from_json(json.dumps(plain))
        holder[key] = kept


def _texts_of(part: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(value, dict | list):
            yield from _texts_of(value) if key not in ("answers", "flagged") else ()
        elif isinstance(value, str) and key not in CODES and not _is_one_of(str(key)):
            yield part, key


def _is_one_of(field: str) -> bool:
    closed = {"trigger", "severity", "kind", "feeds", "listed", "outcome", "otherwise", "next_review"}
    return field in closed or field.endswith("_mg") or field in ("minimum", "maximum")


def test_no_text_of_a_rule_set_is_overlooked() -> None:
    broken = list(with_each_text_broken())
    assert len(broken) > 50
    assert [field for field, rules in broken if len(check(rules)) != 1] == []


@pytest.mark.parametrize("words", ["\u200d", "\u200c \u200d", "\u2800", "\u3164"], ids=ascii)
def test_a_text_that_shows_nothing_is_a_fault(words: str) -> None:
    assert check(definition(item("rule", finding=words))) == (
        (f"{RULE}, finding", "this text shows nothing; type it again"),
    )


@pytest.mark.parametrize("words", ["Two\r\nlines", "\tα ≥ 3 × “limit” — ½", "می\u200cخواهم", "<b>&amp;"], ids=ascii)
def test_lines_signs_and_joined_letters_are_text(words: str) -> None:
    assert check(definition(item("rule", why=words))) == ()
