"""The copy of a summary for the chart: the text around it on the print, in the PDF and in the plain text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.labels import DECISION_WORDS
from screening.clinical.text import wording
from screening.clinical.text.local_dates import format_datetime
from screening.clinical.text.translation import gettext, gettext_noop

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
DECISION_LINES = (
    gettext_noop("Reasons, flag by flag"),
    gettext_noop("Name and role"),
    gettext_noop("Signature"),
    gettext_noop("Date and time"),
)


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
    name: str
    footer: str


def chart_copy(record: Record, summary: Summary, printing: Printing, notice: str = "") -> ChartCopy:
    """Make the copy of a record for the chart; ``notice`` is a sentence about this installation, or empty."""
    printed = gettext("Printed {time} by {name}, {role}.").format(
        time=format_datetime(printing.at), name=printing.by, role=gettext(printing.role)
    )
    return ChartCopy(
        title=gettext(wording.TITLE),
        reminder=summary.reminder,
        notice=notice,
        summary=summary,
        decision=None if summary.decisions else _decision(summary.watermark),
        end=printed if record.is_draft else f"{printed} {gettext('Record')} {record.uuid}",
        name=gettext(wording.CHART_SUMMARY),
        footer=gettext(wording.FOOTER),
    )


def _decision(watermark: Watermark | None) -> DecisionForm:
    if watermark:
        return DecisionForm(heading=gettext(wording.NO_DECISION), state=watermark.no_decision)
    return DecisionForm(
        heading=gettext(wording.DECISION),
        state=gettext(wording.NOT_DECIDED_WHEN_PRINTED),
        choices=tuple(replace(each, label=gettext(each.label)) for each in DECISION_CHOICES),
        lines=tuple(map(gettext, DECISION_LINES)),
    )
