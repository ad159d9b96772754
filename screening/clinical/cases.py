"""Cases: answers with the result that clinicians expect of them, run against the rules they travel with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from .definition import Case, Definition, Fault
from .evaluation import Answer, Evaluation, FindingStatus, evaluate

_ANY_DAY = date(2000, 1, 1)  # cases hold answers without dates, so the day decides nothing


def failing_cases(definition: Definition) -> tuple[Fault, ...]:
    """Every case whose result differs from what it expects, with what was found instead."""
    return tuple(_differences(definition))


def result_of(definition: Definition, case: Case) -> Evaluation:
    """The evaluation of a case's answers."""
    answers = {item.link_id: Answer(case.answer_to(item.link_id)) for item in definition.items}
    return evaluate(definition, answers, _ANY_DAY)


def _differences(definition: Definition) -> Iterator[Fault]:
    for number, case in enumerate(definition.cases, start=1):
        result = result_of(definition, case)
        place = f"case {number}, “{case.words}”"
        if result.outcome is not case.outcome:
            yield Fault(place, f"expects {case.outcome}, found {result.outcome}")
        flagged = {finding.link_id for finding in result.with_status(FindingStatus.FLAGGED)}
        if flagged != set(case.flagged):
            yield Fault(place, f"expects {_listed(set(case.flagged))} flagged, found {_listed(flagged)}")


def _listed(link_ids: set[str]) -> str:
    return ", ".join(sorted(link_ids)) or "nothing"
