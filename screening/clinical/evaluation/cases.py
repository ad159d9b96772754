"""Run cases: answers with the result that clinicians expect, stored with the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from screening.clinical.rules.definition import Case, Definition
from screening.clinical.rules.fault_words import unexpected_flags, unexpected_outcome
from screening.clinical.rules.validation import case_place, check, is_too_large
from screening.clinical.text.json_errors import Fault

from .evaluate import Answer, Evaluation, FindingStatus, evaluate

_ANY_DAY = date(2000, 1, 1)  # the answers of a case have no dates, so the day makes no difference


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case, its number counted from 1, and the result of its answers; no faults when that is as expected."""

    number: int
    case: Case
    evaluation: Evaluation
    faults: tuple[Fault, ...]


def faults_of(definition: Definition, ran: Sequence[CaseResult] | None = None) -> tuple[Fault, ...]:
    """Return all faults that prevent publishing: those of the definition, then its failing cases.

    ``ran`` are the results of its cases, where they were already run. The cases of a definition that is too large
    are not run.
    """
    return check(definition) + (() if is_too_large(definition) else failing_cases(definition, ran))


def failing_cases(definition: Definition, ran: Sequence[CaseResult] | None = None) -> tuple[Fault, ...]:
    """Return a fault for each difference between the expected and the actual result of a case."""
    ran = results(definition) if ran is None else ran
    return tuple([fault for result in ran for fault in result.faults])


def results(definition: Definition) -> tuple[CaseResult, ...]:
    """Run every case, in order."""
    return tuple([result_at(definition, number) for number in range(1, len(definition.cases) + 1)])


def result_at(definition: Definition, number: int) -> CaseResult:
    """Run the case with this number, counted from 1."""
    case = definition.cases[number - 1]
    evaluation = result_of(definition, case)
    sentences = _differences(definition, case, evaluation)
    faults = tuple([Fault(case_place(number, case), sentence) for sentence in sentences])
    return CaseResult(number, case, evaluation, faults)


def result_of(definition: Definition, case: Case) -> Evaluation:
    """Evaluate the answers of a case."""
    answers = {item.link_id: Answer(case.answer_to(item.link_id)) for item in definition.items}
    return evaluate(definition, answers, _ANY_DAY)


def _differences(definition: Definition, case: Case, evaluation: Evaluation) -> Iterator[str]:
    if evaluation.outcome is not case.outcome:
        yield unexpected_outcome(case.outcome, evaluation.outcome)
    expected = set(case.flagged)
    flagged = {finding.link_id for finding in evaluation.with_status(FindingStatus.FLAGGED)}
    if flagged != expected:
        yield unexpected_flags(_names(definition, expected), _names(definition, flagged))


def _names(definition: Definition, link_ids: set[str]) -> list[str]:
    """Return the names of rules, in order; the link ids of those that the definition does not have."""
    named = [item.name for item in definition.items if item.link_id in link_ids]
    return [*named, *sorted(link_ids - definition.by_link_id.keys())]
