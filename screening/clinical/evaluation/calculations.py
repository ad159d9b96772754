"""Calculations from the details of an answer: the opioid-free interval and the Child-Pugh class.

They inform and never lift a flag by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from screening.clinical.rules.definition import STATED_CLASSES, Feeds, FollowUp, Interval, Item
from screening.clinical.text.dates import format_date
from screening.clinical.text.phrases import in_sentence, join_with_and

from .follow_up_values import FollowUpValues, chosen_choices

DECIDES = "The prescriber decides."
NO_END = "its end cannot be told."


def opioid_free_interval(item: Item, details: FollowUpValues, on: date) -> str:
    """Return the sentences about the interval before naltrexone, empty when the rule asks for no interval.

    They give the end date and how it is counted, and say that reaching it decides nothing. If several kinds were
    chosen, they give the longest interval, or the one without a date. ``on`` is the day of the screening.
    """
    kind, start = item.follow_up_for(Feeds.INTERVAL_KIND), item.follow_up_for(Feeds.INTERVAL_START)
    if kind is None or start is None:
        return ""
    intervals = _intervals(kind, details)
    if not intervals:
        return f"The opioid-free interval cannot be calculated: the kind of opioid is missing, so {NO_END} {DECIDES}"
    undated = [interval for interval in intervals if interval.days is None]
    if undated:
        return f"{_joined([interval.words for interval in undated], ' ')} No end date can be calculated. {DECIDES}"
    return _dated(intervals, details.get(start.link_id), on)


def interval_end(item: Item, details: FollowUpValues, on: date) -> date | None:
    """Return the day until which the opioid-free interval runs; None when no date can be calculated.

    Of several kinds the longest interval counts. ``on`` is the day of the screening.
    """
    kind, start = item.follow_up_for(Feeds.INTERVAL_KIND), item.follow_up_for(Feeds.INTERVAL_START)
    intervals = _intervals(kind, details) if kind and start else []
    if start is None or not intervals or any(interval.days is None for interval in intervals):
        return None
    return _end(details.get(start.link_id), _longest_days(intervals), on)


def _intervals(kind: FollowUp, details: FollowUpValues) -> list[Interval]:
    return [choice.interval for choice in chosen_choices(kind, details) if choice.interval]


def _longest_days(intervals: Sequence[Interval]) -> int:
    return max([interval.days or 0 for interval in intervals])


def _end(start: object, days: int, on: date) -> date | None:
    """Return the end of an interval; None when it has no start, or one after the screening."""
    if not isinstance(start, date) or isinstance(start, datetime) or start > min(on, date.max - timedelta(days)):
        return None
    return start + timedelta(days=days)


def _dated(intervals: list[Interval], start: object, on: date) -> str:
    days = _longest_days(intervals)
    longest = [interval for interval in intervals if interval.days == days]
    words = _joined([interval.words for interval in longest], " and ")
    counted_from = _joined([interval.counted_from for interval in longest], " or ")
    until = _end(start, days, on)
    if until is None:
        missing = f"The interval cannot be calculated: the date of {counted_from} is missing, so {NO_END}"
        return f"{missing} From that date, {words} applies. {DECIDES}"
    ending = "That date is in the past, which" if until < on else "Reaching that date"
    return (
        f"Counted from {format_date(until - timedelta(days=days))} ({counted_from}), {words} runs until "
        f"{format_date(until)}. {ending} does not lift this flag; the prescriber decides."
    )


def _joined(phrases: Sequence[str], separator: str) -> str:
    """Join the phrases, each once, without those that another phrase already contains."""
    if len(phrases) == 1:
        return phrases[0]
    once = list(dict.fromkeys(phrases))
    return separator.join(each for each in once if not any(each in other for other in once if other != each))


CLASSES_IN_WORDS = "Add the points in brackets: 5 to 6 are class A, 7 to 9 class B, 10 to 15 class C."
_CLASS_FROM = ((10, "C"), (7, "B"), (5, "A"))


def child_pugh_class(item: Item, details: FollowUpValues) -> str:
    """Return the sentence with the class and its points, or with the missing bands; empty without any band.

    Source: Child-Pugh classification, Pugh RN et al., Br J Surg 1973;60:646-9: 5 to 6 points A, 7 to 9 B, 10 to 15 C.
    """
    points, missing = _points(item, details)
    if not points:
        return ""
    if missing:
        return f"The Child-Pugh class cannot be told: {join_with_and(missing)} not given."
    letter, total = _class_and_total(points)
    return f"Child-Pugh class {letter}, {total} points, calculated from the five bands."


def child_pugh_conflict(item: Item, details: FollowUpValues) -> str:
    """Return the sentence about a chosen class that differs from the class of the five bands, else an empty one."""
    kind = item.follow_up_for(Feeds.CHILD_PUGH_STATED)
    stated = (
        [STATED_CLASSES[choice.code] for choice in chosen_choices(kind, details) if choice.code in STATED_CLASSES]
        if kind
        else []
    )
    points, missing = _points(item, details)
    if not stated or not points or missing:
        return ""
    letter, total = _class_and_total(points)
    if stated == [letter]:
        return ""
    chosen = join_with_and(stated)
    return f"Class {chosen} was chosen, but the five bands give class {letter}, {total} points. Check both."


def _points(item: Item, details: FollowUpValues) -> tuple[list[int], list[str]]:
    """Return the points of the bands that are given, and the names of those that are not."""
    bands = [each for each in item.follow_ups if each.feeds is Feeds.CHILD_PUGH]
    points = {
        band.link_id: choice.points for band in bands for choice in chosen_choices(band, details) if choice.points
    }
    return [*points.values()], [in_sentence(band.name) for band in bands if band.link_id not in points]


def _class_and_total(points: list[int]) -> tuple[str, int]:
    total = sum(points)
    return next(letter for least, letter in _CLASS_FROM if total >= least), total
