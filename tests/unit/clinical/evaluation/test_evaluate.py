"""Evaluation compared with a second judge, which is written from the documentation with another algorithm.

The judge ranks each single answer and takes the most severe rank: it has no precedence of outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import FrozenInstanceError
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.evaluation.evaluate import Answer, Evaluation, FindingStatus, evaluate
from screening.clinical.rules.definition import AnswerCode, Definition, FollowUpKind, Item, Outcome, Severity
from tests.rules import shipped_rules
from tests.unit.builders import (
    NO,
    NOT_APPLICABLE,
    NOT_KNOWN,
    TODAY,
    YES,
    all_answered,
    allowing_not_applicable,
    choice,
    definition,
    follow_up,
    interval_kind,
    interval_start,
    item,
    rule_sets,
    summary,
    words_of,
    yes,
)

# The second judge ---------------------------------------------------------------------------------------------

RANKED = (
    Outcome.NONE_IDENTIFIED,
    Outcome.CAUTION_FLAGGED,
    Outcome.CANNOT_CONCLUDE,
    Outcome.CONTRAINDICATION_FLAGGED,
)
"""The outcomes, mildest first; an outcome's rank is its place."""

WORTH = {
    ("yes", "contraindicated"): 3,
    ("yes", "avoid"): 3,
    ("yes", "caution"): 1,
    **{("no", severity): 0 for severity in ("contraindicated", "avoid", "caution")},
    **{("not_applicable", severity): 0 for severity in ("contraindicated", "avoid", "caution")},
}
OPEN = 2
"""The rank of an answer that is not known, missing, not allowed or foreign."""

Codes = Mapping[str, AnswerCode | None]
"""The answers by link id; None for a missing answer."""
Overdue = tuple[str, ...]
"""The rules that the installation does not rely on, because their review is overdue."""


def worth(rule: Item, code: AnswerCode | None) -> int:
    """The rank of one answer."""
    if code == "not_applicable" and not rule.not_applicable_reasons:
        return OPEN
    return WORTH.get((str(code), str(rule.severity)), OPEN)


def judged(rules: Definition, codes: Codes, overdue: Overdue = ()) -> Outcome:
    """The outcome by the second judge; an overdue rule ranks like an unresolved answer."""
    asked = {rule.link_id for rule in rules.items}
    ranks = [worth(rule, codes.get(rule.link_id)) for rule in rules.items]
    foreign = [OPEN for link_id in codes if link_id not in asked]
    return RANKED[max([*ranks, *foreign, *(OPEN for _ in overdue)])]


# Answers ------------------------------------------------------------------------------------------------------

ANY_ANSWER: tuple[AnswerCode | None, ...] = (*AnswerCode, None)


def found(rules: Definition, codes: Codes, overdue: Overdue = ()) -> Evaluation:
    """The evaluation of bare answers."""
    answers = {link_id: Answer(code) for link_id, code in codes.items() if code is not None}
    return evaluate(rules, answers, TODAY, overdue=overdue)


def rank(rules: Definition, codes: Codes, overdue: Overdue = ()) -> int:
    """The rank of the outcome."""
    return RANKED.index(found(rules, codes, overdue).outcome)


def every_combination(rules: Definition) -> Iterator[dict[str, AnswerCode | None]]:
    """Every way to answer the rules, "not applicable" and nothing at all included."""
    link_ids = [rule.link_id for rule in rules.items]
    for codes in product(ANY_ANSWER, repeat=len(link_ids)):
        yield dict(zip(link_ids, codes, strict=True))


@cache
def one_rule_of_each_severity() -> Definition:
    """Rules of each severity; the second may not apply."""
    return definition(
        item("grave", severity=Severity.CONTRAINDICATED),
        allowing_not_applicable("to-avoid", severity=Severity.AVOID),
        item("caution", severity=Severity.CAUTION),
        item("another-caution", severity=Severity.CAUTION),
    )


both_rule_sets = pytest.mark.parametrize(
    "rules", [shipped_rules(), one_rule_of_each_severity()], ids=["shipped rules", "each severity"]
)


