"""Validation of the content of a rule set whose structure is valid. All faults are reported at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sized
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from screening.clinical.text.json_errors import Fault
from screening.clinical.text.printable import first_unprintable, shown, shows_nothing
from screening.clinical.text.translation import gettext

from .definition import (
    STATED_CLASSES,
    AnswerCode,
    Case,
    Choice,
    Definition,
    Feeds,
    FollowUp,
    FollowUpKind,
    Item,
    Trigger,
    UnknownReason,
)
from .labels import ANSWER_WORDS

RESERVED_LINK_IDS = frozenset({"indication", "medications"})
"""Names of the form's own fields that are also valid link ids."""
RESERVED_FOLLOW_UPS = frozenset({"unknown-reason", "na-reason"})
"""Names of the fields for the reason of an answer that are also valid link ids of follow-ups."""

VERDICTS = re.compile(r"\b(safe|cleared|eligible|approved|pass(ed)?|fail(ed)?|reject(ed)?)\b", re.IGNORECASE)
"""Words that would read as a decision by the software. They are not allowed in headings, outcome lines and lists."""
TERMS_OF_ART = re.compile(r"\bfailed\s+naloxone\s+challenges?\b", re.IGNORECASE)
"""Clinical terms that are allowed although they contain such a word."""

MOST_RULES = 60
MOST_FOLLOW_UPS = 20
MOST_CHOICES = 30
MOST_SOURCES = 20
MOST_LINES = 60
MOST_CASES = 500
"""Limits: a form must be short enough to finish, a list to read, and all cases run at every save of a draft."""

LEAST_DOSE_MG, MOST_DOSE_MG = Decimal("0.1"), Decimal(100)
DOSE_DECIMALS = 3

LONGEST: dict[tuple[type, str], int] = {
    (Definition, "title"): 200,
    (Definition, "indications"): 200,
    (Choice, "label"): 200,
    **{(Item, field): 200 for field in ("name", "severity_words", "finding", "authored_by", "checked_by")},
    **{(FollowUp, field): 200 for field in ("label", "name")},
    (FollowUp, "unit"): 40,
}
"""The maximum length, in characters, of texts shown in headings, labels and lists."""

_WITHOUT_VERDICT = {
    *((Definition, field) for field in ("title", "basis", "dose_note", "not_covered", "counselling")),
    *((Item, field) for field in ("name", "question", "finding", "severity_words")),
    (Choice, "label"),
}
"""Texts shown in headings, outcome lines and lists. Other texts may say what a label approved or what failed."""

CHILD_PUGH_PARAMETERS = 5
CHILD_PUGH_POINTS = (1, 2, 3)
_PART_NAMES = {
    "items": "rule",
    "listed": "rule",
    "follow_ups": "follow-up",
    "choices": "choice",
    "not_applicable_reasons": "reason",
}
_ANSWERS_WITH_CASES = (AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN)
_CHOICE_KINDS = (FollowUpKind.ONE, FollowUpKind.SEVERAL)


def check(definition: Definition) -> tuple[Fault, ...]:
    """Return every fault of a definition. Without faults it may be published if its cases also run as expected."""
    return tuple(_faults(definition))


def is_too_large(definition: Definition) -> bool:
    """True when there are too many rules or cases to run every case."""
    return len(definition.items) > MOST_RULES or len(definition.cases) > MOST_CASES


def case_place(number: int, case: Case) -> str:
    """Name a case in a fault: its number, from 1, and its words."""
    return f"case {number}, “{shown(case.words)}”"


def _faults(definition: Definition) -> Iterator[Fault]:
    yield from _count_faults(definition)
    yield from _dose_faults(definition)
    yield from _repeated(
        "items",
        gettext("{times} rules are called “{name}”; give each its own name"),
        (item.link_id for item in (*definition.items, *definition.listed)),
    )
    for item in definition.items:
        yield from _trigger_faults(item, Trigger.ANSWERED_YES)
        yield from _item_faults(item)
    for item in definition.listed:
        yield from _trigger_faults(item, Trigger.FOUND_IN_LIST)
        yield from _not_asked_faults(item)
        yield from _item_faults(item)
    for text in texts(definition):
        yield from _text_faults(text)
    if not is_too_large(definition):
        yield from _case_faults(definition)
        yield from _missing_cases(definition)


