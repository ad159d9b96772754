"""The text of a summary about one rule: the answer, the flag, the reason and the sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from screening.clinical.evaluation.evaluate import Answer, Finding, FindingStatus
from screening.clinical.evaluation.shelf_life import EXPIRING_ANSWERS, HeldAnswer
from screening.clinical.rules import labels
from screening.clinical.rules.definition import AnswerCode, Item, Trigger
from screening.clinical.rules.labels import source_kind, source_words
from screening.clinical.rules.reviews import Reviews, ReviewStatus, review_status
from screening.clinical.text import wording
from screening.clinical.text.local_dates import format_date
from screening.clinical.text.translation import gettext, gettext_noop

from .details import format_follow_ups
from .record import Record

NOT_KNOWN_UNRESOLVED = gettext_noop("Not known: unresolved")

_NO_ANSWER = Answer(AnswerCode.UNKNOWN)
_UNKNOWN_REASONS = labels.by_code(labels.UNKNOWN_REASON_WORDS)


class RuleText(str):
    """Text in the language of the edition, among texts in the language of the page."""

    is_rule_text = True


@dataclass(frozen=True, slots=True)
class LabelledText:
    """Text under a label.

    ``is_next`` marks what to do next, which is highlighted. ``is_rule_text`` marks what is written in the language of
    the edition, whatever language the page has.
    """

    label: str
    words: str
    is_next: bool = False
    is_rule_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingText:
    """The text about one rule. ``state`` is the severity of a flag, else ``unresolved`` or the answer's code."""

    link_id: str
    answer: AnswerCode
    finding: FindingStatus
    state: str
    heading: str
    title: str
    lines: tuple[LabelledText, ...]
    sources: tuple[LabelledText, ...] = ()
    footer: tuple[str, ...] = ()

    @property
    def sources_label(self) -> str:
        """The label before the sources, singular or plural."""
        return gettext(labels.ONE_SOURCE if len(self.sources) == 1 else labels.RULE_LABELS["sources"])


def finding_text(
    record: Record, finding: Finding, shown_on: date, reviews: Reviews, asked_again: Mapping[str, date]
) -> FindingText:
    """Write the text about a finding of a record; ``shown_on`` decides whether a review is overdue.

    ``asked_again`` is the day, by link id, on which an answer was last asked again and had not changed.
    """
    item = record.definition.item(finding.link_id)
    answer, review = record.answers.get(item.link_id, _NO_ANSWER), review_status(item, shown_on, reviews)
    if finding.status is FindingStatus.NOT_FLAGGED:
        return _answered(item, finding, answer, (review.due,) if review.is_overdue else ())
    return _flagged_or_unresolved(item, finding, answer, tuple(_footer(record, finding, review, asked_again)))


def state_of(finding: Finding) -> str:
    """Return the severity of a flag, ``unresolved``, or the code of an answer that raised no flag."""
    if finding.status is FindingStatus.FLAGGED:
        return finding.severity.value
    return finding.status.value if finding.status is FindingStatus.UNRESOLVED else finding.answer.value


def _answered(item: Item, finding: Finding, answer: Answer, footer: tuple[str, ...]) -> FindingText:
    reason, is_of_rule = _reason(item, finding, answer), finding.answer is AnswerCode.NOT_APPLICABLE
    return FindingText(
        link_id=item.link_id,
        answer=finding.answer,
        finding=finding.status,
        state=state_of(finding),
        heading=gettext(labels.ANSWER_WORDS[finding.answer]),
        title=item.question,
        lines=(LabelledText(gettext(labels.REASON), reason, is_rule_text=is_of_rule),) if reason else (),
        footer=footer,
    )


def _flagged_or_unresolved(item: Item, finding: Finding, answer: Answer, footer: tuple[str, ...]) -> FindingText:
    flagged = finding.status is FindingStatus.FLAGGED
    return FindingText(
        link_id=item.link_id,
        answer=finding.answer,
        finding=finding.status,
        state=state_of(finding),
        heading=RuleText(item.severity_words) if flagged else gettext(NOT_KNOWN_UNRESOLVED),
        title=item.finding,
        lines=tuple(_lines(item, finding, answer)),
        sources=tuple(LabelledText(source_kind(each), source_words(each)) for each in item.sources),
        footer=footer,
    )


def _lines(item: Item, finding: Finding, answer: Answer) -> Iterator[LabelledText]:
    """List the answer, the notes about it, what to do next, and the rest; a rule that is not asked has no answer."""
    flagged = finding.status is FindingStatus.FLAGGED
    if item.trigger is Trigger.ANSWERED_YES:
        yield LabelledText(gettext(labels.ANSWER), _answer_in_words(item, finding, answer))
    beside, below = _notes(finding)
    yield from beside
    next_step = labels.RULE_LABELS["next_step" if flagged else "find_out"]
    yield LabelledText(gettext(next_step), finding.next_step, is_next=True, is_rule_text=True)
    if flagged and finding.is_open:
        yield LabelledText(gettext(labels.RULE_LABELS["find_out"]), item.find_out, is_rule_text=True)
    yield from below
    yield LabelledText(gettext(labels.RULE_LABELS["why"]), item.why, is_rule_text=True)


def _notes(finding: Finding) -> tuple[list[LabelledText], list[LabelledText]]:
    """Return the notes shown directly after the answer, and the others."""
    beside, below = list[LabelledText](), list[LabelledText]()
    for note in finding.notes:
        place = beside if note.label in wording.BESIDE_THE_ANSWER else below
        place.append(LabelledText(gettext(note.label), note.words, is_rule_text=True))
    return beside, below


def answer_texts(record: Record) -> dict[str, str]:
    """Format every answer of a record, by link id, with its details or its reason."""
    asked = record.definition.by_link_id
    return {
        finding.link_id: _answer_in_words(
            asked[finding.link_id], finding, record.answers.get(finding.link_id, _NO_ANSWER)
        )
        for finding in record.evaluation.findings
        if finding.link_id in asked
    }


def _answer_in_words(item: Item, finding: Finding, answer: Answer) -> str:
    label = gettext(labels.ANSWER_WORDS[finding.answer])
    if finding.answer is AnswerCode.YES:
        return f"{label}. {format_follow_ups(item.follow_ups, answer.details)}".strip()
    if finding.answer is AnswerCode.NO:
        return f"{label}."
    reason = _reason(item, finding, answer) or gettext("Reason not given")
    return gettext("{answer}. {reason}.").format(answer=label, reason=reason)


def _reason(item: Item, finding: Finding, answer: Answer) -> str:
    if finding.answer is AnswerCode.UNKNOWN:
        reason = _UNKNOWN_REASONS.get(answer.reason)
        return gettext(reason) if reason else ""
    return next((each.label for each in item.not_applicable_reasons if each.code == answer.reason), "")


def _footer(record: Record, finding: Finding, review: ReviewStatus, asked_again: Mapping[str, date]) -> Iterator[str]:
    asked, item = record.definition.items, record.definition.item(finding.link_id)
    is_asked = item.trigger is Trigger.ANSWERED_YES
    if is_asked:
        yield gettext("Question {number} of {count}").format(number=asked.index(item) + 1, count=len(asked))
    yield record.rules
    yield review.due
    if review.checked:
        yield review.checked
    if is_asked and not item.holds_days:
        yield gettext(wording.ASK_EVERY_TIME)
    elif is_asked and finding.answer in EXPIRING_ANSWERS:
        given_on = asked_again.get(item.link_id, record.screened_at.date())
        until = HeldAnswer(item, finding.answer, given_on).until
        yield gettext("Answer holds until {date}").format(date=format_date(until))
