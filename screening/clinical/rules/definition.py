"""Frozen dataclasses of a rule set: what forms and evaluation read of an edition.

Parsing is strict: an unknown field, severity or trigger is an error at load time, never a silent "false".
``from_json`` checks the structure, ``validation.check`` the content; both report every fault at once.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import ConfigDict, Field, PlainSerializer, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from screening.clinical.text.json_errors import Code, DefinitionError, OptionalText, Text, structural_faults
from screening.clinical.text.phrases import format_number
from screening.clinical.text.translation import gettext_noop

FORMAT: Literal["ldn-screen-rules/1"] = "ldn-screen-rules/1"


class AnswerCode(StrEnum):
    """The answers to a rule's question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class UnknownReason(StrEnum):
    """Why an answer is not known: FHIR R4 data-absent-reason codes (``not-asked`` included)."""

    ASKED_UNKNOWN = "asked-unknown"
    ASKED_DECLINED = "asked-declined"
    NOT_ASKED = "not-asked"


class Trigger(StrEnum):
    """What flags a rule. A closed list on purpose: there is no expression language."""

    ANSWERED_YES = "answered-yes"
    FOUND_IN_LIST = "found-in-list"


class Listed(StrEnum):
    """The medicines that flag a rule when a medication list names them as current."""

    OPIOID = "opioid"
    NALTREXONE = "naltrexone"


class Severity(StrEnum):
    """How serious a flag is. ``avoid`` counts as a contraindication, shown in the rule's own ``severity_words``."""

    CONTRAINDICATED = "contraindicated"
    AVOID = "avoid"
    CAUTION = "caution"


class Outcome(StrEnum):
    """The overall result of a screening, in order of precedence."""

    CONTRAINDICATION_FLAGGED = "contraindication_flagged"
    CANNOT_CONCLUDE = "cannot_conclude"
    CAUTION_FLAGGED = "caution_flagged"
    NONE_IDENTIFIED = "none_identified"


