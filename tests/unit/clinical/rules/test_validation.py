"""Each fault in the content of a rule set, in the smallest rule set that has it."""

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
    """A rule set of one rule with an additional case, its fourth."""
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
        pytest.param(definition(item(next_step="A failed challenge: refer.")), id="a clinical term in a text"),
        pytest.param(definition(item(name="unsafe passage")), id="words that contain verdicts"),
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
    ("rules", "place", "sentence"),
    [
        pytest.param(definition(items=(), cases=()), "items", "there are no rules", id="no rule"),
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
            id="two rules with one link id",
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
        pytest.param(definition(item("rule", sources=())), f"{RULE}, sources", "there is no source", id="no source"),
        pytest.param(
            definition(item("rule", trigger=Trigger.FOUND_IN_LIST)),
            RULE,
            "a rule with the trigger found-in-list belongs in listed; move it",
            id="a rule with a question and the trigger of a list",
        ),
        pytest.param(
            definition(listed=(listed_item("rule", trigger=Trigger.ANSWERED_YES),)),
            RULE,
            "a rule with the trigger answered-yes belongs in items; move it",
            id="a rule without a question and the trigger of an answer",
        ),
        pytest.param(
            definition(listed=(item("rule", trigger=Trigger.FOUND_IN_LIST),)),
            f"{RULE}, listed",
            "nothing raises this rule",
            id="a rule that nothing raises",
        ),
        pytest.param(
            definition(listed=(listed_item("rule", follow_ups=(follow_up("detail"),)),)),
            RULE,
            "cannot have follow-ups",
            id="a follow-up of a rule that is not asked",
        ),
        pytest.param(
            definition(listed=(listed_item("rule", not_applicable_reasons=(choice("reason"),)),)),
            RULE,
            "cannot have follow-ups or reasons",
            id="a reason for not applicable of a rule that is not asked",
        ),
        pytest.param(
            definition(item("rule"), listed=(listed_item("rule"),)),
            "items",
            "2 rules are called “rule”",
            id="the link id of a rule that is not asked",
        ),
        pytest.param(
            definition(listed=(listed_item("rule", sources=()),)),
            f"{RULE}, sources",
            "there is no source",
            id="no source of a rule that is not asked",
        ),
        pytest.param(
            definition(listed=(listed_item("rule", finding="Not safe"),)),
            f"{RULE}, finding",
            "“safe” is a verdict",
            id="a verdict in a rule that is not asked",
        ),
        pytest.param(
            definition(REASON_TWICE),
            f"{RULE}, not_applicable_reasons",
            "2 choices are called “twice”",
            id="two reasons with one code",
        ),
        pytest.param(
            with_follow_ups(follow_up("twice"), follow_up("twice")),
            f"{RULE}, follow-ups",
            "2 follow-ups are called “twice”",
            id="two follow-ups with one link id",
        ),
        pytest.param(
            with_follow_ups(follow_up("unknown-reason")),
            f"{RULE}, follow-up unknown-reason",
            "reserved for the reason for an answer",
            id="follow-up named like the reason for unknown",
        ),
        pytest.param(
            with_follow_ups(follow_up("na-reason")),
            f"{RULE}, follow-up na-reason",
            "reserved for the reason for an answer",
            id="follow-up named like the reason for not applicable",
        ),
        pytest.param(
            with_follow_ups(follow_up("kind", ONE, choices=())),
            f"{RULE}, follow-up kind",
            "has no choices; add at least one",
            id="one choice without choices",
        ),
        pytest.param(
            with_follow_ups(follow_up("kind", SEVERAL, choices=())),
            f"{RULE}, follow-up kind",
            "has no choices; add at least one",
            id="several choices without choices",
        ),
        pytest.param(
            with_follow_ups(follow_up("kind", ONE, choices=(choice("twice"), choice("twice")))),
            f"{RULE}, follow-up kind",
            "2 choices are called “twice”",
            id="two choices with one code",
        ),
        pytest.param(
            with_follow_ups(interval_kind()),
            f"{RULE}, follow-ups",
            "one follow-up for the kind and one for the date",
            id="interval without date",
        ),
        pytest.param(
            with_follow_ups(interval_start()),
            f"{RULE}, follow-ups",
            "one follow-up for the kind and one for the date",
            id="interval without kind",
        ),
        pytest.param(
            with_follow_ups(
                interval_kind(), interval_start(), interval_kind(link_id="kind-2"), interval_start(link_id="date-2")
            ),
            f"{RULE}, follow-ups",
            "one follow-up for the kind and one for the date",
            id="two intervals",
        ),
        pytest.param(
            with_follow_ups(interval_kind(), interval_start(kind=FollowUpKind.TEXT)),
            f"{RULE}, follow-up last-dose",
            "the start of an interval must be of the kind date",
            id="interval that starts at a text",
        ),
        pytest.param(
            with_follow_ups(interval_kind(choices=(choice("bare"),)), interval_start()),
            f"{RULE}, choice bare",
            "add the interval",
            id="choice without interval",
        ),
        pytest.param(
            with_follow_ups(*FIVE_BANDS[:4]),
            f"{RULE}, follow-ups",
            "needs 5 point bands; there are 4",
            id="four bands",
        ),
        pytest.param(
            with_follow_ups(*FIVE_BANDS, band("sixth")),
            f"{RULE}, follow-ups",
            "needs 5 point bands; there are 6",
            id="six bands",
        ),
        pytest.param(
            with_follow_ups(*FIVE_BANDS[:4], band("x", choices=(choice("1", points=1), choice("2", points=2)))),
            f"{RULE}, follow-up x",
            "with choices of 1, 2 and 3 points",
            id="band with two choices",
        ),
        pytest.param(
            with_follow_ups(*FIVE_BANDS[:4], band("x", kind=SEVERAL)),
            f"{RULE}, follow-up x",
            "of the kind one-choice",
            id="band that allows several choices",
        ),
        pytest.param(
            with_follow_ups(stated()),
            f"{RULE}, follow-ups",
            "exactly one follow-up and the five point bands",
            id="class without bands",
        ),
        pytest.param(
            with_follow_ups(stated(), stated("other"), *FIVE_BANDS),
            f"{RULE}, follow-ups",
            "exactly one follow-up and the five point bands",
            id="two stated classes",
        ),
        pytest.param(
            with_follow_ups(stated(choices=(choice("grave"),)), *FIVE_BANDS),
            f"{RULE}, follow-up class",
            "with at least one of the codes child-pugh-a, child-pugh-b, child-pugh-c",
            id="stated class without its codes",
        ),
        pytest.param(
            with_follow_ups(stated(kind=SEVERAL), *FIVE_BANDS),
            f"{RULE}, follow-up class",
            "a stated class must be of the kind one-choice",
            id="stated class that allows several choices",
        ),
        pytest.param(
            with_follow_ups(follow_up("tests", FollowUpKind.TEXT, feeds=Feeds.TIMES_UPPER_LIMIT)),
            f"{RULE}, follow-up tests",
            "a multiple of an upper limit must be of the kind number",
            id="multiple as text",
        ),
        pytest.param(
            with_case(answers={"unknown-rule": AnswerCode.NO}),
            PLACE_OF_CASE,
            "there is no rule “unknown-rule”",
            id="answer to an unknown rule",
        ),
        pytest.param(
            with_case(flagged=("unknown-rule",)),
            PLACE_OF_CASE,
            "there is no rule “unknown-rule”",
            id="flag of an unknown rule",
        ),
        pytest.param(
            with_case(answers={"rule": AnswerCode.NOT_APPLICABLE}),
            PLACE_OF_CASE,
            "rule rule does not allow the answer “Not applicable”",
            id="an answer that the rule does not allow",
        ),
        pytest.param(
            definition(item("rule", not_applicable_reasons=(choice("not-asked"),))),
            f"{RULE}, not_applicable_reasons",
            "“not-asked” is reserved for the answer “not known”",
            id="a reason with the code of a reason for not known",
        ),
        pytest.param(
            definition(not_covered=()),
            "not_covered",
            "this list is empty; add what the screen does not ask",
            id="empty not_covered",
        ),
        pytest.param(
            definition(dose_low_mg=Decimal("0.05")), "dose_low_mg", "between 0.1 and 100", id="dose too low"
        ),
        pytest.param(
            definition(dose_high_mg=Decimal(101)), "dose_high_mg", "between 0.1 and 100", id="dose too high"
        ),
        pytest.param(
            definition(dose_high_mg=Decimal("4.1234")),
            "dose_high_mg",
            "at most 3 decimal places",
            id="too many decimal places",
        ),
    ],
)
def test_a_fault_names_its_place_and_says_what_is_wrong(rules: Definition, place: str, sentence: str) -> None:
    (fault,) = check(rules)
    assert (fault.place, sentence in fault.sentence) == (place, True)


