"""Find the section headings of a pasted list and the section of each line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from .cues import CueKind, Cues

MAX_HEADING = 80


class SectionKind(StrEnum):
    """What a heading says about the lines below it."""

    CURRENT = "current"
    ALLERGY = "allergy"
    PAST = "past"


class ListSection(NamedTuple):
    """A heading and its kind.

    ``may_have_ended`` marks a line below allergies after which another list began without a heading: from which line
    on is not known.
    """

    kind: SectionKind
    heading: str
    may_have_ended: bool = False


_HEADING = re.compile(
    r"(?P<mark>[\W\d_]{0,10})(?P<words>[a-z][a-z/&'’\- ]{1,60}?)\s*(?P<as_of>as (?:of|at)\b[^:(]{0,30})?"
    r"(?P<note>[(\[][^)\]]{0,60}[)\]])?[\s*_#=]*(?P<colon>[:\-–—]*)[\s*_#=]*"
)


def _only(words: str) -> re.Pattern[str]:
    """Return a pattern for text of only these words, separated by spaces and joining marks."""
    any_of = "|".join(words.split())
    return re.compile(rf"(?:(?:{any_of})(?![a-z])[\s/&+,-]*)+")


_MEDICINES = (
    "meds? medications? medicines? medicin medikation medikamente medikamentenliste medicamentos? medicacion "
    "medicacao medicaments? dauermedikation bedarfsmedikation lakemedel legemidler medisiner leki drugs? "
    "prescriptions? rx ordonnance traitements? tratamiento tto tta ttos treatments? therapy therapies therapie "
    "analgesi[ac]s? painkillers? repeats? acutes?"
)
_OTHER_LISTS = "side effects? dhx? pmhx? pta plan taking regular admission zalecenia stosowane continuo"
_AROUND_MEDICINES = (
    "and the on of at for to in by a list lists history hx summary reconciliation outpatient inpatient home "
    "current active scheduled prn otc supplements? vitamins? herbals? discharge prior visit encounter file patient "
    "pt reported documented recorded known template reviewed updated verified habitual habituel aktuell aktuelle "
    "en cours uso em fast past medical side effects? adverse problems? changes my i take currently taking pain"
)
_ALLERGY = (
    r"(?:allerg(?:y|ies|ie|ien|ia|ias|ier|i|ens?)|alerg(?:ia|ias|ie|ii)|intoleran(?:ce|ces|cia|cias|s)|adrs?"
    r"|(?:(?:drug|medication|medicine) )?adverse (?:drug )?reactions?|(?:hyper)?sensitivit(?:y|ies)|uczuleni[ae]"
    r"|unvertraglichkeit(?:en)?|hypersensibilite|nietolerancj[ae]|overfolsomhe[dt])"
)
_PAST = (
    "past previous former old discontinued stopped ceased inactive tried previously anciens? anterior(?:es)? "
    "previ[ao]s suspendid[ao]s fruhere? abgesetzte? odstawione poprzednie antecedents arretes?"
)
_ALLERGY_HEADING = re.compile(
    rf"(?:(?:known|patient|pt|food and) )*(?:(?:drug|medication|medicine) )?{_ALLERGY}"
    rf"(?: ?(?:and |or |et |y |& ?|/ ?|- ?)?(?:{_ALLERGY}|reactions?))*"
    r"(?: to (?:drugs?|medications?|medicines?)|(?: a)? medicament(?:os|osas|euses))?"
    r"(?: (?:list|status|details|information|section|records?|documented|recorded|on file))*"
)
_HAS_ALLERGY = re.compile(_ALLERGY)
_SAYS_REVIEWED = re.compile(r"[(\[](?:[1-9]\d?|(?:last )?(?:reviewed|verified|updated|confirmed)\b[^)\]]*)[)\]]")
_PAST_HEADING, _HAS_PAST = _only(f"{_PAST} {_MEDICINES} list history and taken"), _only(_PAST)
_CURRENT_HEADING = _only(f"{_MEDICINES} {_OTHER_LISTS} {_AROUND_MEDICINES}")
_HAS_MEDICINES = _only(f"{_MEDICINES} {_OTHER_LISTS}")
_CURRENT_INLINE = re.compile(
    rf"[\W\d_]{{0,10}}(?:[a-z/]+ ){{0,3}}(?:{'|'.join(_MEDICINES.split())})\b[^:,;]{{0,20}}:"
)
_UNDERLINE = re.compile(r"\s*[\-=_*#.~]{3,}\s*")
_LINE_ABOVE = "allergies (line above)"
_CONTINUES_BELOW = re.compile(r"[,&]\s*$|\b(?:and|or)\s*$")
_ALLERGY_INLINE = re.compile(r"(?P<heading>[^:]{3,40}):(?P<rest>.*\S)")
_NO_ALLERGY = {CueKind.NO_KNOWN_ALLERGY, CueKind.NO_ENTRY, CueKind.NO, CueKind.NONE, CueKind.DENIAL, CueKind.NEGATIVE}


def sections(lines: Sequence[str], cues: Cues, lists_allergies: Callable[[int], bool]) -> list[ListSection | None]:
    """Return the section of each folded line, or None.

    ``lists_allergies`` takes the number of a line, from 0, and returns whether it can belong to a list of allergies.
    Any other line ends that list, and so does an unknown heading.
    """
    found: list[ListSection | None] = []
    section, items = None, 0
    for place, line in enumerate(lines):
        if not line.strip() or _UNDERLINE.fullmatch(line):
            if section and section.kind is SectionKind.ALLERGY and (items or not line.strip()):
                section = None
            found.append(None)
        elif heading := _heading(line):
            found.append(section if section and section.kind is SectionKind.CURRENT else None)
            section, items = heading, 0
        else:
            under_allergies = section is not None and section.kind is SectionKind.ALLERGY
            if under_allergies and (_ends_allergies(line, cues) or not lists_allergies(place)):
                for earlier in range(place - items + 1, place):
                    found[earlier] = section and section._replace(may_have_ended=True)
                section = None
            found.append(section)
            items += 1
            below = _section_below(section, line, cues)
            section, items = below, items if below is section else 0
    return found


def _ends_allergies(line: str, cues: Cues) -> bool:
    """Return whether a line under allergies has its own heading or says that there are no allergies."""
    return bool(_CURRENT_INLINE.match(line)) or _says_no_allergy(line, cues)


def _says_no_allergy(line: str, cues: Cues) -> bool:
    first_kind = cues.first_kind(line, skip=CueKind.SUBJECT)
    return first_kind is None or first_kind in _NO_ALLERGY


def _section_below(section: ListSection | None, line: str, cues: Cues) -> ListSection | None:
    """Return the section below a line. An allergy list inside a line continues only if the line is unfinished."""
    is_unfinished = bool(_CONTINUES_BELOW.search(line))
    if section and section.heading == _LINE_ABOVE:
        return section if is_unfinished else None
    inline = _ALLERGY_INLINE.match(line) if is_unfinished else None
    if inline and _is_allergy_heading(inline["heading"].strip()) and not _says_no_allergy(inline["rest"], cues):
        return ListSection(SectionKind.ALLERGY, _LINE_ABOVE)
    return section


def is_heading(line: str) -> bool:
    """Return whether a folded line is a heading."""
    return _heading(line) is not None


def _heading(line: str) -> ListSection | None:
    if len(line) > MAX_HEADING or not (found := _HEADING.fullmatch(line)):
        return None
    words, has_colon = found["words"].strip(), ":" in found["colon"]
    if _is_allergy_heading(words):
        is_marked = bool(found["mark"].strip(" *_#=•-")) or not _is_review(found["note"])
        return None if is_marked else ListSection(SectionKind.ALLERGY, words)
    if _PAST_HEADING.fullmatch(words) and _HAS_PAST.search(words):
        return ListSection(SectionKind.PAST, words)
    is_current = _CURRENT_HEADING.fullmatch(words) and _HAS_MEDICINES.search(words)
    if has_colon or is_current or _HAS_ALLERGY.search(words):
        return ListSection(SectionKind.CURRENT, words)
    return None


def _is_review(note: str | None) -> bool:
    return not note or bool(_SAYS_REVIEWED.fullmatch(note))


def _is_allergy_heading(words: str) -> bool:
    return bool(_ALLERGY_HEADING.fullmatch(words))
