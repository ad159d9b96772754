"""The text of a summary about a medication list: first the lines that match, then the list as entered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from screening.clinical.evaluation.listed_medicines import name_and_kind
from screening.clinical.medications.reader import ListedMedicine, MedicationList, MentionStatus, lines_of
from screening.clinical.rules.definition import Item, Listed
from screening.clinical.text import wording
from screening.clinical.text.translation import gettext, ngettext

from .record import Record

LONGEST_LINE = 120
AROUND = 40
"""The number of letters shown on each side of a match in a line that is too long to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedLine:
    """A line that names a medicine, split at the matched words, and the explanation of the match.

    A line that is not read is in ``before`` alone, without an explanation.
    """

    label: str
    before: str
    term: str
    after: str
    words: str


@dataclass(frozen=True, slots=True)
class MatchGroup:
    """Medicines of one kind, or lines that are not read, under a heading."""

    heading: str
    medicines: tuple[MatchedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationListText:
    """The text about a medication list. ``lines`` is the list as entered."""

    heading: str
    sentence: str
    groups: tuple[MatchGroup, ...]
    entered_heading: str
    lines: tuple[str, ...]


def medication_list_text(record: Record) -> MedicationListText:
    """Write the text about the list of a record, as it was read when it was recorded."""
    lines = lines_of(record.listed.text.rstrip())
    return MedicationListText(
        heading=gettext(wording.MEDICATION_LIST),
        sentence=_sentence(record),
        groups=tuple(_groups(record, lines)),
        entered_heading=f"{gettext(wording.LIST_AS_ENTERED)}, {ngettext('{} line', '{} lines', len(lines))}",
        lines=tuple(lines),
    )


def _sentence(record: Record) -> str:
    was_read = record.definition.lexicon or record.listed.found
    return sentence(record.listed) if was_read else gettext(wording.LIST_NOT_READ)


def sentence(found: MedicationList) -> str:
    """Say how many lines name an opioid, and how many are not read.

    Without an opioid it says that this does not show that there is none. If any line is not read, it never says that
    no opioid was recognised.
    """
    not_read = wording.not_read_completely(len(found.not_read)) if found.not_read else ""
    if found.current_opioids:
        return f"{lines_with_an_opioid(found)} {not_read}".rstrip()
    if not_read:
        return not_read
    return gettext(wording.NO_CURRENT_OPIOID_IN_LIST if found.opioids else wording.NO_OPIOID_IN_LIST)


def lines_with_an_opioid(found: MedicationList) -> str:
    """Say how many lines name an opioid that counts as current."""
    count = len({each.line for each in found.current_opioids})
    return ngettext("{} line contains an opioid.", "{} lines contain an opioid.", count)


def _groups(record: Record, lines: Sequence[str]) -> Iterator[MatchGroup]:
    found = record.listed
    opioids, naltrexone = found.current_opioids, found.current_naltrexone
    mentioned = [each for each in found.found if each.status is MentionStatus.MENTIONED]
    grouped = {*opioids, *naltrexone, *mentioned}
    others = [each for each in found.found if each not in grouped]
    rule = _rule_about_opioids(record)

    def matched(medicines: Iterable[ListedMedicine]) -> tuple[MatchedLine, ...]:
        return tuple(_matched_line(each, lines, rule) for each in medicines)

    groups = (
        MatchGroup(gettext("Opioids, counted as current"), matched(opioids)),
        MatchGroup(gettext("Naltrexone products, counted as current"), matched(naltrexone)),
        MatchGroup(gettext(wording.NOT_READ), tuple(_line_not_read(number, lines) for number in found.not_read)),
        MatchGroup(gettext("Other antagonists, which flag nothing here"), matched(others)),
        MatchGroup(gettext(wording.MENTIONED), matched(mentioned)),
    )
    yield from (group for group in groups if group.medicines)


def _line_not_read(number: int, lines: Sequence[str]) -> MatchedLine:
    line = lines[number - 1]
    shown = line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + "…"
    return MatchedLine(
        label=gettext("Line {number}").format(number=number), before=shown, term="", after="", words=""
    )


def _rule_about_opioids(record: Record) -> Item | None:
    return next((item for item in record.definition.items if item.listed is Listed.OPIOID), None)


def _matched_line(medicine: ListedMedicine, lines: Sequence[str], rule: Item | None) -> MatchedLine:
    line = lines[medicine.line - 1]
    before, after = line[: medicine.start], line[medicine.end :]
    if len(line) > LONGEST_LINE:
        before = before if len(before) <= AROUND else "…" + before[-AROUND:]
        after = after if len(after) <= AROUND else after[:AROUND] + "…"
    name = name_and_kind(medicine, rule)
    return MatchedLine(
        label=gettext("Line {number}").format(number=medicine.line),
        before=before,
        term=medicine.term,
        after=after,
        words=f"{name[:1].upper()}{name[1:]}. {medicine.why}".strip(),
    )