@st.composite
def answered_rule_sets(draw: st.DrawFn) -> tuple[Definition, dict[str, AnswerCode | None]]:
    """Any rule set with any answers."""
    rules = draw(rule_sets())
    codes = draw(st.lists(st.sampled_from(ANY_ANSWER), min_size=len(rules.items), max_size=len(rules.items)))
    return rules, dict(zip((rule.link_id for rule in rules.items), codes, strict=True))


# The outcome --------------------------------------------------------------------------------------------------


@both_rule_sets
def test_every_combination_of_answers_gives_the_outcome_of_the_second_judge(rules: Definition) -> None:
    differing = [
        (codes, found(rules, codes).outcome)
        for codes in every_combination(rules)
        if found(rules, codes).outcome is not judged(rules, codes)
    ]
    assert differing == []


@given(answered_rule_sets())
def test_any_rule_set_with_any_answers_gives_the_outcome_of_the_second_judge(
    answered: tuple[Definition, dict[str, AnswerCode | None]],
) -> None:
    assert found(*answered).outcome is judged(*answered)


@both_rule_sets
def test_an_unknown_or_missing_answer_gives_at_best_cannot_conclude(rules: Definition) -> None:
    too_mild = [
        codes
        for codes in every_combination(rules)
        if {None, AnswerCode.UNKNOWN} & set(codes.values())
        and found(rules, codes).outcome in (Outcome.NONE_IDENTIFIED, Outcome.CAUTION_FLAGGED)
    ]
    assert too_mild == []


@both_rule_sets
@pytest.mark.parametrize("instead", [AnswerCode.YES, AnswerCode.UNKNOWN, None], ids=["yes", "unknown", "missing"])
def test_turning_a_no_into_something_else_never_makes_the_outcome_milder(
    rules: Definition, instead: AnswerCode | None
) -> None:
    milder = [
        (codes, link_id)
        for codes in every_combination(rules)
        for link_id, code in codes.items()
        if code is AnswerCode.NO and rank(rules, {**codes, link_id: instead}) < rank(rules, codes)
    ]
    assert milder == []


@given(answered_rule_sets(), st.sampled_from([AnswerCode.YES, AnswerCode.UNKNOWN]), st.data())
def test_in_any_rule_set_a_no_turned_into_yes_or_unknown_never_makes_the_outcome_milder(
    answered: tuple[Definition, dict[str, AnswerCode | None]], instead: AnswerCode, data: st.DataObject
) -> None:
    rules, codes = answered
    link_id = data.draw(st.sampled_from(sorted(codes)))
    assert rank(rules, {**codes, link_id: instead}) >= rank(rules, {**codes, link_id: AnswerCode.NO})


@given(answered_rule_sets(), st.randoms(use_true_random=False))
def test_the_order_of_the_rules_does_not_matter(
    answered: tuple[Definition, dict[str, AnswerCode | None]], random: Any
) -> None:
    rules, codes = answered
    shuffled = definition(*random.sample(rules.items, len(rules.items)), cases=())
    before, after = found(rules, codes), found(shuffled, codes)
    assert (after.outcome, set(after.findings)) == (before.outcome, set(before.findings))


def test_an_answer_to_a_foreign_rule_gives_at_best_cannot_conclude() -> None:
    answers = all_answered(shipped_rules(), foreign_rule=NO)
    assert evaluate(shipped_rules(), answers, TODAY).outcome is Outcome.CANNOT_CONCLUDE


def test_an_answer_to_a_foreign_rule_does_not_remove_a_flag() -> None:
    answers = all_answered(shipped_rules(), pregnancy=YES, foreign_rule=NO)
    assert evaluate(shipped_rules(), answers, TODAY).outcome is Outcome.CONTRAINDICATION_FLAGGED


def test_answers_to_foreign_rules_are_named_in_order() -> None:
    answers = all_answered(shipped_rules(), zinc=NO, arnica=YES)
    assert evaluate(shipped_rules(), answers, TODAY).unrecognised == ("arnica", "zinc")


# Rules whose review is overdue --------------------------------------------------------------------------------

OVERDUE = pytest.mark.parametrize("overdue", [("grave",), ("caution",), ("grave", "to-avoid", "caution")])


@OVERDUE
def test_with_overdue_rules_every_combination_of_answers_gives_the_outcome_of_the_second_judge(
    overdue: Overdue,
) -> None:
    rules = one_rule_of_each_severity()
    differing = [
        codes
        for codes in every_combination(rules)
        if found(rules, codes, overdue).outcome is not judged(rules, codes, overdue)
    ]
    assert differing == []


