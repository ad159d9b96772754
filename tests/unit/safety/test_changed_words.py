"""A sentence that a release words differently is compared in the words of today."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from screening.clinical.evaluation.evaluate import Answer, evaluate
from screening.clinical.rules.definition import AnswerCode
from screening.safety.changed_words import _CHANGED, in_current_words
from tests.rules import shipped_rules
from tests.unit.clinical.evaluation.test_scenarios import FILES, answer_to, read

ON = date(2026, 11, 23)
BANDS = {"bilirubin": "3", "albumin": "2", "inr": "3", "ascites": "2", "encephalopathy": "1"}
TABLETS = "the US tablet label’s opioid-free interval of at least 7 to 10 days"

EARLIER: list[tuple[str, str, dict[str, Any]]] = [
    (
        "The kind of opioid is not given, so the opioid-free interval cannot be told. The prescriber decides.",
        "opioid-use",
        {},
    ),
    (
        "The naltrexone labels give no interval after a buprenorphine injection or implant. Count in months, with an "
        "individual plan, and refer (opinion). No date can be told. The prescriber decides.",
        "opioid-use",
        {"kind": ("buprenorphine-depot",)},
    ),
    (
        f"The date of the last dose is not given, so it cannot be told until when {TABLETS} runs. The prescriber "
        "decides.",
        "opioid-use",
        {"kind": ("short-acting",)},
    ),
    (
        f"Counted from 3 November 2026 (the last dose), {TABLETS} runs until 13 November 2026. That date lies in the "
        "past, which does not lift this flag; the prescriber decides.",
        "opioid-use",
        {"kind": ("short-acting",), "last-dose": date(2026, 11, 3)},
    ),
    ("Child-Pugh class cannot be told: not given INR.", "severe-liver-disease", {**BANDS, "inr": None}),
    ("Child-Pugh class C, 11 points, worked out from the five bands.", "severe-liver-disease", BANDS),
]


def sentences_now(link_id: str, details: dict[str, Any]) -> list[str]:
    """Return the calculated sentences of this release."""
    given = {name: value for name, value in details.items() if value is not None}
    found = evaluate(shipped_rules(), {link_id: Answer(AnswerCode.YES, details=given)}, ON)
    return [note.words for finding in found.findings if finding.link_id == link_id for note in finding.notes]


@pytest.mark.parametrize(("earlier", "link_id", "details"), EARLIER)
def test_an_earlier_sentence_becomes_that_of_this_release(
    earlier: str, link_id: str, details: dict[str, Any]
) -> None:
    assert [in_current_words(earlier)] == sentences_now(link_id, details)


def test_every_change_of_words_has_an_example() -> None:
    assert len(EARLIER) == len(_CHANGED)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sentence_of_this_release_stays_as_it_is(path: Any) -> None:
    scenario = read(path)
    answers = {link_id: answer_to(link_id, given) for link_id, given in scenario["answers"].items()}
    found = evaluate(shipped_rules(), answers, date.fromisoformat(scenario["screened_on"]))
    words = [note.words for finding in found.findings for note in finding.notes]
    assert [in_current_words(each) for each in words] == words


@pytest.mark.parametrize(("earlier", "link_id", "details"), EARLIER[3:4])
def test_another_date_in_an_earlier_sentence_still_differs(
    earlier: str, link_id: str, details: dict[str, Any]
) -> None:
    assert [in_current_words(earlier.replace("13 November", "14 November"))] != sentences_now(link_id, details)


def test_another_number_of_points_still_differs() -> None:
    earlier = EARLIER[5][0].replace("11", "12")
    assert [in_current_words(earlier)] != sentences_now("severe-liver-disease", BANDS)
