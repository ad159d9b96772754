"""The forms of a mention: a statement of an allergy to a medicine, a denial of it or its end.

A form is a pattern over kinds of tokens that must match a whole statement. Words in lower case are kinds, words in
capitals are the parts defined below, and the rest is regular expression syntax.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    "LISTED": "(comma|and|or)+",
    "BEFORE": "(dash|bracket|comma)*",
    "START": "NOT_ANOTHER_DRUG BEFORE (subject|connective|current-heading|AROUND)*",
    # next to a maintenance opioid these cues may refer to another drug or to its supply
    "NOT_ANOTHER_DRUG": "(?!.* maintenance .* (not-using|last-used|denial|end|off|quit|none since))",
    "NAMED": "(name|maintenance) (dash? form)*",
    # allergy
    "ANY_DATE": "(past-date|past-year|open-date)",
    "DETAIL": "(reaction|side-effect|caused|reaction-label|reported|allergy|allergic-to|avoid|time"
    "|connective|ANY_DATE|AROUND)",
    "EFFECT": "DETAIL* ((comma|slash|and)+ DETAIL+)*",
    "ITEM": "((allergen|partner) (bracket (unknown|reason){1,2} bracket)? EFFECT"
    "|other-name ((dash? form)+ DETAIL)? EFFECT|unknown{1,3} AROUND* (reaction|side-effect|caused) EFFECT)",
    "AND_OTHERS": "((LISTED|slash) ITEM)* MARK*",
    # denial
    "CUE": "(denial|not-taking|not-using|(?<! connective) no|negative|avoid)",
    "OTHER": "(other-name|substance|partner) (use|now)*",
    "OR": "((comma|slash)* or|slash|(comma|and|bracket)+ CUE|comma? including)",
    "OTHERS": "(OTHER (comma|OR)|other-name and)*",
    # end
    # a second strength, form or frequency may be what ended: 20 mg SR bid, 5 mg prn (stopped)
    "ONE_DOSE": "(?!.* ((frequency|strength) comma form* strength|frequency MARK+ frequency"
    "|(frequency|strength) MARK+ (form|route)|(form|route) (comma|slash) (form|route)))",
    "SIZE": "(form|strength|course|slash)*",
    "SIG": "(form|strength|slash|frequency|course|duration)",
    "DAY": "(past-date|past-year)",
    "GAP": "(time|prescriber|since|connective|MARK)*",
    "LAST": "(last-use|last-used)",
    "STOPPED": "((stopped MARK+)? (stopped|end) GAP DAY|stopped MARK+ LAST GAP past-date)",
    "REASON": "(MARK* (reason-cue|reason|reaction|side-effect|prescriber))* MARK*",
}

FORMS = {
    Assertion.ALLERGY: {
        "Allergies: penicillin, codeine (rash)": "START (allergy|allergy-label)"
        " (allergy|allergy-label|connective|reaction-label|reported|including)*"
        " ((colon|dash)+ (ITEM LISTED)*|bracket)? NAMED EFFECT AND_OTHERS",
        "allergic to penicillin, morphine and codeine": "START allergic-to (connective|AROUND)* (substance AROUND+)?"
        " ((((ITEM|unknown) LISTED)* (ITEM|unknown) comma? (and|or))? NAMED EFFECT AND_OTHERS"
        "|(ITEM LISTED)* NAMED EFFECT (comma ITEM)* comma? (and|or) ITEM MARK*)",
    },
    Assertion.DENIAL: {
        "denies use of heroin, oxycodone or codeine": "START (laboratory|now)* colon? CUE"
        " (use|now|connective|including)*"
        " ((OTHERS (OTHER OR|other-name and))? (name|maintenance) (use|now|substance)*"
        " ((comma|OR) OTHER|and other-name)*"
        "|OTHERS name ((comma|OR) OTHER)* ((comma|slash)* or|slash) OTHER)"
        " (use|now|laboratory|bracket)*",
        "not taking: codeine 30 mg": "START not-taking colon NAMED strength* MARK*",
        "denies morphine, codeine": "START (denial|not-taking|not-using) (use|now)* (other-name comma)+ name"
        " (comma other-name)* bracket*",
        "codeine 30 mg (patient not taking)": "START use* NAMED (form|strength|dash)* AROUND* subject*"
        " (not-taking|not-using) (reported|reported past-date|not-taking|AROUND)*",
        "urine drug screen: heroin negative, codeine negative": "(laboratory|AROUND)*"
        " ((OTHER|substance) AROUND* negative? LISTED)* NAMED AROUND* negative"
        " (LISTED (OTHER|substance) AROUND* negative)* (laboratory|bracket)*",
    },
    Assertion.END: {
        "codeine 30 mg, daily, was stopped in March 2019 after surgery": "ONE_DOSE START past-heading?"
        " AROUND* NAMED ((SIG|dash (?= strength))*|(SIG|MARK)* MARK) connective* STOPPED REASON",
        "codeine 30 mg oral tablet, end date 2019-03-01": "ONE_DOSE START past-heading? AROUND* NAMED"
        " (SIG|route|MARK)* MARK"
        " (past-heading MARK+)? (stopped|end) GAP (past-date|time+ past-year) REASON",
        "stopped taking codeine in 2019 due to nausea": "START (stopped AROUND*|quit|off) (use|course|connective)*"
        " NAMED SIZE (GAP stopped)? GAP DAY REASON",
        "no codeine since 2019": "START (no|not-taking|denial) use* NAMED since time* DAY REASON",
    },
}
"""For each assertion, an example of each form and its pattern."""

NOT_ON_A_CURRENT_LIST = {
    Assertion.ALLERGY: {
        "codeine allergy (rash)": "BEFORE (subject|connective|AROUND)* NAMED"
        " ((comma|and)? (AROUND|reaction|side-effect|reaction-label))* comma? (allergy|allergic-to) EFFECT MARK*",
        "codeine: rash, vomiting": "BEFORE name (AROUND+ caused?|caused) reaction"
        " (reaction-label|(and|comma|slash|bracket|dash|colon)+ (reaction|side-effect|reaction-label))* bracket*",
    },
    Assertion.DENIAL: {
        "codeine use: none": "NOT_ANOTHER_DRUG BEFORE (use|now)* NAMED use* (AROUND+ use* (not-taking|not-using)"
        "|(colon|use AROUND+) use* (none|no|denial|not-using)) bracket*",
    },
    Assertion.END: {
        "codeine: quit 3 years ago": "BEFORE name MARK* quit GAP DAY REASON",
        "codeine, last dose 1 March 2019": "BEFORE name (form|strength)* MARK* LAST GAP past-date REASON",
        "last took codeine on 1 March 2019": "BEFORE subject* LAST (use|connective)* name form* GAP past-date REASON",
    },
}
"""Forms that mean something else under the heading of a current list, such as a side effect or a last dose."""

_LISTED_ALLERGY = "BEFORE (ITEM LISTED)* NAMED EFFECT AND_OTHERS"
_LISTED_REACTION = "BEFORE (ITEM LISTED)* NAMED AROUND* (reaction|side-effect|caused) EFFECT AND_OTHERS"
_OTHER_ALLERGIES = "BEFORE (ITEM LISTED)* (ITEM|(reaction|reaction-label) EFFECT) MARK*"

_LETTERS = {kind.value: chr(0x100 + number) for number, kind in enumerate((*TokenKind, *CueKind))}
_LETTERS[CueKind.OTHER] = _LETTERS[TokenKind.UNKNOWN]


def _compiled(form: str) -> re.Pattern[str]:
    """Compile a form, with one letter for each kind: "name (dash? form)*" gives "ā(?:ą?ć)*"."""
    while form != (form := re.sub(r"[A-Z_]{2,}", lambda part: f"({_PARTS[part[0]]})", form)):
        pass
    form = re.sub(r"[a-z]+(?:-[a-z]+)*", lambda kind: _LETTERS[kind[0]], form)
    return re.compile(form.replace(" ", "").replace("(", "(?:").replace("(?:?", "(?"))


def _any_of(forms: Mapping[Assertion, Mapping[str, str]]) -> dict[Assertion, re.Pattern[str]]:
    return {each: _compiled("|".join(f"({form})" for form in listed.values())) for each, listed in forms.items()}


_MENTIONS, _MENTIONS_ELSEWHERE = _any_of(FORMS), _any_of(NOT_ON_A_CURRENT_LIST)
_IS_LISTED_ALLERGY, _IS_LISTED_REACTION = _compiled(_LISTED_ALLERGY), _compiled(_LISTED_REACTION)
_IS_OTHER_ALLERGIES = _compiled(_OTHER_ALLERGIES)


def assertion_of(statement: Sequence[Token], name: int, *, on_a_current_list: bool) -> Assertion | None:
    """Return the assertion about the name with the number ``name``; None if a token is left unexplained."""
    return _assertion_by_kinds(_as_letters(statement, name), on_a_current_list=on_a_current_list)


@lru_cache(maxsize=4096)
def _assertion_by_kinds(letters: str, *, on_a_current_list: bool) -> Assertion | None:
    for forms in [_MENTIONS] if on_a_current_list else [_MENTIONS, _MENTIONS_ELSEWHERE]:
        for assertion, form in forms.items():
            if form.fullmatch(letters):
                return assertion
    return None


def is_listed_allergy(statement: Sequence[Token], name: int, *, with_reaction: bool) -> bool:
    """Return whether a statement under an allergy heading is only an allergy to this name."""
    form = _IS_LISTED_REACTION if with_reaction else _IS_LISTED_ALLERGY
    return bool(form.fullmatch(_as_letters(statement, name)))


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
