"""Further rules as data, for an editor to pull into a draft one by one; none is active by itself.

Reading is strict, as it is for rules: an unknown field is a fault when the text is loaded. Structure is checked while
reading (``from_json``), meaning by ``check``; both list every fault at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from . import checks, definition
from .cases import faults_of
from .definition import Case, Definition, DefinitionError, Fault, Item, Source, SourceKind, Text, structural_faults

FORMAT: Literal["ldn-screen-further-rules/1"] = "ldn-screen-further-rules/1"

_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class FurtherRule:
    """A rule with the cases that travel with it into a draft; they answer no other rule by name."""

    item: Item
    cases: tuple[Case, ...]

    @property
    def is_opinion_only(self) -> bool:
        """True when no source is stronger than an opinion."""
        return _opinion_only(self.item.sources)

    def plain(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The rule and its cases as JSON holds them."""
        plain: dict[str, Any] = _ONE.dump_python(self, mode="json")
        return plain["item"], plain["cases"]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Advice:
    """A line for the patient, which an editor may add to the counselling of a draft, and where it comes from."""

    words: Text
    sources: tuple[Source, ...]

    @property
    def is_opinion_only(self) -> bool:
        """True when no source is stronger than an opinion."""
        return _opinion_only(self.sources)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class FurtherRules:
    """All the rules and lines that may be added to a rule set."""

    format: Literal["ldn-screen-further-rules/1"]
    title: Text
    rules: tuple[FurtherRule, ...]
    advice: tuple[Advice, ...]

    def rule(self, link_id: str) -> FurtherRule:
        """The further rule with this link id.

        Raises:
            KeyError: there is none.
        """
        for rule in self.rules:
            if rule.item.link_id == link_id:
                return rule
        raise KeyError(link_id)


_ADAPTER = TypeAdapter(FurtherRules)
_ONE = TypeAdapter(FurtherRule)


def from_json(text: str | bytes) -> FurtherRules:
    """Read further rules from JSON.

    Raises:
        clinical.definition.DefinitionError: it is not JSON, or a field is missing, unknown or of the wrong kind.
    """
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise DefinitionError(tuple(structural_faults(error))) from None


def check(further: FurtherRules, taken: Collection[str] = ()) -> tuple[Fault, ...]:
    """Every fault of further rules beside a rule set whose link ids are ``taken``; empty when each may be pulled."""
    return tuple(_faults(further, taken))


def _opinion_only(sources: tuple[Source, ...]) -> bool:
    return all(source.kind is SourceKind.OPINION for source in sources)


def _faults(further: FurtherRules, taken: Collection[str]) -> Iterator[Fault]:
    for link_id, times in Counter(rule.item.link_id for rule in further.rules).items():
        if times > 1:
            yield Fault("rules", f"{times} rules are called “{link_id}”; each needs its own")
        if link_id in taken:
            yield Fault(f"rule {link_id}", "the rule set has a rule of this link id; choose another")
    for rule in further.rules:
        yield from _faults_alone(rule)
    for number, advice in enumerate(further.advice, start=1):
        yield from _advice_faults(f"advice[{number}]", advice)


def _faults_alone(rule: FurtherRule) -> Iterator[Fault]:
    """What would be wrong with a rule set of this rule and its cases only."""
    place = f"rule {rule.item.link_id}"
    for fault in faults_of(_alone(rule)):
        yield fault if fault.place.startswith(place) else Fault(f"{place}, {fault.place}", fault.sentence)


def _alone(rule: FurtherRule) -> Definition:
    return Definition(
        format=definition.FORMAT,
        title="One further rule",
        basis="Nothing but this rule",
        dose_low_mg=Decimal(1),
        dose_high_mg=Decimal(1),
        dose_note="Another dose",
        not_covered=("Every other rule",),
        counselling=("Nothing more",),
        indications=("Any",),
        items=(rule.item,),
        cases=rule.cases,
    )


def _advice_faults(place: str, advice: Advice) -> Iterator[Fault]:
    if not advice.sources:
        yield Fault(place, "there is no source; name at least one, an opinion if there is nothing better")
    for text in checks.texts(advice, place):
        yield from checks.unprintable(text.place, text.words)
    if found := checks.VERDICTS.search(advice.words):
        yield Fault(place, f"“{found[0]}” is a verdict; the prescriber decides")
