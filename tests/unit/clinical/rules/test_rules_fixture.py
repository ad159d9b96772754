"""The shipped rules: valid, with the names that the contract fixes, and not yet reviewed by a clinician."""

from __future__ import annotations

import re

import pytest

from screening.clinical.evaluation.cases import failing_cases
from screening.clinical.rules.validation import check
from tests.rules import RULES_FILE, rules_with_two_more, shipped_rules

SEVERITIES = {
    "opioid-use": "contraindicated",
    "severe-liver-disease": "avoid",
    "pregnancy": "avoid",
    "breastfeeding": "avoid",
}
NOT_APPLICABLE_REASONS = {
    "opioid-use": [],
    "severe-liver-disease": [],
    "pregnancy": ["after-menopause", "no-uterus", "other"],
    "breastfeeding": ["not-lactating", "other"],
}
POINTS = ["1", "2", "3"]
FOLLOW_UPS: dict[str, dict[str, tuple[str, list[str]]]] = {
    "opioid-use": {
        "agent": ("text", []),
        "kind": (
            "several-choices",
            [
                "short-acting",
                "long-acting",
                "methadone",
                "buprenorphine",
                "buprenorphine-depot",
                "illicit-or-unknown",
                "kratom-tianeptine",
                "gut-acting",
            ],
        ),
        "last-dose": ("date", []),
        "urine-screen": ("one-choice", ["none", "negative", "positive", "unknown"]),
    },
    "severe-liver-disease": {
        "kind": (
            "one-choice",
            ["acute-hepatitis", "liver-failure", "decompensated-cirrhosis", "child-pugh-c", "not-yet-explained"],
        ),
        "bilirubin": ("one-choice", POINTS),
        "albumin": ("one-choice", POINTS),
        "inr": ("one-choice", POINTS),
        "ascites": ("one-choice", POINTS),
        "encephalopathy": ("one-choice", POINTS),
        "transaminases-uln": ("number", []),
        "tests-date": ("date", []),
    },
    "pregnancy": {
        "status": ("one-choice", ["pregnant", "possibly", "trying"]),
        "test-date": ("date", []),
        "test-result": ("one-choice", ["positive", "negative", "not-done"]),
    },
    "breastfeeding": {
        "infant-age": ("text", []),
        "infant-health": ("one-choice", ["well", "premature", "unwell"]),
    },
}
VERDICT = re.compile(r"\b(safe|cleared|eligible|approved|pass|passed|fail|failed|reject|rejected)\b", re.IGNORECASE)

every_rule = pytest.mark.parametrize("link_id", SEVERITIES)


# Validity -----------------------------------------------------------------------------------------------------


def test_the_shipped_rules_have_no_faults() -> None:
    assert check(shipped_rules()) == ()


def test_every_case_of_the_shipped_rules_has_the_expected_result() -> None:
    assert failing_cases(shipped_rules()) == ()


def test_no_rule_is_marked_as_checked_before_a_clinician_checks_it() -> None:
    rules = shipped_rules()
    assert [rule.checked_by for rule in (*rules.items, *rules.listed)] == [""] * 5


@pytest.mark.parametrize("link_id", ["pregnancy", "breastfeeding"])
def test_pregnancy_and_breastfeeding_are_asked_at_every_screening(link_id: str) -> None:
    assert shipped_rules().by_link_id[link_id].holds_days == 0


@pytest.mark.parametrize(
    "identifier",
    [
        "10.1002/bjs.1800600817",
        "10.1002/phar.2086",
        "10.1177/1049909119838974",
        "10.1016/j.ajog.2019.07.037",
        "018932",
    ],
)
def test_unchecked_identifiers_of_sources_are_not_used(identifier: str) -> None:
    assert identifier not in RULES_FILE.read_text(encoding="utf-8")


@every_rule
@pytest.mark.parametrize("field", ["name", "question", "finding", "severity_words"])
def test_no_heading_of_a_rule_contains_a_verdict(link_id: str, field: str) -> None:
    assert VERDICT.findall(getattr(shipped_rules().by_link_id[link_id], field)) == []


# Names fixed by the contract ----------------------------------------------------------------------------------


