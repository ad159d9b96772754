"""Further rules as data, for an editor to pull into a draft one by one; none is active by itself.

Reading is strict, as it is for rules: an unknown field is a fault when the text is loaded. What a rule means is
checked in the draft that it is added to.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from screening.clinical.text.json_errors import DefinitionError, Text, structural_faults

from .definition import Case, Item, Source, SourceKind

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


def _opinion_only(sources: tuple[Source, ...]) -> bool:
    return all(source.kind is SourceKind.OPINION for source in sources)
