"""The copy of a summary for the chart: the text around it on the print, in the PDF and in the plain text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.labels import DECISION_WORDS
from screening.clinical.text import wording
from screening.clinical.text.dates import format_datetime

from .record import Record
from .summary import Summary, Watermark


@dataclass(frozen=True, slots=True)
class DecisionChoice:
    """A box to tick; ``has_date`` adds a line to write a date on."""

    label: str
    has_date: bool = False


DECISION_CHOICES = tuple(
    DecisionChoice(words, has_date=code is DecisionCode.DEFER) for code, words in DECISION_WORDS.items()
)
DECISION_LINES = ("Reasons, flag by flag", "Name and role", "Signature", "Date and time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """Who made a copy for the chart, in which role, and when (aware; shown to the minute)."""

    by: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionForm:
    """The part for the prescriber's decision: boxes to tick and lines to write on, or why there are none."""

    heading: str
    state: str
    choices: tuple[DecisionChoice, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartCopy:
    """All text of a copy for the chart, in reading order. ``footer`` is at the bottom of every sheet.

    ``decision`` is the part to fill in by hand; it is None when the summary has a recorded decision.
    """

    title: str
    reminder: str
    notice: str
    summary: Summary
    decision: DecisionForm | None
    end: str
    name: str = wording.CHART_SUMMARY
    footer: str = wording.FOOTER


def chart_copy(record: Record, summary: Summary, printing: Printing, notice: str = "") -> ChartCopy:
    """Make the copy of a record for the chart; ``notice`` is a sentence about this installation, or empty."""
    printed = f"Printed {format_datetime(printing.at)} by {printing.by}, {printing.role}."
    return ChartCopy(
        title=wording.TITLE,
        reminder=summary.reminder,
        notice=notice,
        summary=summary,
        decision=None if summary.decisions else _decision(summary.watermark),
        end=printed if record.is_draft else f"{printed} Record {record.uuid}",
    )


def _decision(watermark: Watermark | None) -> DecisionForm:
    if watermark:
        return DecisionForm(heading=wording.NO_DECISION, state=watermark.no_decision)
    return DecisionForm(
        heading=wording.DECISION,
        state=wording.NOT_DECIDED_WHEN_PRINTED,
        choices=DECISION_CHOICES,
        lines=DECISION_LINES,
    )
