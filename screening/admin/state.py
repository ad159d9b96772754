"""A draft as its page shows it: what stands in the way of publishing it, and where."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

from screening.clinical.cases import CaseResult, results
from screening.clinical.checks import is_too_large
from screening.clinical.definition import Definition, DefinitionError, Fault, from_json
from screening.clinical.difference import Difference, RuleChange, difference
from screening.models import Case, Change, DraftChange, Edition, Rule, RuleSet
from screening.shipped import shipped_names
from screening.showable import publishing_faults

from .places import PlacedFault, Places


@dataclass(frozen=True)
class DraftState:
    """A draft beside the edition in force."""

    rule_set: RuleSet

    @cached_property
    def current(self) -> Edition | None:
        """The edition in force."""
        return Edition.objects.current()

    @cached_property
    def rules(self) -> list[Rule]:
        """Its rules in the order in which they are asked."""
        return list(self.rule_set.rules.all())

    @cached_property
    def cases(self) -> list[Case]:
        """Its cases in their order."""
        return list(self.rule_set.cases.all())

    @cached_property
    def _plain(self) -> dict[str, object]:
        return self.rule_set.plain()

    @cached_property
    def _read(self) -> tuple[Definition | None, tuple[Fault, ...]]:
        try:
            return from_json(json.dumps(self._plain)), ()
        except DefinitionError as error:
            return None, error.faults

    @property
    def definition(self) -> Definition | None:
        """The draft as a definition; None while it is no usable one."""
        return self._read[0]

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """All that stands in the way of publishing it."""
        definition, unreadable = self._read
        return publishing_faults(definition, self.case_results) if definition else unreadable

    @cached_property
    def placed_faults(self) -> tuple[PlacedFault, ...]:
        """The same, each with the page on which it is mended."""
        if not self.faults:
            return ()
        places = Places(self.rules, self.cases)
        return tuple(places.of(fault) for fault in self.faults)

    @property
    def why_not_run(self) -> str:
        """Why the cases are not run; empty where they are."""
        if self.definition is None:
            return "The cases are not run: first mend what the draft’s page lists."
        if is_too_large(self.definition):
            return "The cases are not run: the draft holds too many rules or cases."
        return ""

    @cached_property
    def case_results(self) -> tuple[CaseResult, ...]:
        """What each case gives now; nothing where they are not run."""
        return () if self.definition is None or self.why_not_run else results(self.definition)

    @property
    def as_expected(self) -> int:
        """How many cases give the result that they expect."""
        return sum(not each.faults for each in self.case_results)

    @cached_property
    def changes(self) -> Difference | None:
        """What differs from the edition in force; None where there is none."""
        if self.current is None:
            return None
        return difference(self.current.plain(), {**self._plain, "lexicon": self._names})

    @property
    def has_something_new(self) -> bool:
        """True when publishing it would change anything."""
        return self.current is None or bool(self.changes)

    @property
    def _names(self) -> str:
        """The names of medicines that it would be published with."""
        kept = self.rule_set.started_from if self.rule_set.is_again else None
        return kept.definition.lexicon if kept else shipped_names()

    @cached_property
    def change_of(self) -> dict[str, RuleChange]:
        """How each rule differs from the edition in force, by link id."""
        return {each.link_id: each for each in self.changes.rules} if self.changes else {}

    def faults_at(self, rule: Rule) -> tuple[Fault, ...]:
        """The faults that are told of a rule."""
        place, found = f"rule {rule.link_id}", self.faults if self.definition else self.placed_faults
        at_rule = (each for each in found if each.place == place or each.place.startswith(f"{place},"))
        return tuple(Fault(each.place, each.sentence) for each in at_rule)

    @cached_property
    def sent_back(self) -> DraftChange | None:
        """The approver's last comment, while nothing was proposed since."""
        asked = (Change.PROPOSED, Change.SENT_BACK)
        last = self.rule_set.changes.filter(what__in=asked).order_by("pk").last()
        return last if last and last.what == Change.SENT_BACK else None
