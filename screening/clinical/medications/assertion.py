"""Decide whether a medicine named in an entry is current or only mentioned.

A name is current unless the whole entry shows that it is only mentioned. It is a mention only if every token in its
scope belongs to one of the forms in ``mention_forms``; one unexplained token makes it current. The terms are those of
NegEx and ConText: assertion, cue, scope, termination.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from .cues import CueKind, Cues
from .mention_forms import Assertion, assertion_of, is_listed_allergy
from .sections import ListSection, SectionKind
from .tokens import DAYS_UNTIL_PAST, PUNCTUATION, NameSpan, Token, TokenKind, sentences

MAX_TOKENS = 90
"""A scope with more tokens is never a mention."""


class Assessment(NamedTuple):
    """Whether a name is current. ``reason`` names the words that decide it or raise a doubt; empty without any."""

    is_current: bool
    reason: str = ""


PLAINLY_CURRENT = Assessment(True)


def is_plainly_current(text: str, cues: Cues, section: ListSection | None) -> bool:
    """Return whether no cue, date or heading can make a medicine in a folded entry a mention or raise a doubt."""
    is_listed = section is None or section.kind is SectionKind.CURRENT
    return is_listed and not _MAY_BE_A_DATE.search(text) and not cues.may_contain(text, _DECISIVE)


class EntryContext:
    """A folded entry with its names and section heading, assessed on ``on``, the day of the screening."""

    def __init__(
        self, text: str, spans: Sequence[NameSpan], section: ListSection | None, cues: Cues, on: date
    ) -> None:
        found, self._names = sentences(text, spans, cues, on)
        doubtful = [place for place, tokens in enumerate(found) if not _is_about_something_else(tokens)]
        self._statement: dict[int, _Statement] = {}
        for place, tokens in enumerate(found):
            names = [token.name for token in tokens if token.name is not None]
            if not names:
                continue
            after, own = place + 1, [*tokens]
            while after < len(found) and _continues(found[after]):
                own += [_COMMA, *found[after]]
                after += 1
            overriding = next((found[each] for each in doubtful if not place <= each < after), ())
            statement = _Statement(own, section, overriding)
            self._statement.update(dict.fromkeys(names, statement))

    def assess(self, number: int, *, never_ends: bool) -> Assessment:
        """Assess the name in the span with this number, from 0.

        ``never_ends`` marks a depot or an implant.
        """
        name = self._names[number]
        statement = self._statement[name]
        for scope in statement.scopes(name):
            if (mention := _mention(scope, name, statement.section, never_ends=never_ends)) is not None:
                return mention
        return Assessment(True, statement.doubt)


class _Statement:
    """A sentence that names medicines, and the sentences after it that continue it.

    ``overriding`` is another sentence that may be about the same medicines, if there is one.
    """

    def __init__(self, tokens: Sequence[Token], section: ListSection | None, overriding: Sequence[Token]) -> None:
        self.tokens, self.section, self.overriding = tokens, section, overriding

    def scopes(self, name: int) -> Iterator[Sequence[Token]]:
        """Yield the scopes in which a name may be a mention: the whole statement, then its own clause."""
        if self.overriding:
            return
        if len(self.tokens) <= MAX_TOKENS:
            yield self.tokens
        place = self._clause_of_name[name]
        clause = self._clauses[place]
        if len(self._clauses) > 1 and len(clause) <= MAX_TOKENS and self._clauses_that_refer_back <= {place}:
            yield clause

    @cached_property
    def _clauses(self) -> list[list[Token]]:
        return _clauses(self.tokens)

    @cached_property
    def _clause_of_name(self) -> dict[int | None, int]:
        return {token.name: place for place, clause in enumerate(self._clauses) for token in clause}

    @cached_property
    def _clauses_that_refer_back(self) -> set[int]:
        return {place for place, clause in enumerate(self._clauses) if _refers_back(clause)}

    @cached_property
    def doubt(self) -> str:
        """Why its medicines are current although other words may mean that they are not, or an empty string."""
        return _doubt(self.tokens, self.section, self.overriding)


# Statements and clauses ---------------------------------------------------------------------------------------

_COMMA = Token(",", TokenKind.COMMA)


def _kinds(words: str) -> frozenset[str]:
    return frozenset(TokenKind(word) if word in set(TokenKind) else CueKind(word) for word in words.split())


_OVERRIDES = _kinds("in-use instead pronoun exception except supply")
_CONTINUES_WITH = _kinds(
    "stopped off end last-use last-used quit denial not-taking not-using no none negative reaction "
    "allergy reaction-label reported frequency strength course past-heading only"
)
_REFERS_BACK = _kinds("pronoun exception")
_BEGINS_WITH_AN_END = _kinds("stopped off end last-use past-date past-year")
_CHANGES_NOTHING = PUNCTUATION | _kinds(
    "allergy allergy-label allergen allergic-to no-known-allergy reaction side-effect reaction-label prescriber "
    "partner and or"
)


def _is_name(token: Token) -> bool:
    return token.name is not None


def _is_about_something_else(sentence: Sequence[Token]) -> bool:
    """Return whether another sentence leaves a mention a mention: it has names of its own, or it cannot change it."""
    kinds = [token.kind for token in sentence]
    is_item_number = set(kinds) <= {CueKind.STRENGTH, *PUNCTUATION}
    heads_others = (
        kinds[:2] == [CueKind.CURRENT_HEADING, TokenKind.COLON]
        and kinds[2:3] == [CueKind.ALLERGEN]
        and CueKind.TAKING not in kinds
    )
    names_an_opioid = any(token.name is not None and token.kind != TokenKind.ANTAGONIST for token in sentence)
    if names_an_opioid or heads_others:
        return not _refers_back(sentence)
    return is_item_number or set(kinds) <= _CHANGES_NOTHING


def _continues(sentence: Sequence[Token]) -> bool:
    """Return whether a sentence without a name continues the statement before it."""
    kinds = [token.kind for token in sentence if token.kind not in PUNCTUATION]
    if not kinds or any(map(_is_name, sentence)):
        return False
    return kinds[0] in _OVERRIDES or (kinds[0] in _CONTINUES_WITH and TokenKind.UNKNOWN not in kinds)


def _refers_back(clause: Sequence[Token]) -> bool:
    """Return whether a clause with a name of its own may also be about a medicine named before it.

    It does with “it” or “but”, with a word of use before its name (“restarted with codeine”), and with a part that
    begins with one (“codeine stopped 2019, relapsed 2024”).
    """
    before_its_name = [*takewhile(lambda token: not _is_name(token), clause)]
    beginnings = [part[:2] for part in _parts(clause) if not any(map(_is_name, part))]
    return not _REFERS_BACK.isdisjoint(token.kind for token in clause) or any(
        token.kind == CueKind.IN_USE for tokens in (before_its_name, *beginnings) for token in tokens
    )


def _clauses(statement: Sequence[Token]) -> list[list[Token]]:
    """Split a statement into clauses with names. A part without a name belongs to the name before it."""
    named: list[list[Token]] = []
    waiting: list[Token] = []
    for part in _parts(statement):
        if named and any(map(_is_name, part)) and part[0].kind in _BEGINS_WITH_AN_END:
            named[-1] += [_COMMA, *part]
        elif any(map(_is_name, part)):
            named.append([*waiting, _COMMA, *part] if waiting else part)
            waiting = []
        elif named:
            named[-1] += [_COMMA, *part]
        else:
            waiting = [*waiting, _COMMA, *part] if waiting else part
    return named


def _parts(statement: Sequence[Token]) -> Iterator[list[Token]]:
    """Split a statement at commas, at brackets around a name and at “switched to” another medicine."""
    part: list[Token] = []
    brackets = {*_brackets_around_names(statement)}
    for place, token in enumerate(statement):
        if token.kind in {TokenKind.COMMA, CueKind.INSTEAD} or place in brackets:
            yield part
            part = [token] if token.kind == CueKind.INSTEAD else []
        else:
            part.append(token)
    yield part


def _brackets_around_names(statement: Sequence[Token]) -> Iterator[int]:
    opened, named = -1, False
    for place, token in enumerate(statement):
        if token.kind == TokenKind.BRACKET and token.text in "([{":
            opened, named = place, False
        elif token.kind == TokenKind.BRACKET and named and opened >= 0:
            yield from (opened, place)
        named = named or _is_name(token)


# Mentions -----------------------------------------------------------------------------------------------------

_CUES_OF = {
    Assertion.ALLERGY: _kinds("allergy allergy-label allergic-to no-known-allergy reaction"),
    Assertion.DENIAL: _kinds("denial not-taking not-using no none negative avoid"),
    Assertion.END: _kinds("stopped off quit end last-use last-used past-date past-year"),
}
_MENTION_CUES = frozenset[str]().union(*_CUES_OF.values())
_REASONS = {
    Assertion.ALLERGY: "Listed as an allergy or intolerance (“{}”).",
    Assertion.DENIAL: "Reported as not taken (“{}”).",
    Assertion.END: f"Ended more than {DAYS_UNTIL_PAST} days ago (“{{}}”).",
}


def _mention(
    scope: Sequence[Token], name: int, section: ListSection | None, *, never_ends: bool
) -> Assessment | None:
    """Return the assessment of a name that its scope makes a mention; None if it does not."""
    on_a_current_list = section is not None and section.kind is SectionKind.CURRENT
    assertion = assertion_of(scope, name, on_a_current_list=on_a_current_list)
    if assertion is None:
        return _listed_allergy(scope, name, section)
    words = _cue_words(scope, assertion)
    if assertion is not Assertion.ALLERGY and never_ends:
        return Assessment(True, f"A depot or implant always counts as current, despite “{words}”.")
    return Assessment(False, _REASONS[assertion].format(words))


def _listed_allergy(scope: Sequence[Token], name: int, section: ListSection | None) -> Assessment | None:
    if section is None or section.kind is not SectionKind.ALLERGY:
        return None
    is_listed = is_listed_allergy(scope, name, with_reaction=section.may_have_ended)
    return Assessment(False, f"Listed under “{section.heading}”.") if is_listed else None


def _cue_words(scope: Iterable[Token], assertion: Assertion) -> str:
    words = [token.text for token in scope if token.kind in _CUES_OF[assertion]]
    return " ".join(words[: 4 if assertion is Assertion.END else 1])


# Doubt --------------------------------------------------------------------------------------------------------

_DOUBTS: dict[str, str] = {
    CueKind.PERSON: "“{}” may mean another person’s medicine. Counts as current until this is confirmed.",
    CueKind.PLANNED: "“{}” may mean that it has not been started. Counts as current until this is confirmed.",
    CueKind.QUESTION: "“{}” may be a question on the list. Counts as current until this is confirmed.",
}
_MAY_BE_A_DATE = re.compile(r"(?:19|20)\d\d|\d[-/.]\d\d?[-/.]\d")
_DECISIVE = frozenset((*_MENTION_CUES, *_DOUBTS))
"""Every mention and every doubt has at least one cue of these kinds."""
_CUES = _MENTION_CUES - _kinds("past-date past-year")
_UNEXPLAINED = _kinds(
    "unknown other-name maintenance antagonist ask in-use instead exception except pronoun taking frequency supply "
    "substance partner route now"
)


def _doubt(statement: Sequence[Token], section: ListSection | None, overriding: Sequence[Token]) -> str:
    first = {token.kind: token.text for token in reversed(statement)}
    for kind, sentence in _DOUBTS.items():
        if kind in first:
            return sentence.format(first[kind])
    cue = next((token.text for token in statement if token.kind in _CUES), "")
    if not cue:
        is_past = section is not None and section.kind is SectionKind.PAST
        return f"Listed under “{_heading(section)}” without an end date: counts as current." if is_past else ""
    if overriding:
        words = " ".join(token.text for token in overriding[:4])
        return f"Counts as current: “{words}” may change what “{cue}” says."
    if TokenKind.OPEN_DATE in first:
        day, days = first[TokenKind.OPEN_DATE], DAYS_UNTIL_PAST + 1
        return f"“{day}” may be less than {days} days ago or in the future: counts as current."
    if unexplained := [token.text for token in statement if token.kind in _UNEXPLAINED]:
        return f"Counts as current: “{cue}” does not explain “{' '.join(unexplained[:3])}”."
    return f"Counts as current: “{cue}” does not clearly mean that it is not taken."


def _heading(section: ListSection | None) -> str:
    return section.heading if section else ""
