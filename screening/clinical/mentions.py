"""Whether a name on a list counts as a medicine in use, or is only mentioned: an allergy, a negation, clear history.

When in doubt it counts. History is clear when its end is told and lies more than 14 days back.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from . import cues, ends
from .ends import Told
from .sections import Section, SectionKind

STILL_COUNTS_DAYS = 14
"""So many days back an opioid still counts, as the opioid question of the rules asks."""

WINDOW = 240
"""So many letters on either side of a name can bear on it."""

_RUNS = re.compile(r"([\s\-–—_=*#.|])\1+")
_WORDS = re.compile(r"[a-z]+")
_ENTRY = re.compile(r"^[\s\-*•]*[^a-z]*(?:[a-z]{3,9}[^a-z]*)?\d{4}\s*[:\-–]\s*$")
_BREAKS = re.compile(r"[,;:.\d]")


class Verdict(NamedTuple):
    """``because`` says in a sentence which words make a name a mention, or leave it in doubt; empty when none do."""

    counts: bool
    because: str = ""


COUNTS = Verdict(counts=True)


class Surroundings(NamedTuple):
    """What stands before and after a name in its line, up to the next name, and under which heading.

    ``never_ends`` marks a depot or an implant.
    """

    before: str
    after: str
    section: Section | None
    never_ends: bool


def verdict(around: Surroundings, on: date) -> Verdict:
    """Whether a name counts as a medicine in use on the day ``on``."""
    around = around._replace(before=_RUNS.sub(r"\1", around.before), after=_RUNS.sub(r"\1", around.after))
    return _allergy(around) or _negated(around, on) or _ended(around, on) or COUNTS


# Allergy ------------------------------------------------------------------------------------------------------


def _allergy(around: Surroundings) -> Verdict | None:
    if said := _said_of_allergy(around):
        return Verdict(False, f"Named as an allergy or intolerance (“{said}”).")
    section, after = around.section, around.after
    if section is None or section.kind is not SectionKind.ALLERGY:
        return None
    is_dosed = cues.DOSED_AFTER.match(after) and not cues.SIDE_EFFECT.search(after)
    return None if is_dosed else Verdict(False, f"Stands under “{section.heading}”.")


def _said_of_allergy(around: Surroundings) -> str:
    before, after = around.before, around.after
    if cues.ALLERGY_PARTS.search(after):
        for pattern in (cues.REACTION_AFTER, cues.LISTED_REACTION_AFTER, cues.INTOLERANCE_AFTER):
            found = pattern.match(after)
            if found and not cues.DOSED_AFTER.match(after[: found.start("cue")]):
                return found["cue"]
    if not cues.ALLERGY_PARTS.search(before):
        return ""
    all_but = cues.ALL_BUT.search(before)
    if all_but and not cues.RESET.search(before, all_but.end()):
        return all_but[0]
    return _open_cue(cues.ALLERGY, _blanked(cues.NO_ALLERGY, before), after)


def _open_cue(cue: re.Pattern[str], before: str, after: str) -> str:
    """The words of the last cue, when nothing ends what it says before the name stands there.

    A name after a comma that has a strength and a sig of its own is another entry.
    """
    last = next(reversed([*cue.finditer(before)]), None)
    if last is None:
        return ""
    heads_a_list = before[last.end() :].lstrip().startswith(":")
    if (cues.RESET_IN_LIST if heads_a_list else cues.RESET).search(before, last.end()):
        return ""
    if "," in before[last.end() :] and cues.DOSED_AFTER.match(after):
        return ""
    return last[0].strip()


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: "#" * len(match[0]), text)


# Negation -----------------------------------------------------------------------------------------------------


def _negated(around: Surroundings, on: date) -> Verdict | None:
    if said := _said_of_negation(around, on):
        return Verdict(False, f"Said not to be taken (“{said}”).")
    return None


def _said_of_negation(around: Surroundings, on: date) -> str:
    before, after = around.before, around.after
    if _has_word(after, cues.NEGATING_WORDS) and (said := cues.SAID_NO_AFTER.match(after)):
        recent = any(not _is_over(told.end, on) for told in ends.dates_in(after[said.end() : said.end() + 60], on))
        return (
            "" if recent or cues.IRREGULARLY.search(after[:60]) else str(said["cue"] or said["answer"] or said["no"])
        )
    if not _has_word(before, cues.NEGATING_WORDS) or cues.IRREGULARLY.match(after):
        return ""
    before = _blanked(cues.NO_BUT_NOT_NEGATED, before)
    if (no := cues.NO.search(before)) and not cues.DOSED_AFTER.match(after):
        return no[0].strip()
    return _open_cue(cues.NEGATION, before, after)


def _has_word(text: str, words: frozenset[str]) -> bool:
    return not words.isdisjoint(_WORDS.findall(text))


# History ------------------------------------------------------------------------------------------------------


def _ended(around: Surroundings, on: date) -> Verdict | None:
    in_past = around.section is not None and around.section.kind is SectionKind.PAST
    if not in_past and not ends.HISTORY_PARTS.search(f"{around.before[-80:]} {around.after}"):
        return None
    told = _end_told(around, on)
    if told is None:
        return _doubtful(around)
    if around.never_ends:
        return Verdict(True, f"A depot or an implant counts whatever is said of its end (“{told.words}”).")
    if not _is_over(told.end, on):
        return Verdict(True, f"Its end (“{told.words}”) lies within {STILL_COUNTS_DAYS} days, so it counts.")
    return Verdict(False, f"History that ended more than {STILL_COUNTS_DAYS} days ago (“{told.words}”).")


def _doubtful(around: Surroundings) -> Verdict | None:
    near = f"{around.before[-40:]}\0{around.after[:60]}"
    if found := ends.END_WORD.search(near):
        return Verdict(True, f"“{found[0]}” gives no clear end, so it counts.")
    if around.section and around.section.kind is SectionKind.PAST:
        return Verdict(True, f"Under “{around.section.heading}” without a clear end, so it counts.")
    return None


def _end_told(around: Surroundings, on: date) -> Told | None:
    """The latest day that an end which is told leaves open."""
    before, after = around.before[-80:], _before_turn(around.after)
    if cues.AGAIN.search(after) or cues.RESTARTED.search(around.after[: len(after) + 20]):
        return None
    told = ends.end_after(after, on) or _end_and_date_before(before, on) or _cue_before(before, after, on)
    told = told or ends.range_after(after, on) or _dated_entry(before, after, on)
    return told or _end_by_section(around, after, on)


def _end_and_date_before(before: str, on: date) -> Told | None:
    """``stopped March 2024: NAME``."""
    for cue in ends.END.finditer(before):
        told = ends.date_after(before, cue.end(), on)
        if told and before.rstrip(" :-–—|").endswith(told.words):
            return Told(told.end, f"{cue[0]} {told.words}")
    return None


def _cue_before(before: str, after: str, on: date) -> Told | None:
    """``stopped NAME in 2019``, ``took NAME 2 years ago``; what was taken *since* a day may be taken still."""
    for cues_of_it, may_be_start in ((ends.END, True), (ends.TOOK, False)):
        for cue in cues_of_it.finditer(before):
            between = before[cue.end() :]
            if len(between) > 45 or _BREAKS.search(between) or cues.RESET.search(between):
                continue
            told = ends.date_after(after, 0, on, sig=True, others=0 if may_be_start else 3)
            if told and (may_be_start or not ends.SINCE.search(after.partition(told.words)[0])):
                return Told(told.end, f"{cue[0]} … {told.words}")
    return None


def _dated_entry(before: str, after: str, on: date) -> Told | None:
    """``2017: NAME during an operation``."""
    entry = _ENTRY.search(before)
    dates = ends.dates_in(entry[0], on) if entry and ends.GIVEN.search(after[:60]) else []
    return max(dates, default=None)


def _end_by_section(around: Surroundings, after: str, on: date) -> Told | None:
    section = around.section
    if section is None or section.kind is not SectionKind.PAST:
        return None
    if dates := ends.dates_in(after, on) + ends.dates_in(around.before, on):
        told = max(dates)
        return Told(told.end, f"{section.heading}: {told.words}")
    return Told(section.ended, section.heading) if section.ended else None


def _before_turn(after: str) -> str:
    """What is said before the talk turns to what is taken now."""
    turned = cues.TURN.search(after)
    return after[: turned.start()] if turned else after


def _is_over(end: date, on: date) -> bool:
    return end < on - timedelta(days=STILL_COUNTS_DAYS)
