"""What a draft of the rules would say of records that were made by earlier ones. Pure.

An outcome and the rules that are flagged or open depend on which answers were given and on which sorts of medicine
a list names as current; the details of an answer and the wording of a list decide neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from screening.clinical.evaluation.evaluate import Answer, Evaluation, FindingStatus, evaluate
from screening.clinical.medications.dates import DATE
from screening.clinical.medications.lexicon import OpioidGroup
from screening.clinical.medications.normalise import fold
from screening.clinical.medications.reader import NALTREXONE, ListedMedicine, MedicationList, MentionStatus, lines_of
from screening.clinical.rules.definition import AnswerCode, Definition, Item, Listed, Outcome
from screening.clinical.rules.labels import OUTCOME_SHORT

from .summary import headline

SAME_OUTCOME = "The same, with other rules flagged or open"


class ImpactKind(StrEnum):
    """How a draft would say something else of a rule."""

    NEWLY_FLAGGED = "newly-flagged"
    NO_LONGER_FLAGGED = "no-longer-flagged"
    NEWLY_OPEN = "newly-open"
    NO_LONGER_OPEN = "no-longer-open"


class StoredResult(NamedTuple):
    """What a record keeps that a result depends on.

    ``answers`` are those to the rules that were asked; ``flagged`` and ``open_questions`` are rules of the record;
    all by link id. ``listed`` are the kinds of medicine that its list names as current.
    """

    outcome: Outcome
    answers: Mapping[str, AnswerCode]
    flagged: frozenset[str] = frozenset()
    open_questions: frozenset[str] = frozenset()
    listed: frozenset[Listed] = frozenset()


class Comparison(NamedTuple):
    """The outcome of a record, the one by a draft with the line that tells it, and the rules that differ."""

    before: Outcome
    after: Outcome
    headline: str
    rules: Mapping[ImpactKind, tuple[str, ...]]

    @property
    def differs(self) -> bool:
        """True when the draft would give another result: another outcome, or other rules flagged or open."""
        return self.before is not self.after or any(self.rules.values())


def compare(kept: StoredResult, draft: Definition, on: date, overdue: tuple[str, ...] = ()) -> Comparison:
    """What a record says, and what the draft would say of the same answers and the same list on a day.

    A rule that was not asked is not known; what was answered to a rule that the draft does not ask is left out.
    """
    answers = {link_id: Answer(code) for link_id, code in kept.answers.items() if link_id in draft.by_link_id}
    found = evaluate(draft, answers, on, list_of(kept.listed), overdue)
    flagged, open_questions = _flagged(found), _still_open(found)
    rules = {
        ImpactKind.NEWLY_FLAGGED: _without(flagged, kept.flagged),
        ImpactKind.NO_LONGER_FLAGGED: _without(sorted(kept.flagged), flagged),
        ImpactKind.NEWLY_OPEN: _without(open_questions, kept.open_questions),
        ImpactKind.NO_LONGER_OPEN: _without(sorted(kept.open_questions), open_questions),
    }
    return Comparison(kept.outcome, found.outcome, headline(draft, found), rules)


def _flagged(found: Evaluation) -> tuple[str, ...]:
    return tuple([each.link_id for each in found.with_status(FindingStatus.FLAGGED)])


def _still_open(found: Evaluation) -> tuple[str, ...]:
    return tuple([each.link_id for each in found.open_questions])


def _without(rules: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    left_out = frozenset(others)
    return tuple([link_id for link_id in rules if link_id not in left_out])


# Lists --------------------------------------------------------------------------------------------------------


def listed_in(found: MedicationList) -> frozenset[Listed]:
    """The sorts of medicine that a list names as current."""
    current = {Listed.OPIOID: found.current_opioids, Listed.NALTREXONE: found.current_naltrexone}
    return frozenset(sort for sort, medicines in current.items() if medicines)


def list_of(sorts: frozenset[Listed]) -> MedicationList:
    """A list that names these sorts of medicine as current."""
    return MedicationList("\n".join(sorted(sorts)), tuple(_STAND_INS[sort] for sort in sorted(sorts)))


def reads_alike_every_day(text: str, found: MedicationList) -> bool:
    """True when nothing that was found in a list can depend on the day on which it is read."""
    return not found.found or not any(DATE.search(fold(line).text) for line in lines_of(text))


def _stand_in(ingredient: str, group: OpioidGroup) -> ListedMedicine:
    return ListedMedicine(
        line=1,
        start=0,
        end=len(ingredient),
        term=ingredient,
        ingredient=ingredient,
        product="",
        group=group,
        interval="",
        status=MentionStatus.CURRENT,
        why="",
    )


_STAND_INS = {
    Listed.OPIOID: _stand_in("opioid", OpioidGroup.AGONIST),
    Listed.NALTREXONE: _stand_in(NALTREXONE, OpioidGroup.ANTAGONIST),
}


# Counted ------------------------------------------------------------------------------------------------------


@dataclass
class Impact:
    """How many patients' records a draft would say something else of.

    ``outcomes`` counts the records that differ by the outcome then and by the draft, ``rules`` and ``patients`` those
    of which something else would be said of a rule: the one by link id, the other each patient once.
    """

    looked_at: int = 0
    outcomes: Counter[tuple[Outcome, Outcome]] = field(default_factory=Counter)
    rules: dict[ImpactKind, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in ImpactKind})
    patients: Counter[ImpactKind] = field(default_factory=Counter)

    def add(self, compared: Comparison, patients: int = 1) -> None:
        """Count so many patients whose records compare alike."""
        self.looked_at += patients
        if compared.differs:
            self.outcomes[compared.before, compared.after] += patients
        for kind, link_ids in compared.rules.items():
            if link_ids:
                self.patients[kind] += patients
                self.rules[kind].update(dict.fromkeys(link_ids, patients))

    @property
    def changed(self) -> int:
        """The patients of whom the draft would give another result."""
        return self.outcomes.total()


class OutcomeRow(NamedTuple):
    """So many patients with one outcome then and one by the draft, in words."""

    before: str
    after: str
    patients: int


class RuleRow(NamedTuple):
    """How many patients each ``ImpactKind`` concerns for one rule; ``counts`` are in its order."""

    name: str
    counts: tuple[int, ...]


def in_one_sentence(impact: Impact) -> str:
    """How many of the patients would get another result."""
    of = f"{impact.looked_at:,} {'patient' if impact.looked_at == 1 else 'patients'}"
    return f"{f'{impact.changed:,}' if impact.changed else 'None'} of {of} would get another result."


def outcome_rows(impact: Impact) -> list[OutcomeRow]:
    """From what to what the results would change, gravest first."""
    gravest_first = list(Outcome)
    order = sorted(impact.outcomes, key=lambda each: (gravest_first.index(each[1]), gravest_first.index(each[0])))
    return [
        OutcomeRow(
            OUTCOME_SHORT[before],
            SAME_OUTCOME if before is after else OUTCOME_SHORT[after],
            impact.outcomes[before, after],
        )
        for before, after in order
    ]


def rule_rows(impact: Impact, draft: Definition, earlier: Iterable[Definition]) -> list[RuleRow]:
    """The rules of which something else would be said: those of the draft in their order, then those it dropped."""
    rows = [
        RuleRow(item.name, tuple(impact.rules[kind][item.link_id] for kind in ImpactKind))
        for item in _every_rule(draft, *earlier)
    ]
    return [row for row in rows if any(row.counts)]


def _every_rule(*definitions: Definition) -> Iterator[Item]:
    """Each rule once, as it is in the first definition that has it."""
    told = set[str]()
    for item in (each for definition in definitions for each in (*definition.items, *definition.listed)):
        if item.link_id not in told:
            told.add(item.link_id)
            yield item


# What else to know --------------------------------------------------------------------------------------------


class Remark(NamedTuple):
    """Rules whose answers of then are not what the draft asks for, by their names, and what that means."""

    label: str
    names: tuple[str, ...]
    meaning: str


def remarks(draft: Definition, earlier: Iterable[Definition]) -> list[Remark]:
    """What the editions by which people were screened did not ask, asked in other words, or asked in vain."""
    asked = [each.by_link_id for each in earlier]
    not_asked = [item.name for item in draft.items if any(item.link_id not in each for each in asked)]
    otherwise = [item.name for item in draft.items if _is_asked_otherwise(item, asked)]
    dropped = {item.link_id: item.name for each in asked for item in each.values()}
    no_longer = [name for link_id, name in dropped.items() if link_id not in draft.by_link_id]
    told = (
        Remark("Not asked of everyone then", tuple(not_asked), "Of these patients it is not known."),
        Remark("Asked in other words now", tuple(otherwise), "The answers are taken as they were given."),
        Remark("No longer asked", tuple(no_longer), "The answers are left out."),
    )
    return [each for each in told if each.names]


def _is_asked_otherwise(item: Item, asked: Iterable[Mapping[str, Item]]) -> bool:
    before = [each[item.link_id] for each in asked if item.link_id in each]
    return not all(item.asks_the_same_as(each) for each in before)