@pytest.mark.parametrize("kind", [FollowUpKind.TEXT, FollowUpKind.DATE, FollowUpKind.NUMBER])
def test_a_follow_up_that_is_not_a_list_cannot_have_choices(kind: FollowUpKind) -> None:
    (fault,) = check(with_follow_ups(follow_up("x", kind, choices=(choice("a"),))))
    assert fault == (
        f"{RULE}, follow-up x",
        f"a {kind} follow-up cannot have choices; remove them, or choose another kind",
    )


@pytest.mark.parametrize(
    ("missing", "position"), [(AnswerCode.NO, 0), (AnswerCode.YES, 1), (AnswerCode.UNKNOWN, 2)], ids=str
)
def test_a_rule_needs_a_case_for_each_of_yes_no_and_not_known(missing: AnswerCode, position: int) -> None:
    cases = list(enough_cases(item("rule")))
    del cases[position]
    assert check(definition(item("rule"), cases=tuple(cases))) == (
        (f"{RULE}, cases", f"no case answers this rule “{ANSWER_WORDS[missing]}”; add one"),
    )


def test_answers_to_the_rule_itself_count_as_cases_too() -> None:
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
        pytest.param(KIND_AS_TEXT, id="kind of an interval that is a text, so no interval can be calculated"),
        pytest.param(CROSSED_LIMITS, id="number whose minimum is above its maximum"),
    ],
)
def test_a_follow_up_that_can_never_be_evaluated_is_a_fault(rules: Definition) -> None:
    assert check(rules) != ()


