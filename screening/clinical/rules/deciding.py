"""What a prescriber may decide, and the coded reasons for each finding.

The reasons are data with their source. Their codes are stable, because records, reports and other systems refer to
them; their labels may change, because a decision stores the label that was chosen. Loading is strict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from screening.clinical.text.json_errors import Code, DefinitionError, Fault, Text, structural_faults

FOLLOWED, OTHER = "followed", "other"
"""The reasons with a meaning of their own: the finding is followed, and the reason is in the text."""

_STRICT = ConfigDict(extra="forbid", strict=True)


class DecisionCode(StrEnum):
    """What a prescriber decides about a screening."""

    PRESCRIBE = "prescribe"
    DO_NOT_PRESCRIBE = "do-not-prescribe"
    DEFER = "defer"
    MORE_INFORMATION = "more-information"
    REFER = "refer"


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class CodeSystem:
    """Where codes are defined: a short name for this file, the system's URL, and the source."""

    name: Code
    url: Annotated[str, StringConstraints(pattern=r"^(https?://|urn:)\S+$")]
    source: Text


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class ReasonCode:
    """One reason, with its label for a flag and for an unresolved rule."""

    code: Code
    system: Code
    flagged: Text
    unresolved: Text


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class ReasonCodes:
    """All reasons in display order."""

    format: Literal["ldn-screen-decision-reasons/1"]
    title: Text
    systems: tuple[CodeSystem, ...]
    reasons: tuple[ReasonCode, ...]

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all reasons."""
        return frozenset(each.code for each in self.reasons)

    def labels(self, *, is_flag: bool) -> dict[str, str]:
        """Return the labels by code, for a flag or for an unresolved rule."""
        return {each.code: each.flagged if is_flag else each.unresolved for each in self.reasons}


_ADAPTER = TypeAdapter(ReasonCodes)


def from_json(text: str | bytes) -> ReasonCodes:
    """Read the reasons from JSON.

    Raises:
        DefinitionError: the text is not JSON, a field is wrong, a code is missing or there twice, or its system is
            not defined.
    """
    try:
        read = _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise DefinitionError(tuple(structural_faults(error))) from None
    if faults := tuple(_faults(read)):
        raise DefinitionError(faults)
    return read


def _faults(read: ReasonCodes) -> Iterator[Fault]:
    codes, systems = Counter(each.code for each in read.reasons), {each.name for each in read.systems}
    for code in (FOLLOWED, OTHER):
        if code not in codes:
            yield Fault("reasons", f"the reason “{code}” is missing")
    for code, count in codes.items():
        if count > 1:
            yield Fault("reasons", f"the reason “{code}” is there {count} times")
    for number, each in enumerate(read.reasons, start=1):
        if each.system not in systems:
            yield Fault(f"reasons[{number}].system", f"no system is named “{each.system}”")
