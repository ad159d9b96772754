"""The medicines in a medication list: which rules they raise, and how they are formatted and stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from screening.clinical.medications.lexicon import GROUP_LABELS, OpioidGroup
from screening.clinical.medications.reader import ListedMedicine, MedicationList, MentionStatus
from screening.clinical.rules.definition import AnswerCode, Choice, Feeds, Item, Listed
from screening.clinical.rules.labels import ANSWER_WORDS, LISTED_WORDS
from screening.clinical.text.phrases import in_sentence, join_with_and
from screening.clinical.text.wording import CONFLICT, EVIDENCE, IN_THE_LIST

from .follow_up_values import FollowUpValues, chosen_choices

MAX_LINES_NAMED = 3
LIST_BESIDE_ANSWER = {
    AnswerCode.YES: (IN_THE_LIST, "The list names"),
    AnswerCode.NO: (CONFLICT, f"The answer is {in_sentence(ANSWER_WORDS[AnswerCode.NO])}, but the list names"),
    AnswerCode.NOT_APPLICABLE: (
        CONFLICT,
        f"The answer is {in_sentence(ANSWER_WORDS[AnswerCode.NOT_APPLICABLE])}, but the list names",
    ),
    AnswerCode.UNKNOWN: (
        EVIDENCE,
        f"The answer is {in_sentence(ANSWER_WORDS[AnswerCode.UNKNOWN])}, and the list names",
    ),
}
"""The label and the beginning of the note about a list, by the answer given."""


def medicines_raising(item: Item, found: MedicationList) -> tuple[ListedMedicine, ...]:
    """Return the medicines of a list that raise a rule; none when the rule does not use a list."""
    if item.listed is None or not found.found:
        return ()
    return found.current_opioids if item.listed is Listed.OPIOID else found.current_naltrexone


def add_listed_kinds(item: Item, details: FollowUpValues, medicines: Iterable[ListedMedicine]) -> FollowUpValues:
    """Return the details with the kinds of the medicines added to those chosen, where the rule offers them."""
    kind = item.follow_up_for(Feeds.INTERVAL_KIND)
    if kind is None:
        return details
    codes = [each.code for each in chosen_choices(kind, details)]
    codes += [each.interval for each in medicines if kind.choice(each.interval)]
    return {**details, kind.link_id: tuple(dict.fromkeys(codes))} if codes else details


# Formatting ---------------------------------------------------------------------------------------------------


def format_medicines(item: Item, medicines: Sequence[ListedMedicine]) -> str:
    """Format the medicines to follow words such as “the list names”: each once, with its lines."""
    what = LISTED_WORDS[item.listed] if item.listed else ""
    same: dict[tuple[str, str, OpioidGroup, str], list[ListedMedicine]] = {}
    for each in medicines:
        same.setdefault((each.ingredient, each.product, each.group, each.interval), []).append(each)
    return f"{what}: {'; '.join(_with_lines(item, each) for each in same.values())}."


def name_and_kind(medicine: ListedMedicine, item: Item | None = None) -> str:
    """Format ingredient, product and kind: ``codeine, agonist, short-acting``.

    The kind of the opioid-free interval is included where the rule offers it.
    """
    name = f"{medicine.ingredient} ({medicine.product})" if medicine.product else medicine.ingredient
    return ", ".join([name, *_kinds(medicine, item)])


def _with_lines(item: Item, same: Sequence[ListedMedicine]) -> str:
    lines = [f"line {each.line} “{each.term}”" for each in same[:MAX_LINES_NAMED]]
    if len(same) > MAX_LINES_NAMED:
        lines.append(f"{len(same) - MAX_LINES_NAMED} more")
    return f"{name_and_kind(same[0], item)}, {join_with_and(lines)}"


def _kinds(medicine: ListedMedicine, item: Item | None) -> Iterator[str]:
    group, choice = GROUP_LABELS[medicine.group], _kind_of_interval(medicine, item)
    label = in_sentence(choice.label) if choice else ""
    if not label.startswith(group):
        yield group
    if label and label != medicine.ingredient:
        yield label


def _kind_of_interval(medicine: ListedMedicine, item: Item | None) -> Choice | None:
    kind = item.follow_up_for(Feeds.INTERVAL_KIND) if item else None
    return kind.choice(medicine.interval) if kind else None


# Storage ------------------------------------------------------------------------------------------------------


def to_plain(found: Iterable[ListedMedicine]) -> list[dict[str, str | int]]:
    """Convert the medicines to JSON values."""
    return [asdict(each) | {"group": each.group.value, "status": each.status.value} for each in found]


def from_plain(plain: Iterable[Mapping[str, object]]) -> tuple[ListedMedicine, ...]:
    """Parse the result of ``to_plain``."""
    return tuple(
        ListedMedicine(**{**each, "group": OpioidGroup(each["group"]), "status": MentionStatus(each["status"])})  # type: ignore[arg-type]
        for each in plain
    )
