"""Compare a stored screening with what this release finds for the same answers and the same list. Pure.

Differences name rules, codes and fields, never a value that a person entered: they are printed where no patient may
be named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, TypeAlias

from screening.clinical.evaluation.evaluate import Answer, Evaluation, Finding, FindingStatus, Note, evaluate
from screening.clinical.evaluation.follow_up_values import FollowUpValue, from_plain
from screening.clinical.evaluation.listed_medicines import from_plain as medicines_from_plain
from screening.clinical.medications.reader import NO_LIST, ListedMedicine, MedicationList
from screening.clinical.report.summary import words_in_lists
from screening.clinical.rules.definition import (
    AnswerCode,
    Definition,
    FollowUp,
    FollowUpKind,
    Item,
    Outcome,
    Severity,
)

from .changed_words import in_current_words

NOTHING = "nothing"
"""What is said of a finding that is not stored, or not found."""
_WITH_CODES = {"status": "", "answer": "answer ", "severity": "severity "}
"""The fields of a finding whose codes are shown, with the word before them; other fields are only named."""
_TYPES: dict[FollowUpKind, type] = {
    FollowUpKind.TEXT: str,
    FollowUpKind.DATE: date,
    FollowUpKind.NUMBER: Decimal,
    FollowUpKind.ONE: str,
    FollowUpKind.SEVERAL: tuple,
}
_DAMAGED = (ValueError, TypeError, ArithmeticError, AttributeError, LookupError)

Json: TypeAlias = str
"""The text of a JSON column, not parsed yet."""


class CannotEvaluate(Exception):
    """A stored screening cannot be evaluated; the message says why, without a value that a person entered."""


# As stored ----------------------------------------------------------------------------------------------------


class StoredAnswer(NamedTuple):
    """The row of an answer and its finding."""

    link_id: str
    code: str
    reason: str
    details: Json
    status: str
    severity: str
    next_step: str
    notes: Json


class StoredList(NamedTuple):
    """The row of a medication list. ``lexicon`` and ``local_names`` are the names that it was read with."""

    text: str
    found: Json
    not_read: Json
    lexicon: str
    local_names: Json


class StoredScreening(NamedTuple):
    """The columns that a result consists of or depends on, and the rows of the answers, in order."""

    outcome: str
    state: str
    headline: str
    tally: str
    unrecognised: Json
    overdue: Json | None
    answers: tuple[StoredAnswer, ...]
    listed: StoredList | None = None


@dataclass(frozen=True)
class ParsedScreening:
    """A stored screening in the form that the clinical core reads.

    ``evaluation`` is the stored result; ``words`` are its words in lists.
    """

    definition: Definition
    answers: Mapping[str, Answer]
    evaluation: Evaluation
    listed: MedicationList
    words: Mapping[str, str]

    def differences(self, on: date) -> tuple[str, ...]:
        """Evaluate the answers again, and name what differs; ``on`` is the day of the screening."""
        stored = self.evaluation
        found = evaluate(self.definition, self.answers, on, self.listed, stored.overdue)
        return self._other_words if found == stored else tuple(_differences(stored, found))

    @cached_property
    def _other_words(self) -> tuple[str, ...]:
        """The words in lists that differ. They depend on the evaluation alone, so they are compared once."""
        now = words_in_lists(self.definition, self.evaluation)
        return tuple(f"other {name}" for name in now if now[name] != self.words[name])


def parse(definition: Definition, stored: StoredScreening) -> ParsedScreening:
    """Parse a stored screening; ``definition`` is that of its edition.

    Raises:
        CannotEvaluate: the rows are damaged, or do not fit the edition.
    """
    rows = {row.link_id: row for row in stored.answers}
    if missing := [item.link_id for item in definition.items if item.link_id not in rows]:
        raise CannotEvaluate(f"the answer to {missing[0]} is missing")
    if rows.keys() - {item.link_id for item in (*definition.items, *definition.listed)}:
        raise CannotEvaluate("it has an answer to a rule that its edition does not have")
    try:
        unrecognised, overdue = _texts(stored.unrecognised), _texts(stored.overdue or "[]")
        outcome = Outcome(stored.outcome)
    except _DAMAGED:
        raise CannotEvaluate("its result is damaged") from None
    # An answer to a rule that the edition does not have was not stored, only that there was one.
    answers = dict.fromkeys(unrecognised, Answer(AnswerCode.UNKNOWN))
    answers |= {item.link_id: _answer(item, rows[item.link_id]) for item in definition.items}
    findings = tuple(_finding(row) for row in stored.answers)
    words = {"state": stored.state, "headline": stored.headline, "tally": stored.tally}
    result = Evaluation(outcome, findings, unrecognised, overdue)
    return ParsedScreening(definition, answers, result, _list(stored.listed), words)


def _answer(item: Item, row: StoredAnswer) -> Answer:
    try:
        return Answer(AnswerCode(row.code), row.reason, _details(item, json.loads(row.details)))
    except _DAMAGED:
        raise CannotEvaluate(f"the answer to {item.link_id} is damaged, or its edition does not offer it") from None


def _details(item: Item, plain: Mapping[str, str | list[str]]) -> dict[str, FollowUpValue]:
    """Parse the details of an answer more strictly than a page, which leaves out what its edition does not offer."""
    details = from_plain(item.follow_ups, plain)
    if details.keys() != plain.keys():
        raise ValueError("an unknown follow-up")
    for follow_up in item.follow_ups:
        if follow_up.link_id in details:
            _check(follow_up, plain[follow_up.link_id], details[follow_up.link_id])
    return details


def _check(follow_up: FollowUp, plain: object, value: FollowUpValue) -> None:
    texts = plain if isinstance(plain, list) else [plain]
    if not isinstance(value, _TYPES[follow_up.kind]) or not all(isinstance(each, str) for each in texts):
        raise TypeError("a value of another type")
    if follow_up.choices and not {choice.code for choice in follow_up.choices}.issuperset(texts):
        raise ValueError("an unknown code")


def _finding(row: StoredAnswer) -> Finding:
    try:
        return Finding(
            link_id=row.link_id,
            answer=AnswerCode(row.code),
            status=FindingStatus(row.status),
            severity=Severity(row.severity),
            next_step=row.next_step,
            notes=tuple([Note(note["label"], in_current_words(note["words"])) for note in json.loads(row.notes)]),
        )
    except _DAMAGED:
        raise CannotEvaluate(f"the finding of {row.link_id} is damaged") from None


def _list(row: StoredList | None) -> MedicationList:
    if row is None:
        return NO_LIST
    try:
        return MedicationList(row.text, medicines_from_plain(json.loads(row.found)), tuple(json.loads(row.not_read)))
    except _DAMAGED:
        raise CannotEvaluate("its medication list is damaged") from None


def _texts(plain: Json) -> tuple[str, ...]:
    """Parse a list of texts; null counts as an empty one."""
    texts = json.loads(plain)
    if not isinstance(texts, list | None) or not all(isinstance(each, str) for each in texts or ()):
        raise TypeError("not a list of texts")
    return tuple(texts or ())


# Differences --------------------------------------------------------------------------------------------------


def _differences(stored: Evaluation, found: Evaluation) -> Iterator[str]:
    if stored.outcome != found.outcome:
        yield f"outcome {stored.outcome.value} → {found.outcome.value}"
    then = {finding.link_id: finding for finding in stored.findings}
    now = {finding.link_id: finding for finding in found.findings}
    for link_id in dict.fromkeys((*then, *now)):
        if then.get(link_id) != now.get(link_id):
            yield f"{link_id}: {_of_finding(then.get(link_id), now.get(link_id))}"
    if then.keys() == now.keys() and [*then] != [*now]:
        yield "other order of findings"
    yield from (f"other {name} rules" for name in ("unrecognised", "overdue") if _differ(stored, found, name))


def _of_finding(then: Finding | None, now: Finding | None) -> str:
    if then is None or now is None:
        return f"{then.status.value if then else NOTHING} → {now.status.value if now else NOTHING}"
    return ", ".join(_fields(then, now))


def _fields(then: Finding, now: Finding) -> Iterator[str]:
    names = [each.name for each in fields(Finding)]
    for name in sorted(names, key=lambda name: name != "status"):
        if _differ(then, now, name):
            words = f"{getattr(then, name)} → {getattr(now, name)}"
            yield _WITH_CODES[name] + words if name in _WITH_CODES else f"other {name.replace('_', ' ')}"


def _differ(then: object, now: object, name: str) -> bool:
    return bool(getattr(then, name) != getattr(now, name))


def list_differences(stored: MedicationList, read: MedicationList) -> Iterator[str]:
    """Name what differs when a medication list is read again.

    The sentences that explain a match (``why``) are not compared: the status that they explain is.
    """
    if _unexplained(stored) != _unexplained(read):
        yield "list: other medicines found"
    if stored.not_read != read.not_read:
        yield "list: other lines not read"


def _unexplained(medicines: MedicationList) -> list[ListedMedicine]:
    return [replace(each, why="") for each in medicines.found]
