"""Cues, as data: the words of a medication entry that show an allergy, a denial, an end or current use.

Loading is strict, as for rules. Cues belong to the release; a record stores what was found with them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Literal

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from screening.clinical.text.json_errors import DefinitionError, Fault, Text, structural_faults

from .normalise import fold

TOKEN = re.compile(r"[a-z]+|\d+(?:[.,]\d+)*|[^\s\w]|[^\W\da-z]+")
WORD = re.compile(r"[a-z]+")
NUMBER = "#"
MAX_BEGINNING = 60
"""Characters read at the start of a line to classify its first word."""

Phrase = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]

_STRICT = ConfigDict(extra="forbid", strict=True)


class CueKind(StrEnum):
    """The kinds of cues, in the terms of NegEx and ConText where these exist."""

    ALLERGY = "allergy"
    ALLERGY_LABEL = "allergy-label"
    ALLERGEN = "allergen"
    """An allergen other than an opioid."""
    ALLERGIC_TO = "allergic-to"
    NO_KNOWN_ALLERGY = "no-known-allergy"
    NO_ENTRY = "no-entry"
    """Text in an allergy field without an entry."""
    REACTION = "reaction"
    SIDE_EFFECT = "side-effect"
    CAUSED = "caused"
    REACTION_LABEL = "reaction-label"
    REPORTED = "reported"
    AVOID = "avoid"
    DENIAL = "denial"
    NOT_TAKING = "not-taking"
    NOT_USING = "not-using"
    """Next to methadone it may refer to the drug that methadone treats; so may “last used”."""
    NO = "no"
    NONE = "none"
    NEGATIVE = "negative"
    LABORATORY = "laboratory"
    USE = "use"
    INCLUDING = "including"
    NOW = "now"
    SUBSTANCE = "substance"
    STOPPED = "stopped"
    OFF = "off"
    QUIT = "quit"
    END = "end"
    LAST_USE = "last-use"
    LAST_USED = "last-used"
    COURSE = "course"
    ONLY = "only"
    SINCE = "since"
    TIME = "time"
    REASON_CUE = "reason-cue"
    REASON = "reason"
    DURATION = "duration"
    PRESCRIBER = "prescriber"
    SUBJECT = "subject"
    CONNECTIVE = "connective"
    AND = "and"
    OR = "or"
    STRENGTH = "strength"
    FORM = "form"
    ROUTE = "route"
    FREQUENCY = "frequency"
    PARTNER = "partner"
    CURRENT_HEADING = "current-heading"
    PAST_HEADING = "past-heading"
    IN_USE = "in-use"
    INSTEAD = "instead"
    TAKING = "taking"
    PRONOUN = "pronoun"
    EXCEPTION = "exception"
    """A termination cue that revokes the words before it: but, although, only takes."""
    EXCEPT = "except"
    """An exception to a list: no known allergies except codeine."""
    SUPPLY = "supply"
    PERSON = "person"
    PLANNED = "planned"
    QUESTION = "question"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class CueList:
    """Words and phrases of one kind in one language; ``#`` matches a number."""

    kind: CueKind
    language: LanguageCode
    words: tuple[Phrase, ...]


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Cues:
    """All cues. Each phrase has exactly one kind, so an entry has exactly one reading."""

    format: Literal["ldn-screen-cues/1"]
    title: Text
    lists: tuple[CueList, ...]

    def __hash__(self) -> int:
        """Return a cheap hash for the caches; equal cues have equal hashes."""
        return hash((self.title, len(self.lists)))

    @cached_property
    def kinds(self) -> dict[tuple[str, ...], CueKind]:
        """The kind of each phrase, by its tokens."""
        return {phrase_tokens(phrase): each.kind for each in self.lists for phrase in each.words}

    @cached_property
    def _lengths(self) -> dict[str, list[int]]:
        """The lengths of the phrases that begin with a token, longest first."""
        lengths = defaultdict(set)
        for tokens in self.kinds:
            lengths[tokens[0]].add(len(tokens))
        return {first: sorted(each, reverse=True) for first, each in lengths.items()}

    def first_kind(self, text: str, skip: CueKind | None = None) -> CueKind | None:
        """Return the kind of the first phrase of a folded text, after punctuation and phrases of the kind ``skip``.

        An unknown word is OTHER, a number is STRENGTH; a text without words gives None.
        """
        found = [match[0] for match in TOKEN.finditer(text[:MAX_BEGINNING])]
        tokens = [NUMBER if each[0].isdigit() else each for each in found]
        place = 0
        while place < len(tokens):
            cue = self.longest_phrase(tokens, place)
            if cue and cue[1] is not skip:
                return cue[1]
            if not cue and (tokens[place].isalpha() or tokens[place] == NUMBER):
                return CueKind.OTHER if tokens[place].isalpha() else CueKind.STRENGTH
            place += cue[0] if cue else 1
        return None

    def may_contain(self, text: str, kinds: Set[str]) -> bool:
        """Return False if a folded text certainly has no phrase of these kinds: a quick check before tokenising."""
        return not self._longest_words(frozenset(kinds)).isdisjoint(WORD.findall(text))

    @lru_cache(maxsize=4)  # noqa: B019 - one instance in a process
    def _longest_words(self, kinds: frozenset[str]) -> frozenset[str]:
        phrases = (tokens for tokens, kind in self.kinds.items() if kind in kinds)
        return frozenset(max((each for each in tokens if each.isalpha()), key=len, default="") for tokens in phrases)

    def longest_phrase(self, tokens: Sequence[str], place: int) -> tuple[int, CueKind] | None:
        """Return the length in tokens and the kind of the longest phrase at a place, or None."""
        for length in self._lengths.get(tokens[place], ()):
            phrase = tuple(tokens[place : place + length])
            if kind := self.kinds.get(phrase):
                return len(phrase), kind
        return None


def phrase_tokens(phrase: str) -> tuple[str, ...]:
    """Return the tokens of a phrase, folded, with numbers as ``#``."""
    return tuple(NUMBER if token[0].isdigit() else token for token in TOKEN.findall(fold(phrase).text))


_ADAPTER = TypeAdapter(Cues)


def from_json(text: str | bytes) -> Cues:
    """Read cues from JSON.

    Raises:
        DefinitionError: the text is not JSON, a field is missing, unknown or of the wrong type, or a phrase has two
            kinds.
    """
    try:
        cues = _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise DefinitionError(tuple(structural_faults(error))) from None
    if faults := tuple(_faults(cues)):
        raise DefinitionError(faults)
    return cues


def _faults(cues: Cues) -> Iterator[Fault]:
    kinds: dict[tuple[str, ...], CueKind] = {}
    for each in cues.lists:
        for phrase in each.words:
            if kinds.setdefault(phrase_tokens(phrase), each.kind) is not each.kind:
                yield Fault(phrase, f"is listed as “{kinds[phrase_tokens(phrase)]}” and as “{each.kind}”")
