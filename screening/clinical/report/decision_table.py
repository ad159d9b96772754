"""An edition as a decision table on paper, to be filled in by hand where no computer is available."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from screening.clinical.evaluation.calculations import CLASSES_IN_WORDS
from screening.clinical.rules.definition import (
    AnswerCode,
    Choice,
    Definition,
    Feeds,
    FollowUp,
    FollowUpKind,
    Item,
    Outcome,
    Severity,
)
from screening.clinical.rules.labels import (
    ANSWER,
    ANSWER_WORDS,
    LISTED_WORDS,
    OUTCOME_WORDS,
    RULE_LABELS,
    source_kind,
)
from screening.clinical.rules.reviews import NO_REVIEWS, Reviews, review_remarks, review_status
from screening.clinical.text import wording
from screening.clinical.text.dates import format_datetime
from screening.clinical.text.phrases import format_number, in_sentence, join_with_and
from screening.clinical.text.translation import untranslated

from .chart_copy import DECISION_CHOICES, DECISION_LINES, DecisionForm
from .findings import LabelledText

INSTRUCTIONS = (
    "Tick one answer to each question. A missing answer counts as not known, and not known is never counted as no.",
    f"Paper is not recorded: enter it on the page “{wording.TRANSCRIBE}” as soon as you can; the medication list is "
    "also read there.",
)
IF_YES = f"If {in_sentence(ANSWER_WORDS[AnswerCode.YES])}"
IF_NOT_KNOWN = f"If {in_sentence(ANSWER_WORDS[AnswerCode.UNKNOWN])}, {in_sentence(RULE_LABELS['find_out'])}"
IF_NOT_APPLICABLE = f"If {in_sentence(ANSWER_WORDS[AnswerCode.NOT_APPLICABLE])}"
REACHING_ITS_DATE = "Reaching its date does not lift the flag; the prescriber decides."
SHORT_HASH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedEdition:
    """An edition without its rules. ``at`` is aware, in the clinic's time zone."""

    number: int
    sha256: str
    at: datetime
    by: str
    without_second_reviewer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankField:
    """A field to fill in by hand: boxes to tick, or a line if there are no ``choices``, long if ``is_long``."""

    label: str
    choices: tuple[str, ...] = ()
    unit: str = ""
    is_long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One rule: its question and answers, what a yes means, and what to find out if it is not known.

    ``state`` names the shape beside the severity. ``notes`` explain single choices and name the kinds of sources.
    """

    number: int
    state: str
    question: str
    explained: tuple[str, ...]
    answers: tuple[str, ...]
    severity_words: str
    finding: str
    next_step: str
    find_out: str
    details: tuple[BlankField, ...]
    why_not_applicable: tuple[str, ...]
    notes: tuple[LabelledText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHeadings:
    """The headings of the columns and the parts."""

    columns: tuple[str, ...] = ("No.", RULE_LABELS["question"], ANSWER, IF_YES, IF_NOT_KNOWN)
    details: str = IF_YES
    not_applicable: str = IF_NOT_APPLICABLE
    results: str = "Result: tick the first line that applies"
    not_covered: str = wording.NOT_COVERED
    counselling: str = wording.COUNSELLING


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable:
    """All text of the table, in reading order. ``footer`` is at the bottom of every sheet."""

    title: str
    edition: str
    reminder: str
    notice: str
    name: str
    published: str
    patient: tuple[BlankField, ...]
    context: tuple[BlankField, ...]
    instructions: tuple[str, ...]
    remarks: tuple[str, ...]
    headings: TableHeadings
    rows: tuple[TableRow, ...]
    results: tuple[LabelledText, ...]
    reviewed: tuple[BlankField, ...]
    not_covered: tuple[str, ...]
    basis: str
    counselling: tuple[str, ...]
    decision: DecisionForm
    end: str
    footer: str = wording.FOOTER


@untranslated()
def decision_table(
    definition: Definition, published: PublishedEdition, on: date, reviews: Reviews = NO_REVIEWS, notice: str = ""
) -> DecisionTable:
    """Make the decision table of an edition, in the language of its rules, whoever prints it.

    ``on`` decides whether a review is overdue, ``reviews`` are the confirmed reviews by then, and ``notice`` is a
    sentence about this installation, or empty.
    """
    number, alone = published.number, published.without_second_reviewer
    when = f"Published {format_datetime(published.at)} by {published.by}."
    rules = (*definition.items, *definition.listed)
    return DecisionTable(
        title=wording.TITLE,
        edition=f"Edition {number}, {published.sha256[:SHORT_HASH]}.",
        reminder=wording.REMINDER,
        notice=notice,
        name=wording.DECISION_TABLE,
        published=f"{when} Use it only while edition {number} is in use.",
        patient=(
            BlankField(label="Patient name", is_long=True),
            BlankField(label="Birth date"),
            BlankField(label="Record number"),
        ),
        context=tuple(_context(definition)),
        instructions=INSTRUCTIONS,
        remarks=review_remarks(definition, on, reviews, without_second_reviewer=alone),
        headings=TableHeadings(),
        rows=tuple(_row(place, item, on, reviews) for place, item in enumerate(rules, start=1)),
        results=tuple(_results(rules)),
        reviewed=(BlankField(label="Reviewed by: name and role", is_long=True), BlankField(label="Date and time")),
        not_covered=definition.not_covered,
        basis=definition.basis,
        counselling=definition.counselling,
        decision=DecisionForm(heading=wording.DECISION, state="", choices=DECISION_CHOICES, lines=DECISION_LINES),
        end=f"{when} Edition {number}, {published.sha256}",
    )


def _context(definition: Definition) -> Iterator[BlankField]:
    low, high = format_number(definition.dose_low_mg), format_number(definition.dose_high_mg)
    yield BlankField(label=f"Daily dose (low: {low} to {high} mg)", unit="mg")
    yield BlankField(label="Indication")
    yield BlankField(label="Date and time")
    yield BlankField(label="Completed by: name and role", is_long=True)


# Rules --------------------------------------------------------------------------------------------------------


def _row(number: int, item: Item, on: date, reviews: Reviews) -> TableRow:
    return TableRow(
        number=number,
        state=item.severity.value,
        question=item.question,
        explained=tuple(_explained(item)),
        answers=tuple([ANSWER_WORDS[code] for code in item.answer_codes]),
        severity_words=item.severity_words,
        finding=item.finding,
        next_step=item.next_step,
        find_out=item.find_out,
        details=tuple(map(_blank, item.follow_ups)),
        why_not_applicable=tuple([reason.label for reason in item.not_applicable_reasons]),
        notes=(*_notes(item), _sources(item, on, reviews)),
    )


def _explained(item: Item) -> Iterator[str]:
    if item.help:
        yield item.help
    if item.listed:
        yield f"Check the medication list: {LISTED_WORDS[item.listed]} in use counts as yes."


def _blank(follow_up: FollowUp) -> BlankField:
    is_long = follow_up.kind is FollowUpKind.TEXT
    choices = tuple(map(_choice, follow_up.choices))
    return BlankField(label=follow_up.label, choices=choices, unit=follow_up.unit, is_long=is_long)


def _choice(choice: Choice) -> str:
    return f"{choice.label} [{choice.points}]" if choice.points else choice.label


def _notes(item: Item) -> Iterator[LabelledText]:
    """Explain single choices, each explanation once."""
    explained: dict[str, list[str]] = {}
    for choice in (each for follow_up in item.follow_ups for each in follow_up.choices):
        for words in filter(None, (choice.interval.words if choice.interval else "", choice.next_step)):
            explained.setdefault(words, []).append(choice.label)
    if item.follow_up_for(Feeds.INTERVAL_KIND):
        yield LabelledText("Opioid-free interval", REACHING_ITS_DATE)
    for words, labels in explained.items():
        yield LabelledText("; ".join([labels[0], *map(in_sentence, labels[1:])]), _sentence(words))
    if item.follow_up_for(Feeds.CHILD_PUGH):
        yield LabelledText(wording.CHILD_PUGH, CLASSES_IN_WORDS)


def _sources(item: Item, on: date, reviews: Reviews) -> LabelledText:
    """Name the kinds of its sources, each once, and its review."""
    kinds, review = "; ".join(dict.fromkeys(map(source_kind, item.sources))), review_status(item, on, reviews)
    return LabelledText(
        RULE_LABELS["sources"], " ".join(f"{words}." for words in (kinds, review.due, review.checked) if words)
    )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


# Result -------------------------------------------------------------------------------------------------------


def _results(rules: Sequence[Item]) -> Iterator[LabelledText]:
    """Say which answers give each outcome, in the order of precedence of ``evaluate``."""
    cautions = [number for number, item in enumerate(rules, start=1) if item.severity is Severity.CAUTION]
    contraindications = [
        number for number, item in enumerate(rules, start=1) if item.severity is not Severity.CAUTION
    ]
    yes, no = ANSWER_WORDS[AnswerCode.YES], ANSWER_WORDS[AnswerCode.NO]
    not_known, not_applicable = ANSWER_WORDS[AnswerCode.UNKNOWN], ANSWER_WORDS[AnswerCode.NOT_APPLICABLE]
    if contraindications:
        yield LabelledText(OUTCOME_WORDS[Outcome.CONTRAINDICATION_FLAGGED], f"{yes} to {_any_of(contraindications)}.")
    yield LabelledText(OUTCOME_WORDS[Outcome.CANNOT_CONCLUDE], f"{not_known}, or no answer, to any question.")
    if cautions:
        yield LabelledText(OUTCOME_WORDS[Outcome.CAUTION_FLAGGED], f"{yes} to {_any_of(cautions)}.")
    yield LabelledText(
        OUTCOME_WORDS[Outcome.NONE_IDENTIFIED], f"{no} or {in_sentence(not_applicable)} to every question."
    )


def _any_of(numbers: Sequence[int]) -> str:
    return join_with_and(list(map(str, numbers))).replace(" and ", " or ")
