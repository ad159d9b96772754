"""The comparison of a stored screening with what this release finds. Pure."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.evaluation.evaluate import Answer, Evaluation, Finding, evaluate
from screening.clinical.evaluation.follow_up_values import to_plain
from screening.clinical.evaluation.listed_medicines import to_plain as medicines_to_plain
from screening.clinical.medications.reader import NO_LIST, MedicationList
from screening.clinical.report.summary import words_in_lists
from screening.clinical.rules.definition import AnswerCode
from screening.safety.differences import (
    CannotEvaluate,
    StoredAnswer,
    StoredList,
    StoredScreening,
    list_differences,
    parse,
)
from tests.factories import CURRENT_OPIOID, NALTREXONE, NO, NOT_KNOWN, TRAMADOL
from tests.rules import shipped_recogniser, shipped_rules

ON = date(2026, 11, 23)
RULES = shipped_rules()
EVERYTHING_NO = {item.link_id: NO for item in RULES.items}
LISTS = {"none": "", "an opioid": CURRENT_OPIOID, "naltrexone": NALTREXONE}


def stored(
    answers: dict[str, Answer],
    listed: str = "",
    on: date = ON,
    overdue: tuple[str, ...] = (),
) -> StoredScreening:
    """Return the rows that recording these answers stores."""
    medicines = shipped_recogniser().read(listed, on) if listed else NO_LIST
    found = evaluate(RULES, answers, on, medicines, overdue)
    plain = json.dumps(medicines_to_plain(medicines.found))
    return StoredScreening(
        outcome=found.outcome.value,
        **words_in_lists(RULES, found),
        unrecognised=json.dumps(found.unrecognised),
        overdue=json.dumps(overdue) if overdue else None,
        answers=tuple(row_of(finding, answers.get(finding.link_id, NOT_KNOWN)) for finding in found.findings),
        listed=StoredList(listed, plain, "[]", "", "[]") if listed else None,
    )


def row_of(finding: Finding, answer: Answer) -> StoredAnswer:
    notes = [{"label": note.label, "words": note.words} for note in finding.notes]
    return StoredAnswer(
        finding.link_id,
        finding.answer.value,
        answer.reason,
        json.dumps(to_plain(answer.details)),
        finding.status.value,
        finding.severity.value,
        finding.next_step,
        json.dumps(notes),
    )


def differences(screening: StoredScreening, on: date = ON) -> tuple[str, ...]:
    return parse(RULES, screening).differences(on)


def with_opioid_row(screening: StoredScreening, **columns: str) -> StoredScreening:
    """Return the screening with other columns in the row of opioid use."""
    first, *others = screening.answers
    return screening._replace(answers=(first._replace(**columns), *others))


any_answers = st.fixed_dictionaries(
    {
        item.link_id: st.sampled_from([NO, NOT_KNOWN, Answer(AnswerCode.YES), Answer(AnswerCode.NOT_APPLICABLE)])
        for item in RULES.items
    }
)


@given(any_answers, st.sampled_from([*LISTS.values()]), st.sampled_from([(), ("pregnancy",)]), st.dates())
def test_what_was_recorded_by_this_release_does_not_differ(
    answers: dict[str, Answer], listed: str, overdue: tuple[str, ...], on: date
) -> None:
    assert differences(stored(answers, listed, on, overdue), on) == ()


def test_an_answer_to_a_rule_that_the_edition_does_not_have_does_not_differ() -> None:
    assert differences(stored({**EVERYTHING_NO, "sleep": Answer(AnswerCode.YES)})) == ()


def test_an_answer_that_was_not_given_does_not_differ() -> None:
    assert differences(stored({"pregnancy": NO})) == ()


def test_the_same_answers_on_another_day_differ_where_the_day_matters() -> None:
    screening = stored({**EVERYTHING_NO, "opioid-use": TRAMADOL})
    assert differences(screening, date(2026, 11, 29)) == ()
    assert differences(screening, date(2026, 11, 30)) == ("opioid-use: other notes",)


def test_the_outcome_comes_first_then_the_rules_in_order() -> None:
    clear, flagged = stored(EVERYTHING_NO), stored({**EVERYTHING_NO, "opioid-use": TRAMADOL})
    mixed = flagged._replace(outcome=clear.outcome, answers=(flagged.answers[0], *clear.answers[1:]))
    mixed = with_opioid_row(mixed, status="unresolved", severity="avoid", next_step="", notes="[]")
    assert differences(mixed) == (
        "outcome none_identified → contraindication_flagged",
        "opioid-use: unresolved → flagged, severity avoid → contraindicated, other next step, other notes",
    )


@pytest.mark.parametrize("name", ["unrecognised", "overdue"])
def test_another_field_of_an_evaluation_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def changed(*arguments: Any) -> Evaluation:
        change: dict[str, Any] = {name: ("sleep",)}
        return replace(evaluate(*arguments), **change)

    monkeypatch.setattr("screening.safety.differences.evaluate", changed)
    assert differences(stored(EVERYTHING_NO)) == (f"other {name} rules",)


def test_words_in_lists_are_not_named_beside_another_result() -> None:
    screening = stored(EVERYTHING_NO)._replace(headline="Other words")
    assert differences(screening) == ("other headline",)
    assert differences(screening._replace(outcome="cannot_conclude")) == (
        "outcome cannot_conclude → none_identified",
    )


def test_a_screening_without_the_row_of_an_answer_cannot_be_evaluated() -> None:
    screening = stored(EVERYTHING_NO)
    with pytest.raises(CannotEvaluate, match=r"^the answer to breastfeeding is missing$"):
        parse(RULES, screening._replace(answers=screening.answers[:-1]))


@pytest.mark.parametrize("details", ["{", "[]", "5", '{"last-dose": "Sample Patient"}', '{"kind": ["x"]}'])
def test_a_reason_never_repeats_what_a_person_entered(details: str) -> None:
    screening = with_opioid_row(stored({**EVERYTHING_NO, "opioid-use": TRAMADOL}), details=details)
    with pytest.raises(CannotEvaluate) as caught:
        parse(RULES, screening)
    assert str(caught.value) == "the answer to opioid-use is damaged, or its edition does not offer it"


# Lists read again ---------------------------------------------------------------------------------------------


def test_the_same_medicines_do_not_differ_whatever_explains_them() -> None:
    read = shipped_recogniser().read(CURRENT_OPIOID, ON)
    explained = tuple(replace(each, why="Other words.") for each in read.found)
    assert [*list_differences(replace(read, found=explained), read)] == []


@pytest.mark.parametrize(
    "change", [{"status": "mentioned"}, {"line": 3}, {"ingredient": "codeine"}, {"interval": ""}]
)
def test_another_medicine_differs(change: dict[str, Any]) -> None:
    read = shipped_recogniser().read(CURRENT_OPIOID, ON)
    changed = tuple(replace(each, **change) for each in read.found)
    assert [*list_differences(replace(read, found=changed), read)] == ["list: other medicines found"]


def test_other_lines_not_read_differ() -> None:
    assert [*list_differences(MedicationList("x"), MedicationList("x", not_read=(1,)))] == [
        "list: other lines not read"
    ]
