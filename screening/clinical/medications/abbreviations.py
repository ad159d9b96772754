"""Decide whether an ambiguous name means an opioid: next to a dose, form or frequency, or as the whole entry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from .lexicon import Shorthand
from .normalise import fold

CONTEXT_BEFORE, CONTEXT_AFTER = 40, 60
"""Characters of context read before and after a name."""

_FORMS = (
    r"pump|drops|liquid|tabs?|tablets?|caps?|capsules?|caplets?|patch(?:es)?|pills?|films?|strips?|syrup|elixir|"
    r"linctus|mixture|solution|er|sr|ir|cr|mr|xr|iv|sc|im|pca|drip|infusion"
)
_FREQUENCIES = (
    r"po|prn|bid|tid|qid|bd|tds|qds|qd|od|nocte|hs|qhs|am|pm|q ?\d{1,2} ?(?:h|hr|hrs|hours?)?|daily|nightly|weekly|"
    r"twice|once|every|at (?:night|bedtime)|as (?:needed|required)|when (?:needed|required)|most days|a day|per day"
)
_REASONS = r"for (?:[a-z]{2,12} ){0,3}(?:pain|pains|back|knee|headaches?|cough|migraines?|toothache|withdrawals?)"
_SUPPLIES = (
    r"(?:off|on) (?:the )?(?:foil|street)|"
    r"from (?:(?:a|my|the|his|her|their) )?(?:friends?|mates?|street|dealer|neighbou?r|clinic|otp|pharmacy)"
)
_UNITS = r"mg|mgs|mcg|ug|mls?|microg\w{0,6}|tabs?|tablets?|caps?|capsules?|pills?|films?|strips?|patch(?:es)?"
_FEW = r"(?:one|two|i{1,3}(?:-i{1,3})?)(?! (?:days?|weeks?|months?|years?|times?)\b)"
_STRENGTH_AFTER = re.compile(
    rf"[\s\-:(,=#.]{{0,6}}(?:\d[\d.,/\-+ ]{{0,20}}(?:(?:{_UNITS})|(?:g|{_FORMS}|{_FREQUENCIES})\b)|"
    rf"\d{{1,3}}(?:\.\d)?[/\-]\d|[x#] ?\d|(?:{_FEW}|{_FORMS}|{_FREQUENCIES}|{_REASONS}|{_SUPPLIES})\b)"
)
_BARE_NUMBER = re.compile(r"[ \-]\d{2,3}(?:\.\d)?\s*(?:[,;)]|$)")
_STRENGTH = re.compile(r" ?\d{1,3}(?:\.\d{1,2})?(?: ?(?:mg|mcg)|[/\-]\d)")
_STRENGTH_BEFORE = re.compile(rf"\d ?(?:{_UNITS})\b(?: of)?[\s\-:(,]*$")
_USE_BEFORE = re.compile(
    r"\b(?:takes?|taking|took|uses?|using|gets?|getting|got|buys?|buying|prescribed|snorts?|smokes?|injects?|pops?) "
    r"(?:(?:\d{1,2}|an?|some|his|her|the|their|my|few|half an?) ){0,2}$"
)
_LINKED_BEFORE, _LINKED_AFTER = re.compile(r"-$|[a-z]\d{1,2} ?[-/] ?$"), re.compile(r" ?[-/] ?[a-z]\d")
_NUMBER_BEFORE, _NUMBER_AFTER = re.compile(r"\d(?:- ?|/)$|\.$"), re.compile(r"[-/] ?\d[\d.]* ?(?:mg|mcg|g|%|-)")
_ONLY_MARKS_BEFORE, _ONLY_MARKS_AFTER = re.compile(r"[\s\-*•>|.):\d]*$"), re.compile(r"[\s.,;|)]*$")

_DOSE_AFTER = re.compile(
    rf"[\s\-:(,=#x.]{{0,4}}(?:(?:{_FORMS}) {{1,2}})?(?P<dose>\d{{1,4}}(?:[.,]\d{{1,2}})?)s?(?!\d|[.,]\d|:\d\d)"
)
_DOSE_BEFORE = re.compile(r"(?<![\d.,])(?P<dose>\d{1,4}(?:[.,]\d{1,2})?) ?(?:mg|mls?)(?: of)?[\s(]*$")
_OTHER_UNIT = re.compile(
    r"\s?(?:%|mcg|ug|microg|units?|iu|g|gm|grams?|l|l/min|mm|cm|kg|lbs?|y|yo|yrs?|years?|mos?|months?|wks?|weeks?|"
    r"days?|hrs?|hours?|mins?|minutes?)(?![a-z])"
)

_AMOUNT_AFTER = re.compile(
    r",\d| ?(?:%|(?:g|gms?|grams?|times|x|days?|per|a day|hrs?|hours?)\b|/ ?(?:d|day|24)\b)", re.ASCII
)
_DOSE_WORD_AFTER = re.compile(
    r" ?(?:-\d|to \d|\(\d|(?:tabs?|tablets?|caps?|capsules?|caplets?|pills?|po|at|every|es|extra)\b)"
)
_TRAILING_NUMBER = re.compile(r"(?<!\bno)(?<!\bno\.)(?<!\bnumber)(?<!\bnr) (?P<figure>[1-4]|one|two|three|four)$")
_LAST_CHARACTERS_OF_A_NUMBER = frozenset("1234eor")


def means_opioid(short: Shorthand | None, line: str, start: int, end: int) -> bool:
    """Return whether the name between ``start`` and ``end`` of a folded line means an opioid.

    ``short`` is its shorthand entry, None for an unambiguous name. The number at the end of a name may be an amount
    instead: "Tylenol 3 times a day".
    """
    if line[end - 1] in _LAST_CHARACTERS_OF_A_NUMBER and _ends_in_an_amount(
        line[start:end], line[end : end + CONTEXT_AFTER]
    ):
        return False
    if short is None:
        return True
    before, after = line[max(0, start - CONTEXT_BEFORE) : start], line[end : end + CONTEXT_AFTER]
    if _is_one_of_several_numbers(line[start:end], before, after):
        return False
    if short.unless and _is_excluded(short.unless, before, after):
        return False
    if short.doses and _has_dose(short.doses, before, after):
        return True
    return _is_beside_dose_or_alone(line, start, end, before, after) if short.beside else not short.doses


def _is_one_of_several_numbers(name: str, before: str, after: str) -> bool:
    """Return whether a name without letters is one of the strengths of a mixture: "37-222-526"."""
    if any(map(str.isalpha, name)):
        return False
    return bool(_NUMBER_BEFORE.search(before) or _NUMBER_AFTER.match(after))


def _is_beside_dose_or_alone(line: str, start: int, end: int, before: str, after: str) -> bool:
    if _LINKED_BEFORE.search(before) or _LINKED_AFTER.match(after):
        return False
    if _STRENGTH_AFTER.match(after) or _STRENGTH_BEFORE.search(before) or _USE_BEFORE.search(before):
        return True
    if _BARE_NUMBER.match(after) and not line[end - 1].isdigit():
        return True
    is_near = start <= CONTEXT_BEFORE and len(line) - end <= CONTEXT_AFTER
    return is_near and bool(_ONLY_MARKS_BEFORE.fullmatch(before) and _ONLY_MARKS_AFTER.fullmatch(after))


def has_strength_after(line: str, end: int) -> bool:
    """Return whether a strength follows, so that the word ending at ``end`` is the name of a medicine."""
    return bool(_STRENGTH.match(line, end))


def _ends_in_an_amount(name: str, after: str) -> bool:
    """Return whether the number at the end of a name is an amount: "Tylenol 3 times a day"."""
    number = _TRAILING_NUMBER.search(name)
    if number is None:
        return False
    return bool(
        _AMOUNT_AFTER.match(after) or (number["figure"] not in {"3", "three"} and _DOSE_WORD_AFTER.match(after))
    )


def _has_dose(doses: Iterable[str], before: str, after: str) -> bool:
    """Return whether one of the usual doses of the medicine is directly next to it."""
    behind = _DOSE_AFTER.match(after)
    if behind and _dose(behind) in doses and not _OTHER_UNIT.match(after, behind.end()):
        return True
    ahead = _DOSE_BEFORE.search(before)
    return bool(ahead and _dose(ahead) in doses)


def _dose(match: re.Match[str]) -> str:
    return f"{float(match['dose'].replace(',', '.')):g}"


def _is_excluded(words: tuple[str, ...], before: str, after: str) -> bool:
    ahead, behind = _adjacent_patterns(words)
    return bool(ahead.search(before) or behind.match(after))


@lru_cache(maxsize=1024)
def _adjacent_patterns(words: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    any_of = "|".join(re.escape(fold(word).text) for word in sorted(words, key=len, reverse=True))
    return (
        re.compile(rf"(?<![a-z])(?:{any_of})[\s\-/(:,.]{{0,3}}$"),
        re.compile(rf"[\s\-/(:,.]{{0,4}}(?:\d[\d.,]{{0,6}} ?)?(?:{any_of})(?![a-z])"),
    )
