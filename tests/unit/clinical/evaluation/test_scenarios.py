"""Clinical vignettes in words, each with the result that a clinician expects (``tests/scenarios``).

A scenario has a patient's story, the day of the screening, an answer to each question with its details, and the
expected outcome, flags, unresolved rules and phrases of the summary.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.evaluation.follow_up_values import from_plain
from screening.clinical.report.summary import Summary
from screening.clinical.rules.definition import AnswerCode
from tests.paths import PROJECT
from tests.rules import shipped_rules
from tests.unit.builders import CLINIC_ZONE, summary, with_patient, words_of

FILES = sorted((PROJECT / "tests" / "scenarios").glob("*.json"))
FIELDS = {"story", "screened_on", "dose_mg", "answers", "outcome", "flagged", "unresolved", "phrases"}
RULES = shipped_rules()


def read(path: Path) -> dict[str, Any]:
    """Load a scenario."""
    scenario: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return scenario


every_scenario = pytest.mark.parametrize("scenario", [pytest.param(read(path), id=path.stem) for path in FILES])


def screened(scenario: dict[str, Any]) -> Summary:
    """The summary of a scenario, shown on the day of its screening."""
    day = date.fromisoformat(scenario["screened_on"])
    answers = {link_id: answer_to(link_id, given) for link_id, given in scenario["answers"].items()}
    return summary(
        RULES,
        answers,
        shown_on=day,
        screened_at=datetime.combine(day, time(9, 30), CLINIC_ZONE),
        patient=with_patient(dose_mg=Decimal(scenario["dose_mg"])),
    )


def answer_to(link_id: str, given: dict[str, Any]) -> Answer:
    """One answer with its reason and details."""
    details = from_plain(RULES.by_link_id[link_id].follow_ups, given.get("details", {}))
    return Answer(AnswerCode(given["answer"]), given.get("reason", ""), details)


def in_one_line(words: str) -> str:
    """Words with single spaces."""
    return re.sub(r"\s+", " ", words)


@every_scenario
def test_the_scenario_is_written_in_full(scenario: dict[str, Any]) -> None:
    assert scenario.keys() == FIELDS


@every_scenario
def test_the_scenario_answers_every_question(scenario: dict[str, Any]) -> None:
    assert list(scenario["answers"]) == [rule.link_id for rule in RULES.items]


@every_scenario
def test_the_details_of_the_scenario_are_ones_that_the_form_asks_for(scenario: dict[str, Any]) -> None:
    foreign = [
        (link_id, name, code)
        for link_id, given in scenario["answers"].items()
        for name, value in given.get("details", {}).items()
        for code in (value if isinstance(value, list) else [value])
        if not is_offered(link_id, name, code)
    ]
    assert foreign == []


def is_offered(link_id: str, name: str, code: str) -> bool:
    """True for a follow-up without choices, or for one of its choices."""
    follow_up = RULES.by_link_id[link_id].follow_up(name)
    return follow_up is not None and (not follow_up.choices or follow_up.choice(code) is not None)


@every_scenario
def test_the_scenario_has_the_outcome_that_is_expected(scenario: dict[str, Any]) -> None:
    assert screened(scenario).outcome == scenario["outcome"]


@every_scenario
def test_the_scenario_flags_what_is_expected(scenario: dict[str, Any]) -> None:
    assert [entry.link_id for entry in screened(scenario).flagged] == scenario["flagged"]


@every_scenario
def test_the_scenario_leaves_unresolved_what_is_expected(scenario: dict[str, Any]) -> None:
    assert [entry.link_id for entry in screened(scenario).unresolved] == scenario["unresolved"]


@every_scenario
def test_the_summary_of_the_scenario_holds_the_phrases(scenario: dict[str, Any]) -> None:
    words = in_one_line(words_of(screened(scenario)))
    assert [phrase for phrase in scenario["phrases"] if phrase not in words] == []


def test_the_scenarios_cover_every_outcome_of_the_four_shipped_rules() -> None:
    assert {read(path)["outcome"] for path in FILES} == {
        "contraindication_flagged",
        "cannot_conclude",
        "none_identified",
    }
