"""Where a fault of the draft is mended."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.urls import reverse

from screening.clinical.definition import Fault
from screening.models import Case, Rule

_AT_RULE = re.compile(r"rule (?P<link_id>[a-z][a-z0-9-]*)\b")
_AT_CASE = re.compile(r"case (?P<number>\d+)\b")
_AT_ROW = re.compile(r"(?P<rows>items|listed|cases)\[(?P<number>\d+)\]\.?")


class PlacedFault(NamedTuple):
    """A fault with the address of the page on which it is mended, empty where there is none."""

    place: str
    sentence: str
    address: str


class Places:
    """The pages of a draft's rules and cases, by the names that faults use for them."""

    def __init__(self, rules: list[Rule], cases: list[Case]) -> None:
        self._rules = {rule.link_id: rule for rule in rules}
        self._rows: dict[str, list[Rule] | list[Case]] = {
            "items": [rule for rule in rules if not rule.is_raised_by_list],
            "listed": [rule for rule in rules if rule.is_raised_by_list],
            "cases": cases,
        }

    def of(self, fault: Fault) -> PlacedFault:
        """A fault with its place; one that names a row of the file by its number is told by the row's own name."""
        if (found := _AT_RULE.match(fault.place)) and (rule := self._rules.get(found["link_id"])):
            return PlacedFault(*fault, _address(rule))
        if (found := _AT_CASE.match(fault.place)) and (case := self._row("cases", found["number"])):
            return PlacedFault(*fault, _address(case))
        if (found := _AT_ROW.match(fault.place)) and (row := self._row(found["rows"], found["number"])):
            named = f"rule {row.link_id}" if isinstance(row, Rule) else f"case {found['number']}, “{row.words}”"
            rest = fault.place[found.end() :]
            return PlacedFault(f"{named}, {rest}" if rest else named, fault.sentence, _address(row))
        return PlacedFault(*fault, "")

    def _row(self, rows: str, number: str) -> Rule | Case | None:
        place, known = int(number) - 1, self._rows[rows]
        return known[place] if 0 <= place < len(known) else None


def _address(row: Rule | Case) -> str:
    return reverse(f"admin:screening_{row._meta.model_name}_change", args=[row.pk])
