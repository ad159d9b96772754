"""The summary as it goes into the chart: what stands around it on the print, in the PDF and in the plain text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from screening.clinical.text import wording
from screening.clinical.text.dates import format_datetime

from .record import Record
from .summary import Summary, Watermark

CHOICES = ("Prescribe", "Do not prescribe", "Defer until", "Need more information", "Refer")
TO_WRITE = ("Reasons, flag by flag", "Name and role", "Signature", "Date and time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """Who took a copy for the chart, in which role, and when (aware, told to the minute)."""

    by: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionForm:
    """Where the prescriber decides: boxes to tick and lines to write on, or the words why there are none."""

    heading: str
    state: str
    choices: tuple[str, ...] = ()
    to_write: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartCopy:
    """All words of a copy for the chart, in the order in which they are read."""

    title: str
    reminder: str
    notice: str
    summary: Summary
    decision: DecisionForm
    end: str


def chart_copy(record: Record, summary: Summary, printing: Printing, notice: str = "") -> ChartCopy:
    """The copy of a record that a person takes; ``notice`` is what this installation says of itself, if anything."""
    printed = f"Printed {format_datetime(printing.at)} by {printing.by}, {printing.role}."
    return ChartCopy(
        title=wording.TITLE,
        reminder=summary.reminder,
        notice=notice,
        summary=summary,
        decision=_decision(summary.mark),
        end=printed if record.is_draft else f"{printed} Record {record.uuid}",
    )


def _decision(mark: Watermark | None) -> DecisionForm:
    if mark:
        return DecisionForm(heading="No decision on this page", state=mark.instead)
    return DecisionForm(
        heading="Prescriber’s decision",
        state="Not recorded when this was printed.",
        choices=CHOICES,
        to_write=TO_WRITE,
    )