def test_the_four_rules_have_their_order_and_severities() -> None:
    assert {rule.link_id: rule.severity for rule in shipped_rules().items} == SEVERITIES
    assert [rule.link_id for rule in shipped_rules().items] == list(SEVERITIES)


def test_a_list_raises_opioid_use_and_the_caution_about_naltrexone() -> None:
    rules = shipped_rules()
    assert {rule.link_id: rule.listed for rule in rules.items if rule.listed} == {"opioid-use": "opioid"}
    (caution,) = rules.listed
    assert (caution.link_id, caution.listed, caution.severity) == ("naltrexone-product", "naltrexone", "caution")
    assert [source.kind for source in caution.sources] == ["opinion"]


@pytest.mark.parametrize("field", ["name", "finding", "severity_words"])
def test_no_heading_of_a_rule_raised_by_a_list_contains_a_verdict(field: str) -> None:
    assert [VERDICT.findall(getattr(rule, field)) for rule in shipped_rules().listed] == [[]]


@every_rule
def test_the_follow_ups_of_a_rule_have_their_names_kinds_and_codes(link_id: str) -> None:
    follow_ups = {
        each.link_id: (each.kind.value, [choice.code for choice in each.choices])
        for each in shipped_rules().by_link_id[link_id].follow_ups
    }
    assert follow_ups == FOLLOW_UPS[link_id]


@every_rule
def test_the_reasons_for_not_applicable_have_their_codes(link_id: str) -> None:
    reasons = shipped_rules().by_link_id[link_id].not_applicable_reasons
    assert [reason.code for reason in reasons] == NOT_APPLICABLE_REASONS[link_id]


INTERVALS = {"short-acting": 10, "long-acting": 10, "methadone": 14, "buprenorphine": 14}


def test_the_opioid_free_intervals_have_their_days() -> None:
    kind = shipped_rules().by_link_id["opioid-use"].follow_up("kind")
    assert kind is not None
    days = {choice.code: choice.interval.days for choice in kind.choices if choice.interval}
    assert days == {code: INTERVALS.get(code) for code in FOLLOW_UPS["opioid-use"]["kind"][1]}


@pytest.mark.parametrize("link_id", ["bilirubin", "albumin"])
def test_the_bands_of_blood_tests_have_both_unit_systems(link_id: str) -> None:
    follow_up = shipped_rules().by_link_id["severe-liver-disease"].follow_up(link_id)
    assert follow_up is not None
    assert [
        choice.label for choice in follow_up.choices if not re.search(r"g/dL \(.*(µmol|g)/L\)", choice.label)
    ] == []


def test_the_low_dose_range_is_half_to_four_and_a_half_mg() -> None:
    assert (str(shipped_rules().dose_low_mg), str(shipped_rules().dose_high_mg)) == ("0.5", "4.5")


@pytest.mark.parametrize(
    "phrase",
    [
        "opioid now or in the past 14 days",
        "injection or implant in the past 6 months",
        "dependence or withdrawal now",
    ],
)
def test_the_opioid_question_states_its_time_windows(phrase: str) -> None:
    assert phrase in shipped_rules().by_link_id["opioid-use"].question


@pytest.mark.parametrize("phrase", ["Child-Pugh B", "Renal impairment", "opioid-free interval is long enough"])
def test_the_rule_set_lists_what_the_screen_does_not_cover(phrase: str) -> None:
    assert phrase in "\n".join(shipped_rules().not_covered)


@pytest.mark.parametrize("link_id", ["pregnancy", "breastfeeding"])
def test_the_severity_words_say_that_the_impact_is_not_fully_established(link_id: str) -> None:
    assert shipped_rules().by_link_id[link_id].severity_words == "Avoid: impact not fully established"


# Further rules ------------------------------------------------------------------------------------------------


def test_the_shipped_rules_with_two_more_have_no_faults() -> None:
    assert (len(rules_with_two_more().items), check(rules_with_two_more())) == (6, ())


def test_every_case_has_the_expected_result_with_two_more_rules() -> None:
    assert failing_cases(rules_with_two_more()) == ()


def test_two_more_rules_change_none_of_the_four_questions() -> None:
    ask_again = rules_with_two_more().changes_since(shipped_rules()).ask_again
    assert [rule.link_id for rule in ask_again] == ["hypersensitivity", "severe-renal-impairment"]
