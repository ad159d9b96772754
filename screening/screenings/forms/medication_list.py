"""The medication list on the form: its field, and what a list means for the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeAlias

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.evaluation.listed_medicines import medicines_raising, name_and_kind
from screening.clinical.medications.lexicon import OpioidGroup
from screening.clinical.medications.reader import NALTREXONE, ListedMedicine, MedicationList, MentionStatus, lines_of
from screening.clinical.report import medication_list as listing
from screening.clinical.rules.definition import Definition, Item, Listed
from screening.clinical.text import wording
from screening.clinical.text.translation import join_with_and
from screening.web.fields import PastedText
from screening.web.forms import StrictForm

MEDICATIONS = "medications"
LONGEST_LIST = 20_000
LINES_SHOWN, NAMES_SHOWN = 60, 8
WHOLE_LINE, BEFORE, AFTER = 160, 50, 100
"""Of a line longer than ``WHOLE_LINE`` characters only the recognised words are shown, with the text around them."""

ReadList: TypeAlias = Callable[[str], MedicationList]
"""Reads a medication list as of today."""


def medications_field() -> PastedText:
    return PastedText(
        label=_("Current medicines"),
        help_text=_("Paste the list as it is: any order, headings and instructions included."),
        required=False,
        max_length=LONGEST_LIST,
    )


class ListForm(StrictForm):
    """A medication list alone, for checking it while it is entered."""

    medications = medications_field()


# What a list means for the rules ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinePart:
    """A part of a line; ``marked`` when it was recognised as a medicine."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line as it was entered, with an explanation of each medicine in it; a long line is cut.

    ``medicines`` holds the name with its kind, and the reason why it is shown.
    """

    number: int
    parts: tuple[LinePart, ...]
    medicines: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """The number of the line."""
        return gettext("Line {number}").format(number=self.number)


@dataclass(frozen=True, slots=True)
class ListSection:
    """Lines of one kind under a heading; ``more`` is the number of lines that are not shown.

    ``is_rule_text`` is true if the heading is the flag of a rule.
    """

    heading: str
    severity: str
    lines: tuple[ShownLine, ...]
    more: int
    is_rule_text: bool = False


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """The medicines of a list that concern a rule, by name: those that flag it, and those only mentioned."""

    link_id: str
    severity: str
    raised_by: str
    mentioned: str


@dataclass(frozen=True, slots=True)
class CheckedList:
    """A checked medication list, in sections and in a sentence (``summary``).

    ``no_opioid`` is the message when no current opioid was recognised, ``incomplete`` the message when some lines are
    not read. At most one of them is set.
    """

    raised: tuple[ListSection, ...]
    not_read: ListSection
    mentioned: ListSection
    no_opioid: str
    incomplete: str
    summary: str
    rule_matches: tuple[RuleMatch, ...]

    @classmethod
    def of(cls, found: MedicationList, definition: Definition) -> CheckedList:
        """Describe what was found in a list, in the words of the definition."""
        lines = lines_of(found.text)
        rules = [item for item in (*definition.items, *definition.listed) if item.listed is not None]
        about_opioids = next((item for item in rules if item.listed is Listed.OPIOID), None)
        mentioned = [each for each in found.found if each.status is MentionStatus.MENTIONED and _is_shown(each)]
        raised = [
            replace(
                _section(_heading(item, found), item.severity.value, medicines, lines, about_opioids),
                is_rule_text=item.listed is not Listed.OPIOID,
            )
            for item in rules
            if (medicines := medicines_raising(item, found))
        ]
        sentence, unread = listing.sentence(found), len(found.not_read)
        others = [each.heading for each in raised if each.heading != listing.lines_with_an_opioid(found)]
        return cls(
            raised=tuple(raised),
            not_read=_section_of_unread(found.not_read, lines),
            mentioned=_section(gettext(wording.MENTIONED), "", mentioned, lines, about_opioids),
            no_opioid="" if found.current_opioids or unread else sentence,
            incomplete=wording.not_read_completely(unread) if unread else "",
            summary=" ".join([sentence, *others]),
            rule_matches=tuple(_rule_match(item, found, mentioned) for item in rules),
        )

    def match_for(self, item: Item) -> RuleMatch | None:
        """Return the match for a rule; None when no medication list concerns it."""
        return next((each for each in self.rule_matches if each.link_id == item.link_id), None)


def _heading(item: Item, found: MedicationList) -> str:
    return (
        listing.lines_with_an_opioid(found)
        if item.listed is Listed.OPIOID
        else f"{item.severity_words}. {item.finding}."
    )


def _rule_match(item: Item, found: MedicationList, mentioned: Iterable[ListedMedicine]) -> RuleMatch:
    of_opioids = item.listed is Listed.OPIOID
    only_mentioned = [each for each in mentioned if (each.group is not OpioidGroup.ANTAGONIST) is of_opioids]
    return RuleMatch(
        item.link_id, item.severity.value, _names(medicines_raising(item, found)), _names(only_mentioned)
    )


def _is_shown(medicine: ListedMedicine) -> bool:
    """True for opioids and naltrexone. Other antagonists, such as naloxone, concern no rule."""
    return medicine.group is not OpioidGroup.ANTAGONIST or medicine.ingredient == NALTREXONE


def _names(found: Sequence[ListedMedicine]) -> str:
    """Join the names, each once and with its place: oxycodone (Percocet, line 3) and tramadol (2 lines)."""
    where: dict[tuple[str, str], set[int]] = {}
    for each in found:
        where.setdefault((each.ingredient, each.product), set()).add(each.line)
    names = [_name(*name, lines) for name, lines in where.items()]
    more = len(names) - NAMES_SHOWN
    if more <= 0:
        return join_with_and(names)
    return gettext("{names} and {count} more").format(names=", ".join(names[:NAMES_SHOWN]), count=more)


def _name(ingredient: str, product: str, lines: set[int]) -> str:
    if len(lines) == 1:
        place = gettext("line {number}").format(number=min(lines))
    else:
        place = ngettext("{} line", "{} lines", len(lines)).format(len(lines))
    return f"{ingredient} ({', '.join(filter(None, (product, place)))})"


# Lines --------------------------------------------------------------------------------------------------------


def _section(
    heading: str, severity: str, found: Sequence[ListedMedicine], lines: Sequence[str], about_opioids: Item | None
) -> ListSection:
    groups = [list(group) for _, group in groupby(found, key=lambda each: _group_key(each, lines))]
    shown = [_shown_line(group, lines, about_opioids) for group in groups[:LINES_SHOWN]]
    return ListSection(heading, severity, tuple(shown), more=len(groups) - len(shown))


def _section_of_unread(numbers: Sequence[int], lines: Sequence[str]) -> ListSection:
    shown = [ShownLine(number, (LinePart(_cut(lines[number - 1])),), ()) for number in numbers[:LINES_SHOWN]]
    return ListSection(gettext(wording.NOT_READ), "unresolved", tuple(shown), more=len(numbers) - len(shown))


def _cut(line: str) -> str:
    return line if len(line) <= WHOLE_LINE else f"{line[:WHOLE_LINE]} …"


def _group_key(medicine: ListedMedicine, lines: Sequence[str]) -> tuple[int, int]:
    """Group the medicines of a line; in a long line each medicine is shown separately."""
    return medicine.line, medicine.start if len(lines[medicine.line - 1]) > WHOLE_LINE else 0


def _shown_line(found: Sequence[ListedMedicine], lines: Sequence[str], about_opioids: Item | None) -> ShownLine:
    number = found[0].line
    spans = sorted({(each.start, each.end) for each in found})
    medicines = [(_capitalised(name_and_kind(each, about_opioids)), each.why) for each in found]
    return ShownLine(number, tuple(_parts(lines[number - 1], spans)), tuple(medicines))


def _parts(line: str, spans: Sequence[tuple[int, int]]) -> Iterator[LinePart]:
    is_long = len(line) > WHOLE_LINE
    at = max(0, spans[0][0] - BEFORE) if is_long else 0
    last = min(len(line), spans[-1][1] + AFTER) if is_long else len(line)
    if at:
        yield LinePart("… ")
    for start, end in spans:
        yield LinePart(line[at:start])
        yield LinePart(line[max(at, start) : end], marked=True)
        at = max(at, end)
    yield LinePart(line[at:last])
    if last < len(line):
        yield LinePart(" …")


def _capitalised(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
