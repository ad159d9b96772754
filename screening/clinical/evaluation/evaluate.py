"""Evaluate answers under a definition. Pure and total: every input gives a result and no input raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from screening.clinical.medications.reader import NO_LIST, ListedMedicine, MedicationList
from screening.clinical.rules.definition import AnswerCode, Definition, Feeds, FollowUp, Item, Outcome, Severity
from screening.clinical.text.wording import CHECK, CHILD_PUGH, CONFLICT, INTERVAL

from .calculations import child_pugh_class, child_pugh_conflict, opioid_free_interval
from .follow_up_values import FollowUpValues, chosen_choices
from .listed_medicines import LIST_BESIDE_ANSWER, add_listed_kinds, format_medicines, medicines_raising
from .plausibility import beyond_upper_limit


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one rule.

    ``reason`` is the code of why it is unknown or not applicable, ``details`` the follow-ups by link id.
    """

    code: AnswerCode
    reason: str = ""
    details: FollowUpValues = field(default_factory=dict)


class FindingStatus(StrEnum):
    """The result of evaluating one rule."""

    FLAGGED = "flagged"
    UNRESOLVED = "unresolved"
    NOT_FLAGGED = "not_flagged"


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence calculated from the details or from a medication list, under a label such as ``Interval``."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one rule. ``next_step`` is what to do about a flag, or how to find out the answer.

    ``answer`` is unknown where no answer was given, or one that the rule does not allow. A medication list may raise
    a flag whatever the answer is. For a rule that is not asked but raised by the list, ``answer`` is yes.
    """

    link_id: str
    answer: AnswerCode
    status: FindingStatus
    severity: Severity
    next_step: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def is_open(self) -> bool:
        """True while there is something to find out: a caution raised by a list does not answer the question."""
        not_known = self.answer is AnswerCode.UNKNOWN
        return self.status is FindingStatus.UNRESOLVED or (not_known and self.severity is Severity.CAUTION)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome, and one finding for each rule in the definition's order; rules raised only by a list come last.

    ``unrecognised`` holds answers to rules that the definition does not have: with any, nothing can be concluded.
    ``overdue`` are the rules whose review is overdue, where the installation concludes nothing from such rules.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    unrecognised: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()

    def with_status(self, status: FindingStatus) -> tuple[Finding, ...]:
        """Return the findings of one status, in the definition's order."""
        return tuple(finding for finding in self.findings if finding.status is status)

    @property
    def open_questions(self) -> tuple[Finding, ...]:
        """The findings for which there is something to find out."""
        return tuple(finding for finding in self.findings if finding.is_open)


class _PreparedRule(NamedTuple):
    """A rule with everything that does not depend on the details, so that one evaluation is fast."""

    item: Item
    finding_by_answer: Mapping[AnswerCode, Finding]
    follow_ups_with_next_step: tuple[FollowUp, ...]
    calculations: tuple[tuple[str, Callable[[Item, FollowUpValues, date], str]], ...]


_CALCULATIONS = (
    (Feeds.INTERVAL_KIND, INTERVAL, opioid_free_interval),
    (Feeds.CHILD_PUGH, CHILD_PUGH, lambda item, details, _: child_pugh_class(item, details)),
    (Feeds.CHILD_PUGH_STATED, CONFLICT, lambda item, details, _: child_pugh_conflict(item, details)),
    (Feeds.TIMES_UPPER_LIMIT, CHECK, lambda item, details, _: beyond_upper_limit(item, details)),
)
_CACHE_KEY = "_prepared_rules"


def evaluate(
    definition: Definition,
    answers: Mapping[str, Answer],
    on: date,
    listed: MedicationList = NO_LIST,
    overdue: tuple[str, ...] = (),
) -> Evaluation:
    """Evaluate answers, by link id, and the medicines that a list names; ``on`` is the day of the screening.

    A rule without an answer, or with one that it does not allow, is unresolved; it never counts as a no.

    ``overdue`` are the link ids of the rules whose review is overdue, where the installation does not rely on such
    rules. Then nothing is concluded, not even that there is only a caution, but a contraindication stays. Every rule
    of the edition counts, flagged or not, because an outdated text may ask or flag too little. The findings do not
    change.
    """
    findings = tuple([_finding(rule, answers.get(rule.item.link_id), on) for rule in _prepared_rules(definition)])
    if listed.found:
        findings = _add_list(definition, findings, answers, on, listed)
    unrecognised = tuple(sorted(answers.keys() - definition.by_link_id.keys()))
    outcome = _outcome(findings, check_failed=bool(unrecognised or overdue))
    return Evaluation(outcome, findings, unrecognised, overdue)


def _prepared_rules(definition: Definition) -> tuple[_PreparedRule, ...]:
    """Prepare the rules once for each definition, and cache them in the instance: hashing one is slow."""
    cache: dict[str, tuple[_PreparedRule, ...]] = definition.__dict__
    if _CACHE_KEY not in cache:
        cache[_CACHE_KEY] = tuple(_prepare(item) for item in definition.items)
    return cache[_CACHE_KEY]


