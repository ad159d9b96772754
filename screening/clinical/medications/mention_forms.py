"""The forms of a mention: a statement of an allergy to a medicine, a denial of it or its end.

A form is a pattern over kinds of tokens that must match a whole statement. Words in lower case are kinds, words in
capitals are the parts defined below, and the rest is regular expression syntax.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from .cues import CueKind
from .tokens import Token, TokenKind


class Assertion(StrEnum):
    """Why a medicine is only mentioned."""

    ALLERGY = "allergy"
    DENIAL = "denial"
    END = "end"


_PARTS = {
    "MARK": "(colon|comma|slash|dash|bracket)",
    "AROUND": "(colon|dash|bracket)",
    "LISTED": "(comma|slash|and|or)+",
    "START": "NOT_ANOTHER_DRUG (dash|bracket|comma)* (subject|connective|current-heading|AROUND)*",
    # next to a maintenance opioid these cues may refer to another drug or to its supply
    "NOT_ANOTHER_DRUG": "(?!.* maintenance .* (not-using|last-used|denial|end|off since|none since))",
    "NAMED": "(name|maintenance) (dash? form)*",
    "OTHER": "other-name (dash? form)*",
    # allergy
    "ANY_DATE": "(past-date|past-year|date-without-year|open-date)",
    "DETAIL": "(reaction|side-effect|caused|reaction-label|reported|allergy|allergic-to|avoid|occasion|time"
    "|connective|ANY_DATE|AROUND|reaction time? unknown{1,2})",
    "EFFECT": "DETAIL* ((comma|slash|and)+ DETAIL+)*",
    "ITEM": "((allergen|partner) (bracket (unknown|reason){1,2} bracket)? EFFECT"
    "|other-name ((dash? form)+ DETAIL)? EFFECT|unknown{1,3} AROUND* (reaction|side-effect|caused) EFFECT)",
    "AND_OTHERS": "(LISTED ITEM)* MARK*",
    # denial
    "CUE": "(denial|not-taking|not-using|(?<! connective) no|negative|avoid)",
    "JOIN": "((comma|slash|and)* or|slash|and|(comma|and)+ CUE use*|comma (?!maintenance))",
    "DENIED_TOO": "(OTHER (use|now)* JOIN|(substance|partner) use* (or|(comma|slash|and)+ CUE) use*"
    "|(other-name|substance) use* (comma? including|AROUND+ CUE) use*)",
    "OR_OTHERS": "((LISTED (CUE use*)?|comma? including) (OTHER|substance) (use|now)*|or unknown{1,2})*",
    # end
    "PAST": "START (past-heading (AROUND|connective)*|(took|stopped) AROUND+)?",
    "SIZE": "(form|strength|course|slash)*",
    "SIG": "(form|strength|frequency|course)",
    "DAY": "(past-date|past-year)",
    "SURE_DAY": "(time* past-date|time+ past-year)",  # a year alone may be a time of day: last dose 2000
    "GAP": "(time|prescriber|since|connective|MARK)*",
    "LAST": "(last-use|last-used)",
    "STOPPED": "((stopped|end|LAST) (time|prescriber|and|MARK)*)*"
    " (stopped GAP (DAY|date-without-year)|end GAP DAY|LAST (connective|MARK)* SURE_DAY)",
    "REASON": "(bracket DAY bracket)? (MARK* (reason-cue|reason|reaction|side-effect|prescriber))*"
    " (MARK* stopped time* DAY)? (MARK* (none|no use) since?)? MARK*",
    "OCCASION": "(strength|route|given|MARK)* (once|occasion) (once|occasion|purpose|reason|only|MARK)*",
}

FORMS = {
    Assertion.ALLERGY: {
        "Allergies: penicillin, codeine (rash)": "START (allergy|allergy-label)"
        " (allergy|allergy-label|connective|reaction-label|reported|including)*"
        " (AROUND+ LISTED? (ITEM LISTED)*)? NAMED EFFECT AND_OTHERS",
        "allergic to morphine and codeine": "START allergic-to (connective|AROUND)* (substance AROUND+)?"
        " (OTHER EFFECT LISTED)* NAMED EFFECT AND_OTHERS",
        "allergic to penicillin and codeine": "START allergic-to (connective|AROUND)*"
        " ((ITEM|unknown) (comma|slash)+)* (ITEM|unknown) comma? (and|or) NAMED EFFECT AND_OTHERS",
        "NKDA except codeine (rash)": "(dash|bracket)* no-known-allergy MARK* except NAMED EFFECT AND_OTHERS",
        "codeine allergy (rash)": "START NAMED ((comma|and)? (AROUND|reaction|side-effect|reaction-label))*"
        " (allergy|allergic-to) EFFECT MARK*",
        "codeine: rash, vomiting": "START name (AROUND+ caused?|caused) reaction"
        " (reaction-label|(and|comma|slash|bracket|dash|colon)+ (reaction|side-effect|reaction-label))* bracket*",
    },
    Assertion.DENIAL: {
        "denies use of heroin, oxycodone or codeine": "START (laboratory|now)* colon? CUE"
        " (use|now|connective|including)* DENIED_TOO* NAMED (use|now|substance)* OR_OTHERS"
        " (comma? (use|now|laboratory|reported|bracket))* (and none now*)?",
        "not taking: codeine 30 mg": "START laboratory* (not-taking|denial|negative) use* colon"
        " (OTHER (use|now)* LISTED)* NAMED strength* (LISTED OTHER)* MARK*",
        "codeine use: none": "START (use|now)* NAMED use*"
        " (AROUND+ use* (not-taking|not-using|none|no)|(colon|use AROUND+) use* (denial|not-using)) bracket*",
        "codeine 30 mg (patient not taking)": "START use* NAMED (form|strength|dash)* AROUND* subject*"
        " (not-taking|not-using) (reported|past-date|time|comma|not-taking|AROUND)*",
        "do you take codeine? no": "START (question|use)* NAMED use* ask dash* (no|none) (comma? none)? bracket*",
        "urine drug screen: heroin negative, codeine negative": "(laboratory|ANY_DATE|AROUND)*"
        " ((OTHER|substance) AROUND* negative? LISTED)* NAMED AROUND* negative"
        " (LISTED (OTHER|substance) AROUND* negative)* (laboratory|bracket)*",
    },
    Assertion.END: {
        "codeine 30 mg prn was stopped in 2019 after surgery": "PAST NAMED use* SIZE frequency*"
        " (subject|connective)* STOPPED REASON",
        "codeine 30 mg, 2 tablets daily, stopped in 2019": "PAST NAMED (SIG|duration|MARK)*"
        " (time* DAY|(reason-cue|purpose) reason+ DAY?|past-heading)? MARK+ (subject|connective)* STOPPED REASON",
        "codeine 30 mg oral tablet, end date 2019-03-01": "PAST NAMED (SIG|route|MARK)* MARK (past-heading MARK+)?"
        " (stopped|end) GAP SURE_DAY REASON",
        "codeine 30 mg d/c'd 2019": "PAST NAMED (form|strength|course|subject|connective|MARK)* discharged GAP DAY"
        " REASON",
        "codeine, off since 2019": "PAST NAMED (form|strength|MARK)* off since time* DAY REASON",
        "stopped taking codeine in 2019 due to nausea": "PAST (stopped|quit) (use|course|connective)* NAMED SIZE"
        " (duration|stopped|time|prescriber|since|connective|MARK)* (DAY|date-without-year) REASON",
        "off codeine since 2019": "PAST (discharged|off) NAMED GAP DAY REASON",
        "last took codeine in 2019": "PAST LAST (use|connective)* NAMED course* (connective|MARK)* SURE_DAY REASON",
        "stopped March 2019: codeine": "PAST stopped time* DAY colon NAMED form* MARK*",
        "in 2019 stopped codeine": "PAST time* DAY MARK* stopped (use|course|connective)* NAMED SIZE MARK*",
        "took codeine for a cough in 2019": "PAST (?<! connective) took (use|course|connective|duration)* NAMED SIZE"
        " (duration comma* (?=time|end|purpose|reason-cue|stopped)|comma)*"
        " ((purpose|reason-cue) (reason|reaction|side-effect|connective)+)? (MARK* stopped)?"
        " (SURE_DAY|time+ date-without-year|end time* DAY) REASON",
        "codeine 2017-2019": "PAST NAMED SIZE (took|MARK)* (past-year (to|dash|end)+ past-year"
        "|since DAY (to|dash|end)+ DAY|past-date (to|dash)+ past-date MARK* stopped) (stopped|only|MARK)* REASON",
        "no codeine since 2019": "PAST (no|not-taking|denial) use* NAMED since time* DAY REASON",
        "codeine: none since 2019": "PAST NAMED SIZE MARK* none since time* DAY REASON",
        "codeine once in labour, in 2019": "PAST NAMED OCCASION SURE_DAY REASON",
        "March 2019: codeine in labour": "START past-date (colon|dash)+ NAMED OCCASION",
        "Stopped: codeine 30 mg (March 2019)": "START stopped AROUND+ NAMED SIZE MARK* time* DAY REASON",
    },
}
"""For each assertion, an example of each form and its pattern."""

_LISTED_ALLERGY = "(dash|bracket|comma)* (ITEM LISTED)* NAMED EFFECT AND_OTHERS"
_OTHER_ALLERGIES = (
    "(dash|bracket|comma)* (ITEM LISTED)* (ITEM|(reaction|side-effect|reaction-label|reported) EFFECT) MARK*"
)

_LETTERS = {kind.value: chr(0x100 + number) for number, kind in enumerate((*TokenKind, *CueKind))}
_LETTERS[CueKind.OTHER] = _LETTERS[TokenKind.UNKNOWN]


def _compiled(form: str) -> re.Pattern[str]:
    """Compile a form, with one letter for each kind: "name (dash? form)*" gives "ā(?:ą?ć)*"."""
    while form != (form := re.sub(r"[A-Z_]{2,}", lambda part: f"({_PARTS[part[0]]})", form)):
        pass
    form = re.sub(r"[a-z]+(?:-[a-z]+)*", lambda kind: _LETTERS[kind[0]], form)
    return re.compile(form.replace(" ", "").replace("(", "(?:").replace("(?:?", "(?"))


_MENTIONS = {
    assertion: _compiled("|".join(f"({form})" for form in forms.values())) for assertion, forms in FORMS.items()
}
_IS_LISTED_ALLERGY, _IS_OTHER_ALLERGIES = _compiled(_LISTED_ALLERGY), _compiled(_OTHER_ALLERGIES)


def assertion_of(statement: Sequence[Token], name: int) -> Assertion | None:
    """Return the assertion about the name with the number ``name``; None if a token is left unexplained."""
    return _assertion_by_kinds(_as_letters(statement, name))


@lru_cache(maxsize=4096)
def _assertion_by_kinds(letters: str) -> Assertion | None:
    return next((assertion for assertion, form in _MENTIONS.items() if form.fullmatch(letters)), None)


def is_listed_allergy(statement: Sequence[Token], name: int) -> bool:
    """Return whether a statement under an allergy heading is only an allergy to this name."""
    return bool(_IS_LISTED_ALLERGY.fullmatch(_as_letters(statement, name)))


def may_list_allergies(statement: Sequence[Token]) -> bool:
    """Return whether a statement without a name can belong to a list of allergies: a known allergen or a reaction."""
    return bool(_IS_OTHER_ALLERGIES.fullmatch(_as_letters(statement)))


def _as_letters(tokens: Sequence[Token], name: int | None = None) -> str:
    return "".join(_LETTERS[_kind_for(token, name)] for token in tokens)


_KINDS_OF_OTHER_NAMES: dict[str, str] = {
    TokenKind.NAME: TokenKind.OTHER_NAME,
    TokenKind.MAINTENANCE: TokenKind.OTHER_NAME,
    TokenKind.ANTAGONIST: TokenKind.UNKNOWN,
}


def _kind_for(token: Token, name: int | None) -> str:
    """Return the kind of a token from the point of view of one name; an antagonist next to it is an unknown word."""
    if token.name is not None and token.name == name:
        return TokenKind.MAINTENANCE if token.kind == TokenKind.MAINTENANCE else TokenKind.NAME
    return _KINDS_OF_OTHER_NAMES.get(token.kind, token.kind)
