"""A draft as its page shows it: what stands in the way of publishing it, and where."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.contrib import messages
from django.urls import reverse

from screening.clinical.evaluation.cases import CaseResult, results
from screening.clinical.rules.definition import Definition, from_json
from screening.clinical.rules.diff import RuleChange, RuleSetDiff, diff_rule_sets
from screening.clinical.rules.validation import is_too_large
from screening.clinical.text.json_errors import DefinitionError, Fault
from screening.clinical.text.phrases import counted
from screening.editions.models import Edition
from screening.medications.shipped_data import shipped_lexicon_hash

from .actions import publishing_faults
from .models import Case, Change, DraftChange, Rule, RuleSet


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
    def placed_faults(self) -> tuple[LinkedFault, ...]:
        """The same, each with the page on which it is mended."""
        if not self.faults:
            return ()
        places = FaultLinks(self.rules, self.cases)
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
    def changes(self) -> RuleSetDiff | None:
        """What differs from the edition in force; None where there is none."""
        if self.current is None:
            return None
        return diff_rule_sets(self.current.plain(), {**self._plain, "lexicon": self._names})

    @property
    def has_something_new(self) -> bool:
        """True when publishing it would change anything."""
        return self.current is None or bool(self.changes)

    @property
    def _names(self) -> str:
        """The names of medicines that it would be published with."""
        kept = self.rule_set.started_from if self.rule_set.is_again else None
        return kept.definition.lexicon if kept else shipped_lexicon_hash()

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


_AT_RULE = re.compile(r"rule (?P<link_id>[a-z][a-z0-9-]*)\b")
_AT_CASE = re.compile(r"case (?P<number>\d+)\b")
_AT_ROW = re.compile(r"(?P<rows>items|listed|cases)\[(?P<number>\d+)\]\.?")


class LinkedFault(NamedTuple):
    """A fault with the address of the page on which it is mended, empty where there is none."""

    place: str
    sentence: str
    address: str


class FaultLinks:
    """The pages of a draft's rules and cases, by the names that faults use for them."""

    def __init__(self, rules: list[Rule], cases: list[Case]) -> None:
        self._rules = {rule.link_id: rule for rule in rules}
        self._rows: dict[str, list[Rule] | list[Case]] = {
            "items": [rule for rule in rules if not rule.is_raised_by_list],
            "listed": [rule for rule in rules if rule.is_raised_by_list],
            "cases": cases,
        }

    def of(self, fault: Fault) -> LinkedFault:
        """A fault with its place; one that names a row of the file by its number is told by the row's own name."""
        if (found := _AT_RULE.match(fault.place)) and (rule := self._rules.get(found["link_id"])):
            return LinkedFault(*fault, _address(rule))
        if (found := _AT_CASE.match(fault.place)) and (case := self._row("cases", found["number"])):
            return LinkedFault(*fault, _address(case))
        if (found := _AT_ROW.match(fault.place)) and (row := self._row(found["rows"], found["number"])):
            named = f"rule {row.link_id}" if isinstance(row, Rule) else f"case {found['number']}, “{row.words}”"
            rest = fault.place[found.end() :]
            return LinkedFault(f"{named}, {rest}" if rest else named, fault.sentence, _address(row))
        return LinkedFault(*fault, "")

    def _row(self, rows: str, number: str) -> Rule | Case | None:
        place, known = int(number) - 1, self._rows[rows]
        return known[place] if 0 <= place < len(known) else None


def _address(row: Rule | Case) -> str:
    return reverse(f"admin:screening_{row._meta.model_name}_change", args=[row.pk])


NAMED = 3
"""How many cases are told one by one."""


def case_message(state: DraftState) -> tuple[int, str]:
    """How the cases fare and what else is to be mended, with the level at which that is told."""
    faults = [str(fault) for each in state.case_results for fault in each.faults]
    cases = sum(bool(each.faults) for each in state.case_results)
    others = len(state.faults) - len(faults)
    told = [_of_cases(cases, faults)] if cases else []
    if others:
        told.append(f"{counted(others, 'thing is', 'things are')} to be mended: the draft’s page says which.")
    if told:
        return messages.WARNING, " ".join(told)
    return messages.SUCCESS, "Every case gives the result that it expects."


def _of_cases(count: int, faults: list[str]) -> str:
    first = "; ".join(faults[:NAMED])
    more = f"; and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
    return f"{counted(count, 'case is', 'cases are')} not as expected: {first}{more}."
