"""The medication list on the form: the box that it is pasted into, and what it says to the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from screening.clinical.evaluation.listed_medicines import name_and_kind, raising
from screening.clinical.medications.lexicon import OpioidGroup
from screening.clinical.medications.reader import NALTREXONE, ListedMedicine, MedicationList, MentionStatus, lines_of
from screening.clinical.report import medication_list as listing
from screening.clinical.rules.definition import Definition, Item, Listed
from screening.clinical.text import wording
from screening.clinical.text.phrases import join_with_and
from screening.web.fields import PastedText
from screening.web.forms import StrictForm

MEDICATIONS = "medications"
LONGEST_LIST = 20_000
LINES_SHOWN, NAMES_SHOWN = 60, 8
WHOLE_LINE, BEFORE, AFTER = 160, 50, 100
"""A line of more letters is not shown whole, but what stands before and after the words that were recognised."""

ReadList: TypeAlias = Callable[[str], MedicationList]
"""Reads a medication list as of the day on which the form is filled."""


def medications_field() -> PastedText:
    """The box for the list."""
    return PastedText(
        label="Current medicines",
        help_text="Paste the list as it is: any order, headings and instructions included.",
        required=False,
        max_length=LONGEST_LIST,
    )


class ListForm(StrictForm):
    """A medication list alone, to be checked while it is typed."""

    medications = medications_field()


# What a list says ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line; ``marked`` when it is what was recognised."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line as it was typed, or of a long one the part around what was recognised; and what is said of it."""

    number: int
    pieces: tuple[Piece, ...]
    words: tuple[tuple[str, str], ...]
    """Of each medicine its name with its kind, and why it is shown."""


@dataclass(frozen=True, slots=True)
class ShownLines:
    """Lines of one sort under a heading, as many as are shown; ``more`` is how many are not."""

    heading: str
    severity: str
    lines: tuple[ShownLine, ...]
    more: int


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """What a list says to the question of a rule: by name what raises it, and what it mentions without counting."""

    link_id: str
    severity: str
    raised_by: str
    mentioned: str


@dataclass(frozen=True, slots=True)
class CheckedList:
    """What a list says: what raises which rule, what it only mentions, and all of it in a sentence.

    ``nothing`` is the sentence where no opioid in use was recognised, ``incomplete`` the one where lines are not
    read; at most one of them is there.
    """

    raised: tuple[ShownLines, ...]
    not_read: ShownLines
    mentioned: ShownLines
    nothing: str
    incomplete: str
    sentence: str
    to_rules: tuple[RuleMatch, ...]

    @classmethod
    def of(cls, found: MedicationList, definition: Definition) -> CheckedList:
        """What was found in a list, in the words of a definition."""
        lines, looking = lines_of(found.text), _rules_that_look(definition)
        about_opioids = next((item for item in looking if item.listed is Listed.OPIOID), None)
        mentioned = [each for each in found.found if each.status is MentionStatus.MENTIONED and _is_shown(each)]
        raised = [
            _shown(_heading(item, found), item.severity.value, medicines, lines, about_opioids)
            for item in looking
            if (medicines := raising(item, found))
        ]
        sentence, unread = listing.sentence(found), len(found.not_read)
        others = [each.heading for each in raised if each.heading != listing.lines_with_an_opioid(found)]
        return cls(
            raised=tuple(raised),
            not_read=_shown_not_read(found.not_read, lines),
            mentioned=_shown("Mentioned, not counted as current", "", mentioned, lines, about_opioids),
            nothing="" if found.current_opioids or unread else sentence,
            incomplete=wording.not_read_completely(unread) if unread else "",
            sentence=" ".join([sentence, *others]),
            to_rules=tuple(_to_rule(item, found, mentioned) for item in looking),
        )

    def to(self, item: Item) -> RuleMatch | None:
        """What the list says to a rule; None where the rule looks at no list."""
        return next((each for each in self.to_rules if each.link_id == item.link_id), None)


