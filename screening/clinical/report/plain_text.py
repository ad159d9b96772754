"""The copy for the chart as plain text, to be pasted into other record systems."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from screening.clinical.text.ascii_text import as_ascii, notes_on_ascii

from .chart_copy import ChartCopy, DecisionForm
from .decisions import DecisionsText
from .findings import FindingText, LabelledText
from .medication_list import MedicationListText
from .summary import Summary, Watermark

WIDTH = 80
INDENT = "  "


def as_text(sheet: ChartCopy) -> str:
    """Format a copy in lines of at most 80 characters, with an empty line between the parts."""
    return _format(_parts(sheet))


def as_ascii_text(sheet: ChartCopy) -> str:
    """Format a copy in ASCII; a note below the patient says what ASCII cannot show."""
    head, patient, *parts = [list(part) for part in _parts(sheet)]
    words = [line for part in (head, patient, *parts) for line in part]
    notes = list(notes_on_ascii(sheet.summary.patient[0].words, words))
    return _format([as_ascii(line) for line in part] for part in (head, patient, notes, *parts))


def _format(parts: Iterable[Iterable[str]]) -> str:
    texts = ["\n".join(_wrapped(part)) for part in parts]
    return "\n\n".join(text for text in texts if text) + "\n"


def _parts(sheet: ChartCopy) -> Iterator[Iterable[str]]:
    summary, headings = sheet.summary, sheet.summary.headings
    yield [" ".join(filter(None, (sheet.title, sheet.reminder, sheet.notice)))]
    yield _labelled((*summary.patient, *summary.provenance))
    yield _watermark(summary.watermark)
    yield _outcome(summary)
    yield [*summary.remarks, summary.shelf_life] if summary.shelf_life else summary.remarks
    for heading, entries in ((headings.flagged, summary.flagged), (headings.unresolved, summary.unresolved)):
        for number, entry in enumerate(entries):
            yield ([heading.upper(), ""] if number == 0 else []) + list(_finding(entry))
    if summary.answered:
        yield [headings.answered.upper(), *(line for entry in summary.answered for line in _answered(entry))]
    if summary.medications:
        yield _medications(summary.medications)
    yield [headings.not_covered.upper(), *_items(summary.not_covered), summary.basis]
    if summary.counselling:
        yield [headings.counselling.upper(), *_items(summary.counselling)]
    if summary.decisions:
        yield _recorded_decisions(summary.decisions)
    if sheet.decision:
        yield _decision(sheet.decision)
    yield [sheet.end]


def _labelled(lines: Iterable[LabelledText]) -> Iterator[str]:
    return (f"{line.label}: {line.words}" for line in lines)


def _watermark(watermark: Watermark | None) -> Iterator[str]:
    if watermark:
        yield f"*** {watermark.label} *** {watermark.explanation}"


def _outcome(summary: Summary) -> Iterator[str]:
    yield summary.headline
    yield ", ".join(each.words for each in summary.tally)
    yield f"{summary.headings.next_step}: {summary.next_step}"


def _finding(entry: FindingText) -> Iterator[str]:
    yield f"{entry.heading}. {entry.title}"
    yield from (INDENT + line for line in _labelled(entry.lines))
    if entry.sources:
        yield f"{INDENT}{entry.sources_label}"
        yield from (f"{INDENT}- {source.label} {source.words}" for source in entry.sources)
    yield INDENT + "; ".join(entry.footer)


def _answered(entry: FindingText) -> Iterator[str]:
    yield f"- {entry.heading}. {entry.title}"
    yield from (INDENT + line for line in _labelled(entry.lines))
    yield from (INDENT + words for words in entry.footer)


def _medications(part: MedicationListText) -> Iterator[str]:
    yield part.heading.upper()
    yield part.sentence
    for group in part.groups:
        yield f"{group.heading}:"
        for each in group.medicines:
            yield f"- {each.label}: “{each.before}{each.term}{each.after}”. {each.words}".rstrip()
    yield f"{part.entered_heading}:"
    yield from (f"{INDENT}{number} | {line}".rstrip() for number, line in enumerate(part.lines, start=1))


def _items(items: Iterable[str]) -> Iterator[str]:
    return (f"- {words}" for words in items)


def _recorded_decisions(part: DecisionsText) -> Iterator[str]:
    yield part.heading.upper()
    if part.warning:
        yield part.warning
    yield f"{part.latest.title}."
    yield f"{part.latest.by}."
    yield from (f"- {line.label}: {line.words}" for line in part.latest.lines)
    if part.count:
        yield f"{part.count}. Earlier:"
        yield from (f"- {each.title}. {each.by}." for each in part.earlier)


def _decision(part: DecisionForm) -> Iterator[str]:
    yield part.heading.upper()
    yield part.state
    yield from (f"[ ] {choice.label}" for choice in part.choices)
    yield from (f"{line}:" for line in part.lines)


def _wrapped(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        hanging = indent + INDENT if line.lstrip().startswith(("- ", "[ ] ")) else indent
        yield from textwrap.wrap(line, WIDTH, subsequent_indent=hanging, break_on_hyphens=False) or [""]
