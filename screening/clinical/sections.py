"""The sections of a pasted list: under which heading a line stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

LONGEST_HEADING = 80


class SectionKind(StrEnum):
    """What a heading says of the lines below it."""

    CURRENT = "current"
    ALLERGY = "allergy"
    PAST = "past"


class Section(NamedTuple):
    """A heading and what it says of the lines below it."""

    kind: SectionKind
    heading: str


_HEADING = re.compile(
    r"[\W\d_]{0,10}(?P<words>[a-z][a-z/&'’\- ]{1,60}?)\s*(?P<as_of>as (?:of|at)\b[^:(]{0,30})?"
    r"(?P<note>[(\[][^)\]]{0,60}[)\]])?[\s*_#=]*(?P<colon>[:\-–—]*)[\s*_#=]*"
)
_OF_ALLERGY = (
    r"(?:allerg(?:y|ies|ie|ien|ia|ias|ier|i)|alerg(?:ia|ias|ie|ii)|intoleran(?:ce|ces|cia|cias)|adverse (?:drug )?reactions?|adrs?|"
    r"(?:hyper)?sensitivit(?:y|ies)|uczuleni[ae]|unvertraglichkeit(?:en)?|hypersensibilite|nietolerancj[ae])"
)
_ALLERGY = re.compile(
    rf"(?:(?:the|pt|patient|known|drug|medication|medicine|med|food|documented|recorded|reported|current|and|&|/|\s)+ )?{_OF_ALLERGY}"
    rf"(?:\s*(?:[/,&]|and|or)\s*(?:drug )?{_OF_ALLERGY})*(?: ?(?:list|status|information|section|alerts?|medicamentos(?:as|os)|"
    r"medicamenteuses|to (?:drugs|medications|medicines))){0,2}"
)
_ALLERGY_IN_IT = re.compile(rf"\b{_OF_ALLERGY}\b")
_PAST_WORD = (
    r"(?:past|previous|prior|former|old|discontinued|stopped|ceased|inactive|historical|completed|expired|anciens?|anterior(?:es)?|"
    r"previ[ao]s|suspendid[ao]s|fruhere?|abgesetzte?|odstawione|poprzednie)"
)
_MEDICINES = r"(?:med(?:s|ications?|icines?|ikation|ikamente|icamentos)?|prescriptions?|treatments?|drugs|opioids?|leki|therapy|therapies)"
_PAST = re.compile(
    rf"(?:{_PAST_WORD}(?: {_MEDICINES})?|(?:meds|medications|medicines) {_PAST_WORD}|{_MEDICINES} anterior(?:es)?|previously(?: tried| taken)?|tried"
    rf"|antecedents|traitements? arretes?)(?: (?:list|history))?"
)
_CURRENT = re.compile(
    r"\b(?:med(?:s|ications?|icines?|ikation|ikamente|icamentos|icacion|icaments?)?|repeats?|acutes?|"
    r"prescriptions?|rx|"
    r"current|active|outpatient|inpatient|home|scheduled|prn|traitement\w*|tratamiento|leki|otc|supplements?|"
    r"drugs?|dhx?|pta|prior to admission|on admission|medikamente|medicamentos|medicacion|medicacao)\b"
)
_CURRENT_INLINE = re.compile(rf"[\W\d_]{{0,10}}(?:[a-z/]+ ){{0,3}}{_CURRENT.pattern}[^:,;]{{0,20}}:")
_NO_ALLERGIES = re.compile(
    r"[\W\d_]*(?:nkd?a|none|nil|no (?:known )?(?:drug |medication )?allerg\w*|not known|unknown|keine|aucune|ninguna|brak)"
    r"(?: known| recorded| reported| on file)?[\W_]*"
)
_UNDERLINE = re.compile(r"[\s\-=_*#.~]*")
_LINE_ABOVE = "allergies, in the line above"
_GOES_ON = re.compile(r"[,;/&+]\s*$|\b(?:and|or)\s*$")
_ALLERGY_INLINE = re.compile(rf"[\W\d_]{{0,10}}(?:{_ALLERGY.pattern})\s*:(?P<rest>.*\S)")


def sections(lines: Sequence[str]) -> Iterator[Section | None]:
    """The section of each folded line; None where no heading says anything that bears on it."""
    section, has_items = None, False
    for line in lines:
        if not line.strip() or _UNDERLINE.fullmatch(line):
            if section and section.kind is SectionKind.ALLERGY and has_items and not line.strip():
                section = None
            yield None
        elif heading := _heading(line):
            section, has_items = heading, False
            yield None
        else:
            section = _before(section, line)
            yield section
            has_items = True
            section = _afterwards(section, line)


def _before(section: Section | None, line: str) -> Section | None:
    """A line that begins with a heading of its own, or denies all allergies, ends the list of allergies above it."""
    ends_it = _CURRENT_INLINE.match(line) or _NO_ALLERGIES.fullmatch(line)
    return None if section and section.kind is SectionKind.ALLERGY and ends_it else section


def _afterwards(section: Section | None, line: str) -> Section | None:
    """An allergy list within a line goes on below only where the line is plainly not finished."""
    if (section is None or section.kind is not SectionKind.ALLERGY) and (inline := _ALLERGY_INLINE.match(line)):
        return Section(SectionKind.ALLERGY, _LINE_ABOVE) if _GOES_ON.search(inline["rest"]) else section
    if section and section.heading == _LINE_ABOVE and not _GOES_ON.search(line):
        return None
    return section


def is_heading(line: str) -> bool:
    """Whether a folded line is the heading of those below it."""
    return _heading(line) is not None


def _heading(line: str) -> Section | None:
    if len(line) > LONGEST_HEADING or not (found := _HEADING.fullmatch(line)):
        return None
    words, has_colon = found["words"].strip(), ":" in found["colon"]
    if _ALLERGY.fullmatch(words):
        return Section(SectionKind.ALLERGY, words)
    if _PAST.fullmatch(words):
        return Section(SectionKind.PAST, words)
    if has_colon or (_CURRENT.search(words) and len(words.split()) <= 4) or _ALLERGY_IN_IT.search(words):
        return Section(SectionKind.CURRENT, words)
    return None