def _count_faults(definition: Definition) -> Iterator[Fault]:
    if not definition.items:
        yield Fault("items", gettext("there are no rules; add at least one"))
    if not definition.not_covered:
        yield Fault("not_covered", gettext("this list is empty; add what the screen does not ask"))
    too_many = gettext("there are {count} rules; use at most {most}")
    yield from _too_many("items", definition.items, MOST_RULES, too_many)
    too_many = gettext("there are {count} rules raised by a medication list; use at most {most}")
    yield from _too_many("listed", definition.listed, MOST_RULES, too_many)
    too_many = gettext("there are {count} cases; use at most {most}")
    yield from _too_many("cases", definition.cases, MOST_CASES, too_many)
    too_many = gettext("there are {count} lines; use at most {most}")
    for name in ("not_covered", "counselling", "indications"):
        yield from _too_many(name, getattr(definition, name), MOST_LINES, too_many)


def _too_many(place: str, parts: Sized, most: int, sentence: str) -> Iterator[Fault]:
    if len(parts) > most:
        yield Fault(place, sentence.format(count=len(parts), most=most))


def _dose_faults(definition: Definition) -> Iterator[Fault]:
    if definition.dose_low_mg > definition.dose_high_mg:
        yield Fault(
            "dose_low_mg", gettext("the low end of the dose range is above the high end; correct one of them")
        )
    for name in ("dose_low_mg", "dose_high_mg"):
        dose: Decimal = getattr(definition, name)
        if not LEAST_DOSE_MG <= dose <= MOST_DOSE_MG or dose != round(dose, DOSE_DECIMALS):
            sentence = gettext(
                "enter a daily dose between {least} and {most} mg, with at most {decimals} decimal places"
            )
            yield Fault(name, sentence.format(least=LEAST_DOSE_MG, most=MOST_DOSE_MG, decimals=DOSE_DECIMALS))


# Rules --------------------------------------------------------------------------------------------------------


def _item_faults(item: Item) -> Iterator[Fault]:
    place = f"rule {item.link_id}"
    if item.link_id in RESERVED_LINK_IDS:
        yield Fault(place, gettext("this link id is the name of a field of the form; choose another"))
    if not item.sources:
        yield Fault(
            f"{place}, sources",
            gettext("there is no source; add at least one, of the kind “opinion” if there is no better source"),
        )
    too_many = gettext("there are {count} sources; use at most {most}")
    yield from _too_many(f"{place}, sources", item.sources, MOST_SOURCES, too_many)
    yield from _reason_faults(f"{place}, not_applicable_reasons", item.not_applicable_reasons)
    too_many = gettext("there are {count} follow-ups; use at most {most}")
    yield from _too_many(f"{place}, follow-ups", item.follow_ups, MOST_FOLLOW_UPS, too_many)
    repeated = gettext("{times} follow-ups are called “{name}”; give each its own name")
    yield from _repeated(f"{place}, follow-ups", repeated, (each.link_id for each in item.follow_ups))
    for follow_up in item.follow_ups:
        yield from _follow_up_faults(f"{place}, follow-up {follow_up.link_id}", follow_up)
    yield from _interval_faults(place, item)
    yield from _child_pugh_faults(place, item)
    yield from _upper_limit_faults(place, item)


def _trigger_faults(item: Item, trigger: Trigger) -> Iterator[Fault]:
    if item.trigger is not trigger:
        right_list = "listed" if item.trigger is Trigger.FOUND_IN_LIST else "items"
        sentence = gettext("a rule with the trigger {trigger} belongs in {list}; move it")
        yield Fault(f"rule {item.link_id}", sentence.format(trigger=item.trigger, list=right_list))


def _not_asked_faults(item: Item) -> Iterator[Fault]:
    if item.listed is None:
        yield Fault(
            f"rule {item.link_id}, listed",
            gettext("nothing raises this rule; choose the kind of medicine that does"),
        )
    if item.follow_ups or item.not_applicable_reasons:
        yield Fault(
            f"rule {item.link_id}",
            gettext(
                "this rule is not asked, so it cannot have follow-ups or reasons for “not applicable”; remove them"
            ),
        )


