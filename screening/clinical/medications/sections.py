"""The sections of a pasted list: under which heading a line stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from .cues import CueKind, Cues

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


def _all_of(words: str) -> re.Pattern[str]:
    """Nothing but these words, parted by blanks and joining signs."""
    any_of = "|".join(words.split())
    return re.compile(rf"(?:(?:{any_of})(?![a-z])[\s/&+,-]*)+")


_MEDICINES = (
    "meds? medications? medicines? medicin medikation medikamente medikamentenliste medicamentos? medicacion "
    "medicacao medicaments? dauermedikation bedarfsmedikation lakemedel legemidler medisiner leki drugs? "
    "prescriptions? rx ordonnance traitements? tratamiento tto tta ttos treatments? therapy therapies therapie "
    "analgesi[ac]s? repeats? acutes?"
)
_OTHER_LISTS = "dhx? pmhx? pta plan taking regular admission zalecenia stosowane continuo"
_AROUND_MEDICINES = (
    "and the on of at for to in by a list lists history hx summary reconciliation outpatient inpatient home "
    "current active scheduled prn otc supplements? vitamins? herbals? discharge prior visit encounter file patient "
    "pt reported documented recorded known template reviewed updated verified habitual habituel aktuell aktuelle "
    "en cours uso em fast past medical"
)
_ALLERGIES = (
    "allerg(?:y|ies|ie|ien|ia|ias|ier|i|ens?) alerg(?:ia|ias|ie|ii) intoleran(?:ce|ces|cia|cias|s) adverse "
    "reactions? adrs? (?:hyper)?sensitivit(?:y|ies) uczuleni[ae] unvertraglichkeit(?:en)? hypersensibilite "
    "nietolerancj[ae] overfolsomhe[dt]"
)
_AROUND_ALLERGIES = (
    "and or to the drugs? medications? medicines? meds? food known current active patient pt reported documented "
    "recorded records? list status history details information section "
    "alerts? medicamentos(?:as|os) medicamenteuses on file"
)
_PAST = (
    "past previous former old discontinued stopped ceased inactive tried previously anciens? anterior(?:es)? "
    "previ[ao]s suspendid[ao]s fruhere? abgesetzte? odstawione poprzednie antecedents arretes?"
)
_IS_OF_ALLERGIES, _NAMES_ALLERGIES = _all_of(f"{_ALLERGIES} {_AROUND_ALLERGIES}"), _all_of(_ALLERGIES)
_NAMES_BOTH = re.compile(
    r"\b(?:meds?|medications?|medicines?|drugs?)\b[^,]*(?:\band\b|[/&+])|(?:\band\b|[/&+]) *(?:meds?|medic\w+)\b"
)
_IS_PAST, _NAMES_PAST = _all_of(f"{_PAST} {_MEDICINES} list history and taken"), _all_of(_PAST)
_IS_CURRENT = _all_of(f"{_MEDICINES} {_OTHER_LISTS} {_AROUND_MEDICINES}")
_NAMES_MEDICINES = _all_of(f"{_MEDICINES} {_OTHER_LISTS}")
_CURRENT_INLINE = re.compile(
    rf"[\W\d_]{{0,10}}(?:[a-z/]+ ){{0,3}}(?:{'|'.join(_MEDICINES.split())})\b[^:,;]{{0,20}}:"
)
_UNDERLINE = re.compile(r"[\s\-=_*#.~]*")
_LINE_ABOVE = "allergies, in the line above"
_NOT_FINISHED = re.compile(r"[,/&+]\s*$|\b(?:and|or)\s*$")
_ALLERGY_INLINE = re.compile(r"(?P<heading>[^:]{3,40}):(?P<rest>.*\S)")
_SAYS_NONE = {CueKind.NO_KNOWN_ALLERGY, CueKind.NO_ENTRY, CueKind.NO, CueKind.NONE, CueKind.DENIAL, CueKind.NEGATIVE}


def sections(lines: Sequence[str], cues: Cues, lists_allergies: Callable[[int], bool]) -> Iterator[Section | None]:
    """The section of each folded line; None where no heading says anything that bears on it.

    ``lists_allergies`` says of the line at a place, from 0, whether it can be a part of a list of allergies. What
    cannot ends the list, as a heading does that is not known for one.
    """
    section, has_items = None, False
    for place, line in enumerate(lines):
        if not line.strip() or _UNDERLINE.fullmatch(line):
            if section and section.kind is SectionKind.ALLERGY and (has_items or not line.strip()):
                section = None
            yield None
        elif heading := _heading(line):
            section, has_items = heading, False
            yield None
        else:
            under_allergies = section is not None and section.kind is SectionKind.ALLERGY
            if under_allergies and (_ends_allergies(line, cues) or not lists_allergies(place)):
                section = None
            yield section
            has_items = True
            section = _afterwards(section, line, cues)


def _ends_allergies(line: str, cues: Cues) -> bool:
    """Whether a line under allergies has a heading of its own, or says that there are none."""
    return bool(_CURRENT_INLINE.match(line)) or _says_none(line, cues)


def _says_none(line: str, cues: Cues) -> bool:
    first = cues.first(line, skip=CueKind.SUBJECT)
    return first is None or first in _SAYS_NONE


def _afterwards(section: Section | None, line: str, cues: Cues) -> Section | None:
    """An allergy list within a line goes on below only where the line is plainly not finished."""
    is_unfinished = bool(_NOT_FINISHED.search(line))
    if section and section.heading == _LINE_ABOVE:
        return section if is_unfinished else None
    inline = _ALLERGY_INLINE.match(line) if is_unfinished else None
    if inline and _is_of_allergies(inline["heading"].strip()) and not _says_none(inline["rest"], cues):
        return Section(SectionKind.ALLERGY, _LINE_ABOVE)
    return section


def is_heading(line: str) -> bool:
    """Whether a folded line is the heading of those below it."""
    return _heading(line) is not None


def _heading(line: str) -> Section | None:
    if len(line) > LONGEST_HEADING or not (found := _HEADING.fullmatch(line)):
        return None
    words, has_colon = found["words"].strip(), ":" in found["colon"]
    if _is_of_allergies(words):
        return Section(SectionKind.ALLERGY, words)
    if _IS_PAST.fullmatch(words) and _NAMES_PAST.search(words):
        return Section(SectionKind.PAST, words)
    is_current = _IS_CURRENT.fullmatch(words) and _NAMES_MEDICINES.search(words)
    if has_colon or is_current or _NAMES_ALLERGIES.search(words):
        return Section(SectionKind.CURRENT, words)
    return None


def _is_of_allergies(words: str) -> bool:
    return bool(
        _IS_OF_ALLERGIES.fullmatch(words) and _NAMES_ALLERGIES.search(words) and not _NAMES_BOTH.search(words)
    )