class FollowUpKind(StrEnum):
    """The type of value that a follow-up asks for."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    ONE = "one-choice"
    SEVERAL = "several-choices"


FOLLOW_UP_WORDS = {
    FollowUpKind.TEXT: gettext_noop("Text"),
    FollowUpKind.DATE: gettext_noop("Date"),
    FollowUpKind.NUMBER: gettext_noop("Number"),
    FollowUpKind.ONE: gettext_noop("One choice"),
    FollowUpKind.SEVERAL: gettext_noop("Several choices"),
}


class Feeds(StrEnum):
    """The calculation that uses a follow-up as input."""

    INTERVAL_KIND = "interval-kind"
    INTERVAL_START = "interval-start"
    CHILD_PUGH = "child-pugh"
    CHILD_PUGH_STATED = "child-pugh-stated"
    TIMES_UPPER_LIMIT = "times-upper-limit"


class SourceKind(StrEnum):
    """The strength of a source."""

    LABEL = "label"
    LABEL_OTHER_REGION = "label-other-region"
    LITERATURE = "literature"
    OPINION = "opinion"


LinkId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,26}$")]
Number = Annotated[
    Decimal, Field(ge=0, max_digits=12, decimal_places=4), PlainSerializer(format_number, when_used="json")
]
Days = Annotated[int, Field(ge=0, le=3660)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]

_LEFT_OUT_WHEN_EMPTY = Field(exclude_if=lambda value: not value)
"""For fields that older rule sets do not have: their canonical JSON, and so their hash, must not change."""

_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Source:
    """A source of a rule's text. ``region`` is the market of a label, ``supports`` the part relied on."""

    kind: SourceKind
    title: Text
    region: OptionalText = ""
    identifier: OptionalText = ""
    supports: OptionalText = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Interval:
    """An opioid-free interval before naltrexone. Without ``days`` no date is calculated; ``words`` is shown alone."""

    words: Text
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    counted_from: OptionalText = "the last dose"


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Choice:
    """One choice of a list, optionally with its own interval, Child-Pugh points or next step."""

    code: Code
    label: Text
    interval: Interval | None = None
    points: Annotated[int, Field(ge=1, le=3)] | None = None
    next_step: OptionalText = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class FollowUp:
    """A detail asked when a rule is answered yes. ``label`` is shown on the form, ``name`` in the summary."""

    link_id: Code
    label: Text
    name: Text
    kind: FollowUpKind
    help: OptionalText = ""
    unit: OptionalText = ""
    minimum: Number | None = None
    maximum: Number | None = None
    choices: tuple[Choice, ...] = ()
    feeds: Feeds | None = None

    def choice(self, code: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Item:
    """One rule: its question, what flags it, and the texts shown when it is flagged.

    ``holds_days`` is the number of days that an answer remains valid (0: ask at every screening). ``listed`` is the
    kind of medicine that flags the rule when a medication list names it as current, whatever the answer.
    """

    link_id: LinkId
    name: Text
    question: Text
    help: OptionalText
    why: Text
    trigger: Trigger
    severity: Severity
    severity_words: Text
    finding: Text
    next_step: Text
    find_out: Text
    sources: tuple[Source, ...]
    holds_days: Days
    authored_by: Text
    checked_by: OptionalText
    next_review: date
    not_applicable_reasons: tuple[Choice, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    listed: Annotated[Listed | None, _LEFT_OUT_WHEN_EMPTY] = None

    @property
    def answer_codes(self) -> tuple[AnswerCode, ...]:
        """The answers this rule allows, in display order."""
        codes = (AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN)
        return (*codes, AnswerCode.NOT_APPLICABLE) if self.not_applicable_reasons else codes

    @property
    def is_reviewed(self) -> bool:
        """True when ``checked_by`` names the clinician who reviewed this text."""
        return bool(self.checked_by)

    def follow_up(self, link_id: str) -> FollowUp | None:
        return next((each for each in self.follow_ups if each.link_id == link_id), None)

    def follow_up_for(self, feeds: Feeds) -> FollowUp | None:
        """Return the first follow-up that is an input of this calculation."""
        return next((each for each in self.follow_ups if each.feeds is feeds), None)

    def asks_the_same_as(self, other: Item) -> bool:
        """True when an answer to ``other`` also answers this rule, because nothing that it asks differs."""
        return self._asked == other._asked

    @property
    def _asked(self) -> tuple[object, ...]:
        return (self.question, self.help, self.trigger, self.not_applicable_reasons, self.follow_ups)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Case:
    """Answers and their expected result. ``otherwise`` is the answer to every rule that ``answers`` leaves out."""

    words: Text
    answers: dict[LinkId, AnswerCode]
    otherwise: AnswerCode
    outcome: Outcome
    flagged: tuple[LinkId, ...] = ()

    def answer_to(self, link_id: str) -> AnswerCode:
        return self.answers.get(link_id, self.otherwise)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Definition:
    """A whole rule set. Doses are in mg a day.

    ``items`` are the rules with a question; ``listed`` are rules without one, flagged by a medication list alone.
    ``lexicon`` is the SHA-256 of the medicine names that an edition uses to read lists; it is empty in a draft and
    in editions from before lists were read.
    """

    format: Literal["ldn-screen-rules/1"]
    title: Text
    basis: Text
    dose_low_mg: Number
    dose_high_mg: Number
    dose_note: Text
    not_covered: tuple[Text, ...]
    counselling: tuple[Text, ...]
    indications: tuple[Text, ...]
    items: tuple[Item, ...]
    cases: tuple[Case, ...]
    listed: Annotated[tuple[Item, ...], _LEFT_OUT_WHEN_EMPTY] = ()
    lexicon: Annotated[Sha256, _LEFT_OUT_WHEN_EMPTY] = ""

    def __hash__(self) -> int:
        """Hash the title and link ids only: cases contain dicts, which are not hashable."""
        return hash((self.title, tuple([item.link_id for item in self.items])))

    @cached_property
    def by_link_id(self) -> dict[str, Item]:
        """The rules with a question, by link id."""
        return {item.link_id: item for item in self.items}

    def item(self, link_id: str) -> Item:
        """Return the rule with this link id, from ``items`` or ``listed``.

        Raises:
            KeyError: no rule has this link id.
        """
        return self._all_by_link_id[link_id]

    @cached_property
    def _all_by_link_id(self) -> dict[str, Item]:
        return {item.link_id: item for item in (*self.items, *self.listed)}

    @property
    def is_reviewed(self) -> bool:
        """True when every rule names the clinician who reviewed its text."""
        return all(item.is_reviewed for item in (*self.items, *self.listed))

    def is_low_dose(self, dose_mg: Decimal) -> bool:
        """True when a daily dose in mg is within the low-dose range, both ends included."""
        return self.dose_low_mg <= dose_mg <= self.dose_high_mg

    def changes_since(self, earlier: Definition) -> QuestionChanges:
        """Compare the questions with those of ``earlier``, for a form that was opened with it."""
        return QuestionChanges(
            ask_again=tuple(
                item
                for item in self.items
                if (before := earlier.by_link_id.get(item.link_id)) is None or not item.asks_the_same_as(before)
            ),
            no_longer_asked=tuple(item for item in earlier.items if item.link_id not in self.by_link_id),
        )


class QuestionChanges(NamedTuple):
    """The rules whose questions differ between two definitions."""

    ask_again: tuple[Item, ...]
    no_longer_asked: tuple[Item, ...]


_ADAPTER = TypeAdapter(Definition)


def from_json(text: str | bytes) -> Definition:
    """Read a definition from JSON.

    Raises:
        DefinitionError: the text is not JSON, or a field is missing, unknown or of the wrong type.
    """
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise DefinitionError(tuple(structural_faults(error))) from None


def to_json(definition: Definition) -> str:
    """Return the canonical JSON of a definition: sorted keys, no spaces. Equal definitions give equal texts."""
    plain = _ADAPTER.dump_python(definition, mode="json")
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


STATED_CLASSES = {"child-pugh-a": "A", "child-pugh-b": "B", "child-pugh-c": "C"}
"""The Child-Pugh class by choice code, in follow-ups with ``Feeds.CHILD_PUGH_STATED``."""
