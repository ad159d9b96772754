"""The cases of a draft in words: what each answers, expects and gives now, and which are missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse
from django.utils.http import urlencode

from screening.clinical.cases import CaseResult
from screening.clinical.checks import is_too_large
from screening.clinical.definition import AnswerCode
from screening.clinical.evaluation import FindingStatus
from screening.clinical.labels import ANSWER_WORDS, OUTCOME_SHORT, by_code
from screening.clinical.wording import listed
from screening.forms.case import asked_in, heading_of
from screening.models import Case

from .state import DraftState

NEEDED = (AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN)
"""The answers of which every rule needs a case."""
EVERY_OTHER = "every other question"

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
    names = {rule.link_id: rule.name for rule in state.rules}
    ran = results_of(state)
    cases = enumerate(state.rule_set.cases.all(), start=1)
    return [shown(case, number, ran[number - 1] if ran else None, names) for number, case in cases]


def results_of(state: DraftState) -> tuple[CaseResult, ...]:
    """What the cases give; nothing while the rules cannot be read, or are more than can be run at once."""
    return () if state.definition is None or is_too_large(state.definition) else state.case_results


def why_not_run(state: DraftState) -> str:
    """Why the cases are not run; empty where they are."""
    if state.definition is None:
        return "The cases are not run: first mend what the draft’s page lists."
    if is_too_large(state.definition):
        return "The cases are not run: the draft holds too many rules or cases."
    return ""


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
    cases = list(state.rule_set.cases.all())
    for rule in asked_in(state.rule_set):
        given = {case.answers.get(rule.link_id, case.otherwise) for case in cases}
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
    if not (rules := listed([names.get(link_id, link_id) for link_id in flagged])):
        return f"{words}; nothing flagged"
    return f"{words}: {rules}" if words.endswith("flagged") else f"{words}; flagged: {rules}"