def _rules_that_look(definition: Definition) -> list[Item]:
    return [item for item in (*definition.items, *definition.listed) if item.listed is not None]


def _heading(item: Item, found: MedicationList) -> str:
    return (
        listing.lines_with_an_opioid(found)
        if item.listed is Listed.OPIOID
        else f"{item.severity_words}. {item.finding}."
    )


def _to_rule(item: Item, found: MedicationList, mentioned: Iterable[ListedMedicine]) -> RuleMatch:
    of_opioids = item.listed is Listed.OPIOID
    only_mentioned = [each for each in mentioned if (each.group is not OpioidGroup.ANTAGONIST) is of_opioids]
    return RuleMatch(item.link_id, item.severity.value, _names(raising(item, found)), _names(only_mentioned))


def _is_shown(medicine: ListedMedicine) -> bool:
    """Opioids and naltrexone are; another antagonist alone says nothing here."""
    return medicine.group is not OpioidGroup.ANTAGONIST or medicine.ingredient == NALTREXONE


def _names(found: Sequence[ListedMedicine]) -> str:
    """Each name once, with where it stands: oxycodone (Percocet, line 3) and tramadol (2 lines)."""
    where: dict[tuple[str, str], set[int]] = {}
    for each in found:
        where.setdefault((each.ingredient, each.product), set()).add(each.line)
    names = [_name(*name, lines) for name, lines in where.items()]
    more = len(names) - NAMES_SHOWN
    return join_with_and(names) if more <= 0 else f"{', '.join(names[:NAMES_SHOWN])} and {more} more"


def _name(ingredient: str, product: str, lines: set[int]) -> str:
    place = f"line {min(lines)}" if len(lines) == 1 else f"{len(lines)} lines"
    return f"{ingredient} ({', '.join(filter(None, (product, place)))})"


# Its lines ----------------------------------------------------------------------------------------------------


def _shown(
    heading: str, severity: str, found: Sequence[ListedMedicine], lines: Sequence[str], about_opioids: Item | None
) -> ShownLines:
    together = [list(group) for _, group in groupby(found, key=lambda each: _place(each, lines))]
    shown = [_shown_line(group, lines, about_opioids) for group in together[:LINES_SHOWN]]
    return ShownLines(heading, severity, tuple(shown), more=len(together) - len(shown))


def _shown_not_read(numbers: Sequence[int], lines: Sequence[str]) -> ShownLines:
    shown = [ShownLine(number, (Piece(_beginning(lines[number - 1])),), ()) for number in numbers[:LINES_SHOWN]]
    return ShownLines(wording.NOT_READ, "unresolved", tuple(shown), more=len(numbers) - len(shown))


def _beginning(line: str) -> str:
    return line if len(line) <= WHOLE_LINE else f"{line[:WHOLE_LINE]} …"


def _place(medicine: ListedMedicine, lines: Sequence[str]) -> tuple[int, int]:
    """What is shown together: all of a line, or of a long line each name by itself."""
    return medicine.line, medicine.start if len(lines[medicine.line - 1]) > WHOLE_LINE else 0


def _shown_line(found: Sequence[ListedMedicine], lines: Sequence[str], about_opioids: Item | None) -> ShownLine:
    number = found[0].line
    spans = sorted({(each.start, each.end) for each in found})
    words = [(_capitalised(name_and_kind(each, about_opioids)), each.why) for each in found]
    return ShownLine(number, tuple(_pieces(lines[number - 1], spans)), tuple(words))


def _pieces(line: str, spans: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    is_long = len(line) > WHOLE_LINE
    at = max(0, spans[0][0] - BEFORE) if is_long else 0
    last = min(len(line), spans[-1][1] + AFTER) if is_long else len(line)
    if at:
        yield Piece("… ")
    for start, end in spans:
        yield Piece(line[at:start])
        yield Piece(line[max(at, start) : end], marked=True)
        at = max(at, end)
    yield Piece(line[at:last])
    if last < len(line):
        yield Piece(" …")


def _capitalised(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