def _follow_up_faults(place: str, follow_up: FollowUp) -> Iterator[Fault]:
    if follow_up.link_id in RESERVED_FOLLOW_UPS:
        yield Fault(place, gettext("this link id is reserved for the reason for an answer; choose another"))
    if follow_up.kind in _CHOICE_KINDS and not follow_up.choices:
        yield Fault(place, gettext("this follow-up has no choices; add at least one, or choose another kind"))
    if follow_up.kind not in _CHOICE_KINDS and follow_up.choices:
        sentence = gettext("a {kind} follow-up cannot have choices; remove them, or choose another kind")
        yield Fault(place, sentence.format(kind=follow_up.kind))
    low, high = follow_up.minimum, follow_up.maximum
    if low is not None and high is not None and low > high:
        yield Fault(place, gettext("the minimum is above the maximum; correct one of them"))
    yield from _choice_faults(place, follow_up.choices)


def _choice_faults(place: str, choices: tuple[Choice, ...]) -> Iterator[Fault]:
    yield from _too_many(place, choices, MOST_CHOICES, gettext("there are {count} choices; use at most {most}"))
    repeated = gettext("{times} choices are called “{name}”; give each its own name")
    yield from _repeated(place, repeated, (choice.code for choice in choices))


def _reason_faults(place: str, reasons: tuple[Choice, ...]) -> Iterator[Fault]:
    yield from _choice_faults(place, reasons)
    for reason in reasons:
        if reason.code in set(UnknownReason):
            sentence = gettext("the code “{code}” is reserved for the answer “not known”; choose another")
            yield Fault(place, sentence.format(code=reason.code))


def _interval_faults(place: str, item: Item) -> Iterator[Fault]:
    kinds = [each for each in item.follow_ups if each.feeds is Feeds.INTERVAL_KIND]
    starts = [each for each in item.follow_ups if each.feeds is Feeds.INTERVAL_START]
    if len(kinds) != len(starts) or len(kinds) > 1:
        yield Fault(
            f"{place}, follow-ups",
            gettext(
                "an opioid-free interval needs one follow-up for the kind and one for the date; add or remove one"
            ),
        )
    for each in starts:
        if each.kind is not FollowUpKind.DATE:
            yield Fault(
                f"{place}, follow-up {each.link_id}", gettext("the start of an interval must be of the kind date")
            )
    for each in kinds:
        if each.kind not in _CHOICE_KINDS:
            yield Fault(
                f"{place}, follow-up {each.link_id}",
                gettext("a follow-up for the opioid must be of the kind one-choice or several-choices"),
            )
        for choice in each.choices:
            if choice.interval is None:
                yield Fault(
                    f"{place}, choice {choice.code}",
                    gettext("add the interval: the days, or a text that says why there is no date"),
                )


def _child_pugh_faults(place: str, item: Item) -> Iterator[Fault]:
    bands = [each for each in item.follow_ups if each.feeds is Feeds.CHILD_PUGH]
    if bands and len(bands) != CHILD_PUGH_PARAMETERS:
        sentence = gettext("the Child-Pugh class needs {needed} point bands; there are {count}")
        yield Fault(f"{place}, follow-ups", sentence.format(needed=CHILD_PUGH_PARAMETERS, count=len(bands)))
    repeated = gettext("{times} point bands are called “{name}”; give each its own name")
    yield from _repeated(place, repeated, (each.name for each in bands))
    for each in bands:
        points = tuple(choice.points for choice in each.choices)
        if each.kind is not FollowUpKind.ONE or points != CHILD_PUGH_POINTS:
            yield Fault(
                f"{place}, follow-up {each.link_id}",
                gettext(
                    "a point band must be of the kind one-choice, with choices of 1, 2 and 3 points in this order"
                ),
            )
    stated = [each for each in item.follow_ups if each.feeds is Feeds.CHILD_PUGH_STATED]
    if stated and (len(stated) > 1 or not bands):
        yield Fault(
            f"{place}, follow-ups",
            gettext("a stated Child-Pugh class needs exactly one follow-up and the five point bands"),
        )
    for each in stated:
        if each.kind is not FollowUpKind.ONE or not STATED_CLASSES.keys() & {choice.code for choice in each.choices}:
            sentence = gettext(
                "a stated class must be of the kind one-choice, with at least one of the codes {codes}"
            )
            yield Fault(f"{place}, follow-up {each.link_id}", sentence.format(codes=", ".join(STATED_CLASSES)))


