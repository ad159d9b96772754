"""What a summary says of one rule: the answer, what it raises, why, and on what grounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from screening.clinical.evaluation.evaluate import Answer, Finding, FindingStatus
from screening.clinical.evaluation.follow_up_values import format_follow_ups
from screening.clinical.rules import labels
from screening.clinical.rules.definition import AnswerCode, Item, Trigger
from screening.clinical.rules.labels import source_kind, source_words
from screening.clinical.rules.reviews import NO_REVIEWS, Reviews, ReviewStatus, review_status
from screening.clinical.text import wording
from screening.clinical.text.dates import format_date

from .record import Record

_NO_ANSWER = Answer(AnswerCode.UNKNOWN)
_UNKNOWN_REASONS = labels.by_code(labels.UNKNOWN_REASON_WORDS)


@dataclass(frozen=True, slots=True)
class LabelledText:
    """Words under a label; ``is_next`` marks what to do next, which stands out."""

    label: str
    words: str
    is_next: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingText:
    """What is said of one rule. ``state`` is the severity of a flag, else ``unresolved`` or the answer's code."""

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
        """What stands before the sources."""
        return "Source" if len(self.sources) == 1 else "Sources"


def finding_text(record: Record, finding: Finding, shown_on: date, reviews: Reviews = NO_REVIEWS) -> FindingText:
    """The words about a finding of a record, as read on a day with what was signed by then."""
    item = record.definition.item(finding.link_id)
    answer, review = record.answers.get(item.link_id, _NO_ANSWER), review_status(item, shown_on, reviews)
    if finding.status is FindingStatus.NOT_FLAGGED:
        return _answered(item, finding, answer, (review.due,) if review.is_overdue else ())
    return _told(item, finding, answer, tuple(_footer(record, item, review)))


def state_of(finding: Finding) -> str:
    """The severity of a flag, ``unresolved``, or the code of an answer that raised nothing."""
    if finding.status is FindingStatus.FLAGGED:
        return finding.severity.value
    return finding.status.value if finding.status is FindingStatus.UNRESOLVED else finding.answer.value


def _answered(item: Item, finding: Finding, answer: Answer, footer: tuple[str, ...]) -> FindingText:
    reason = _reason(item, finding, answer)
    return FindingText(
        link_id=item.link_id,
        answer=finding.answer,
        finding=finding.status,
        state=state_of(finding),
        heading=labels.ANSWER_WORDS[finding.answer],
        title=item.question,
        lines=(LabelledText("Reason", reason),) if reason else (),
        footer=footer,
    )


def _told(item: Item, finding: Finding, answer: Answer, footer: tuple[str, ...]) -> FindingText:
    flagged = finding.status is FindingStatus.FLAGGED
    return FindingText(
        link_id=item.link_id,
        answer=finding.answer,
        finding=finding.status,
        state=state_of(finding),
        heading=item.severity_words if flagged else "Not known, so it stays open",
        title=item.finding,
        lines=tuple(_lines(item, finding, answer)),
        sources=tuple(LabelledText(source_kind(each), source_words(each)) for each in item.sources),
        footer=footer,
    )


def _lines(item: Item, finding: Finding, answer: Answer) -> Iterator[LabelledText]:
    """The answer, what a list says to it, what to do next, and the rest; of a rule that is not asked no answer."""
    flagged = finding.status is FindingStatus.FLAGGED
    if item.trigger is Trigger.ANSWERED_YES:
        yield LabelledText("Answer", _answer_in_words(item, finding, answer))
    told = [LabelledText(note.label, note.words) for note in finding.notes]
    yield from (line for line in told if line.label in wording.BESIDE_THE_ANSWER)
    yield LabelledText("Next step" if flagged else "Find out", finding.next_step, is_next=True)
    if flagged and finding.is_open:
        yield LabelledText("Find out", item.find_out)
    yield from (line for line in told if line.label not in wording.BESIDE_THE_ANSWER)
    yield LabelledText("Why", item.why)


def answer_texts(record: Record) -> dict[str, str]:
    """Every answer of a record by link id, each with its details or with the reason why there is none."""
    asked = record.definition.by_link_id
    return {
        finding.link_id: _answer_in_words(
            asked[finding.link_id], finding, record.answers.get(finding.link_id, _NO_ANSWER)
        )
        for finding in record.evaluation.findings
        if finding.link_id in asked
    }


def _answer_in_words(item: Item, finding: Finding, answer: Answer) -> str:
    said = labels.ANSWER_WORDS[finding.answer]
    if finding.answer is AnswerCode.YES:
        return f"{said}. {format_follow_ups(item.follow_ups, answer.details)}".strip()
    if finding.answer is AnswerCode.NO:
        return f"{said}."
    return f"{said}. {_reason(item, finding, answer) or 'Reason not given'}."


def _reason(item: Item, finding: Finding, answer: Answer) -> str:
    if finding.answer is AnswerCode.UNKNOWN:
        return _UNKNOWN_REASONS.get(answer.reason, "")
    return next((each.label for each in item.not_applicable_reasons if each.code == answer.reason), "")


def _footer(record: Record, item: Item, review: ReviewStatus) -> Iterator[str]:
    asked, is_asked = record.definition.items, item.trigger is Trigger.ANSWERED_YES
    if is_asked:
        yield f"Question {asked.index(item) + 1} of {len(asked)}"
    yield record.rules
    yield review.due
    if review.checked:
        yield review.checked
    if is_asked:
        yield _holds(item, record.screened_at.date())


def _holds(item: Item, screened_on: date) -> str:
    if not item.holds_days:
        return wording.ASK_EVERY_TIME
    return f"Answer holds until {format_date(screened_on + timedelta(days=item.holds_days))}"
