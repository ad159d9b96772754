"""What a set of answers raises under a definition. Pure and total: every input gives a result, none an exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial
from typing import TypeAlias

from .child_pugh import child_pugh_class
from .definition import AnswerCode, Definition, Item, Outcome, Severity
from .details import Details, chosen
from .intervals import opioid_free_interval


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to one rule.

    ``reason`` is the code of why it is unknown or not applicable, ``details`` the follow-ups by link id.
    """

    code: AnswerCode
    reason: str = ""
    details: Details = field(default_factory=dict)


class FindingStatus(StrEnum):
    """What evaluation says of one rule."""

    FLAGGED = "flagged"
    UNRESOLVED = "unresolved"
    NOT_FLAGGED = "not_flagged"


@dataclass(frozen=True, slots=True)
class Note:
    """Something worked out from the details, in words, under a label such as ``Interval``."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What evaluation says of one rule. ``next_step`` is what to do about a flag, or how to find out.

    ``answer`` is unknown where none was given, or one that the rule does not allow.
    """

    link_id: str
    answer: AnswerCode
    status: FindingStatus
    severity: Severity
    next_step: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome, and one finding a rule in the definition's order.

    ``unrecognised`` holds answers to rules that the definition does not have: nothing can be concluded over them.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    unrecognised: tuple[str, ...] = ()

    def with_status(self, status: FindingStatus) -> tuple[Finding, ...]:
        """The findings of one status, in the definition's order."""
        return tuple(finding for finding in self.findings if finding.status is status)


_Settled: TypeAlias = Mapping[AnswerCode, Finding]
_KEPT = "_settled_findings"


def evaluate(definition: Definition, answers: Mapping[str, Answer], on: date) -> Evaluation:
    """Evaluate answers, by link id, as they stand on the day ``on`` of the screening.

    A rule without an answer, or with one that it does not allow, is unresolved; it never counts as a no.
    """
    findings = tuple(
        _finding(item, settled, answers.get(item.link_id), on) for item, settled in _settled_findings(definition)
    )
    unrecognised = tuple(sorted(answers.keys() - definition.by_link_id.keys()))
    return Evaluation(_outcome(findings, check_failed=bool(unrecognised)), findings, unrecognised)


def _finding(item: Item, settled: _Settled, answer: Answer | None, on: date) -> Finding:
    """Flagged by a yes, not flagged by an answer that says so; whatever else there may be is unresolved."""
    if answer is None:
        return settled[AnswerCode.UNKNOWN]
    if answer.details and answer.code == AnswerCode.YES:
        next_step, notes = _next_step(item, answer.details), _notes(item, answer.details, on)
        return Finding(item.link_id, AnswerCode.YES, FindingStatus.FLAGGED, item.severity, next_step, notes)
    return settled.get(answer.code) or settled[AnswerCode.UNKNOWN]


def _settled_findings(definition: Definition) -> tuple[tuple[Item, _Settled], ...]:
    """Each rule with what it finds where no detail has to be worked out; made once for each definition."""
    kept: dict[str, tuple[tuple[Item, _Settled], ...]] = definition.__dict__
    if _KEPT not in kept:
        kept[_KEPT] = tuple((item, _settled(item)) for item in definition.items)
    return kept[_KEPT]


def _settled(item: Item) -> _Settled:
    flagged, open_, clear = FindingStatus.FLAGGED, FindingStatus.UNRESOLVED, FindingStatus.NOT_FLAGGED
    of_rule = partial(Finding, item.link_id, severity=item.severity)
    settled = {
        AnswerCode.YES: of_rule(
            answer=AnswerCode.YES, status=flagged, next_step=item.next_step, notes=_notes(item, {}, date.min)
        ),
        AnswerCode.NO: of_rule(answer=AnswerCode.NO, status=clear),
        AnswerCode.UNKNOWN: of_rule(answer=AnswerCode.UNKNOWN, status=open_, next_step=item.find_out),
    }
    if item.not_applicable_reasons:
        settled[AnswerCode.NOT_APPLICABLE] = of_rule(answer=AnswerCode.NOT_APPLICABLE, status=clear)
    return settled


def _outcome(findings: tuple[Finding, ...], *, check_failed: bool) -> Outcome:
    flagged = {finding.severity for finding in findings if finding.status is FindingStatus.FLAGGED}
    if flagged - {Severity.CAUTION}:
        return Outcome.CONTRAINDICATION_FLAGGED
    if check_failed or any(finding.status is FindingStatus.UNRESOLVED for finding in findings):
        return Outcome.CANNOT_CONCLUDE
    return Outcome.CAUTION_FLAGGED if flagged else Outcome.NONE_IDENTIFIED


def _next_step(item: Item, details: Details) -> str:
    """The rule's next step; words of a chosen choice replace it, or add to it when chosen beside a choice without."""
    chosen_of = [chosen(follow_up, details) for follow_up in item.follow_ups]
    own = [choice.next_step for choices in chosen_of for choice in choices if choice.next_step]
    if not own:
        return item.next_step
    replaced = any(choices and all(choice.next_step for choice in choices) for choices in chosen_of)
    return " ".join(dict.fromkeys(own if replaced else [item.next_step, *own]))


def _notes(item: Item, details: Details, on: date) -> tuple[Note, ...]:
    worked_out = (
        ("Interval", opioid_free_interval(item, details, on)),
        ("Child-Pugh", child_pugh_class(item, details)),
    )
    return tuple([Note(label, words) for label, words in worked_out if words])