@OVERDUE
def test_with_overdue_rules_turning_a_no_into_something_else_never_makes_the_outcome_milder(overdue: Overdue) -> None:
    rules = one_rule_of_each_severity()
    milder = [
        (codes, link_id, instead)
        for codes in every_combination(rules)
        for link_id, code in codes.items()
        for instead in (AnswerCode.YES, AnswerCode.UNKNOWN, None)
        if code is AnswerCode.NO and rank(rules, {**codes, link_id: instead}, overdue) < rank(rules, codes, overdue)
    ]
    assert milder == []


@given(answered_rule_sets(), st.data())
def test_in_any_rule_set_another_overdue_rule_never_makes_the_outcome_milder(
    answered: tuple[Definition, dict[str, AnswerCode | None]], data: st.DataObject
) -> None:
    rules, codes = answered
    overdue = tuple(data.draw(st.sets(st.sampled_from(sorted(codes)))))
    more = (*overdue, data.draw(st.sampled_from(sorted(codes))))
    assert rank(rules, codes) <= rank(rules, codes, overdue) <= rank(rules, codes, more)
    assert found(rules, codes, overdue).outcome is judged(rules, codes, overdue)


@pytest.mark.parametrize(
    ("answer", "severity", "outcome"),
    [
        pytest.param(NO, Severity.CONTRAINDICATED, Outcome.CANNOT_CONCLUDE, id="nothing"),
        pytest.param(YES, Severity.CAUTION, Outcome.CANNOT_CONCLUDE, id="a caution"),
        pytest.param(YES, Severity.AVOID, Outcome.CONTRAINDICATION_FLAGGED, id="to avoid"),
        pytest.param(YES, Severity.CONTRAINDICATED, Outcome.CONTRAINDICATION_FLAGGED, id="a contraindication"),
    ],
)
def test_over_an_overdue_rule_nothing_is_concluded_and_a_contraindication_stays(
    answer: Answer, severity: Severity, outcome: Outcome
) -> None:
    rules = definition(item("rule", severity=severity), item("overdue"))
    assert evaluate(rules, {"rule": answer, "overdue": NO}, TODAY, overdue=("overdue",)).outcome is outcome


def test_an_overdue_rule_that_only_a_list_raises_counts_though_it_was_not_raised() -> None:
    result = evaluate(shipped_rules(), all_answered(shipped_rules()), TODAY, overdue=("naltrexone-product",))
    assert result.outcome is Outcome.CANNOT_CONCLUDE


@pytest.mark.parametrize("answer", [YES, NO, NOT_KNOWN])
def test_overdue_rules_do_not_change_the_findings_and_are_recorded(answer: Answer) -> None:
    rules = definition(item("rule"))
    without, over = (evaluate(rules, {"rule": answer}, TODAY, overdue=each) for each in ((), ("rule",)))
    assert over.findings == without.findings
    assert (without.overdue, over.overdue) == ((), ("rule",))


# The findings -------------------------------------------------------------------------------------------------


def test_every_combination_flags_each_yes_and_nothing_else() -> None:
    rules = shipped_rules()
    wrong = [
        codes
        for codes in every_combination(rules)
        if [finding.link_id for finding in found(rules, codes).with_status(FindingStatus.FLAGGED)]
        != [link_id for link_id, code in codes.items() if code == "yes"]
    ]
    assert wrong == []


def test_every_yes_of_every_combination_is_named_in_the_words_of_the_summary() -> None:
    rules = shipped_rules()
    unnamed = []
    for codes in every_combination(rules):
        answers = {link_id: Answer(code) for link_id, code in codes.items() if code is not None}
        words = words_of(summary(rules, answers).flagged)
        unnamed += [
            rule.link_id for rule in rules.items if codes[rule.link_id] == "yes" and rule.finding not in words
        ]
    assert unnamed == []


def test_every_unresolved_answer_of_every_combination_has_its_way_to_find_out() -> None:
    rules = shipped_rules()
    unlisted = [
        (codes, rule.link_id)
        for codes in every_combination(rules)
        for rule, finding in zip(rules.items, found(rules, codes).findings, strict=True)
        if worth(rule, codes[rule.link_id]) == OPEN
        and (finding.status, finding.next_step) != (FindingStatus.UNRESOLVED, rule.find_out)
    ]
    assert unlisted == []