# With several faults ------------------------------------------------------------------------------------------


def test_all_faults_are_listed_at_once() -> None:
    rules = definition(item("rule", sources=(), name="safe"), dose_low_mg=Decimal(5), cases=())
    assert {fault.place for fault in check(rules)} == {
        "dose_low_mg",
        f"{RULE}, sources",
        f"{RULE}, cases",
        f"{RULE}, name",
    }


def test_an_interval_needs_no_days() -> None:
    undated = choice("x", interval=Interval(words="Count in months."))
    assert check(with_follow_ups(interval_kind(choices=(undated,)), interval_start())) == ()


# Verdicts -----------------------------------------------------------------------------------------------------

every_verdict = pytest.mark.parametrize(
    "verdict",
    ["safe", "cleared", "eligible", "approved", "pass", "passed", "fail", "failed", "reject", "rejected", "SAFE"],
)


def with_text(words: str, part: type, field: str) -> Definition:
    """A rule set of one rule with this text in one field of a part."""
    if part is Definition:
        return definition(item("rule"), **{field: (words,) if field in ("not_covered", "counselling") else words})
    if part is Choice:
        return definition(item("rule", **{field: (choice("x", label=words),)}))
    return definition(item("rule", **{field: words}))


HEADINGS = [
    *((Definition, field) for field in ("title", "basis", "dose_note")),
    *((Item, field) for field in ("name", "question", "finding", "severity_words")),
]


