"""What a set of answers raises under a definition. Pure and total: every input gives a result, none an exception."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from screening.clinical.medications.reader import NO_LIST, ListedMedicine, MedicationList
from screening.clinical.rules.definition import AnswerCode, Definition, Feeds, FollowUp, Item, Outcome, Severity
from screening.clinical.text.wording import CHECK, CONFLICT

from .calculations import child_pugh_class, child_pugh_conflict, opioid_free_interval
from .follow_up_values import FollowUpValues, chosen_choices
from .listed_medicines import LIST_BESIDE_ANSWER, named, raising, with_kinds
from .plausibility import beyond_upper_limit


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to one rule.

    ``reason`` is the code of why it is unknown or not applicable, ``details`` the follow-ups by link id.
    """

    code: AnswerCode
    reason: str = ""
    details: FollowUpValues = field(default_factory=dict)


class FindingStatus(StrEnum):
    """What evaluation says of one rule."""

    FLAGGED = "flagged"
    UNRESOLVED = "unresolved"
    NOT_FLAGGED = "not_flagged"


@dataclass(frozen=True, slots=True)
class Note:
    """Something worked out from the details or told by a list, in words, under a label such as ``Interval``."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What evaluation says of one rule. ``next_step`` is what to do about a flag, or how to find out.

    ``answer`` is unknown where none was given, or one that the rule does not allow; a medication list may raise a
    flag whatever it is. A rule that is not asked stands as a yes when the list raises it.
    """

    link_id: str
    answer: AnswerCode
    status: FindingStatus
    severity: Severity
    next_step: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def is_open(self) -> bool:
        """True while something is to be found out: a caution that a list raises does not answer the question."""
        not_known = self.answer is AnswerCode.UNKNOWN
        return self.status is FindingStatus.UNRESOLVED or (not_known and self.severity is Severity.CAUTION)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome, and one finding a rule in the definition's order; rules that a list alone raises come last.

    ``unrecognised`` holds answers to rules that the definition does not have: nothing can be concluded over them.
    ``overdue`` are the rules whose review was past, where the installation concludes nothing over such rules.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    unrecognised: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()

    def with_status(self, status: FindingStatus) -> tuple[Finding, ...]:
        """The findings of one status, in the definition's order."""
        return tuple(finding for finding in self.findings if finding.status is status)

    @property
    def open_questions(self) -> tuple[Finding, ...]:
        """The findings about which something is to be found out."""
        return tuple(finding for finding in self.findings if finding.is_open)


class _Rule(NamedTuple):
    """A rule made ready: what it finds where no detail has to be worked out, and what its details are good for.

    ``steering`` are the follow-ups whose choices carry a next step; ``worked_out`` names what details tell.
    """

    item: Item
    settled: Mapping[AnswerCode, Finding]
    steering: tuple[FollowUp, ...]
    worked_out: tuple[tuple[str, Callable[[Item, FollowUpValues, date], str]], ...]


_WORKED_OUT = (
    (Feeds.INTERVAL_KIND, "Interval", opioid_free_interval),
    (Feeds.CHILD_PUGH, "Child-Pugh", lambda item, details, _: child_pugh_class(item, details)),
    (Feeds.CHILD_PUGH_STATED, CONFLICT, lambda item, details, _: child_pugh_conflict(item, details)),
    (Feeds.TIMES_UPPER_LIMIT, CHECK, lambda item, details, _: beyond_upper_limit(item, details)),
)
_READY = "_rules_made_ready"


def evaluate(
    definition: Definition,
    answers: Mapping[str, Answer],
    on: date,
    listed: MedicationList = NO_LIST,
    overdue: tuple[str, ...] = (),
) -> Evaluation:
    """Evaluate answers, by link id, and what a medication list names, as they stand on the screening's day ``on``.

    A rule without an answer, or with one that it does not allow, is unresolved; it never counts as a no. ``overdue``
    are the link ids of the rules whose review is past, where the installation relies on no such rule: then nothing is
    concluded, not even that there is only a caution; a contraindication stays. Any rule of the edition counts, raised
    or not, since a text that is no longer relied on may ask or flag too little. The findings stay as they are.
    """
    findings = tuple([_finding(rule, answers.get(rule.item.link_id), on) for rule in _rules(definition)])
    if listed.found:
        findings = _with_list(definition, findings, answers, on, listed)
    unrecognised = tuple(sorted(answers.keys() - definition.by_link_id.keys()))
    outcome = _outcome(findings, check_failed=bool(unrecognised or overdue))
    return Evaluation(outcome, findings, unrecognised, overdue)


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
    if check_failed or any(finding.answer is AnswerCode.UNKNOWN for finding in findings):  # flagged or not: is_open
        return Outcome.CANNOT_CONCLUDE
    return Outcome.CAUTION_FLAGGED if flagged else Outcome.NONE_IDENTIFIED


def _next_step(rule: _Rule, details: FollowUpValues) -> str:
    """The rule's next step; words of a chosen choice replace it, or add to it when chosen beside a choice without."""
    chosen_of = [chosen_choices(follow_up, details) for follow_up in rule.steering]
    own = [choice.next_step for choices in chosen_of for choice in choices if choice.next_step]
    if not own:
        return rule.item.next_step
    replaced = any(choices and all(choice.next_step for choice in choices) for choices in chosen_of)
    return " ".join(dict.fromkeys(own if replaced else [rule.item.next_step, *own]))


def _notes(rule: _Rule, details: FollowUpValues, on: date) -> tuple[Note, ...]:
    told = [(label, work_out(rule.item, details, on)) for label, work_out in rule.worked_out]
    return tuple([Note(label, words) for label, words in told if words])


# What a medication list raises --------------------------------------------------------------------------------


def _with_list(
    definition: Definition,
    findings: tuple[Finding, ...],
    answers: Mapping[str, Answer],
    on: date,
    listed: MedicationList,
) -> tuple[Finding, ...]:
    """The findings of the answers with what the list says to them, and those that the list alone raises."""
    asked = [
        _raised(rule, finding, answers.get(rule.item.link_id), on, medicines)
        if (medicines := raising(rule.item, listed))
        else finding
        for rule, finding in zip(_rules(definition), findings, strict=True)
    ]
    alone = [_raised_alone(item, medicines) for item in definition.listed if (medicines := raising(item, listed))]
    return (*asked, *alone)


def _raised(
    rule: _Rule, finding: Finding, answer: Answer | None, on: date, medicines: tuple[ListedMedicine, ...]
) -> Finding:
    """Flagged whatever the answer is, which stays as it was given."""
    given = answer.details if answer and finding.answer is AnswerCode.YES else {}
    details = with_kinds(rule.item, given, medicines)
    return replace(
        finding,
        status=FindingStatus.FLAGGED,
        next_step=_next_step(rule, details),
        notes=(_told_by_list(rule.item, finding.answer, medicines), *_notes(rule, details, on)),
    )


def _raised_alone(item: Item, medicines: tuple[ListedMedicine, ...]) -> Finding:
    note = _told_by_list(item, AnswerCode.YES, medicines)
    return Finding(item.link_id, AnswerCode.YES, FindingStatus.FLAGGED, item.severity, item.next_step, (note,))


def _told_by_list(item: Item, answer: AnswerCode, medicines: tuple[ListedMedicine, ...]) -> Note:
    label, words = LIST_BESIDE_ANSWER[answer]
    return Note(label, f"{words} {named(item, medicines)}")
