"""The cases of a draft in words: what each answers, expects and gives now, and which are missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse
from django.utils.http import urlencode

from screening.clinical.evaluation.cases import CaseResult, result_at
from screening.clinical.evaluation.evaluate import FindingStatus
from screening.clinical.rules.definition import AnswerCode, Outcome
from screening.clinical.rules.labels import ANSWER_WORDS, OUTCOME_SHORT, by_code
from screening.clinical.text.phrases import join_with_and
from screening.drafts.forms.case import heading_of

from .models import Case
from .state import DraftState

NEEDED = (AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN)
"""The answers of which every rule needs a case."""
EVERY_OTHER = "every other question"

_FLAGGED = {Outcome.CONTRAINDICATION_FLAGGED, Outcome.CAUTION_FLAGGED}

Names = Mapping[str, str]


@dataclass(frozen=True)
class ShownCase:
    """A case in words. Without ``gives`` it was not run; ``faults`` are how that differs from what it expects."""

    case: Case
    number: int
    answers: str
    expects: str
    gives: str = ""
    faults: tuple[str, ...] = ()


class Missing(NamedTuple):
    """An answer to a rule for which there is no case, and where one is added."""

    name: str
    answer: str
    address: str


def shown_cases(state: DraftState) -> list[ShownCase]:
    """Every case of a draft, in their order."""
    results = state.case_results or [None] * len(state.cases)
    names = _names(state)
    return [shown(*each, names) for each in zip(state.cases, range(1, len(state.cases) + 1), results, strict=True)]


def shown_case(state: DraftState, case: Case) -> ShownCase:
    """One case of a draft; no other is run."""
    number = state.cases.index(case) + 1
    result = None if state.definition is None or state.why_not_run else result_at(state.definition, number)
    return shown(case, number, result, _names(state))


def _names(state: DraftState) -> Names:
    return {rule.link_id: rule.name for rule in state.rules}


def shown(case: Case, number: int, result: CaseResult | None, names: Names) -> ShownCase:
    """A case in words, with its result."""
    expects = _outcome(case.outcome, case.flagged, names)
    answers = _answers(case, names)
    if result is None:
        return ShownCase(case, number, answers, expects)
    flagged = [each.link_id for each in result.evaluation.with_status(FindingStatus.FLAGGED)]
    gives = _outcome(result.evaluation.outcome.value, flagged, names)
    faults = tuple(fault.sentence for fault in result.faults)
    return ShownCase(case, number, answers, expects, gives, faults)


def missing_cases(state: DraftState) -> Iterator[Missing]:
    """The answers to the rules for which there is no case."""
    for rule in state.rules:
        if rule.is_raised_by_list:
            continue
        given = {case.answers.get(rule.link_id, case.otherwise) for case in state.cases}
        for code in NEEDED:
            if code not in given:
                query = urlencode({"rule": rule.link_id, "answer": code.value})
                address = f"{reverse('admin:screening_case_add')}?{query}"
                yield Missing(heading_of(rule), ANSWER_WORDS[code].lower(), address)


def _answers(case: Case, names: Names) -> str:
    named = [(names.get(link_id, link_id), answer) for link_id, answer in case.answers.items()]
    told = [f"{name}: {_answer(answer)}" for name, answer in [*named, (EVERY_OTHER, case.otherwise)]]
    return "; ".join(told)


def _answer(code: str) -> str:
    return ANSWER_WORDS[AnswerCode(code)].lower() if code in set(AnswerCode) else code


def _outcome(code: str, flagged: Collection[str], names: Names) -> str:
    words = by_code(OUTCOME_SHORT).get(code, code)
    if not (rules := join_with_and([names.get(link_id, link_id) for link_id in flagged])):
        return f"{words}; nothing flagged"
    return f"{words}: {rules}" if code in _FLAGGED else f"{words}; flagged: {rules}"
