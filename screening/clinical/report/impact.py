"""The impact of a draft of the rules on past screenings: which results would change. Pure.

The outcome and the rules that are flagged or unresolved depend only on the answers and on the kinds of medicine that
a list names as current, not on the details of an answer or the wording of a list.
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
from screening.clinical.text.translation import gettext, gettext_noop, ngettext

from .summary import headline

SAME_OUTCOME = gettext_noop("The same, with other rules flagged or unresolved")


class ImpactKind(StrEnum):
    """How the result of a rule would change under a draft."""

    NEWLY_FLAGGED = "newly-flagged"
    NO_LONGER_FLAGGED = "no-longer-flagged"
    NEWLY_OPEN = "newly-open"
    NO_LONGER_OPEN = "no-longer-open"


IMPACT_LABELS = {
    ImpactKind.NEWLY_FLAGGED: gettext_noop("Newly flagged"),
    ImpactKind.NO_LONGER_FLAGGED: gettext_noop("No longer flagged"),
    ImpactKind.NEWLY_OPEN: gettext_noop("Newly unresolved"),
    ImpactKind.NO_LONGER_OPEN: gettext_noop("No longer unresolved"),
}


class StoredResult(NamedTuple):
    """The part of a record that its result depends on.

    ``answers``, ``flagged`` and ``open_questions`` are by the link id of the rule. ``listed`` are the kinds of
    medicine that the list names as current.
    """

    outcome: Outcome
    answers: Mapping[str, AnswerCode]
    flagged: frozenset[str] = frozenset()
    open_questions: frozenset[str] = frozenset()
    listed: frozenset[Listed] = frozenset()


class Comparison(NamedTuple):
    """The outcome of a record, its outcome and headline under a draft, and the rules that differ."""

    before: Outcome
    after: Outcome
    headline: str
    rules: Mapping[ImpactKind, tuple[str, ...]]

    @property
    def differs(self) -> bool:
        """True when the draft would change the outcome, or the rules that are flagged or unresolved."""
        return self.before is not self.after or any(self.rules.values())


def compare(stored: StoredResult, draft: Definition, on: date, overdue: tuple[str, ...] = ()) -> Comparison:
    """Compare the result of a record with that of a draft for the same answers and the same list on a day.

    A rule that was not asked counts as not known. Answers to rules that the draft does not ask are ignored.
    """
    answers = {link_id: Answer(code) for link_id, code in stored.answers.items() if link_id in draft.by_link_id}
    found = evaluate(draft, answers, on, list_of(stored.listed), overdue)
    flagged, open_questions = _flagged(found), _open_questions(found)
    rules = {
        ImpactKind.NEWLY_FLAGGED: _without(flagged, stored.flagged),
        ImpactKind.NO_LONGER_FLAGGED: _without(sorted(stored.flagged), flagged),
        ImpactKind.NEWLY_OPEN: _without(open_questions, stored.open_questions),
        ImpactKind.NO_LONGER_OPEN: _without(sorted(stored.open_questions), open_questions),
    }
    return Comparison(stored.outcome, found.outcome, headline(draft, found), rules)


def _flagged(found: Evaluation) -> tuple[str, ...]:
    return tuple([each.link_id for each in found.with_status(FindingStatus.FLAGGED)])


def _open_questions(found: Evaluation) -> tuple[str, ...]:
    return tuple([each.link_id for each in found.open_questions])


def _without(rules: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    excluded = frozenset(others)
    return tuple([link_id for link_id in rules if link_id not in excluded])


# Lists --------------------------------------------------------------------------------------------------------


def listed_in(found: MedicationList) -> frozenset[Listed]:
    """Return the kinds of medicine that a list names as current."""
    current = {Listed.OPIOID: found.current_opioids, Listed.NALTREXONE: found.current_naltrexone}
    return frozenset(kind for kind, medicines in current.items() if medicines)


def list_of(kinds: frozenset[Listed]) -> MedicationList:
    """Return a medication list that names these kinds of medicine as current."""
    return MedicationList("\n".join(sorted(kinds)), tuple(_EXAMPLES[kind] for kind in sorted(kinds)))


def reads_the_same_every_day(text: str, found: MedicationList) -> bool:
    """True when the medicines found in a list cannot depend on the day it is read."""
    return not found.found or not any(DATE.search(fold(line).text) for line in lines_of(text))


def _example(ingredient: str, group: OpioidGroup) -> ListedMedicine:
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


_EXAMPLES = {
    Listed.OPIOID: _example("opioid", OpioidGroup.AGONIST),
    Listed.NALTREXONE: _example(NALTREXONE, OpioidGroup.ANTAGONIST),
}


# Counts -------------------------------------------------------------------------------------------------------


@dataclass
class Impact:
    """The number of patients whose result would change under a draft.

    ``compared`` counts all patients, ``outcomes`` those with another result, by the outcome then and under the draft.
    ``rules`` counts the patients for whom the result of a rule would change, by link id; ``patients`` counts each
    patient once.
    """

    compared: int = 0
    outcomes: Counter[tuple[Outcome, Outcome]] = field(default_factory=Counter)
    rules: dict[ImpactKind, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in ImpactKind})
    patients: Counter[ImpactKind] = field(default_factory=Counter)

    def add(self, comparison: Comparison, patients: int = 1) -> None:
        """Add a number of patients with the same comparison."""
        self.compared += patients
        if comparison.differs:
            self.outcomes[comparison.before, comparison.after] += patients
        for kind, link_ids in comparison.rules.items():
            if link_ids:
                self.patients[kind] += patients
                self.rules[kind].update(dict.fromkeys(link_ids, patients))

    @property
    def changed(self) -> int:
        """The number of patients with another result under the draft."""
        return self.outcomes.total()


class OutcomeRow(NamedTuple):
    """The number of patients with one outcome then and another under the draft, as labels."""

    before: str
    after: str
    patients: int


class RuleRow(NamedTuple):
    """The number of patients for one rule; ``counts`` are in the order of ``ImpactKind``."""

    name: str
    counts: tuple[int, ...]

    @property
    def labelled_counts(self) -> list[tuple[str, int]]:
        """The counts with their labels."""
        return list(zip(map(gettext, IMPACT_LABELS.values()), self.counts, strict=True))


def in_one_sentence(impact: Impact) -> str:
    """Say how many of the patients would get another result."""
    if not impact.changed:
        return ngettext(
            "None of {:,} patient would get another result.",
            "None of {:,} patients would get another result.",
            impact.compared,
        )
    return ngettext(
        "{changed:,} of {:,} patient would get another result.",
        "{changed:,} of {:,} patients would get another result.",
        impact.compared,
        changed=impact.changed,
    )


def outcome_rows(impact: Impact) -> list[OutcomeRow]:
    """List how the results would change, most severe first."""
    severest_first = list(Outcome)
    order = sorted(impact.outcomes, key=lambda each: (severest_first.index(each[1]), severest_first.index(each[0])))
    return [
        OutcomeRow(
            gettext(OUTCOME_SHORT[before]),
            gettext(SAME_OUTCOME if before is after else OUTCOME_SHORT[after]),
            impact.outcomes[before, after],
        )
        for before, after in order
    ]


def rule_rows(impact: Impact, draft: Definition, earlier: Iterable[Definition]) -> list[RuleRow]:
    """List the rules whose result would change: those of the draft in order, then those that it removed."""
    rows = [
        RuleRow(item.name, tuple(impact.rules[kind][item.link_id] for kind in ImpactKind))
        for item in _every_rule(draft, *earlier)
    ]
    return [row for row in rows if any(row.counts)]


def _every_rule(*definitions: Definition) -> Iterator[Item]:
    """Yield each rule once, from the first definition that has it."""
    seen = set[str]()
    for item in (each for definition in definitions for each in (*definition.items, *definition.listed)):
        if item.link_id not in seen:
            seen.add(item.link_id)
            yield item


# Remarks ------------------------------------------------------------------------------------------------------


class Remark(NamedTuple):
    """The names of rules whose past answers do not match the questions of the draft, and what that means."""

    label: str
    names: tuple[str, ...]
    meaning: str


def remarks(draft: Definition, earlier: Iterable[Definition]) -> list[Remark]:
    """Remark on rules that earlier editions did not ask, asked in other words, or that are no longer asked."""
    asked = [each.by_link_id for each in earlier]
    not_asked = [item.name for item in draft.items if any(item.link_id not in each for each in asked)]
    reworded = [item.name for item in draft.items if _is_reworded(item, asked)]
    dropped = {item.link_id: item.name for each in asked for item in each.values()}
    no_longer = [name for link_id, name in dropped.items() if link_id not in draft.by_link_id]
    all_remarks = (
        Remark(
            gettext("Not asked of everyone then"),
            tuple(not_asked),
            gettext("For these patients it counts as not known."),
        ),
        Remark(
            gettext("Asked in other words now"),
            tuple(reworded),
            gettext("The earlier answers are used unchanged."),
        ),
        Remark(gettext("No longer asked"), tuple(no_longer), gettext("The earlier answers are ignored.")),
    )
    return [each for each in all_remarks if each.names]


def _is_reworded(item: Item, asked: Iterable[Mapping[str, Item]]) -> bool:
    before = [each[item.link_id] for each in asked if item.link_id in each]
    return not all(item.asks_the_same_as(each) for each in before)