def verdict_fault(verdict: str) -> str:
    """The sentence of the fault."""
    return f"“{verdict}” is a verdict, and only the prescriber decides; use other words"


@pytest.mark.parametrize(("part", "field"), HEADINGS, ids=str)
@every_verdict
def test_a_verdict_in_a_heading_of_a_result_is_a_fault(part: type, field: str, verdict: str) -> None:
    (fault,) = check(with_text(f"A {verdict} word", part, field))
    place = f"{RULE}, {field}" if part is Item else field
    assert fault == (place, verdict_fault(verdict))


@pytest.mark.parametrize("field", ["not_covered", "counselling"])
def test_a_verdict_in_a_list_of_a_result_is_a_fault(field: str) -> None:
    (fault,) = check(definition(item("rule"), **{field: ("Nothing", "LDN is safe")}))
    assert fault == (f"{field}[2]", verdict_fault("safe"))


def test_a_verdict_in_a_reason_for_not_applicable_is_a_fault() -> None:
    (fault,) = check(with_text("Cleared", Choice, "not_applicable_reasons"))
    assert fault == (f"{RULE}, reason x, label", verdict_fault("Cleared"))


def test_a_verdict_in_the_label_of_a_choice_is_a_fault() -> None:
    (fault,) = check(with_follow_ups(follow_up("kind", ONE, choices=(choice("x", label="Passed"),))))
    assert fault == (f"{RULE}, follow-up kind, choice x, label", verdict_fault("Passed"))


@pytest.mark.parametrize("field", ["help", "why", "next_step", "find_out"])
@pytest.mark.parametrize("words", ["Approved by the label.", "Ask whether a treatment failed.", "Passed in milk."])
def test_running_text_may_say_what_was_approved_or_failed(field: str, words: str) -> None:
    assert check(definition(item("rule", **{field: words}))) == ()


@pytest.mark.parametrize("field", ["name", "question", "finding"])
@pytest.mark.parametrize("term", ["failed naloxone challenge", "Failed naloxone\nchallenge"])
def test_a_clinical_term_is_not_a_verdict(field: str, term: str) -> None:
    assert check(definition(item("rule", **{field: f"{term} or positive screen"}))) == ()


def test_a_verdict_beside_a_clinical_term_is_a_fault() -> None:
    (fault,) = check(definition(item("rule", question="A failed naloxone challenge, or failed?")))
    assert fault.sentence.startswith("“failed” is a verdict")


# Too many -----------------------------------------------------------------------------------------------------


def rules(count: int, **changes: object) -> Definition:
    """A rule set of ``count`` rules."""
    return definition(*(item(f"rule-{number}", **changes) for number in range(count)))


def choices(count: int) -> tuple[Choice, ...]:
    """Choices with different codes."""
    return tuple(choice(f"choice-{number}") for number in range(count))


TOO_MANY = {
    "rules": (rules, checks.MOST_RULES, "items", "rules"),
    "rules raised by a list": (
        lambda count: definition(listed=tuple(listed_item(f"rule-{number}") for number in range(count))),
        checks.MOST_RULES,
        "listed",
        "rules raised by a medication list",
    ),
    "follow-ups": (
        lambda count: with_follow_ups(*(follow_up(f"detail-{number}") for number in range(count))),
        checks.MOST_FOLLOW_UPS,
        f"{RULE}, follow-ups",
        "follow-ups",
    ),
    "choices": (
        lambda count: with_follow_ups(follow_up("kind", ONE, choices=choices(count))),
        checks.MOST_CHOICES,
        f"{RULE}, follow-up kind",
        "choices",
    ),
    "reasons": (
        lambda count: definition(item("rule", not_applicable_reasons=choices(count))),
        checks.MOST_CHOICES,
        f"{RULE}, not_applicable_reasons",
        "choices",
    ),
    "sources": (
        lambda count: definition(item("rule", sources=(source(),) * count)),
        checks.MOST_SOURCES,
        f"{RULE}, sources",
        "sources",
    ),
    "lines": (
        lambda count: definition(counselling=("Tell.",) * count),
        checks.MOST_LINES,
        "counselling",
        "lines",
    ),
    "cases": (
        lambda count: definition(cases=(*enough_cases(item()), *(case(),) * (count - 3))),
        checks.MOST_CASES,
        "cases",
        "cases",
    ),
}
every_limit = pytest.mark.parametrize(("make", "most", "place", "noun"), TOO_MANY.values(), ids=TOO_MANY)


