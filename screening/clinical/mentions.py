"""The forms of an entry that only mentions a medicine: an allergy to it, a denial of it, an end of it.

A form is a pattern of kinds of tokens that has to match a whole statement. Lower-case words are kinds, words in capitals
are the parts below, and the rest is the syntax of regular expressions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from .cues import CueKind
from .tagging import Kind, Token


class Assertion(StrEnum):
    """What an entry says of a medicine that it only mentions."""

    ALLERGY = "allergy"
    DENIAL = "denial"
    END = "end"


_PARTS = {
    "MARK": "(colon|comma|slash|dash|bracket)",
    "AROUND": "(colon|dash|bracket)",
    "LISTED": "(comma|slash|and|or)+",
    "START": "(dash|bracket|comma)* (subject|connective|current-heading|AROUND)*",
    "NAMED": "name (dash? form)*",
    # allergy: allergies: A, NAME (reaction); allergic to NAME; NAME allergy; NAME: reaction
    "SAID_OF_IT": "(reaction|side-effect|caused|reaction-label|reported|allergy|allergic-to|avoid|occasion|time|connective"
    "|past-date|past-year|date-without-year|open-date|AROUND)",
    "WHERE": "(reaction time? unknown{1,2})",  # rash on trunk
    "EFFECT": "(SAID_OF_IT|WHERE)* ((comma|slash|and)+ (SAID_OF_IT|WHERE)+)*",
    "ANOTHER": "(unknown|substance|partner) (unknown|substance|partner|form|route|strength|reason|SAID_OF_IT){0,8}",
    "ITEM": "(ANOTHER|(name|other-name) (dash? form)* EFFECT)",
    "AND_OTHERS": "(LISTED ITEM)* MARK*",
    # denial: denies A, B or NAME
    "CUE": "(denial|not-taking|no|negative|avoid)",
    "DENIED_TOO": "(other-name form* (use|now)* LISTED CUE? use*|(substance|partner) use* (or|(comma|slash|and)+ CUE) use*"
    "|(other-name|substance) use* (comma? including|AROUND+ CUE) use*)",
    "OR_OTHERS": "((LISTED CUE?|including) use* (other-name form*|substance) (use|now)*|or unknown{1,2})*",
    # end: NAME stopped 2019 after surgery
    "PAST": "START (past-heading (AROUND|connective)*|(took|stopped) AROUND+)?",
    "SIZE": "(form|strength|route|course)*",
    "DAY": "(past-date|past-year)",
    "GAP": "(time|prescriber|since|connective|MARK)*",
    "STOPPED": "((stopped|end|last-use) (time|prescriber|and|MARK)*)*"
    " (stopped GAP (DAY|date-without-year)|end GAP DAY|last-use MARK* (time* past-date|time+ past-year))",
    "REASON": "(bracket DAY bracket)? (MARK* (reason-cue|reason|reaction|side-effect|prescriber|only|and))*"
    " (MARK* stopped time* DAY)? (MARK* (none|no use) since?)? MARK*",
    "OCCASION": "(strength|route|given|MARK)* (once|occasion) (once|occasion|purpose|reason|time|only|MARK)*",
}

_FORMS = {
    Assertion.ALLERGY: (
        "START allergy (allergy|connective|reaction-label|reported)* (AROUND+ LISTED? (ITEM LISTED)*)? NAMED EFFECT AND_OTHERS",
        "START allergic-to (connective|AROUND)* (substance AROUND+)? (other-name form* EFFECT LISTED)* NAMED EFFECT AND_OTHERS",
        "START allergic-to (connective|AROUND)* (ITEM (comma|slash)+)* ANOTHER comma? (and|or) NAMED EFFECT AND_OTHERS",
        "START no-known-allergy MARK* exception NAMED EFFECT AND_OTHERS",
        "START NAMED (AROUND|reaction|side-effect|reaction-label)* (allergy|allergic-to) EFFECT MARK*",
        "START NAMED (AROUND+ caused?|caused) reaction ((and|comma|slash|bracket)+ (reaction|side-effect))* bracket*",
    ),
    Assertion.DENIAL: (
        "START (laboratory|now)* colon? CUE (use|now|connective|including)* colon? DENIED_TOO* NAMED (use|now|substance)* OR_OTHERS"
        " (comma? (use|now|laboratory|reported|bracket))* (and none now*)?",
        "START (use|now)* NAMED use* AROUND+ (use|connective)* (denial|not-taking|none|no|avoid) (now|bracket)*",
        "START use* NAMED (form|strength)* AROUND* subject* not-taking (reaction-label|past-date|time|comma|not-taking|AROUND)*",
        "START (question|use)* NAMED use* ask dash* (no|none) (comma? none)? bracket*",
        "(laboratory|past-date|past-year|open-date|AROUND)* ((other-name|substance) form* AROUND* negative? LISTED)*"
        " NAMED AROUND* negative (LISTED (other-name|substance) form* AROUND* negative)* (laboratory|bracket)*",
    ),
    Assertion.END: (
        "PAST NAMED (form|strength|route|frequency|course|use|subject|connective|duration|past-heading|MARK)*"
        " (time* DAY MARK*)? ((reason-cue|purpose) reason+ DAY? MARK*)? STOPPED REASON",
        "PAST NAMED (form|strength|route|frequency|course|MARK)* start AROUND* DAY MARK* end AROUND* DAY MARK*",
        "PAST start AROUND* DAY MARK* end AROUND* DAY MARK* NAMED SIZE MARK*",
        "PAST time* DAY MARK* stopped (use|course|connective)* NAMED SIZE MARK*",
        "PAST NAMED AROUND+ quit GAP DAY REASON",
        "PAST NAMED (form|strength|route|course|subject|connective|MARK)* discharged GAP DAY REASON",
        "PAST (stopped|quit) (use|course|connective)* NAMED SIZE (duration|stopped|time|prescriber|since|MARK)* (DAY|date-without-year) REASON",
        "PAST discharged NAMED GAP DAY REASON",
        "PAST last-use (use|connective)* NAMED course* (connective|MARK)* (time* past-date|time+ past-year) REASON",
        "PAST stopped time* DAY (colon|dash)+ NAMED SIZE MARK*",
        "PAST took (use|course|connective|duration)* NAMED SIZE (duration|comma)*"
        " ((purpose|reason-cue) (reason|reaction|side-effect|connective)+)? (MARK* stopped)?"
        " (time* past-date|time+ (past-year|date-without-year)|end time* DAY) REASON",
        "PAST NAMED SIZE (took|MARK)* (past-year (to|dash|end)+ past-year|since DAY (to|dash|end)+ DAY"
        "|past-date (to|dash)+ past-date MARK* stopped) (stopped|MARK)* REASON",
        "PAST (no|not-taking|denial) use* NAMED since time* DAY REASON",
        "PAST NAMED SIZE MARK* none since time* DAY REASON",
        "PAST NAMED OCCASION DAY REASON",
        "START DAY (colon|dash)+ NAMED OCCASION",
        "START (past-heading|stopped) AROUND+ NAMED SIZE MARK* time* DAY REASON",
    ),
}
_UNDER_ALLERGIES = "(dash|bracket|comma)* (ITEM LISTED)* NAMED EFFECT AND_OTHERS"
_UNDER_PAST_MEDICINES = "START NAMED SIZE MARK* time* DAY REASON"

_LETTERS = {kind.value: chr(0x100 + number) for number, kind in enumerate((*Kind, *CueKind))}
_LETTERS[CueKind.OTHER] = _LETTERS[Kind.UNKNOWN]


def _compiled(form: str) -> re.Pattern[str]:
    """A form as a regular expression over the letters that stand for kinds."""
    while form != (form := re.sub(r"[A-Z_]{2,}", lambda part: f"({_PARTS[part[0]]})", form)):
        pass
    form = re.sub(r"[a-z]+(?:-[a-z]+)*", lambda kind: _LETTERS[kind[0]], form)
    return re.compile(form.replace(" ", "").replace("(", "(?:").replace("(?:?", "(?"))


_MENTIONS = {says: _compiled("|".join(f"({form})" for form in forms)) for says, forms in _FORMS.items()}
_AN_ALLERGY, _A_PAST_MEDICINE = _compiled(_UNDER_ALLERGIES), _compiled(_UNDER_PAST_MEDICINES)


def assertion_of(statement: Sequence[Token], name: int) -> Assertion | None:
    """What a statement says of the medicine with the number ``name``; None where it does not explain every word."""
    letters = _as_letters(statement, name)
    return next((says for says, form in _MENTIONS.items() if form.fullmatch(letters)), None)


def is_an_allergy(statement: Sequence[Token], name: int) -> bool:
    """Whether a statement under a heading of allergies is nothing else."""
    return bool(_AN_ALLERGY.fullmatch(_as_letters(statement, name)))


def is_a_past_medicine(statement: Sequence[Token], name: int) -> bool:
    """Whether a statement under a heading of past medicines has a date of its own that is past."""
    return bool(_A_PAST_MEDICINE.fullmatch(_as_letters(statement, name)))


def _as_letters(tokens: Sequence[Token], name: int) -> str:
    return "".join(_LETTERS[_kind_beside(token, name)] for token in tokens)


_BESIDE: dict[str, str] = {Kind.NAME: Kind.OTHER_NAME, Kind.ANTAGONIST: Kind.UNKNOWN}


def _kind_beside(token: Token, name: int) -> str:
    """The kind of a token in what is said of a name. An antagonist beside it is a word like any other."""
    if token.name == name:
        return Kind.NAME
    return _BESIDE.get(token.kind, token.kind)
