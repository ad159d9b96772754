"""The copy for the chart and the decision table as PDFs: set from plain words, the same bytes on every machine.

A character that the fonts lack is refused before anything is set: a chart must not lose a letter of a name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import typst

from screening.clinical.report.chart_copy import ChartCopy
from screening.clinical.report.decision_table import DecisionTable
from screening.clinical.report.findings import FindingText
from screening.clinical.report.medication_list import MatchedLine
from screening.clinical.report.summary import Summary

from .font_coverage import FONTS, UnsupportedCharacter, refuse_unsupported
from .icons import STATES, drawing

TEMPLATES = Path(__file__).parents[2] / "templates" / "screening"
COMMON = TEMPLATES / "web" / "paper.typ"
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]

FEW_LETTERS = 2000
"""So many letters stand on one page of either paper, however wide they are."""
FEW_LINES = 40
"""So many lines of a list stand in two columns of one page."""
LONG_WORD, LONG_WORD_IN_TABLE = 41, 24
"""A word of so many letters may be longer than a line, and is broken."""

_SPACE = re.compile(r"[ \t\n\r\f]+")
_MISSING = re.compile(r'the text `"(?P<text>.+?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


class Paper(StrEnum):
    """What the chart is kept on."""

    A4 = "a4"
    LETTER = "letter"


PAPER_NAMES = {Paper.A4: "a4", Paper.LETTER: "us-letter"}
"""What typst calls the papers."""


class Sizes(NamedTuple):
    """Height of the letters and of the sources' letters in pt, and of a line to write on in mm."""

    body: float
    small: float
    write: float


SIZES_IN_TABLE = Sizes(body=8.4, small=7.3, write=9)


def render(sheet: ChartCopy, paper: Paper, made_at: datetime) -> bytes:
    """A sheet as PDF/A-2a and PDF/UA-1; equal arguments give equal bytes.

    ``made_at`` is the screening's time (aware), which stands as the document's own; the clock is not read.

    Raises:
        Unshowable: a text holds a character that is not in the fonts.
    """
    words = _handed(sheet)
    return _typeset(_template(), words, _look(sheet.summary, words, paper), made_at)


def render_table(table: DecisionTable, paper: Paper, made_at: datetime) -> bytes:
    """A decision table as PDF/A-2a and PDF/UA-1; equal arguments give equal bytes.

    ``made_at`` is when the edition was published (aware), which stands as the document's own time.

    Raises:
        Unshowable: a text holds a character that is not in the fonts.
    """
    words = _handed(table)
    return _typeset(_template("editions/blank_form.typ"), words, _look_of_table(words, paper), made_at)


def _typeset(template: bytes, words: dict[str, Any], look: dict[str, Any], made_at: datetime) -> bytes:
    refuse_unsupported(_texts(words))
    try:
        return typst.compile(
            template,
            format="pdf",
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"sheet": json.dumps(words), "look": json.dumps(look)},
            pdf_standards=STANDARDS,
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as error:
        if missing := _MISSING.search(error.message):
            raise UnsupportedCharacter(_unescaped(missing["text"])) from error
        raise


# What is handed over ------------------------------------------------------------------------------------------


def _handed(part: object) -> Any:
    """The sheet as plain data; runs of space are one, as on a page."""
    if isinstance(part, str):
        return _SPACE.sub(" ", part).strip(" ")
    if isinstance(part, tuple):
        return [_handed(each) for each in part]
    if isinstance(part, MatchedLine):  # its parts are those of one line, so the space between them stays
        return {field.name: _SPACE.sub(" ", getattr(part, field.name)) for field in fields(part)}
    if is_dataclass(part):
        named = {field.name: _handed(getattr(part, field.name)) for field in fields(part)}
        return named | {"sources_label": part.sources_label} if isinstance(part, FindingText) else named
    return part


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, list | dict):
        for each in part.values() if isinstance(part, dict) else part:
            yield from _texts(each)


def _look(summary: Summary, words: dict[str, Any], paper: Paper) -> dict[str, Any]:
    findings, listed = len(summary.flagged) + len(summary.unresolved), words["summary"]["medications"]
    return {
        **_sizes(findings + bool(listed and findings))._asdict(),
        "runs_on": findings > 1,
        "has_long_list": bool(listed) and _is_long(listed["typed"]),
        "may_be_tall": _may_be_tall(words["summary"]),
        **_common(words, paper, LONG_WORD),
    }


def _look_of_table(words: dict[str, Any], paper: Paper) -> dict[str, Any]:
    return {**SIZES_IN_TABLE._asdict(), **_common(words, paper, LONG_WORD_IN_TABLE)}


def _common(words: dict[str, Any], paper: Paper, long_word: int) -> dict[str, Any]:
    """How either is set, whatever it says."""
    long = re.compile(rf"\S{{{long_word},}}")
    return {
        "paper": PAPER_NAMES[paper],
        "long_word": long_word,
        "has_long_words": any(long.search(text) for text in _texts(words)),
        "shapes": _shapes(),
    }


def _sizes(findings: int) -> Sizes:
    """The fewer findings, the larger the words; what a list names beside one takes as much room as another."""
    if findings < 2:
        return Sizes(body=10, small=8.6, write=14)
    return Sizes(body=9.2, small=8, write=11) if findings == 2 else Sizes(body=8.4, small=7.3, write=8)


def _may_be_tall(summary: dict[str, Any]) -> bool:
    """Whether a part that stands on one page may, with the head above it, be taller than a page."""
    whole = ("mark", "answered", "not_covered", "counselling")
    parts = [*summary["flagged"], *summary["unresolved"], *(summary[name] for name in whole)]
    return _letters([summary["patient"], summary["provenance"]]) + max(map(_letters, parts)) > FEW_LETTERS


def _is_long(typed: list[str]) -> bool:
    """Whether a list is too long to stand in two columns of one page."""
    return len(typed) > FEW_LINES or _letters(typed) > FEW_LETTERS


def _letters(part: Any) -> int:
    return sum(map(len, _texts(part)))


@cache
def _shapes() -> dict[str, str]:
    frame = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{}</svg>'
    return {state: frame.format(drawing(state)) for state in STATES}


@cache
def _template(name: str = "screenings/summary.typ") -> bytes:
    return COMMON.read_bytes() + (TEMPLATES / name).read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """Our own fonts alone, read once: typst then keeps what it worked out, and threads may share it."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


# What can be shown --------------------------------------------------------------------------------------------


def _unescaped(text: str) -> str:
    """A text as typst's message quotes it."""
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
