"""A rule set as data: the frozen form of an edition that forms and evaluation read.

Reading is strict: an unknown field, severity or trigger is a fault when the text is loaded and never a silent
"false". Structure is checked while reading (``from_json``), meaning by ``check``; both list every fault at once.
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

FORMAT: Literal["ldn-screen-rules/1"] = "ldn-screen-rules/1"


class AnswerCode(StrEnum):
    """What may be answered to a rule's question."""

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
    """What raises a rule's flag. Closed on purpose: there is no expression language."""

    ANSWERED_YES = "answered-yes"
    FOUND_IN_LIST = "found-in-list"


class Listed(StrEnum):
    """Which medicines, found as current in a medication list, raise a rule."""

    OPIOID = "opioid"
    NALTREXONE = "naltrexone"


class Severity(StrEnum):
    """How grave a flag is; ``avoid`` flags like ``contraindicated``, in the rule's own words."""

    CONTRAINDICATED = "contraindicated"
    AVOID = "avoid"
    CAUTION = "caution"


class Outcome(StrEnum):
    """What a screening says as a whole, gravest first."""

    CONTRAINDICATION_FLAGGED = "contraindication_flagged"
    CANNOT_CONCLUDE = "cannot_conclude"
    CAUTION_FLAGGED = "caution_flagged"
    NONE_IDENTIFIED = "none_identified"


class FollowUpKind(StrEnum):
    """How the detail of a follow-up is given."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    ONE = "one-choice"
    SEVERAL = "several-choices"


FOLLOW_UP_WORDS = {
    FollowUpKind.TEXT: "Text",
    FollowUpKind.DATE: "Date",
    FollowUpKind.NUMBER: "Number",
    FollowUpKind.ONE: "One choice",
    FollowUpKind.SEVERAL: "Several choices",
}


class Feeds(StrEnum):
    """What a follow-up is an input of, beside being shown."""

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
"""Of what older rule sets do not have, so that their canonical JSON stays what it was."""

_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Source:
    """Where a rule's text comes from. ``region`` names the market of a label, ``supports`` the part relied on."""

    kind: SourceKind
    title: Text
    region: OptionalText = ""
    identifier: OptionalText = ""
    supports: OptionalText = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Interval:
    """An opioid-free interval before naltrexone. Without ``days`` there is no date and ``words`` says all of it."""

    words: Text
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    counted_from: OptionalText = "the last dose"


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Choice:
    """One choice of a list; it may carry its own interval, Child-Pugh points or next step."""

    code: Code
    label: Text
    interval: Interval | None = None
    points: Annotated[int, Field(ge=1, le=3)] | None = None
    next_step: OptionalText = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class FollowUp:
    """A detail asked when a rule is answered yes. ``name`` is its short form in the summary."""

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
        """The choice with this code, or None."""
        return next((choice for choice in self.choices if choice.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Item:
    """One rule: a question, what flags it and every word that is shown when it does.

    ``holds_days`` is how long an answer holds in days (0: only for the screening it was given in). ``listed`` names
    the medicines that raise the rule when a medication list holds them, beside an answer or instead of one.
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
        """The answers this rule allows, in the order in which they are offered."""
        codes = (AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN)
        return (*codes, AnswerCode.NOT_APPLICABLE) if self.not_applicable_reasons else codes

    @property
    def is_reviewed(self) -> bool:
        """True when a clinician signed this text."""
        return bool(self.checked_by)

    def follow_up(self, link_id: str) -> FollowUp | None:
        """The follow-up with this link id, or None."""
        return next((each for each in self.follow_ups if each.link_id == link_id), None)

    def fed_by(self, feeds: Feeds) -> FollowUp | None:
        """The follow-up that is the input of this, or None."""
        for each in self.follow_ups:
            if each.feeds is feeds:
                return each
        return None

    def asks_the_same_as(self, other: Item) -> bool:
        """True when an answer given to ``other`` still answers this rule: nothing that is asked differs."""
        return self._asked == other._asked

    @property
    def _asked(self) -> tuple[object, ...]:
        return (self.question, self.help, self.trigger, self.not_applicable_reasons, self.follow_ups)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Case:
    """Answers with the result expected of them. Rules that ``answers`` leaves out are answered ``otherwise``."""

    words: Text
    answers: dict[LinkId, AnswerCode]
    otherwise: AnswerCode
    outcome: Outcome
    flagged: tuple[LinkId, ...] = ()

    def answer_to(self, link_id: str) -> AnswerCode:
        """The answer that this case gives to a rule."""
        return self.answers.get(link_id, self.otherwise)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Definition:
    """A whole rule set. Doses are in mg a day.

    ``listed`` are rules that nobody is asked: a medication list alone raises them. ``lexicon`` is the hash of the
    names by which an edition reads such lists; empty in a draft and in editions that read none.
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
        """Cheap, and the same for equal definitions; cases hold mappings, which have no hash of their own."""
        return hash((self.title, tuple([item.link_id for item in self.items])))

    @cached_property
    def by_link_id(self) -> dict[str, Item]:
        """The rules that are asked, by their link id."""
        return {item.link_id: item for item in self.items}

    def item(self, link_id: str) -> Item:
        """The rule with this link id, whether it is asked or raised by a list alone.

        Raises:
            KeyError: there is none.
        """
        return self._all_by_link_id[link_id]

    @cached_property
    def _all_by_link_id(self) -> dict[str, Item]:
        return {item.link_id: item for item in (*self.items, *self.listed)}

    @property
    def is_reviewed(self) -> bool:
        """True when a clinician signed the text of every rule."""
        return all(item.is_reviewed for item in (*self.items, *self.listed))

    def is_low_dose(self, dose_mg: Decimal) -> bool:
        """True when a daily dose in mg lies within the low range."""
        return self.dose_low_mg <= dose_mg <= self.dose_high_mg

    def changes_since(self, earlier: Definition) -> Changes:
        """What a form opened on ``earlier`` must be asked again, or no longer."""
        return Changes(
            ask_again=tuple(item for item in self.items if not _same_in(earlier, item)),
            no_longer_asked=tuple(item for item in earlier.items if item.link_id not in self.by_link_id),
        )


class Changes(NamedTuple):
    """The rules that differ between two definitions in what they ask."""

    ask_again: tuple[Item, ...]
    no_longer_asked: tuple[Item, ...]


def _same_in(earlier: Definition, item: Item) -> bool:
    before = earlier.by_link_id.get(item.link_id)
    return before is not None and item.asks_the_same_as(before)


_ADAPTER = TypeAdapter(Definition)


def from_json(text: str | bytes) -> Definition:
    """Read a definition from JSON.

    Raises:
        DefinitionError: the text is not JSON, or a field is missing, unknown or of the wrong kind.
    """
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise DefinitionError(tuple(structural_faults(error))) from None


def to_json(definition: Definition) -> str:
    """The canonical JSON of a definition: sorted keys, no spaces, UTF-8; equal definitions give equal bytes."""
    plain = _ADAPTER.dump_python(definition, mode="json")
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


STATED = {"child-pugh-a": "A", "child-pugh-b": "B", "child-pugh-c": "C"}
"""Codes of the choices that state a class, in a follow-up that ``Feeds.CHILD_PUGH_STATED`` names."""
