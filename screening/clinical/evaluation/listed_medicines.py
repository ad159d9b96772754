"""The medicines that a list names: how they are told beside an answer, and how they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from screening.clinical.medications.lexicon import GROUP_LABELS, OpioidGroup
from screening.clinical.medications.reader import ListedMedicine, MedicationList, MentionStatus
from screening.clinical.rules.definition import AnswerCode, Choice, Feeds, Item, Listed
from screening.clinical.rules.labels import LISTED_WORDS
from screening.clinical.text.phrases import in_sentence, join_with_and
from screening.clinical.text.wording import CONFLICT, EVIDENCE, IN_THE_LIST

from .follow_up_values import FollowUpValues, chosen_choices

PLACES_NAMED = 3


def raising(item: Item, found: MedicationList) -> tuple[ListedMedicine, ...]:
    """The medicines of a list that raise a rule; none when the rule looks at no list."""
    if item.listed is None or not found.found:
        return ()
    return found.current_opioids if item.listed is Listed.OPIOID else found.current_naltrexone


def with_kinds(item: Item, details: FollowUpValues, medicines: Iterable[ListedMedicine]) -> FollowUpValues:
    """The details with the kinds of the medicines beside those that were chosen, where the rule offers them."""
    kind = item.follow_up_for(Feeds.INTERVAL_KIND)
    if kind is None:
        return details
    codes = [each.code for each in chosen_choices(kind, details)]
    codes += [each.interval for each in medicines if kind.choice(each.interval)]
    return {**details, kind.link_id: tuple(dict.fromkeys(codes))} if codes else details


# In words -----------------------------------------------------------------------------------------------------


def named(item: Item, medicines: Sequence[ListedMedicine]) -> str:
    """What the list holds, after words such as “the list names”: every medicine once, with where it stands."""
    what = LISTED_WORDS[item.listed] if item.listed else ""
    alike: dict[tuple[str, str, OpioidGroup, str], list[ListedMedicine]] = {}
    for each in medicines:
        alike.setdefault((each.ingredient, each.product, each.group, each.interval), []).append(each)
    return f"{what}: {'; '.join(_named(item, same) for same in alike.values())}."


def name_and_kind(medicine: ListedMedicine, item: Item | None = None) -> str:
    """Ingredient, product and kind, and the kind of its interval where a rule offers it.

    Such as ``codeine, agonist, short-acting``.
    """
    name = f"{medicine.ingredient} ({medicine.product})" if medicine.product else medicine.ingredient
    return ", ".join([name, *_kinds(medicine, item)])


def _named(item: Item, same: Sequence[ListedMedicine]) -> str:
    places = [f"line {each.line} “{each.term}”" for each in same[:PLACES_NAMED]]
    if len(same) > PLACES_NAMED:
        places.append(f"{len(same) - PLACES_NAMED} more")
    return f"{name_and_kind(same[0], item)}, {join_with_and(places)}"


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


# Kept ---------------------------------------------------------------------------------------------------------


def to_plain(found: Iterable[ListedMedicine]) -> list[dict[str, str | int]]:
    """The medicines as JSON can hold them."""
    return [asdict(each) | {"group": each.group.value, "status": each.status.value} for each in found]


def from_plain(plain: Iterable[Mapping[str, object]]) -> tuple[ListedMedicine, ...]:
    """The medicines that ``to_plain`` wrote."""
    return tuple(
        ListedMedicine(**{**each, "group": OpioidGroup(each["group"]), "status": MentionStatus(each["status"])})  # type: ignore[arg-type]
        for each in plain
    )


LIST_BESIDE_ANSWER = {
    AnswerCode.YES: (IN_THE_LIST, "The list names"),
    AnswerCode.NO: (CONFLICT, "The answer is no, but the list names"),
    AnswerCode.NOT_APPLICABLE: (CONFLICT, "The answer is not applicable, but the list names"),
    AnswerCode.UNKNOWN: (EVIDENCE, "The answer is not known, and the list names"),
}
