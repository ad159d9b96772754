"""The state of a draft: its changes, its case results, and the faults that prevent publishing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.utils.translation import gettext, ngettext

from screening.clinical.evaluation.cases import CaseResult, results
from screening.clinical.rules.definition import Definition, from_json
from screening.clinical.rules.diff import RuleChange, RuleSetDiff, diff_rule_sets
from screening.clinical.rules.fault_words import place_in_words
from screening.clinical.rules.validation import is_too_large
from screening.clinical.text.json_errors import DefinitionError, Fault
from screening.editions.models import Edition
from screening.medications.shipped_data import shipped_lexicon_hash

from .actions import publishing_faults
from .fault_links import FaultLinks, LinkedFault
from .models import Case, Change, DraftChange, Rule, RuleSet


@dataclass(frozen=True)
class DraftState:
    """A draft compared with the current edition. Everything is calculated once, when it is first needed."""

    rule_set: RuleSet

    @cached_property
    def current(self) -> Edition | None:
        """The current edition, if there is one."""
        return Edition.objects.current()

    @cached_property
    def rules(self) -> list[Rule]:
        """Its rules, in the order they are asked."""
        return list(self.rule_set.rules.prefetch_related("follow_ups"))

    @cached_property
    def cases(self) -> list[Case]:
        """Its cases, in order."""
        return list(self.rule_set.cases.all())

    @cached_property
    def _plain(self) -> dict[str, object]:
        return self.rule_set.plain_of(self.rules, self.cases)

    @cached_property
    def _parsed(self) -> tuple[Definition | None, tuple[Fault, ...]]:
        try:
            return from_json(json.dumps(self._plain)), ()
        except DefinitionError as error:
            return None, error.faults

    @property
    def definition(self) -> Definition | None:
        """The draft as a definition; None while it is not valid."""
        return self._parsed[0]

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that prevents publishing it."""
        definition, parse_faults = self._parsed
        return publishing_faults(definition, self.case_results) if definition else parse_faults

    @cached_property
    def linked_faults(self) -> tuple[LinkedFault, ...]:
        """The faults, each with the page where it can be corrected."""
        if not self.faults:
            return ()
        links = FaultLinks(self.rules, self.cases)
        return tuple(links.link(fault) for fault in self.faults)

    @property
    def why_not_run(self) -> str:
        """The reason why the cases are not run; empty if they are."""
        if self.definition is None:
            return gettext("The cases are not run: first fix the problems listed on the draft’s page.")
        if is_too_large(self.definition):
            return gettext("The cases are not run: the draft has too many rules or cases.")
        return ""

    @cached_property
    def case_results(self) -> tuple[CaseResult, ...]:
        """The results of its cases; empty if they are not run."""
        return () if self.definition is None or self.why_not_run else results(self.definition)

    @property
    def as_expected(self) -> int:
        """The number of cases that give the result they expect."""
        return sum(not each.faults for each in self.case_results)

    @cached_property
    def changes(self) -> RuleSetDiff | None:
        """The difference from the current edition; None if there is no edition."""
        if self.current is None:
            return None
        return diff_rule_sets(self.current.plain(), {**self._plain, "lexicon": self._lexicon_hash})

    @property
    def has_something_new(self) -> bool:
        """True if publishing it would change anything."""
        return self.current is None or bool(self.changes)

    @property
    def _lexicon_hash(self) -> str:
        """The hash of the medicine names it would be published with."""
        edition = self.rule_set.started_from if self.rule_set.is_again else None
        return edition.definition.lexicon if edition else shipped_lexicon_hash()

    @cached_property
    def change_of(self) -> dict[str, RuleChange]:
        """The changes of its rules since the current edition, by link id."""
        return {each.link_id: each for each in self.changes.rules} if self.changes else {}

    def faults_at(self, rule: Rule) -> tuple[LinkedFault, ...]:
        """Return the faults of a rule."""
        place = f"rule {rule.link_id}"
        return tuple(each for each in self.linked_faults if each.place == place or each.place.startswith(f"{place},"))

    @cached_property
    def sent_back(self) -> DraftChange | None:
        """The last comment of an approver, unless the draft was proposed again since then."""
        steps = (Change.PROPOSED, Change.SENT_BACK)
        last = self.rule_set.changes.filter(what__in=steps).order_by("pk").last()
        return last if last and last.what == Change.SENT_BACK else None


MOST_FAULTS_SHOWN = 3
"""The number of case faults that the message quotes."""


def case_message(state: DraftState) -> tuple[int, str]:
    """Return the message shown after saving, with its level: failing cases and other problems of the draft."""
    faults = [fault for each in state.case_results for fault in each.faults]
    cases = sum(bool(each.faults) for each in state.case_results)
    others = len(state.faults) - len(faults)
    problems = [_case_problems(cases, faults)] if cases else []
    if others:
        sentence = ngettext(
            "{count} problem to fix: see the draft’s page.", "{count} problems to fix: see the draft’s page.", others
        )
        problems.append(sentence.format(count=others))
    if problems:
        return messages.WARNING, " ".join(problems)
    return messages.SUCCESS, gettext("Every case gives the result that it expects.")


def _case_problems(count: int, faults: list[Fault]) -> str:
    shown = "; ".join(f"{place_in_words(each.place)}: {each.sentence}" for each in faults[:MOST_FAULTS_SHOWN])
    if len(faults) > MOST_FAULTS_SHOWN:
        shown = gettext("{faults}; and {count} more").format(faults=shown, count=len(faults) - MOST_FAULTS_SHOWN)
    sentence = ngettext(
        "{count} case is not as expected: {faults}.", "{count} cases are not as expected: {faults}.", count
    )
    return sentence.format(count=count, faults=shown)
