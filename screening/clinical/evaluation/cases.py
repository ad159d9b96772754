"""Cases: answers with the result that clinicians expect of them, run against the rules they travel with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from screening.clinical.rules.definition import Case, Definition
from screening.clinical.rules.labels import OUTCOME_SHORT
from screening.clinical.rules.validation import case_place, check, is_too_large
from screening.clinical.text.json_errors import Fault
from screening.clinical.text.phrases import join_with_and

from .evaluate import Answer, Evaluation, FindingStatus, evaluate

_ANY_DAY = date(2000, 1, 1)  # cases hold answers without dates, so the day decides nothing


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case, by its number counted from 1, with what its answers give; no fault when that is as expected."""

    number: int
    case: Case
    evaluation: Evaluation
    faults: tuple[Fault, ...]


def faults_of(definition: Definition, ran: Sequence[CaseResult] | None = None) -> tuple[Fault, ...]:
    """All that keeps a definition from being published: its own faults, then its cases that are not as expected.

    ``ran`` are the results of its cases, where they were run already. The cases of one that is too large are not run.
    """
    return check(definition) + (() if is_too_large(definition) else failing_cases(definition, ran))


def failing_cases(definition: Definition, ran: Sequence[CaseResult] | None = None) -> tuple[Fault, ...]:
    """Every case whose result differs from what it expects, with what was found instead."""
    ran = results(definition) if ran is None else ran
    return tuple([fault for result in ran for fault in result.faults])


def results(definition: Definition) -> tuple[CaseResult, ...]:
    """Every case with its result, in their order."""
    return tuple([result_at(definition, number) for number in range(1, len(definition.cases) + 1)])


def result_at(definition: Definition, number: int) -> CaseResult:
    """The case of this number, counted from 1, with its result."""
    case = definition.cases[number - 1]
    evaluation = result_of(definition, case)
    sentences = _differences(definition, case, evaluation)
    faults = tuple([Fault(case_place(number, case), sentence) for sentence in sentences])
    return CaseResult(number, case, evaluation, faults)


def result_of(definition: Definition, case: Case) -> Evaluation:
    """The evaluation of a case's answers."""
    answers = {item.link_id: Answer(case.answer_to(item.link_id)) for item in definition.items}
    return evaluate(definition, answers, _ANY_DAY)


def _differences(definition: Definition, case: Case, evaluation: Evaluation) -> Iterator[str]:
    if evaluation.outcome is not case.outcome:
        yield f"expects “{OUTCOME_SHORT[case.outcome]}”, found “{OUTCOME_SHORT[evaluation.outcome]}”"
    expected = set(case.flagged)
    flagged = {finding.link_id for finding in evaluation.with_status(FindingStatus.FLAGGED)}
    if flagged != expected:
        yield f"expects {_named(definition, expected)} flagged, found {_named(definition, flagged)}"


def _named(definition: Definition, link_ids: set[str]) -> str:
    """The rules by their names, in their order; those that the definition does not have by their link id."""
    named = [f"“{item.name}”" for item in definition.items if item.link_id in link_ids]
    unknown = [f"“{link_id}”" for link_id in sorted(link_ids - definition.by_link_id.keys())]
    return join_with_and([*named, *unknown]) or "nothing"
