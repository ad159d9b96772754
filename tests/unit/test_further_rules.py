"""The further rules: each may be pulled into a draft as it is, says what stands behind it, and none is signed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from screening.clinical.cases import failing_cases, result_of
from screening.clinical.checks import check as check_rules
from screening.clinical.definition import AnswerCode, Case, Definition, DefinitionError, Outcome, SourceKind
from screening.clinical.further_rules import Advice, FurtherRule, FurtherRules, check, from_json
from tests.rules import FURTHER_FILE, shipped_rules
from tests.unit.builders import PROJECT, case, enough_cases, item, source

FURTHER = from_json(FURTHER_FILE.read_bytes())
SEVERITIES = {
    "hypersensitivity": "contraindicated",
    "acute-opioid-withdrawal": "contraindicated",
    "opioid-screen-or-challenge": "contraindicated",
    "milder-liver-disease": "caution",
    "severe-renal-impairment": "caution",
    "age-under-18": "avoid",
    "older-adult": "caution",
    "planned-procedure": "caution",
    "depression-or-suicidality": "caution",
    "disulfiram": "caution",
    "thioridazine": "caution",
    "other-opioid-antagonist": "caution",
    "heavy-alcohol-use": "caution",
    "immune-treatment": "caution",
    "thyroid-hormone": "caution",
    "filler-intolerance": "caution",
    "sleep-or-nightmares": "caution",
}
OPINION_ONLY = {
    "other-opioid-antagonist",
    "heavy-alcohol-use",
    "immune-treatment",
    "thyroid-hormone",
    "filler-intolerance",
}
UNCHECKED_IDENTIFIERS = (
    "10.1002/bjs.1800600817",
    "10.1002/phar.2086",
    "10.1177/1049909119838974",
    "10.1016/j.ajog.2019.07.037",
    "018932",
)
VERDICT = re.compile(r"\b(safe|cleared|eligible|approved|pass|passed|fail|failed|reject|rejected)\b", re.IGNORECASE)
WINDOW = re.compile(r"\b(ever|now|today|within the next|in the past)\b", re.IGNORECASE)

every_rule = pytest.mark.parametrize("rule", FURTHER.rules, ids=lambda rule: rule.item.link_id)


def taken() -> set[str]:
    """The link ids of the shipped rules, asked or raised by a list."""
    return {each.link_id for each in (*shipped_rules().items, *shipped_rules().listed)}


def shipped_with(*rules: FurtherRule) -> Definition:
    """The shipped rules with further ones and their cases pulled in."""
    shipped = shipped_rules()
    items = (*shipped.items, *(rule.item for rule in rules))
    return replace(shipped, items=items, cases=(*shipped.cases, *(case for rule in rules for case in rule.cases)))


def outcome_of(rules: Definition, **answers: str) -> Outcome:
    """What answers come to, the rest being no."""
    named = {link_id.replace("_", "-"): AnswerCode(answer) for link_id, answer in answers.items()}
    return result_of(rules, case(answers=named)).outcome


# Sound --------------------------------------------------------------------------------------------------------


def test_the_further_rules_have_no_fault_beside_the_shipped_ones() -> None:
    assert check(FURTHER, taken()) == ()


@every_rule
def test_a_rule_pulled_into_the_shipped_ones_makes_no_fault(rule: FurtherRule) -> None:
    rules = shipped_with(rule)
    assert (check_rules(rules), failing_cases(rules)) == ((), ())


def test_all_of_them_pulled_in_at_once_make_no_fault() -> None:
    rules = shipped_with(*FURTHER.rules)
    assert (check_rules(rules), failing_cases(rules)) == ((), ())


def test_none_of_them_changes_what_the_shipped_rules_ask() -> None:
    asked = shipped_with(*FURTHER.rules).changes_since(shipped_rules()).ask_again
    assert [each.link_id for each in asked] == list(SEVERITIES)


def test_the_rules_are_these_in_their_order_with_their_severities() -> None:
    assert [(rule.item.link_id, rule.item.severity) for rule in FURTHER.rules] == list(SEVERITIES.items())


# What is said -------------------------------------------------------------------------------------------------


def test_the_rules_that_rest_on_opinion_alone_are_known() -> None:
    assert {rule.item.link_id for rule in FURTHER.rules if rule.is_opinion_only} == OPINION_ONLY


@pytest.mark.parametrize("link_id", sorted(OPINION_ONLY))
@pytest.mark.parametrize("field", ["severity_words", "why"])
def test_a_rule_that_rests_on_opinion_alone_says_so_plainly(link_id: str, field: str) -> None:
    assert "opinion only" in getattr(FURTHER.rule(link_id).item, field).lower()


def test_a_rule_with_a_stronger_source_does_not_call_itself_opinion_only() -> None:
    others = [rule.item for rule in FURTHER.rules if not rule.is_opinion_only]
    assert not [each.link_id for each in others if "opinion only" in f"{each.severity_words} {each.why}".lower()]


def test_of_the_advice_the_line_on_driving_rests_on_opinion_alone() -> None:
    assert [each.is_opinion_only for each in FURTHER.advice] == [False, False, False, True]


@every_rule
@pytest.mark.parametrize("field", ["name", "question", "finding", "severity_words"])
def test_no_heading_of_a_rule_holds_a_verdict(rule: FurtherRule, field: str) -> None:
    assert VERDICT.findall(getattr(rule.item, field)) == []


@every_rule
def test_a_question_says_which_time_it_asks_about(rule: FurtherRule) -> None:
    lasting = {"severe-renal-impairment"}  # "Does the patient have": what lasts needs no other words
    assert WINDOW.search(rule.item.question) or rule.item.link_id in lasting


@every_rule
def test_how_long_an_answer_holds_is_marked_as_an_opinion(rule: FurtherRule) -> None:
    days = rule.item.holds_days
    expected = f"answer held {days} days" if days else "asked at every screening"
    opinions = [each.supports for each in rule.item.sources if each.kind is SourceKind.OPINION]
    assert expected in "; ".join(opinions).lower()


@every_rule
def test_nothing_is_signed_before_a_clinician_did(rule: FurtherRule) -> None:
    signed = (rule.item.authored_by, rule.item.checked_by, rule.item.next_review)
    assert signed == ("LDN Screen editorial team", "", date(2027, 11, 1))


@pytest.mark.parametrize("identifier", UNCHECKED_IDENTIFIERS)
def test_an_identifier_that_nobody_has_checked_is_not_shown(identifier: str) -> None:
    assert identifier not in FURTHER_FILE.read_text(encoding="utf-8")


@every_rule
def test_the_documentation_says_what_stands_behind_a_rule(rule: FurtherRule) -> None:
    assert f"`{rule.item.link_id}`" in (PROJECT / "docs" / "rules-table.md").read_text(encoding="utf-8")


# Beside the shipped rules -------------------------------------------------------------------------------------


def test_milder_liver_disease_is_a_caution_where_severe_disease_is_denied() -> None:
    rules = shipped_with(FURTHER.rule("milder-liver-disease"))
    assert outcome_of(rules, milder_liver_disease="yes") is Outcome.CAUTION_FLAGGED
    assert outcome_of(rules, severe_liver_disease="yes") is Outcome.CONTRAINDICATION_FLAGGED


@pytest.mark.parametrize(
    "words", ["Acute hepatitis", "liver failure", "decompensated cirrhosis", "not yet explained"]
)
def test_milder_liver_disease_leaves_severe_disease_to_the_other_question(words: str) -> None:
    liver = FURTHER.rule("milder-liver-disease").item
    assert words in liver.help.partition("belong to the question on severe liver disease")[0]
    assert words.lower() not in liver.question


def test_a_caution_does_not_outweigh_an_answer_that_is_not_known() -> None:
    rules = shipped_with(*FURTHER.rules)
    answers = {"severe_renal_impairment": "yes", "hypersensitivity": "unknown"}
    assert outcome_of(rules, **answers) is Outcome.CANNOT_CONCLUDE


def test_a_caution_beside_a_contraindication_does_not_hide_it() -> None:
    rules = shipped_with(*FURTHER.rules)
    answers = {"severe_renal_impairment": "yes", "hypersensitivity": "yes"}
    assert outcome_of(rules, **answers) is Outcome.CONTRAINDICATION_FLAGGED


# Reading ------------------------------------------------------------------------------------------------------


def with_change(change: Callable[[dict[str, Any]], object]) -> str:
    """The file after a change to what it holds."""
    plain = json.loads(FURTHER_FILE.read_text(encoding="utf-8"))
    change(plain)
    return json.dumps(plain)


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        pytest.param(lambda file: file.update(x=1), "x", "no field of this name", id="unknown field of the file"),
        pytest.param(
            lambda file: file["rules"][1].update(x=1),
            "rules[2].x",
            "no field of this name",
            id="unknown field of a rule",
        ),
        pytest.param(
            lambda file: file["rules"][0]["item"].update(x=1),
            "rules[1].item.x",
            "no field of this name",
            id="unknown field of an item",
        ),
        pytest.param(
            lambda file: file["advice"][0].update(x=1), "advice[1].x", "no field of this name", id="unknown in advice"
        ),
        pytest.param(lambda file: file.pop("advice"), "advice", "missing", id="no advice"),
        pytest.param(
            lambda file: file.update(format="ldn-screen-further-rules/2"),
            "format",
            FURTHER.format,
            id="another version",
        ),
        pytest.param(
            lambda file: file["rules"][0]["item"].update(severity="fatal"),
            "rules[1].item.severity",
            "contraindicated",
            id="unknown severity",
        ),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_fault(
    change: Callable[[dict[str, Any]], object], place: str, said: str
) -> None:
    with pytest.raises(DefinitionError) as refused:
        from_json(with_change(change))
    (fault,) = refused.value.faults
    assert fault.place == place
    assert said in fault.sentence


def test_a_text_that_is_not_json_is_refused() -> None:
    with pytest.raises(DefinitionError, match="not JSON"):
        from_json("{x")


def test_all_faults_of_form_are_told_at_once() -> None:
    with pytest.raises(DefinitionError) as refused:
        from_json(with_change(lambda file: file.update(format="other", x=1, title="")))
    assert {fault.place for fault in refused.value.faults} == {"format", "x", "title"}


def test_a_rule_is_found_by_its_link_id() -> None:
    assert FURTHER.rule("disulfiram").item.link_id == "disulfiram"


def test_a_rule_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        FURTHER.rule("opioid-use")


# Checking -----------------------------------------------------------------------------------------------------


def further(**changes: Any) -> FurtherRules:
    """Further rules of one rule with enough cases, and no advice."""
    plain = {"format": FURTHER.format, "title": "Further", "rules": (further_rule(),), "advice": ()}
    return FurtherRules(**plain | changes)


def further_rule(*cases: Case, **changes: Any) -> FurtherRule:
    """A contraindicated rule with these cases, or with enough."""
    return FurtherRule(item=item("rule", **changes), cases=cases or enough_cases(item("rule")))


def test_a_correct_rule_has_no_fault() -> None:
    assert check(further()) == ()


def test_a_link_id_that_stands_twice_is_one_fault() -> None:
    twice = further(rules=(further_rule(), further_rule()))
    assert check(twice) == (("rules", "2 rules are called “rule”; each needs its own"),)


def test_a_link_id_of_the_rule_set_is_a_fault() -> None:
    assert check(further(), {"rule"}) == (("rule rule", "the rule set has a rule of this link id; choose another"),)


@pytest.mark.parametrize(("missing", "position"), [("No", 0), ("Yes", 1), ("Not known", 2)])
def test_a_rule_without_a_case_for_some_answer_is_a_fault(missing: str, position: int) -> None:
    cases = list(enough_cases(item("rule")))
    del cases[position]
    (fault,) = check(further(rules=(further_rule(*cases),)))
    assert fault.place == "rule rule"
    assert fault.sentence.startswith(f"no case answers it “{missing}”")


def test_a_case_whose_result_differs_is_a_fault() -> None:
    wrong = case(words="Wrong.", outcome=Outcome.CAUTION_FLAGGED)
    (fault,) = check(further(rules=(further_rule(*enough_cases(item("rule")), wrong),)))
    assert fault.place == "rule rule, case 4, “Wrong.”"
    assert fault.sentence.startswith("expects “Caution flagged”")


def test_a_case_that_answers_another_rule_is_a_fault() -> None:
    other = case(words="Other.", answers={"other": AnswerCode.NO})
    (fault,) = check(further(rules=(further_rule(*enough_cases(item("rule")), other),)))
    assert fault == ("rule rule, case 4, “Other.”", "there is no rule “other”")


def test_a_fault_of_the_rule_itself_is_told() -> None:
    (fault,) = check(further(rules=(further_rule(sources=()),)))
    assert fault.place == "rule rule"
    assert fault.sentence.startswith("there is no source")


@pytest.mark.parametrize(
    ("advice", "said"),
    [
        pytest.param(Advice(words="A line", sources=()), "there is no source", id="no source"),
        pytest.param(Advice(words="LDN is safe", sources=(source(),)), "“safe” is a verdict", id="verdict"),
        pytest.param(Advice(words="A\x00line", sources=(source(),)), "character 2 cannot be", id="unprintable"),
    ],
)
def test_advice_without_a_source_or_in_words_that_may_not_be_shown_is_a_fault(advice: Advice, said: str) -> None:
    (fault,) = check(further(advice=(advice,)))
    assert fault.place.startswith("advice[1]")
    assert fault.sentence.startswith(said)