def test_findings_are_in_the_order_of_the_rules() -> None:
    rules = shipped_rules()
    findings = evaluate(rules, dict(reversed(all_answered(rules).items())), TODAY).findings
    assert [finding.link_id for finding in findings] == [rule.link_id for rule in rules.items]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        pytest.param(YES, FindingStatus.FLAGGED, id="yes"),
        pytest.param(NO, FindingStatus.NOT_FLAGGED, id="no"),
        pytest.param(NOT_KNOWN, FindingStatus.UNRESOLVED, id="unknown"),
        pytest.param(NOT_APPLICABLE, FindingStatus.NOT_FLAGGED, id="not applicable"),
    ],
)
def test_a_finding_has_the_answer_that_raised_it(answer: Answer, status: FindingStatus) -> None:
    rules = definition(allowing_not_applicable("rule"))
    finding = evaluate(rules, {"rule": answer}, TODAY).findings[0]
    assert (finding.answer, finding.status) == (answer.code, status)


def test_not_applicable_where_it_is_not_allowed_counts_as_unknown() -> None:
    finding = evaluate(definition(item("rule")), {"rule": NOT_APPLICABLE}, TODAY).findings[0]
    assert (finding.answer, finding.status) == (AnswerCode.UNKNOWN, FindingStatus.UNRESOLVED)


@pytest.mark.parametrize("severity", Severity)
def test_a_finding_has_the_severity_of_its_rule(severity: Severity) -> None:
    finding = evaluate(definition(item("rule", severity=severity)), {"rule": YES}, TODAY).findings[0]
    assert finding.severity is severity


def test_an_answer_of_no_has_no_next_step() -> None:
    assert evaluate(definition(item("rule")), {"rule": NO}, TODAY).findings[0].next_step == ""


def test_what_was_answered_and_found_cannot_be_changed() -> None:
    rules = definition(item("rule", follow_ups=(interval_kind(), interval_start())))
    evaluation = evaluate(rules, {"rule": YES}, TODAY)
    finding = evaluation.findings[0]
    frozen = [(YES, "code"), (evaluation, "outcome"), (finding, "status"), (finding.notes[0], "words")]
    for part, name in frozen:
        with pytest.raises(FrozenInstanceError):
            setattr(part, name, None)


# Next steps and notes -----------------------------------------------------------------------------------------

PLAIN, OWN, ALSO_OWN = choice("plain"), choice("own", next_step="Discuss."), choice("also-own", next_step="Refer.")


@pytest.mark.parametrize(
    ("chosen", "next_step"),
    [
        pytest.param((), "Act on rule.", id="nothing chosen"),
        pytest.param(("plain",), "Act on rule.", id="a choice without words"),
        pytest.param(("own",), "Discuss.", id="words of a choice replace the rule's"),
        pytest.param(("plain", "own"), "Act on rule. Discuss.", id="beside a choice without words they add"),
        pytest.param(("own", "also-own"), "Discuss. Refer.", id="two choices with words"),
        pytest.param(("nonsense",), "Act on rule.", id="a choice that is not offered"),
    ],
)
def test_the_next_step_is_the_rules_or_that_of_what_was_chosen(chosen: tuple[str, ...], next_step: str) -> None:
    kind = follow_up("kind", FollowUpKind.SEVERAL, choices=(PLAIN, OWN, ALSO_OWN))
    rules = definition(item("rule", follow_ups=(kind,)))
    assert evaluate(rules, {"rule": yes(kind=chosen)}, TODAY).findings[0].next_step == next_step


def test_the_same_next_step_of_two_choices_appears_once() -> None:
    choices = (OWN, choice("same", next_step="Discuss."))
    rules = definition(item("rule", follow_ups=(follow_up("kind", FollowUpKind.SEVERAL, choices=choices),)))
    assert evaluate(rules, {"rule": yes(kind=("own", "same"))}, TODAY).findings[0].next_step == "Discuss."