def _upper_limit_faults(place: str, item: Item) -> Iterator[Fault]:
    for each in item.follow_ups:
        if each.feeds is Feeds.TIMES_UPPER_LIMIT and each.kind is not FollowUpKind.NUMBER:
            yield Fault(
                f"{place}, follow-up {each.link_id}",
                gettext("a multiple of an upper limit must be of the kind number"),
            )


# Cases --------------------------------------------------------------------------------------------------------


def _case_faults(definition: Definition) -> Iterator[Fault]:
    allowed = {item.link_id: frozenset(item.answer_codes) for item in definition.items}
    for number, case in enumerate(definition.cases, start=1):
        for link_id in sorted({*case.answers, *case.flagged} - allowed.keys()):
            sentence = gettext("there is no rule “{link_id}”; correct the link id or remove it")
            yield Fault(case_place(number, case), sentence.format(link_id=link_id))
        for link_id, codes in allowed.items():
            if (answer := case.answer_to(link_id)) not in codes:
                sentence = gettext("rule {link_id} does not allow the answer “{answer}”; choose another")
                words = gettext(ANSWER_WORDS[answer])
                yield Fault(case_place(number, case), sentence.format(link_id=link_id, answer=words))


def _missing_cases(definition: Definition) -> Iterator[Fault]:
    for item in definition.items:
        given = {case.answer_to(item.link_id) for case in definition.cases}
        for code in _ANSWERS_WITH_CASES:
            if code not in given:
                sentence = gettext("no case answers this rule “{answer}”; add one")
                yield Fault(f"rule {item.link_id}, cases", sentence.format(answer=gettext(ANSWER_WORDS[code])))


# Texts --------------------------------------------------------------------------------------------------------


class PlacedText(NamedTuple):
    """A text of a definition with the dataclass and field that contain it. ``place`` names it in a fault."""

    part: type
    field: str
    place: str
    words: str


def texts(part: Any, place: str = "") -> Iterator[PlacedText]:
    """Yield every text that a rule editor entered in a definition or in a part of one."""
    for field in fields(part):
        value = getattr(part, field.name)
        for number, each in enumerate(value if isinstance(value, tuple) else (value,), start=1):
            if isinstance(each, str) and not isinstance(each, Enum):
                name = f"{field.name}[{number}]" if isinstance(value, tuple) else field.name
                yield PlacedText(type(part), field.name, _within(place, name), each)
            elif is_dataclass(each):
                yield from texts(each, _within(place, _name_of(each, field.name, number)))


def _within(place: str, name: str) -> str:
    return f"{place}, {name}" if place else name


def _name_of(part: object, field: str, number: int) -> str:
    match part:
        case Case():
            return case_place(number, part)
        case Item() | FollowUp():
            return f"{_PART_NAMES[field]} {part.link_id}"
        case Choice():
            return f"{_PART_NAMES[field]} {part.code}"
    return f"source {number}" if field == "sources" else field


def _text_faults(text: PlacedText) -> Iterator[Fault]:
    yield from unprintable(text.place, text.words)
    where = (text.part, text.field)
    if len(text.words) > (most := LONGEST.get(where, len(text.words))):
        sentence = gettext("this text has {count} characters; use at most {most}")
        yield Fault(text.place, sentence.format(count=len(text.words), most=most))
    if where in _WITHOUT_VERDICT and (found := VERDICTS.search(TERMS_OF_ART.sub("", text.words))):
        sentence = gettext("“{word}” is a verdict, and only the prescriber decides; use other words")
        yield Fault(text.place, sentence.format(word=found[0]))


def unprintable(place: str, words: str) -> Iterator[Fault]:
    """Report a text without visible characters, or the first character that cannot be shown or printed."""
    if shows_nothing(words):
        yield Fault(place, gettext("this text has no visible characters; enter it again"))
    if found := first_unprintable(words):
        number, name = found
        sentence = gettext("character {number} cannot be shown or printed ({name}); enter the text again")
        yield Fault(place, sentence.format(number=number, name=name))


def _repeated(place: str, sentence: str, identifiers: Iterable[str]) -> Iterator[Fault]:
    for identifier, times in Counter(identifiers).items():
        if times > 1:
            yield Fault(place, sentence.format(times=times, name=identifier))
