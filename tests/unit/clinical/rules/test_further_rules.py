"""The rule library: each further rule can be added to a draft, names its sources, and is not yet reviewed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from screening.clinical.evaluation.cases import failing_cases, result_of
from screening.clinical.rules.definition import AnswerCode, Definition, Outcome, SourceKind
from screening.clinical.rules.further_rules import FurtherRule, from_json
from screening.clinical.rules.validation import check as check_rules
from screening.clinical.text.json_errors import DefinitionError
from tests.paths import PROJECT
from tests.rules import FURTHER_FILE, shipped_rules
from tests.unit.builders import case

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


def shipped_with(*rules: FurtherRule) -> Definition:
    """The shipped rules with further rules and their cases added."""
    shipped = shipped_rules()
    items = (*shipped.items, *(rule.item for rule in rules))
    return replace(shipped, items=items, cases=(*shipped.cases, *(case for rule in rules for case in rule.cases)))


def outcome_of(rules: Definition, **answers: str) -> Outcome:
    """The outcome of these answers; all others are no."""
    named = {link_id.replace("_", "-"): AnswerCode(answer) for link_id, answer in answers.items()}
    return result_of(rules, case(answers=named)).outcome


# Validity -----------------------------------------------------------------------------------------------------


@every_rule
def test_a_further_rule_can_be_added_to_the_shipped_rules_without_faults(rule: FurtherRule) -> None:
    rules = shipped_with(rule)
    assert (check_rules(rules), failing_cases(rules)) == ((), ())


def test_all_further_rules_can_be_added_at_once_without_faults() -> None:
    rules = shipped_with(*FURTHER.rules)
    assert (check_rules(rules), failing_cases(rules)) == ((), ())


@every_rule
def test_the_cases_of_a_rule_answer_no_other_rule(rule: FurtherRule) -> None:
    assert {link_id for each in rule.cases for link_id in each.answers} <= {rule.item.link_id}


def test_the_advice_has_no_faults_and_names_its_sources() -> None:
    advice = tuple(each.words for each in FURTHER.advice)
    assert check_rules(replace(shipped_rules(), counselling=(*shipped_rules().counselling, *advice))) == ()
    assert all(each.sources for each in FURTHER.advice)


def test_further_rules_do_not_change_the_questions_of_the_shipped_rules() -> None:
    asked = shipped_with(*FURTHER.rules).changes_since(shipped_rules()).ask_again
    assert [each.link_id for each in asked] == list(SEVERITIES)


def test_the_further_rules_have_their_order_and_severities() -> None:
    assert [(rule.item.link_id, rule.item.severity) for rule in FURTHER.rules] == list(SEVERITIES.items())


# Texts --------------------------------------------------------------------------------------------------------


def test_rules_based_on_opinion_only_are_known() -> None:
    assert {rule.item.link_id for rule in FURTHER.rules if rule.is_opinion_only} == OPINION_ONLY


@pytest.mark.parametrize("link_id", sorted(OPINION_ONLY))
@pytest.mark.parametrize("field", ["severity_words", "why"])
def test_a_rule_based_on_opinion_only_says_so(link_id: str, field: str) -> None:
    assert "opinion only" in getattr(FURTHER.rule(link_id).item, field).lower()


def test_a_rule_with_a_stronger_source_does_not_say_opinion_only() -> None:
    others = [rule.item for rule in FURTHER.rules if not rule.is_opinion_only]
    assert not [each.link_id for each in others if "opinion only" in f"{each.severity_words} {each.why}".lower()]


def test_only_the_advice_on_driving_is_based_on_opinion_only() -> None:
    assert [each.is_opinion_only for each in FURTHER.advice] == [False, False, False, True]


@every_rule
@pytest.mark.parametrize("field", ["name", "question", "finding", "severity_words"])
def test_no_heading_of_a_rule_contains_a_verdict(rule: FurtherRule, field: str) -> None:
    assert VERDICT.findall(getattr(rule.item, field)) == []


@every_rule
def test_a_question_states_its_time_window(rule: FurtherRule) -> None:
    lasting = {"severe-renal-impairment"}  # "Does the patient have" is enough for a lasting condition
    assert WINDOW.search(rule.item.question) or rule.item.link_id in lasting


@every_rule
def test_the_days_that_an_answer_holds_are_marked_as_an_opinion(rule: FurtherRule) -> None:
    days = rule.item.holds_days
    expected = f"answer held {days} days" if days else "asked at every screening"
    opinions = [each.supports for each in rule.item.sources if each.kind is SourceKind.OPINION]
    assert expected in "; ".join(opinions).lower()


@every_rule
def test_no_rule_is_marked_as_checked_before_a_clinician_checks_it(rule: FurtherRule) -> None:
    review = (rule.item.authored_by, rule.item.checked_by, rule.item.next_review)
    assert review == ("LDN Screen editorial team", "", date(2027, 11, 1))


@pytest.mark.parametrize("identifier", UNCHECKED_IDENTIFIERS)
def test_unchecked_identifiers_of_sources_are_not_used(identifier: str) -> None:
    assert identifier not in FURTHER_FILE.read_text(encoding="utf-8")


@every_rule
def test_the_documentation_lists_every_further_rule(rule: FurtherRule) -> None:
    assert f"`{rule.item.link_id}`" in (PROJECT / "docs" / "rules-table.md").read_text(encoding="utf-8")


# Beside the shipped rules -------------------------------------------------------------------------------------


def test_milder_liver_disease_is_a_caution_without_severe_disease() -> None:
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


def test_an_unknown_answer_takes_precedence_over_a_caution() -> None:
    rules = shipped_with(*FURTHER.rules)
    answers = {"severe_renal_impairment": "yes", "hypersensitivity": "unknown"}
    assert outcome_of(rules, **answers) is Outcome.CANNOT_CONCLUDE


def test_a_contraindication_takes_precedence_over_a_caution() -> None:
    rules = shipped_with(*FURTHER.rules)
    answers = {"severe_renal_impairment": "yes", "hypersensitivity": "yes"}
    assert outcome_of(rules, **answers) is Outcome.CONTRAINDICATION_FLAGGED


# Parsing ------------------------------------------------------------------------------------------------------


def with_change(change: Callable[[dict[str, Any]], object]) -> str:
    """The file after a change of its content."""
    plain = json.loads(FURTHER_FILE.read_text(encoding="utf-8"))
    change(plain)
    return json.dumps(plain)


@pytest.mark.parametrize(
    ("change", "place", "sentence"),
    [
        pytest.param(lambda file: file.update(x=1), "x", "no field with this name", id="unknown field of the file"),
        pytest.param(
            lambda file: file["rules"][1].update(x=1),
            "rules[2].x",
            "no field with this name",
            id="unknown field of a rule",
        ),
        pytest.param(
            lambda file: file["rules"][0]["item"].update(x=1),
            "rules[1].item.x",
            "no field with this name",
            id="unknown field of an item",
        ),
        pytest.param(
            lambda file: file["advice"][0].update(x=1),
            "advice[1].x",
            "no field with this name",
            id="unknown in advice",
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
def test_an_invalid_file_is_refused_with_its_fault(
    change: Callable[[dict[str, Any]], object], place: str, sentence: str
) -> None:
    with pytest.raises(DefinitionError) as refused:
        from_json(with_change(change))
    (fault,) = refused.value.faults
    assert fault.place == place
    assert sentence in fault.sentence


def test_a_text_that_is_not_json_is_refused() -> None:
    with pytest.raises(DefinitionError, match="not JSON"):
        from_json("{x")


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(DefinitionError) as refused:
        from_json(with_change(lambda file: file.update(format="other", x=1, title="")))
    assert {fault.place for fault in refused.value.faults} == {"format", "x", "title"}


def test_a_rule_is_found_by_its_link_id() -> None:
    assert FURTHER.rule("disulfiram").item.link_id == "disulfiram"


def test_an_unknown_link_id_is_an_error() -> None:
    with pytest.raises(KeyError):
        FURTHER.rule("opioid-use")
