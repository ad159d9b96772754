"""What a summary says of a medication list: the lines that name something, first, and the list as it was typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import wording
from .definition import Item, Listed
from .listed_medicines import name_and_kind
from .medications import ListedMedicine, MedicationList, MentionStatus, lines_of
from .record import Record
from .wording import counted

LONGEST_LINE = 120
AROUND = 40
"""So many letters are shown on each side of what was recognised, of a line that is too long to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A medicine that a line names: the line, parted at the words that matched, and what is said of it."""

    label: str
    before: str
    term: str
    after: str
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """Medicines of one sort, under a heading."""

    heading: str
    medicines: tuple[Named, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPart:
    """The words about a medication list. ``typed`` is the list, a text for each line."""

    heading: str
    sentence: str
    groups: tuple[Group, ...]
    typed_heading: str
    typed: tuple[str, ...]


def list_part(record: Record) -> ListPart:
    """The words about the list of a record, as it was read when it was recorded."""
    lines = lines_of(record.listed.text.rstrip())
    return ListPart(
        heading="List of medicines",
        sentence=_sentence(record),
        groups=tuple(_groups(record, lines)),
        typed_heading=f"The list as given, {counted(len(lines), 'line', 'lines')}",
        typed=tuple(lines),
    )


def _sentence(record: Record) -> str:
    was_read = record.definition.lexicon or record.listed.found
    return sentence(record.listed) if was_read else wording.LIST_NOT_READ


def sentence(found: MedicationList) -> str:
    """How many lines name an opioid; that finding none does not show that there is none."""
    if not found.opioids:
        return wording.NO_OPIOID_IN_LIST
    if not found.current_opioids:
        return wording.NO_CURRENT_OPIOID_IN_LIST
    count = len({each.line for each in found.current_opioids})
    return f"{counted(count, 'line contains', 'lines contain')} an opioid."


def _groups(record: Record, lines: Sequence[str]) -> Iterator[Group]:
    found = record.listed
    opioids, naltrexone = found.current_opioids, found.current_naltrexone
    mentioned = [each for each in found.found if each.status is MentionStatus.MENTIONED]
    told = {*opioids, *naltrexone, *mentioned}
    sorts = (
        ("Opioids, counted as current", opioids),
        ("Naltrexone products, counted as current", naltrexone),
        ("Other antagonists, which flag nothing here", [each for each in found.found if each not in told]),
        ("Mentioned, not counted as current", mentioned),
    )
    rule = _rule_about_opioids(record)
    for heading, medicines in sorts:
        if medicines:
            yield Group(heading, tuple(_named(each, lines, rule) for each in medicines))


def _rule_about_opioids(record: Record) -> Item | None:
    """The rule whose kinds of opioid name the intervals."""
    return next((item for item in record.definition.items if item.listed is Listed.OPIOID), None)


def _named(medicine: ListedMedicine, lines: Sequence[str], rule: Item | None) -> Named:
    line = lines[medicine.line - 1]
    before, after = line[: medicine.start], line[medicine.end :]
    if len(line) > LONGEST_LINE:
        before = before if len(before) <= AROUND else "…" + before[-AROUND:]
        after = after if len(after) <= AROUND else after[:AROUND] + "…"
    said = name_and_kind(medicine, rule)
    return Named(
        label=f"Line {medicine.line}",
        before=before,
        term=medicine.term,
        after=after,
        words=f"{said[:1].upper()}{said[1:]}. {medicine.why}".strip(),
    )
