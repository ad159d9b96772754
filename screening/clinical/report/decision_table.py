"""An edition as a decision table on paper, to be filled in by hand where no screen can be reached."""

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
from screening.clinical.rules.labels import ANSWER_WORDS, LISTED_WORDS, OUTCOME_WORDS, source_kind
from screening.clinical.rules.reviews import NO_REVIEWS, Reviews, review_remarks, review_status
from screening.clinical.text import wording
from screening.clinical.text.dates import format_datetime
from screening.clinical.text.phrases import format_number, in_sentence, join_with_and

from .chart_copy import CHOICES, TO_WRITE, DecisionForm
from .findings import LabelledText

HOW = (
    "Tick one answer to each question. One left out counts as not known, and not known is never counted as no.",
    "Paper is recorded nowhere: enter the answers in LDN Screen once it can be reached; it reads the list, too.",
)
REACHING_ITS_DATE = "Reaching its date does not lift the flag; the prescriber decides."
SHORT_HASH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What is told of an edition beside its rules. ``at`` is aware, in the clinic's own time zone."""

    number: int
    sha256: str
    at: datetime
    by: str
    without_second_reviewer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """What is filled in by hand: boxes to tick, or without ``choices`` a line; ``is_long`` asks for much room."""

    label: str
    choices: tuple[str, ...] = ()
    unit: str = ""
    is_long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule: its question and answers, what a yes means and what to find out while it is not known.

    ``state`` names the shape that stands beside the words of its severity. ``notes`` are what single choices mean,
    and on what grounds the rule stands.
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
    details: tuple[Blank, ...]
    why_not_applicable: tuple[str, ...]
    notes: tuple[LabelledText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """What stands over the columns and the parts."""

    columns: tuple[str, ...] = ("No.", "Question", "Answer", "If yes", "If not known, find out")
    details: str = "If yes"
    not_applicable: str = "If not applicable"
    results: str = "Result: tick the first line that holds"
    not_covered: str = "What this screen does not cover"
    counselling: str = "If LDN is prescribed, tell the patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable:
    """All words of the table, in the order in which they are read."""

    title: str
    edition: str
    reminder: str
    notice: str
    name: str
    published: str
    patient: tuple[Blank, ...]
    context: tuple[Blank, ...]
    how: tuple[str, ...]
    remarks: tuple[str, ...]
    headings: Headings
    rows: tuple[Row, ...]
    results: tuple[LabelledText, ...]
    not_covered: tuple[str, ...]
    basis: str
    counselling: tuple[str, ...]
    decision: DecisionForm
    end: str


def decision_table(
    definition: Definition, published: Published, on: date, reviews: Reviews = NO_REVIEWS, notice: str = ""
) -> DecisionTable:
    """Put an edition into words as a table, as read on a day with what was signed under its rules by then.

    ``notice`` is what this installation says of itself, if anything.
    """
    number, alone = published.number, published.without_second_reviewer
    when = f"Published {format_datetime(published.at)} by {published.by}."
    rules = (*definition.items, *definition.listed)
    return DecisionTable(
        title=wording.TITLE,
        edition=f"Edition {number}, {published.sha256[:SHORT_HASH]}.",
        reminder=wording.REMINDER,
        notice=notice,
        name="Decision table",
        published=f"{when} Use it only while edition {number} is in use.",
        patient=(Blank(label="Patient name", is_long=True), Blank(label="Birth date"), Blank(label="Record number")),
        context=tuple(_context(definition)),
        how=HOW,
        remarks=review_remarks(definition, on, reviews, without_second_reviewer=alone),
        headings=Headings(),
        rows=tuple(_row(place, item, on, reviews) for place, item in enumerate(rules, start=1)),
        results=tuple(_results(rules)),
        not_covered=definition.not_covered,
        basis=definition.basis,
        counselling=definition.counselling,
        decision=DecisionForm(heading="Prescriber’s decision", state="", choices=CHOICES, to_write=TO_WRITE),
        end=f"{when} Edition {number}, {published.sha256}",
    )


def _context(definition: Definition) -> Iterator[Blank]:
    low, high = format_number(definition.dose_low_mg), format_number(definition.dose_high_mg)
    yield Blank(label=f"Daily dose (low: {low} to {high} mg)", unit="mg")
    yield Blank(label="Indication")
    yield Blank(label="Date and time")
    yield Blank(label="Screened by: name and role", is_long=True)


# Rules --------------------------------------------------------------------------------------------------------


def _row(number: int, item: Item, on: date, reviews: Reviews) -> Row:
    return Row(
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
        notes=(*_notes(item), _grounds(item, on, reviews)),
    )


def _explained(item: Item) -> Iterator[str]:
    if item.help:
        yield item.help
    if item.listed:
        yield f"Look through the medication list: {LISTED_WORDS[item.listed]} in use counts as yes."


def _blank(follow_up: FollowUp) -> Blank:
    is_long = follow_up.kind is FollowUpKind.TEXT
    choices = tuple(map(_choice, follow_up.choices))
    return Blank(label=follow_up.label, choices=choices, unit=follow_up.unit, is_long=is_long)


def _choice(choice: Choice) -> str:
    return f"{choice.label} [{choice.points}]" if choice.points else choice.label


def _notes(item: Item) -> Iterator[LabelledText]:
    """What single choices mean, each meaning once."""
    said: dict[str, list[str]] = {}
    for choice in (each for follow_up in item.follow_ups for each in follow_up.choices):
        for words in filter(None, (choice.interval.words if choice.interval else "", choice.next_step)):
            said.setdefault(words, []).append(choice.label)
    if item.follow_up_for(Feeds.INTERVAL_KIND):
        yield LabelledText("Opioid-free interval", REACHING_ITS_DATE)
    for words, labels in said.items():
        yield LabelledText("; ".join([labels[0], *map(in_sentence, labels[1:])]), _sentence(words))
    if item.follow_up_for(Feeds.CHILD_PUGH):
        yield LabelledText("Child-Pugh", CLASSES_IN_WORDS)


def _grounds(item: Item, on: date, reviews: Reviews) -> LabelledText:
    """The kinds of its sources, each once, and its review."""
    kinds, review = "; ".join(dict.fromkeys(map(source_kind, item.sources))), review_status(item, on, reviews)
    return LabelledText("Sources", " ".join(f"{words}." for words in (kinds, review.due, review.checked) if words))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


# Result -------------------------------------------------------------------------------------------------------


def _results(rules: Sequence[Item]) -> Iterator[LabelledText]:
    """What each outcome takes, in the order of precedence, as ``evaluation`` has it."""
    cautions = [number for number, item in enumerate(rules, start=1) if item.severity is Severity.CAUTION]
    graver = [number for number, item in enumerate(rules, start=1) if item.severity is not Severity.CAUTION]
    not_known, no = ANSWER_WORDS[AnswerCode.UNKNOWN], ANSWER_WORDS[AnswerCode.NO]
    if graver:
        yield LabelledText(OUTCOME_WORDS[Outcome.CONTRAINDICATION_FLAGGED], f"Yes to {_any_of(graver)}.")
    yield LabelledText(OUTCOME_WORDS[Outcome.CANNOT_CONCLUDE], f"{not_known}, or no answer, to any question.")
    if cautions:
        yield LabelledText(OUTCOME_WORDS[Outcome.CAUTION_FLAGGED], f"Yes to {_any_of(cautions)}.")
    yield LabelledText(OUTCOME_WORDS[Outcome.NONE_IDENTIFIED], f"{no} or not applicable to every question.")


def _any_of(numbers: Sequence[int]) -> str:
    return join_with_and(list(map(str, numbers))).replace(" and ", " or ")
