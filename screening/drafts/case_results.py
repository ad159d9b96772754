"""The cases of a draft in words: their answers, expected and actual results, and which cases are missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_noop

from screening.clinical.evaluation.cases import CaseResult, result_at
from screening.clinical.evaluation.evaluate import FindingStatus
from screening.clinical.rules.definition import AnswerCode, Outcome
from screening.clinical.rules.labels import ANSWER_WORDS, OUTCOME_SHORT, by_code
from screening.clinical.text.translation import join_with_and
from screening.drafts.forms.case import heading_of
from screening.web.languages import as_rule_text

from .models import Case, Rule
from .state import DraftState

REQUIRED_ANSWERS = (AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN)
"""Every rule needs a case with each of these answers."""
EVERY_OTHER = gettext_noop("every other question")

_FLAGGED = {Outcome.CONTRAINDICATION_FLAGGED, Outcome.CAUTION_FLAGGED}

RuleNames = Mapping[str, str]
"""The names of the rules by link id."""


@dataclass(frozen=True)
class ShownCase:
    """A case in words. ``gives`` is empty if it was not run; ``faults`` say how it differs from ``expects``."""

    case: Case
    number: int
    answers: str
    expects: str
    gives: str = ""
    faults: tuple[str, ...] = ()

    @property
    def faults_of_it(self) -> list[str]:
        """How it differs, for a sentence that does not name it: ``it expects “Caution”, found “Avoid”``."""
        return [gettext("it {fault}").format(fault=each) for each in self.faults]


class MissingCase(NamedTuple):
    """A rule and an answer for which there is no case, and the address for adding one."""

    link_id: str
    name: str
    answer: str
    address: str


def shown_cases(state: DraftState) -> list[ShownCase]:
    """Return every case of a draft, in order."""
    names = _rule_names(state)
    return [shown(*each, names) for each in _with_results(state)]


def _with_results(state: DraftState) -> Iterator[tuple[Case, int, CaseResult | None]]:
    """Yield each case with its number and its result; None if the cases are not run."""
    results = state.case_results or [None] * len(state.cases)
    return zip(state.cases, range(1, len(state.cases) + 1), results, strict=True)


def cases_of(state: DraftState, rule: Rule) -> list[ShownCase]:
    """Return the cases of a draft that name a rule in an answer or as an expected flag."""
    names = _rule_names(state)
    return [shown(*each, names) for each in _with_results(state) if rule.link_id in _link_ids(each[0])]


def _link_ids(case: Case) -> set[str]:
    return {*case.answers, *case.flagged}


def shown_case(state: DraftState, case: Case) -> ShownCase:
    """Return one case of a draft; only this case is run."""
    number = state.cases.index(case) + 1
    result = None if state.definition is None or state.why_not_run else result_at(state.definition, number)
    return shown(case, number, result, _rule_names(state))


def _rule_names(state: DraftState) -> RuleNames:
    return {rule.link_id: rule.name for rule in state.rules}


def shown(case: Case, number: int, result: CaseResult | None, names: RuleNames) -> ShownCase:
    """Return a case in words, with its result if it was run."""
    expects = _outcome(case.outcome, case.flagged, names)
    answers = _answers(case, names)
    if result is None:
        return ShownCase(case, number, answers, expects)
    flagged = [each.link_id for each in result.evaluation.with_status(FindingStatus.FLAGGED)]
    gives = _outcome(result.evaluation.outcome.value, flagged, names)
    faults = tuple(fault.sentence for fault in result.faults)
    return ShownCase(case, number, answers, expects, gives, faults)


def missing_cases(state: DraftState) -> Iterator[MissingCase]:
    """Return the cases that the rules still need."""
    for rule in state.rules:
        if rule.is_raised_by_list:
            continue
        given = {case.answers.get(rule.link_id, case.otherwise) for case in state.cases}
        for code in REQUIRED_ANSWERS:
            if code not in given:
                query = urlencode({"rule": rule.link_id, "answer": code.value})
                address = f"{reverse('screening:case_add')}?{query}"
                yield MissingCase(rule.link_id, heading_of(rule), gettext(ANSWER_WORDS[code]).lower(), address)


def _answers(case: Case, names: RuleNames) -> str:
    named = [(names.get(link_id, link_id), answer) for link_id, answer in case.answers.items()]
    shown_answers = [(as_rule_text(name), _answer(answer)) for name, answer in named]
    others = (gettext(EVERY_OTHER), _answer(case.otherwise))
    return format_html_join("; ", "{}: {}", [*shown_answers, others])


def _answer(code: str) -> str:
    return gettext(ANSWER_WORDS[AnswerCode(code)]).lower() if code in set(AnswerCode) else code


def _outcome(code: str, flagged: Collection[str], names: RuleNames) -> str:
    labels = by_code(OUTCOME_SHORT)
    words = gettext(labels[code]) if code in labels else code
    if not flagged:
        return gettext("{outcome}; nothing flagged").format(outcome=words)
    rules = as_rule_text(join_with_and([names.get(link_id, link_id) for link_id in flagged]))
    if code in _FLAGGED:
        return format_html("{}: {}", words, rules)
    return format_html(gettext("{outcome}; flagged: {rules}"), outcome=words, rules=rules)