@every_limit
def test_as_many_as_the_limit_are_not_a_fault(
    make: Callable[[int], Definition], most: int, place: str, noun: str
) -> None:
    assert check(make(most)) == ()


@every_limit
def test_one_more_than_the_limit_is_a_fault(
    make: Callable[[int], Definition], most: int, place: str, noun: str
) -> None:
    assert check(make(most + 1)) == ((place, f"there are {most + 1} {noun}; use at most {most}"),)


def test_200_rules_are_one_fault() -> None:
    assert check(rules(200)) == (("items", "there are 200 rules; use at most 60"),)


def test_the_largest_allowed_rule_set_is_checked_quickly() -> None:
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
def test_a_text_longer_than_its_field_allows_is_a_fault(rules: Definition, place: str, most: int) -> None:
    assert check(rules) == ((place, f"this text has {most + 1} characters; use at most {most}"),)


UNPRINTABLE = {
    "a control character": ("ab\x07", 3, "u+0007"),
    "a NUL": ("\x00", 1, "u+0000"),
    "a direction mark": ("a\u202eb", 2, "right-to-left override"),
    "a zero-width space": ("ab\u200b", 3, "zero width space"),
    "a soft hyphen": ("a\u00adb", 2, "soft hyphen"),
    "a line separator": ("a\u2028b", 2, "line separator"),
    "a private-use character": ("\ue000", 1, "u+e000"),
    "a replacement character": ("a\ufffd", 2, "replacement character"),
}


@pytest.mark.parametrize(("words", "number", "name"), UNPRINTABLE.values(), ids=UNPRINTABLE)
def test_a_character_that_cannot_be_printed_is_named_with_its_field(words: str, number: int, name: str) -> None:
    sentence = f"character {number} cannot be shown or printed ({name}); enter the text again"
    assert check(definition(item("rule", why=words))) == ((f"{RULE}, why", sentence),)


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
    """For every text, its field and a rule set in which this text cannot be printed."""
    plain = json.loads(to_json(WITH_ALL_PARTS))
    for holder, key in _texts_of(plain):
        original, holder[key] = holder[key], "a\u202eb"
        yield str(key), from_json(json.dumps(plain))
        holder[key] = original


def _texts_of(part: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(value, dict | list):
            yield from _texts_of(value) if key not in ("answers", "flagged") else ()
        elif isinstance(value, str) and key not in CODES and not _is_one_of(str(key)):
            yield part, key


def _is_one_of(field: str) -> bool:
    closed = {"trigger", "severity", "kind", "feeds", "listed", "outcome", "otherwise", "next_review"}
    return field in closed or field.endswith("_mg") or field in ("minimum", "maximum")


def test_every_text_of_a_rule_set_is_checked() -> None:
    broken = list(with_each_text_broken())
    assert len(broken) > 50
    assert [field for field, rules in broken if len(check(rules)) != 1] == []


@pytest.mark.parametrize("words", ["\u200d", "\u200c \u200d", "\u2800", "\u3164"], ids=ascii)
def test_a_text_without_visible_characters_is_a_fault(words: str) -> None:
    assert check(definition(item("rule", finding=words))) == (
        (f"{RULE}, finding", "this text has no visible characters; enter it again"),
    )


@pytest.mark.parametrize("words", ["Two\r\nlines", "\tα ≥ 3 × “limit” — ½", "می\u200cخواهم", "<b>&amp;"], ids=ascii)
def test_lines_signs_and_joined_letters_are_accepted(words: str) -> None:
    assert check(definition(item("rule", why=words))) == ()
