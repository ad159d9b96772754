"""What is wrong with a rule set that reads well: every fault that would mislead a clinician, listed at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from .definition import AnswerCode, Case, Choice, Definition, Fault, Feeds, FollowUp, FollowUpKind, Item, Trigger

RESERVED_LINK_IDS = frozenset({"indication", "medications"})
"""Names of the form's own fields that a link id could also spell."""

VERDICTS = re.compile(r"\b(safe|cleared|eligible|approved|pass(ed)?|fail(ed)?|reject(ed)?)\b", re.IGNORECASE)
"""Words that would let the software decide; never in a heading, an outcome line or a list."""

CHILD_PUGH_PARAMETERS = 5
CHILD_PUGH_POINTS = (1, 2, 3)
_CASES_EACH = (AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN)
_LISTS = (FollowUpKind.ONE, FollowUpKind.SEVERAL)


def check(definition: Definition) -> tuple[Fault, ...]:
    """Every fault of a definition; empty when it may be published."""
    return tuple(_faults(definition))


def _faults(definition: Definition) -> Iterator[Fault]:
    if not definition.items:
        yield Fault("items", "there is no rule; add at least one")
    if definition.dose_low_mg > definition.dose_high_mg:
        yield Fault("dose_low_mg", "the low end of the dose range is above the high end")
    for words in (*definition.not_covered, *definition.counselling):
        yield from _verdict_faults("not_covered or counselling", words)
    yield from _repeated("items", "rule", (item.link_id for item in (*definition.items, *definition.listed)))
    for item in definition.items:
        yield from _trigger_faults(item, Trigger.ANSWERED_YES)
        yield from _item_faults(item)
    for item in definition.listed:
        yield from _trigger_faults(item, Trigger.FOUND_IN_LIST)
        yield from _not_asked_faults(item)
        yield from _item_faults(item)
    for number, case in enumerate(definition.cases, start=1):
        yield from _case_faults(f"cases[{number}]", case, definition)
    yield from _missing_cases(definition)


def _item_faults(item: Item) -> Iterator[Fault]:
    place = f"rule {item.link_id}"
    if item.link_id in RESERVED_LINK_IDS:
        yield Fault(place, "this link id is the name of a field of the form; choose another")
    if not item.sources:
        yield Fault(place, "there is no source; name at least one, an opinion if there is nothing better")
    for field in ("name", "finding", "severity_words"):
        yield from _verdict_faults(f"{place}, {field}", getattr(item, field))
    yield from _choice_faults(f"{place}, not_applicable_reasons", item.not_applicable_reasons)
    yield from _repeated(place, "follow-up", (each.link_id for each in item.follow_ups))
    for follow_up in item.follow_ups:
        yield from _follow_up_faults(f"{place}, follow-up {follow_up.link_id}", follow_up)
    yield from _interval_faults(place, item)
    yield from _child_pugh_faults(place, item)


def _trigger_faults(item: Item, trigger: Trigger) -> Iterator[Fault]:
    if item.trigger is not trigger:
        where = "listed" if item.trigger is Trigger.FOUND_IN_LIST else "items"
        yield Fault(f"rule {item.link_id}", f"a rule with the trigger {item.trigger} stands in {where}")


def _not_asked_faults(item: Item) -> Iterator[Fault]:
    if item.listed is None:
        yield Fault(f"rule {item.link_id}", "nothing raises this rule; name in listed which medicines do")
    if item.follow_ups or item.not_applicable_reasons:
        yield Fault(f"rule {item.link_id}", "this rule is not asked, so it takes no follow-ups and no reasons")


def _verdict_faults(place: str, words: str) -> Iterator[Fault]:
    if found := VERDICTS.search(words):
        yield Fault(place, f"“{found[0]}” is a verdict; the prescriber decides")


def _follow_up_faults(place: str, follow_up: FollowUp) -> Iterator[Fault]:
    if follow_up.link_id in ("unknown-reason", "na-reason"):
        yield Fault(place, "this link id is taken by the reasons of an answer; choose another")
    if follow_up.kind in _LISTS and not follow_up.choices:
        yield Fault(place, "this is a list of choices and has none")
    if follow_up.kind not in _LISTS and follow_up.choices:
        yield Fault(place, f"a {follow_up.kind} follow-up takes no choices")
    low, high = follow_up.minimum, follow_up.maximum
    if low is not None and high is not None and low > high:
        yield Fault(place, "the minimum is above the maximum")
    yield from _choice_faults(place, follow_up.choices)


def _choice_faults(place: str, choices: Iterable[Choice]) -> Iterator[Fault]:
    yield from _repeated(place, "choice", (choice.code for choice in choices))


def _interval_faults(place: str, item: Item) -> Iterator[Fault]:
    kinds = [each for each in item.follow_ups if each.feeds is Feeds.INTERVAL_KIND]
    starts = [each for each in item.follow_ups if each.feeds is Feeds.INTERVAL_START]
    if len(kinds) != len(starts) or len(kinds) > 1:
        yield Fault(place, "an opioid-free interval needs one follow-up for the kind and one for the date")
    for each in starts:
        if each.kind is not FollowUpKind.DATE:
            yield Fault(f"{place}, follow-up {each.link_id}", "the start of an interval is a date")
    for each in kinds:
        if each.kind not in _LISTS:
            yield Fault(f"{place}, follow-up {each.link_id}", "the kind of an interval is a list of choices")
        for choice in each.choices:
            if choice.interval is None:
                yield Fault(f"{place}, choice {choice.code}", "say the interval, or in words why it has no date")


def _child_pugh_faults(place: str, item: Item) -> Iterator[Fault]:
    bands = [each for each in item.follow_ups if each.feeds is Feeds.CHILD_PUGH]
    if bands and len(bands) != CHILD_PUGH_PARAMETERS:
        yield Fault(place, f"the Child-Pugh class needs {CHILD_PUGH_PARAMETERS} point bands, not {len(bands)}")
    yield from _repeated(place, "point band", (each.name for each in bands))
    for each in bands:
        points = tuple(choice.points for choice in each.choices)
        if each.kind is not FollowUpKind.ONE or points != CHILD_PUGH_POINTS:
            yield Fault(f"{place}, follow-up {each.link_id}", "a band offers one choice each of 1, 2 and 3 points")


def _case_faults(place: str, case: Case, definition: Definition) -> Iterator[Fault]:
    for link_id in {*case.answers, *case.flagged} - definition.by_link_id.keys():
        yield Fault(place, f"there is no rule “{link_id}”")
    for item in definition.items:
        if (answer := case.answer_to(item.link_id)) not in item.answer_codes:
            yield Fault(place, f"rule {item.link_id} does not allow the answer {answer}")


def _missing_cases(definition: Definition) -> Iterator[Fault]:
    for item in definition.items:
        given = {case.answer_to(item.link_id) for case in definition.cases}
        for code in _CASES_EACH:
            if code not in given:
                yield Fault(f"rule {item.link_id}", f"no case answers it {code}")


def _repeated(place: str, what: str, link_ids: Iterable[str]) -> Iterator[Fault]:
    for link_id, times in Counter(link_ids).items():
        if times > 1:
            yield Fault(place, f"{times} {what}s are called “{link_id}”; each needs its own")