def test_trying_to_conceive_is_discussed_and_stays_flagged() -> None:
    evaluation = evaluate(shipped_rules(), all_answered(shipped_rules(), pregnancy=yes(status="trying")), TODAY)
    (finding,) = evaluation.with_status(FindingStatus.FLAGGED)
    assert finding.next_step.startswith("Discuss benefit and risk before starting; the flag stays")


def test_a_rule_that_asks_for_no_interval_and_no_bands_has_no_notes() -> None:
    assert evaluate(definition(item("rule")), {"rule": YES}, TODAY).findings[0].notes == ()


def test_an_interval_is_noted_under_its_label() -> None:
    rules = definition(item("rule", follow_ups=(interval_kind(), interval_start())))
    (note,) = evaluate(rules, {"rule": YES}, TODAY).findings[0].notes
    assert note.label == "Interval"


def test_the_child_pugh_class_is_noted_under_its_label() -> None:
    answers = {"severe-liver-disease": yes(bilirubin="3")}
    notes = evaluate(shipped_rules(), answers, TODAY).findings[1].notes
    assert [note.label for note in notes] == ["Child-Pugh"]


@pytest.mark.parametrize("code", [AnswerCode.NO, AnswerCode.UNKNOWN])
def test_details_of_an_answer_other_than_yes_are_not_calculated(code: AnswerCode) -> None:
    rules = definition(item("rule", follow_ups=(interval_kind(), interval_start())))
    answer = Answer(code, details={"kind": ("dated",), "last-dose": TODAY})
    assert evaluate(rules, {"rule": answer}, TODAY).findings[0].notes == ()


def test_an_interval_that_has_passed_lifts_no_flag() -> None:
    long_ago = yes(kind=("short-acting",), last_dose=date(2020, 1, 1))
    evaluation = evaluate(shipped_rules(), all_answered(shipped_rules(), opioid_use=long_ago), TODAY)
    assert evaluation.outcome is Outcome.CONTRAINDICATION_FLAGGED


# Total --------------------------------------------------------------------------------------------------------

NONSENSE: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(max_size=9), st.dates(),
    st.lists(st.text(max_size=9), max_size=3), st.sets(st.integers(), max_size=3),
    st.sampled_from(["short-acting", "child-pugh-c", "1", ("methadone", "gut-acting"), Decimal("sNaN")]),
)  # fmt: skip
LINK_IDS = [rule.link_id for rule in shipped_rules().items]
FOLLOW_UPS = sorted({each.link_id for rule in shipped_rules().items for each in rule.follow_ups})


WORDS = st.text(max_size=9)


@given(
    st.dictionaries(
        st.sampled_from(LINK_IDS) | WORDS,
        st.builds(
            Answer,
            st.sampled_from(AnswerCode),
            WORDS,
            st.dictionaries(st.sampled_from(FOLLOW_UPS) | WORDS, NONSENSE, max_size=5),
        ),
        max_size=5,
    )
)
def test_nonsense_gives_the_outcome_of_the_second_judge_and_no_exception(answers: dict[str, Answer]) -> None:
    codes = {link_id: answer.code for link_id, answer in answers.items()}
    assert evaluate(shipped_rules(), answers, TODAY).outcome is judged(shipped_rules(), codes)


@pytest.mark.parametrize(
    ("start", "on"),
    [
        pytest.param(datetime(2026, 11, 20, 8, 0), TODAY, id="a time of day in a date"),  # noqa: DTZ001
        pytest.param(date.max, date.max, id="the end of the calendar"),
    ],
)
def test_a_strange_start_of_an_interval_raises_a_flag_and_no_exception(start: date, on: date) -> None:
    answers = all_answered(shipped_rules(), opioid_use=yes(kind=("short-acting",), last_dose=start))
    assert evaluate(shipped_rules(), answers, on).outcome is Outcome.CONTRAINDICATION_FLAGGED


@pytest.mark.parametrize(("code", "status"), [("yes", "flagged"), ("unknown", "unresolved"), ("maybe", "unresolved")])
def test_a_code_that_comes_as_plain_text_is_never_taken_for_a_no(code: Any, status: str) -> None:
    rules = shipped_rules()
    result = evaluate(rules, {item.link_id: Answer(code) for item in rules.items}, date(2026, 11, 23))
    assert {finding.status.value for finding in result.findings} == {status}
