"""What a set of answers raises under a definition. Pure and total: every input gives a result, none an exception."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from .child_pugh import child_pugh_class
from .definition import AnswerCode, Definition, Feeds, FollowUp, Item, Outcome, Severity
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


class _Rule(NamedTuple):
    """A rule made ready: what it finds where no detail has to be worked out, and what its details are good for.

    ``steering`` are the follow-ups whose choices carry a next step; ``worked_out`` names what details tell.
    """

    item: Item
    settled: Mapping[AnswerCode, Finding]
    steering: tuple[FollowUp, ...]
    worked_out: tuple[tuple[str, Callable[[Item, Details, date], str]], ...]


_WORKED_OUT = (
    (Feeds.INTERVAL_KIND, "Interval", opioid_free_interval),
    (Feeds.CHILD_PUGH, "Child-Pugh", lambda item, details, _: child_pugh_class(item, details)),
)
_READY = "_rules_made_ready"


def evaluate(definition: Definition, answers: Mapping[str, Answer], on: date) -> Evaluation:
    """Evaluate answers, by link id, as they stand on the day ``on`` of the screening.

    A rule without an answer, or with one that it does not allow, is unresolved; it never counts as a no.
    """
    findings = tuple([_finding(rule, answers.get(rule.item.link_id), on) for rule in _rules(definition)])
    unrecognised = tuple(sorted(answers.keys() - definition.by_link_id.keys()))
    return Evaluation(_outcome(findings, check_failed=bool(unrecognised)), findings, unrecognised)


def _rules(definition: Definition) -> tuple[_Rule, ...]:
    """The rules of a definition made ready, once for each definition."""
    kept: dict[str, tuple[_Rule, ...]] = definition.__dict__
    if _READY not in kept:
        kept[_READY] = tuple(_made_ready(item) for item in definition.items)
    return kept[_READY]


def _made_ready(item: Item) -> _Rule:
    fed = {each.feeds for each in item.follow_ups}
    worked_out = tuple((label, work_out) for feeds, label, work_out in _WORKED_OUT if feeds in fed)
    steering = tuple(each for each in item.follow_ups if any(choice.next_step for choice in each.choices))
    flag = Finding(item.link_id, AnswerCode.YES, FindingStatus.FLAGGED, item.severity, item.next_step)
    rule = _Rule(item, {AnswerCode.YES: flag}, steering, worked_out)
    return rule._replace(settled=_settled(item, replace(flag, notes=_notes(rule, {}, date.min))))


def _settled(item: Item, flag: Finding) -> Mapping[AnswerCode, Finding]:
    of_rule = partial(Finding, item.link_id, severity=item.severity)
    settled = {
        AnswerCode.YES: flag,
        AnswerCode.NO: of_rule(answer=AnswerCode.NO, status=FindingStatus.NOT_FLAGGED),
        AnswerCode.UNKNOWN: of_rule(
            answer=AnswerCode.UNKNOWN, status=FindingStatus.UNRESOLVED, next_step=item.find_out
        ),
    }
    if item.not_applicable_reasons:
        not_applicable = of_rule(answer=AnswerCode.NOT_APPLICABLE, status=FindingStatus.NOT_FLAGGED)
        settled[AnswerCode.NOT_APPLICABLE] = not_applicable
    return settled


def _finding(rule: _Rule, answer: Answer | None, on: date) -> Finding:
    """Flagged by a yes, not flagged by an answer that says so; whatever else there may be is unresolved."""
    if answer is None:
        return rule.settled[AnswerCode.UNKNOWN]
    if answer.details and answer.code == AnswerCode.YES:
        flag, details = rule.settled[AnswerCode.YES], answer.details
        next_step, notes = _next_step(rule, details), _notes(rule, details, on)
        return Finding(flag.link_id, flag.answer, flag.status, flag.severity, next_step, notes)
    return rule.settled.get(answer.code) or rule.settled[AnswerCode.UNKNOWN]


def _outcome(findings: tuple[Finding, ...], *, check_failed: bool) -> Outcome:
    flagged = {finding.severity for finding in findings if finding.status is FindingStatus.FLAGGED}
    if flagged - {Severity.CAUTION}:
        return Outcome.CONTRAINDICATION_FLAGGED
    if check_failed or any(finding.status is FindingStatus.UNRESOLVED for finding in findings):
        return Outcome.CANNOT_CONCLUDE
    return Outcome.CAUTION_FLAGGED if flagged else Outcome.NONE_IDENTIFIED


def _next_step(rule: _Rule, details: Details) -> str:
    """The rule's next step; words of a chosen choice replace it, or add to it when chosen beside a choice without."""
    chosen_of = [chosen(follow_up, details) for follow_up in rule.steering]
    own = [choice.next_step for choices in chosen_of for choice in choices if choice.next_step]
    if not own:
        return rule.item.next_step
    replaced = any(choices and all(choice.next_step for choice in choices) for choices in chosen_of)
    return " ".join(dict.fromkeys(own if replaced else [rule.item.next_step, *own]))


def _notes(rule: _Rule, details: Details, on: date) -> tuple[Note, ...]:
    told = [(label, work_out(rule.item, details, on)) for label, work_out in rule.worked_out]
    return tuple([Note(label, words) for label, words in told if words])
