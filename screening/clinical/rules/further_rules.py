"""The rule library: further rules that an editor may add to a draft one by one. None is active by itself.

Parsing is strict, as for rule sets: an unknown field is an error at load time. The content of a rule is checked in
the draft that it is added to.
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
    """A rule and the cases that are added to a draft with it. The cases name no other rule."""

    item: Item
    cases: tuple[Case, ...]

    @property
    def is_opinion_only(self) -> bool:
        """True when every source is an opinion."""
        return _opinion_only(self.item.sources)

    def plain(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return the rule and its cases as plain JSON values."""
        plain: dict[str, Any] = _ONE.dump_python(self, mode="json")
        return plain["item"], plain["cases"]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Advice:
    """A line for the patient that an editor may add to the counselling of a draft, with its sources."""

    words: Text
    sources: tuple[Source, ...]

    @property
    def is_opinion_only(self) -> bool:
        """True when every source is an opinion."""
        return _opinion_only(self.sources)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class FurtherRules:
    """The whole rule library."""

    format: Literal["ldn-screen-further-rules/1"]
    title: Text
    rules: tuple[FurtherRule, ...]
    advice: tuple[Advice, ...]

    def rule(self, link_id: str) -> FurtherRule:
        """Return the further rule with this link id.

        Raises:
            KeyError: no further rule has this link id.
        """
        for rule in self.rules:
            if rule.item.link_id == link_id:
                return rule
        raise KeyError(link_id)


_ADAPTER = TypeAdapter(FurtherRules)
_ONE = TypeAdapter(FurtherRule)


def from_json(text: str | bytes) -> FurtherRules:
    """Read the rule library from JSON.

    Raises:
        DefinitionError: the text is not JSON, or a field is missing, unknown or of the wrong type.
    """
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise DefinitionError(tuple(structural_faults(error))) from None


def _opinion_only(sources: tuple[Source, ...]) -> bool:
    return all(source.kind is SourceKind.OPINION for source in sources)
