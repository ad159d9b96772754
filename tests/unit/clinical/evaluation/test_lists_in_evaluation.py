"""Medication lists in the evaluation: they flag every answer, and never make an outcome milder."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.evaluation.evaluate import Answer, Evaluation, Finding, FindingStatus, evaluate
from screening.clinical.medications.lexicon import OpioidGroup
from screening.clinical.medications.reader import NO_LIST, ListedMedicine, MedicationList, MentionStatus
from screening.clinical.rules.definition import AnswerCode, Definition, Listed, Outcome, Severity
from tests.rules import shipped_rules
from tests.unit.builders import (
    NO,
    NOT_APPLICABLE,
    NOT_KNOWN,
    TODAY,
    YES,
    Answers,
    all_answered,
    allowing_not_applicable,
    definition,
    item,
    listed_item,
    medication_list,
    medicine,
    mentioned,
    naltrexone,
    yes,
)

SHIPPED = shipped_rules()
CODEINE = medication_list(medicine())
RANKED = (
    Outcome.NONE_IDENTIFIED,
    Outcome.CAUTION_FLAGGED,
    Outcome.CANNOT_CONCLUDE,
    Outcome.CONTRAINDICATION_FLAGGED,
)
INTERVALS = ("", "short-acting", "methadone", "buprenorphine-depot", "gut-acting", "not-offered")


def found(listed: MedicationList, answers: Answers | None = None, rules: Definition = SHIPPED) -> Evaluation:
    """The evaluation of answers beside a list; every question is answered no, unless answers are given."""
    return evaluate(rules, all_answered(rules) if answers is None else answers, TODAY, listed)


def of_opioids(listed: MedicationList, answer: Answer = NO) -> Finding:
    """The finding on opioid use."""
    return found(listed, all_answered(SHIPPED, opioid_use=answer)).findings[0]


def note(finding: Finding, label: str) -> str:
    """The words of a note."""
    (words,) = [each.words for each in finding.notes if each.label == label]
    return words


# A current opioid ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [YES, NO, NOT_KNOWN, yes(kind=("methadone",))])
def test_a_current_opioid_flags_every_answer_and_does_not_change_it(answer: Answer) -> None:
    rule, finding = SHIPPED.items[0], of_opioids(CODEINE, answer)
    assert (finding.status, finding.answer) == (FindingStatus.FLAGGED, answer.code)
    assert (finding.severity, finding.next_step) == (rule.severity, rule.next_step)


def test_a_current_opioid_flags_a_question_that_was_left_out() -> None:
    finding = found(CODEINE, {}).findings[0]
    assert (finding.status, finding.answer) == (FindingStatus.FLAGGED, AnswerCode.UNKNOWN)


def test_a_current_opioid_flags_a_rule_answered_not_applicable() -> None:
    rules = definition(allowing_not_applicable("rule", listed=Listed.OPIOID))
    finding = found(CODEINE, {"rule": NOT_APPLICABLE}, rules).findings[0]
    assert (finding.status, finding.answer) == (FindingStatus.FLAGGED, AnswerCode.NOT_APPLICABLE)
    assert note(finding, "Conflict").startswith("The answer is not applicable, but the list names")


def test_the_other_rules_stay_as_they_were_answered() -> None:
    assert found(CODEINE).findings[1:] == evaluate(SHIPPED, all_answered(SHIPPED), TODAY).findings[1:]


@pytest.mark.parametrize(
    ("answer", "label", "words"),
    [
        pytest.param(NO, "Conflict", "The answer is no, but the list names an opioid: ", id="no"),
        pytest.param(NOT_KNOWN, "Evidence", "The answer is not known, and the list names an opioid: ", id="unknown"),
        pytest.param(YES, "In the list", "The list names an opioid: ", id="yes"),
    ],
)
def test_the_note_about_the_list_depends_on_the_answer(answer: Answer, label: str, words: str) -> None:
    said = note(of_opioids(CODEINE, answer), label)
    assert said == f"{words}codeine, agonist, short-acting, line 1 “codeine”."


def test_the_note_about_the_list_comes_before_calculations() -> None:
    assert [each.label for each in of_opioids(CODEINE, NO).notes] == ["Conflict", "Interval"]


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param(NO_LIST, id="no list"),
        pytest.param(medication_list(), id="nothing found"),
        pytest.param(medication_list(mentioned(), mentioned("tramadol", 2)), id="mentions only"),
        pytest.param(medication_list(naltrexone(status=MentionStatus.MENTIONED)), id="naltrexone mentioned"),
        pytest.param(
            medication_list(medicine("nalmefene", group=OpioidGroup.ANTAGONIST, interval="")), id="another antagonist"
        ),
    ],
)
def test_without_an_opioid_or_naltrexone_in_use_the_list_changes_nothing(listed: MedicationList) -> None:
    for code in AnswerCode:
        answers = all_answered(SHIPPED, Answer(code))
        assert found(listed, answers) == evaluate(SHIPPED, answers, TODAY)


def test_an_opioid_does_not_raise_a_rule_that_uses_no_list() -> None:
    rules = definition(item("rule"))
    assert found(CODEINE, {"rule": NO}, rules).outcome is Outcome.NONE_IDENTIFIED


# Its interval -------------------------------------------------------------------------------------------------

LAST_DOSE = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("chosen", "listed", "words"),
    [
        pytest.param((), ["short-acting"], "7 to 10 days runs until 30 November 2026", id="from the list"),
        pytest.param(("short-acting",), ["methadone"], "2 weeks runs until 4 December 2026", id="the list’s longer"),
        pytest.param(("methadone",), ["short-acting"], "2 weeks runs until 4 December 2026", id="the chosen longer"),
        pytest.param(("methadone",), ["buprenorphine-depot"], "No end date can be calculated", id="an undated one"),
        pytest.param(("short-acting",), ["not-offered"], "runs until 30 November 2026", id="not offered"),
        pytest.param((), ["not-offered"], "the kind of opioid is missing", id="nothing that is offered"),
        pytest.param((), ["short-acting", "methadone"], "runs until 4 December 2026", id="two in the list"),
    ],
)
def test_of_kinds_chosen_and_listed_the_longest_or_the_undated_is_used(
    chosen: tuple[str, ...], listed: list[str], words: str
) -> None:
    medicines = [medicine(f"opioid-{at}", at, interval=each) for at, each in enumerate(listed, start=1)]
    details: dict[str, Any] = {"kind": chosen} if chosen else {}
    answer = yes(last_dose=LAST_DOSE, **details)
    assert words in note(of_opioids(medication_list(*medicines), answer), "Interval")


@pytest.mark.parametrize("answer", [NO, NOT_KNOWN])
def test_without_a_yes_the_interval_uses_only_the_list(answer: Answer) -> None:
    given = Answer(answer.code, details={"kind": ("methadone",), "last-dose": LAST_DOSE})
    words = note(of_opioids(CODEINE, given), "Interval")
    assert "the date of the last dose is missing" in words
    assert "2 weeks" not in words


# Naltrexone ---------------------------------------------------------------------------------------------------


def test_a_naltrexone_product_adds_a_caution_after_the_findings_of_the_questions() -> None:
    result, rule = found(medication_list(naltrexone(4, product="Vivitrol", term="VIVITROL"))), SHIPPED.listed[0]
    added = result.findings[-1]
    assert [each.link_id for each in result.findings] == [*SHIPPED.by_link_id, "naltrexone-product"]
    assert (added.answer, added.status, added.severity) == ("yes", "flagged", Severity.CAUTION)
    assert added.next_step == rule.next_step
    expected_note = "The list names a naltrexone product: naltrexone (Vivitrol), antagonist, line 4 “VIVITROL”."
    assert note(added, "In the list") == expected_note
    assert result.outcome is Outcome.CAUTION_FLAGGED


def test_a_naltrexone_product_with_an_unresolved_answer_does_not_conclude() -> None:
    answers = all_answered(SHIPPED, pregnancy=NOT_KNOWN)
    assert found(medication_list(naltrexone()), answers).outcome is Outcome.CANNOT_CONCLUDE


def test_naltrexone_is_no_opioid() -> None:
    assert found(medication_list(naltrexone())).findings[0].status is FindingStatus.NOT_FLAGGED


def test_a_rule_that_is_not_asked_cannot_be_answered() -> None:
    result = found(NO_LIST, all_answered(SHIPPED, naltrexone_product=YES))
    assert result.unrecognised == ("naltrexone-product",)


def test_a_rule_that_is_not_asked_may_be_raised_by_opioids_too() -> None:
    rules = definition(item("rule"), listed=(listed_item("other", Listed.OPIOID, severity=Severity.AVOID),))
    assert found(CODEINE, {"rule": NO}, rules).outcome is Outcome.CONTRAINDICATION_FLAGGED


# Never milder -------------------------------------------------------------------------------------------------


def test_a_caution_that_the_list_raises_does_not_answer_its_question() -> None:
    rules = definition(item("rule", severity=Severity.CAUTION, listed=Listed.OPIOID))
    result = found(CODEINE, {"rule": NOT_KNOWN}, rules)
    assert (result.findings[0].status, result.outcome) == (FindingStatus.FLAGGED, Outcome.CANNOT_CONCLUDE)
    assert result.open_questions == result.findings


@cache
def lists_of_each_kind() -> tuple[MedicationList, ...]:
    """One list for each kind of medicine, and for each combination of kinds."""
    kinds: tuple[tuple[ListedMedicine, ...], ...] = ((), (medicine(),), (naltrexone(2),), (mentioned(line=3),))
    return tuple(medication_list(*first, *second) for first, second in product(kinds, repeat=2))


@pytest.mark.parametrize("listed", lists_of_each_kind())
def test_for_every_combination_of_answers_the_kinds_in_a_list_decide_the_outcome(listed: MedicationList) -> None:
    wrong = []
    for codes in product(AnswerCode, repeat=len(SHIPPED.items)):
        answers = {rule.link_id: Answer(code) for rule, code in zip(SHIPPED.items, codes, strict=True)}
        without, result = evaluate(SHIPPED, answers, TODAY), found(listed, answers)
        least = RANKED.index(without.outcome)
        if listed.current_naltrexone:
            least = max(least, RANKED.index(Outcome.CAUTION_FLAGGED))
        if listed.current_opioids:
            least = RANKED.index(Outcome.CONTRAINDICATION_FLAGGED)
        if RANKED.index(result.outcome) != least:
            wrong.append((codes, result.outcome))
    assert wrong == []


medicines = st.builds(
    medicine,
    st.sampled_from(["codeine", "methadone", "loperamide", "naltrexone"]),
    st.integers(1, 5),
    group=st.sampled_from(OpioidGroup),
    interval=st.sampled_from(INTERVALS),
    status=st.sampled_from(MentionStatus),
    product=st.sampled_from(["", "Percocet"]),
)


@st.composite
def rules_that_use_lists(draw: st.DrawFn) -> Definition:
    """Rules of any severity, asked or not, that a list may raise."""
    severities, kinds = st.sampled_from(Severity), st.sampled_from([None, *Listed])
    asked = draw(st.lists(st.tuples(severities, kinds, st.booleans()), min_size=1, max_size=5))
    alone = draw(st.lists(st.tuples(severities, st.sampled_from(Listed)), max_size=3))
    return definition(
        *(
            (allowing_not_applicable if may_not_apply else item)(f"rule-{at}", severity=severity, listed=listed)
            for at, (severity, listed, may_not_apply) in enumerate(asked)
        ),
        listed=tuple(
            listed_item(f"listed-{at}", listed, severity=severity) for at, (severity, listed) in enumerate(alone)
        ),
        cases=(),
    )


@given(rules_that_use_lists(), st.lists(medicines, max_size=6), medicines, st.data())
def test_adding_to_a_list_never_makes_the_outcome_milder(
    rules: Definition, before: list[ListedMedicine], added: ListedMedicine, data: st.DataObject
) -> None:
    codes = data.draw(
        st.fixed_dictionaries({rule.link_id: st.sampled_from([*AnswerCode, None]) for rule in rules.items})
    )
    answers = {link_id: Answer(code) for link_id, code in codes.items() if code}
    less, more = (found(medication_list(*each), answers, rules) for each in (before, [*before, added]))
    without = evaluate(rules, answers, TODAY)
    assert RANKED.index(without.outcome) <= RANKED.index(less.outcome) <= RANKED.index(more.outcome)


@given(st.lists(medicines, max_size=6), st.sampled_from(AnswerCode))
def test_of_every_list_each_opioid_in_use_is_named(before: list[ListedMedicine], code: AnswerCode) -> None:
    listed = medication_list(*before)
    said = " ".join(each.words for each in of_opioids(listed, Answer(code)).notes)
    assert [
        each for each in listed.current_opioids if each.ingredient not in said or f"“{each.term}”" not in said
    ] == []
