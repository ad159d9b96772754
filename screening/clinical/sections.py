"""The sections of a pasted list: under which heading a line stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from .past_dates import DATE, latest_end

LONGEST_HEADING = 80


class SectionKind(StrEnum):
    """What a heading says of the lines below it."""

    CURRENT = "current"
    ALLERGY = "allergy"
    PAST = "past"


class Section(NamedTuple):
    """A heading; ``ended`` is the latest day that it leaves open for the end of what stands below it, if it "
    "tells."""

    kind: SectionKind
    heading: str
    ended: date | None = None


_HEADING = re.compile(
    r"[\W\d_]{0,10}(?P<words>[a-z][a-z/&'’\- ]{1,60}?)\s*(?:(?:as (?:of|at)|updated|reviewed|"
    r"verified)\b[^:(]{0,30})?"
    r"(?P<note>[(\[][^)\]]{0,60}[)\]])?[\s*_#=]*(?P<colon>[:\-–—]*)[\s*_#=]*"
)
_ALLERGY = re.compile(
    r"\b(?:allerg\w*|intoleranc\w*|intolerances|adverse (?:drug )?reactions?|adrs?|sensitivities|alergi\w*|"
    r"uczulen\w*|"
    r"unvertraglichkeit\w*|hypersensitivit\w*)\b"
)
_PAST = re.compile(
    r"\b(?:past|previous|prior|former|old|discontinued|stopped|ceased|inactive|historical|completed|ended|finished|"
    r"medication history|drug history|arretes?|anterior\w*|previ[ao]s|suspendid\w*|fruhere?|abgesetzt\w*|"
    r"odstawion\w*|"
    r"poprzedni\w*)\b"
)
_PAST_OTHERWISE = re.compile(r"\b(?:current|active|medical|surgical|family|social|psychiatric|obstetric|health)\b")
_CURRENT = re.compile(
    r"\b(?:med(?:s|ications?|icines?|ikation|ikamente|icamentos|icacion|icaments?)?|repeats?|acutes?|"
    r"prescriptions?|rx|"
    r"current|active|outpatient|inpatient|home|scheduled|prn|traitement\w*|tratamiento|leki|otc|supplements?|"
    r"drugs)\b"
)
_UNDERLINE = re.compile(r"[\s\-=_*#.~]*")
_LINE_ABOVE = "allergies, in the line above"
_GOES_ON = re.compile(r"[,;/&+]\s*$|\b(?:and|or)\s*$")
_ALLERGY_INLINE = re.compile(rf"[\W\d_]{{0,10}}(?:[a-z]+ )?(?:{_ALLERGY.pattern})[^:]{{0,30}}:(?P<rest>.*\S)")


def sections(lines: Sequence[str], on: date) -> Iterator[Section | None]:
    """The section of each folded line; None where no heading says anything that bears on it."""
    section, has_items = None, False
    for line in lines:
        if not line.strip() or _UNDERLINE.fullmatch(line):
            if section and section.kind is SectionKind.ALLERGY and has_items and not line.strip():
                section = None
            yield None
        elif heading := _heading(line, on):
            section, has_items = heading, False
            yield None
        else:
            yield section
            has_items = True
            section = _afterwards(section, line)


def _afterwards(section: Section | None, line: str) -> Section | None:
    """An allergy list within a line goes on below only where the line is plainly not finished."""
    if (section is None or section.kind is not SectionKind.ALLERGY) and (inline := _ALLERGY_INLINE.match(line)):
        return Section(SectionKind.ALLERGY, _LINE_ABOVE) if _GOES_ON.search(inline["rest"]) else section
    if section and section.heading == _LINE_ABOVE and not _GOES_ON.search(line):
        return None
    return section


def _heading(line: str, on: date) -> Section | None:
    if len(line) > LONGEST_HEADING or not (found := _HEADING.fullmatch(line)):
        return None
    words, has_colon = found["words"].strip(), ":" in found["colon"]
    if _ALLERGY.search(words) and (has_colon or len(words.split()) <= 5):
        return Section(SectionKind.ALLERGY, words)
    if _PAST.search(words) and not _PAST_OTHERWISE.search(words) and (has_colon or _CURRENT.search(words)):
        return Section(SectionKind.PAST, words, _ended(line, on))
    if has_colon or (_CURRENT.search(words) and len(words.split()) <= 4):
        return Section(SectionKind.CURRENT, words)
    return None


def _ended(line: str, on: date) -> date | None:
    ends = [end for match in DATE.finditer(line) if (end := latest_end(match, on))]
    return max(ends, default=None)
