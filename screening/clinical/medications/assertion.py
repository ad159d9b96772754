"""Whether a name in a medication entry is a medicine in use, or only mentioned.

A name counts as current unless the whole entry says otherwise. It is a mention only if every word of its statement
belongs to one of the forms in ``mentions``; a word left over leaves the medicine current. The terms are those of
NegEx and ConText: assertion, cue, scope, termination.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from .cues import CueKind, Cues
from .mention_forms import Assertion, assertion_of, is_an_allergy
from .sections import Section, SectionKind
from .tokens import PUNCTUATION, STILL_COUNTS_DAYS, Kind, Span, Token, statements

MOST_TOKENS = 90
"""A statement of more tokens is no mention."""


class Verdict(NamedTuple):
    """``because`` says in a sentence which words make a name a mention, or leave it in doubt; empty when none do."""

    counts: bool
    because: str = ""


COUNTS = Verdict(True)


def is_plainly_in_use(text: str, cues: Cues, section: Section | None) -> bool:
    """Whether no word or date of a folded entry, and no heading above it, can say that a medicine is not in use."""
    is_listed = section is None or section.kind is SectionKind.CURRENT
    return is_listed and not _LOOKS_LIKE_A_DATE.search(text) and not cues.may_be_in(text, _DECISIVE)


class Entry:
    """A folded entry with the names in it, read as of the day ``on`` of the screening.

    ``section`` is the heading under which it is listed.
    """

    def __init__(self, text: str, spans: Sequence[Span], section: Section | None, cues: Cues, on: date) -> None:
        found, self._names = statements(text, spans, cues, on)
        disputing = [place for place, tokens in enumerate(found) if not _is_independent(tokens)]
        self._statement: dict[int, _Statement] = {}
        for place, tokens in enumerate(found):
            names = [token.name for token in tokens if token.name is not None]
            if not names:
                continue
            after, own = place + 1, [*tokens]
            while after < len(found) and _goes_on(found[after]):
                own += [_COMMA, *found[after]]
                after += 1
            is_disputed = any(not place <= each < after for each in disputing)
            self._statement.update(dict.fromkeys(names, _Statement(own, section, is_disputed=is_disputed)))

    def verdict(self, span: int, *, never_ends: bool) -> Verdict:
        """Whether the name in the span of that number, from 0, counts as a medicine in use.

        ``never_ends`` marks a depot or an implant.
        """
        name = self._names[span]
        statement = self._statement[name]
        for clause in statement.clauses_of(name):
            if (verdict := _mention(clause, name, statement.section, never_ends=never_ends)) is not None:
                return verdict
        return Verdict(True, statement.doubt)


class _Statement:
    """A sentence that names medicines, with those after it that go on about them.

    It is disputed when another sentence may speak of them too.
    """

    def __init__(self, tokens: Sequence[Token], section: Section | None, *, is_disputed: bool) -> None:
        self.tokens, self.section, self.is_disputed = tokens, section, is_disputed

    def clauses_of(self, name: int) -> Iterator[Sequence[Token]]:
        """What may make a name a mention: all of it, or its part where other parts speak of other medicines."""
        if self.is_disputed:
            return
        if len(self.tokens) <= MOST_TOKENS:
            yield self.tokens
        clause = self._clauses[name]
        if len(clause) < len(self.tokens) and len(clause) <= MOST_TOKENS:
            yield clause

    @cached_property
    def _clauses(self) -> dict[int | None, list[Token]]:
        return _clauses(self.tokens)

    @cached_property
    def doubt(self) -> str:
        """Why its medicines count where other words might mean that they do not; else nothing."""
        return _doubt(self.tokens, self.section)


# Statements and their parts -----------------------------------------------------------------------------------

_COMMA = Token(",", Kind.COMMA)


def _kinds(words: str) -> frozenset[str]:
    return frozenset(Kind(word) if word in set(Kind) else CueKind(word) for word in words.split())


_REVOKES = _kinds("in-use instead pronoun exception except supply")
_MAY_BE_OF_IT = _REVOKES | _kinds(
    "taking use now took frequency strength planned person only since past-date past-year date-without-year open-date"
)
_GOES_ON_WITH = _kinds(
    "stopped discharged off end last-use last-used quit denial not-taking not-using no none negative reaction "
    "allergy reaction-label reported frequency strength course past-heading only"
)
_PAST_DATES = _kinds("past-date past-year")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SPEAKS_OF_THE_NAME_BEFORE = _kinds("stopped discharged off end last-use past-date past-year")


def _is_name(token: Token) -> bool:
    return token.name is not None


def _is_independent(statement: Sequence[Token]) -> bool:
    """Whether a statement cannot speak of a medicine that another statement names."""
    kinds = [token.kind for token in statement]
    if any(map(_is_name, statement)) or set(kinds) <= {CueKind.STRENGTH, *PUNCTUATION}:  # the number of an item
        return True
    lists_others = kinds[0] in {CueKind.CURRENT_HEADING, CueKind.NOW} and kinds[1:3] == [Kind.COLON, Kind.UNKNOWN]
    return (_REVOKES if lists_others else _MAY_BE_OF_IT).isdisjoint(kinds)


def _goes_on(statement: Sequence[Token]) -> bool:
    """Whether a statement that names nothing speaks of the medicine named before it."""
    kinds = [token.kind for token in statement if token.kind not in PUNCTUATION]
    if not kinds or any(map(_is_name, statement)):
        return False
    return kinds[0] in _REVOKES or (kinds[0] in _GOES_ON_WITH and Kind.UNKNOWN not in kinds)


def _clauses(statement: Sequence[Token]) -> dict[int | None, list[Token]]:
    """For each name its part of a statement. What names nothing goes with the name before it."""
    named: list[list[Token]] = []
    waiting: list[Token] = []
    for part in _parts(statement):
        if named and any(map(_is_name, part)) and part[0].kind in _SPEAKS_OF_THE_NAME_BEFORE:
            named[-1] += [_COMMA, *part]
        elif any(map(_is_name, part)):
            named.append([*waiting, _COMMA, *part] if waiting else part)
            waiting = []
        elif named:
            named[-1] += [_COMMA, *part]
        else:
            waiting = [*waiting, _COMMA, *part] if waiting else part
    return {token.name: part for part in named for token in part if _is_name(token)}


def _parts(statement: Sequence[Token]) -> Iterator[list[Token]]:
    """A statement cut at its commas, at brackets around a name, and where another medicine is taken instead."""
    part: list[Token] = []
    brackets = {*_brackets_around_names(statement)}
    for place, token in enumerate(statement):
        if token.kind in {Kind.COMMA, CueKind.INSTEAD} or place in brackets:
            yield part
            part = [token] if token.kind == CueKind.INSTEAD else []
        else:
            part.append(token)
    yield part


def _brackets_around_names(statement: Sequence[Token]) -> Iterator[int]:
    opened, named = -1, False
    for place, token in enumerate(statement):
        if token.kind == Kind.BRACKET and token.text in "([{":
            opened, named = place, False
        elif token.kind == Kind.BRACKET and named and opened >= 0:
            yield from (opened, place)
        named = named or _is_name(token)


# What is said -------------------------------------------------------------------------------------------------

_CUES_OF = {
    Assertion.ALLERGY: _kinds("allergy allergy-label allergic-to no-known-allergy reaction"),
    Assertion.DENIAL: _kinds("denial not-taking not-using no none negative avoid"),
    Assertion.END: _kinds(
        "stopped discharged off quit end last-use last-used took once occasion past-date past-year date-without-year"
    ),
}
_MENTION_CUES = frozenset[str]().union(*_CUES_OF.values())
_BECAUSE = {
    Assertion.ALLERGY: "Named as an allergy or intolerance (“{}”).",
    Assertion.DENIAL: "Said not to be taken (“{}”).",
    Assertion.END: f"Ended more than {STILL_COUNTS_DAYS} days ago (“{{}}”).",
}


def _mention(clause: Sequence[Token], name: int, section: Section | None, *, never_ends: bool) -> Verdict | None:
    """What makes a name a mention; a verdict that it counts all the same where it never ends."""
    said = assertion_of(clause, name)
    kind = section.kind if section else None
    if said is None and kind is SectionKind.ALLERGY and is_an_allergy(clause, name):
        return Verdict(False, f"Listed under “{_heading(section)}”.")
    if said is None:
        return None
    if said is Assertion.END and _ends_before_it_begins(clause):
        return None
    words = _cue(clause, said)
    if said is not Assertion.ALLERGY and never_ends:
        return Verdict(True, f"A depot or an implant counts whatever is said of it (“{words}”).")
    return Verdict(False, _BECAUSE[said].format(words))


def _ends_before_it_begins(clause: Iterable[Token]) -> bool:
    """Whether the years of an end go backwards, so that they say something else: “2024, stopped 2019”."""
    years = [year for token in clause for year in _YEAR.findall(token.text) if token.kind in _PAST_DATES]
    return years != sorted(years)


def _cue(clause: Iterable[Token], said: Assertion) -> str:
    words = [token.text for token in clause if token.kind in _CUES_OF[said]]
    return " ".join(words[: 4 if said is Assertion.END else 1])


# Doubt --------------------------------------------------------------------------------------------------------

_DOUBTS: dict[str, str] = {
    CueKind.PERSON: "“{}” may mean another person’s medicine. It counts until that is known.",
    CueKind.PLANNED: "“{}” may mean that it is not taken yet. It counts until that is known.",
    CueKind.QUESTION: "“{}” may be a question that the list asks. It counts until that is known.",
}
_LOOKS_LIKE_A_DATE = re.compile(r"(?:19|20)\d\d|\d[-/.]\d\d?[-/.]\d")
_DECISIVE = frozenset((*_MENTION_CUES, *_DOUBTS))
"""The kinds of words of which a mention, or a doubt, has at least one."""
_CUES = _MENTION_CUES - _kinds("once occasion past-date past-year date-without-year")
_UNEXPLAINED = _kinds(
    "unknown other-name maintenance antagonist ask in-use instead exception except pronoun taking frequency supply "
    "substance partner route now"
)


def _doubt(own: Sequence[Token], section: Section | None) -> str:
    """Why a name counts where other words might mean that it does not; else nothing."""
    first = {token.kind: token.text for token in reversed(own)}
    for kind, sentence in _DOUBTS.items():
        if kind in first:
            return sentence.format(first[kind])
    cue = next((token.text for token in own if token.kind in _CUES), "")
    if not cue:
        is_past = section is not None and section.kind is SectionKind.PAST
        return f"Listed under “{_heading(section)}” without an end date, so it counts." if is_past else ""
    if Kind.OPEN_DATE in first:
        return (
            f"“{first[Kind.OPEN_DATE]}” may be less than {STILL_COUNTS_DAYS + 1} days ago or to come, so it counts."
        )
    if unexplained := [token.text for token in own if token.kind in _UNEXPLAINED]:
        return f"It counts: “{cue}” does not explain “{' '.join(unexplained[:3])}”."
    return f"It counts: “{cue}” does not clearly say that it is not taken."


def _heading(section: Section | None) -> str:
    return section.heading if section else ""