def _prepare(item: Item) -> _PreparedRule:
    feeds = {each.feeds for each in item.follow_ups}
    calculations = tuple((label, calculate) for feed, label, calculate in _CALCULATIONS if feed in feeds)
    with_next_step = tuple(each for each in item.follow_ups if any(choice.next_step for choice in each.choices))
    flag = Finding(item.link_id, AnswerCode.YES, FindingStatus.FLAGGED, item.severity, item.next_step)
    rule = _PreparedRule(item, {AnswerCode.YES: flag}, with_next_step, calculations)
    flag = replace(flag, notes=_notes(rule, {}, date.min))
    return rule._replace(finding_by_answer=_findings_without_details(item, flag))


def _findings_without_details(item: Item, flag: Finding) -> Mapping[AnswerCode, Finding]:
    of_rule = partial(Finding, item.link_id, severity=item.severity)
    findings = {
        AnswerCode.YES: flag,
        AnswerCode.NO: of_rule(answer=AnswerCode.NO, status=FindingStatus.NOT_FLAGGED),
        AnswerCode.UNKNOWN: of_rule(
            answer=AnswerCode.UNKNOWN, status=FindingStatus.UNRESOLVED, next_step=item.find_out
        ),
    }
    if item.not_applicable_reasons:
        not_applicable = of_rule(answer=AnswerCode.NOT_APPLICABLE, status=FindingStatus.NOT_FLAGGED)
        findings[AnswerCode.NOT_APPLICABLE] = not_applicable
    return findings


def _finding(rule: _PreparedRule, answer: Answer | None, on: date) -> Finding:
    """Flag a yes, do not flag a no or an allowed not applicable; everything else is unresolved."""
    if answer is None:
        return rule.finding_by_answer[AnswerCode.UNKNOWN]
    if answer.details and answer.code == AnswerCode.YES:
        flag, details = rule.finding_by_answer[AnswerCode.YES], answer.details
        next_step, notes = _next_step(rule, details), _notes(rule, details, on)
        return Finding(flag.link_id, flag.answer, flag.status, flag.severity, next_step, notes)
    return rule.finding_by_answer.get(answer.code) or rule.finding_by_answer[AnswerCode.UNKNOWN]


def _outcome(findings: tuple[Finding, ...], *, check_failed: bool) -> Outcome:
    flagged = {finding.severity for finding in findings if finding.status is FindingStatus.FLAGGED}
    if flagged - {Severity.CAUTION}:
        return Outcome.CONTRAINDICATION_FLAGGED
    if check_failed or any(finding.answer is AnswerCode.UNKNOWN for finding in findings):  # flagged or not: is_open
        return Outcome.CANNOT_CONCLUDE
    return Outcome.CAUTION_FLAGGED if flagged else Outcome.NONE_IDENTIFIED


def _next_step(rule: _PreparedRule, details: FollowUpValues) -> str:
    """Return the rule's next step, or that of the chosen choices.

    A choice's own next step replaces the rule's; where a choice without one was chosen beside it, both are shown.
    """
    chosen_of = [chosen_choices(follow_up, details) for follow_up in rule.follow_ups_with_next_step]
    own = [choice.next_step for choices in chosen_of for choice in choices if choice.next_step]
    if not own:
        return rule.item.next_step
    replaced = any(choices and all(choice.next_step for choice in choices) for choices in chosen_of)
    return " ".join(dict.fromkeys(own if replaced else [rule.item.next_step, *own]))


def _notes(rule: _PreparedRule, details: FollowUpValues, on: date) -> tuple[Note, ...]:
    calculated = [(label, calculate(rule.item, details, on)) for label, calculate in rule.calculations]
    return tuple([Note(label, words) for label, words in calculated if words])


# The medication list ------------------------------------------------------------------------------------------


def _add_list(
    definition: Definition,
    findings: tuple[Finding, ...],
    answers: Mapping[str, Answer],
    on: date,
    listed: MedicationList,
) -> tuple[Finding, ...]:
    """Flag the asked rules that the list raises, and append those that only a list can raise."""
    asked = [
        _flagged_by_list(rule, finding, answers.get(rule.item.link_id), on, medicines)
        if (medicines := medicines_raising(rule.item, listed))
        else finding
        for rule, finding in zip(_prepared_rules(definition), findings, strict=True)
    ]
    not_asked = [
        _flag_of_rule_not_asked(item, medicines)
        for item in definition.listed
        if (medicines := medicines_raising(item, listed))
    ]
    return (*asked, *not_asked)


def _flagged_by_list(
    rule: _PreparedRule, finding: Finding, answer: Answer | None, on: date, medicines: tuple[ListedMedicine, ...]
) -> Finding:
    """Flag a rule whatever the answer is; the answer itself does not change."""
    given = answer.details if answer and finding.answer is AnswerCode.YES else {}
    details = add_listed_kinds(rule.item, given, medicines)
    return replace(
        finding,
        status=FindingStatus.FLAGGED,
        next_step=_next_step(rule, details),
        notes=(_note_about_list(rule.item, finding.answer, medicines), *_notes(rule, details, on)),
    )


def _flag_of_rule_not_asked(item: Item, medicines: tuple[ListedMedicine, ...]) -> Finding:
    note = _note_about_list(item, AnswerCode.YES, medicines)
    return Finding(item.link_id, AnswerCode.YES, FindingStatus.FLAGGED, item.severity, item.next_step, (note,))


def _note_about_list(item: Item, answer: AnswerCode, medicines: tuple[ListedMedicine, ...]) -> Note:
    label, words = LIST_BESIDE_ANSWER[answer]
    return Note(label, f"{words} {format_medicines(item, medicines)}")
