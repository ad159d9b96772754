"""Make the PDFs of the chart summary and the decision table: the same bytes on every machine.

A character that is missing from the fonts is an error before typesetting: a chart must not lose a letter of a name.
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

FITS_ON_PAGE_LETTERS = 2000
"""This many letters fit on one page of either paper, however wide they are."""
FITS_ON_PAGE_LINES = 40
"""This many lines of a list fit in two columns of one page."""
LONG_WORD, LONG_WORD_IN_TABLE = 41, 24
"""A word with at least this many letters may be longer than a line, and is broken."""

_SPACE = re.compile(r"[ \t\n\r\f]+")
_MISSING = re.compile(r'the text `"(?P<text>.+?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


class Paper(StrEnum):
    """The size of the paper."""

    A4 = "a4"
    LETTER = "letter"


PAPER_NAMES = {Paper.A4: "a4", Paper.LETTER: "us-letter"}
"""The names of the papers in typst."""


class Sizes(NamedTuple):
    """Font sizes of the text and of the sources, in pt, and the height of a line to write on, in mm."""

    body: float
    small: float
    write: float


SIZES_IN_TABLE = Sizes(body=8.4, small=7.3, write=9)


def render(sheet: ChartCopy, paper: Paper, made_at: datetime) -> bytes:
    """Make a chart summary as PDF/A-2a and PDF/UA-1; equal arguments give equal bytes.

    ``made_at`` is the time of the screening (aware), used as the time of the document; the clock is not read.

    Raises:
        UnsupportedCharacter: a text has a character that is not in the fonts.
    """
    content = _plain(sheet)
    return _compile(_template("screenings/summary.typ"), content, _look(sheet.summary, content, paper), made_at)


def render_table(table: DecisionTable, paper: Paper, made_at: datetime) -> bytes:
    """Make a decision table as PDF/A-2a and PDF/UA-1; equal arguments give equal bytes.

    ``made_at`` is when the edition was published (aware), used as the time of the document.

    Raises:
        UnsupportedCharacter: a text has a character that is not in the fonts.
    """
    content = _plain(table)
    return _compile(_template("editions/blank_form.typ"), content, _look_of_table(content, paper), made_at)


def _compile(template: bytes, content: dict[str, Any], look: dict[str, Any], made_at: datetime) -> bytes:
    refuse_unsupported(_texts(content))
    try:
        return typst.compile(
            template,
            format="pdf",
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"sheet": json.dumps(content), "look": json.dumps(look)},
            pdf_standards=STANDARDS,
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as error:
        if missing := _MISSING.search(error.message):
            raise UnsupportedCharacter(_unescaped(missing["text"])) from error
        raise


# The input of typst -------------------------------------------------------------------------------------------


def _plain(part: object) -> Any:
    """Convert to plain data; a run of spaces becomes one, as in HTML."""
    if isinstance(part, str):
        return _SPACE.sub(" ", part).strip(" ")
    if isinstance(part, tuple):
        return [_plain(each) for each in part]
    if isinstance(part, MatchedLine):  # the parts of one line, with the spaces between them
        return {field.name: _SPACE.sub(" ", getattr(part, field.name)) for field in fields(part)}
    if is_dataclass(part):
        named = {field.name: _plain(getattr(part, field.name)) for field in fields(part)}
        return named | {"sources_label": part.sources_label} if isinstance(part, FindingText) else named
    return part


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, list | dict):
        for each in part.values() if isinstance(part, dict) else part:
            yield from _texts(each)


def _look(summary: Summary, content: dict[str, Any], paper: Paper) -> dict[str, Any]:
    findings, listed = len(summary.flagged) + len(summary.unresolved), content["summary"]["medications"]
    return {
        **_sizes(findings + bool(listed and findings))._asdict(),
        "runs_on": findings > 1,
        "has_long_list": bool(listed) and _is_long(listed["lines"]),
        "may_be_tall": _may_be_tall(content["summary"]),
        **_common(content, paper, LONG_WORD),
    }


def _look_of_table(content: dict[str, Any], paper: Paper) -> dict[str, Any]:
    return {**SIZES_IN_TABLE._asdict(), **_common(content, paper, LONG_WORD_IN_TABLE)}


def _common(content: dict[str, Any], paper: Paper, long_word: int) -> dict[str, Any]:
    long = re.compile(rf"\S{{{long_word},}}")
    return {
        "paper": PAPER_NAMES[paper],
        "long_word": long_word,
        "has_long_words": any(long.search(text) for text in _texts(content)),
        "shapes": _shapes(),
    }


def _sizes(findings: int) -> Sizes:
    """Choose larger letters for fewer findings; ``findings`` counts a list beside a finding as another one."""
    if findings < 2:
        return Sizes(body=10, small=8.6, write=14)
    return Sizes(body=9.2, small=8, write=11) if findings == 2 else Sizes(body=8.4, small=7.3, write=8)


def _may_be_tall(summary: dict[str, Any]) -> bool:
    """Return whether a part that is kept on one page may be taller than a page, with the head above it."""
    whole = ("watermark", "answered", "not_covered", "counselling", "decisions")
    parts = [*summary["flagged"], *summary["unresolved"], *(summary[name] for name in whole)]
    return _letters([summary["patient"], summary["provenance"]]) + max(map(_letters, parts)) > FITS_ON_PAGE_LETTERS


def _is_long(lines: list[str]) -> bool:
    """Return whether a list may be too long for two columns of one page."""
    return len(lines) > FITS_ON_PAGE_LINES or _letters(lines) > FITS_ON_PAGE_LETTERS


def _letters(part: Any) -> int:
    return sum(map(len, _texts(part)))


@cache
def _shapes() -> dict[str, str]:
    frame = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{}</svg>'
    return {state: frame.format(drawing(state)) for state in STATES}


@cache
def _template(name: str) -> bytes:
    return COMMON.read_bytes() + (TEMPLATES / name).read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """Load only the bundled fonts, once: typst caches what it calculates from them, and threads may share them."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


def _unescaped(text: str) -> str:
    """Decode the escapes in a text quoted by a typst message."""
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
