"""The opioid-free interval before naltrexone, told in words: it informs and never lifts a flag by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from screening.clinical.rules.definition import STATED_CLASSES, Feeds, Interval, Item
from screening.clinical.text.dates import format_date
from screening.clinical.text.phrases import in_sentence, join_with_and

from .follow_up_values import FollowUpValues, chosen_choices

DECIDES = "The prescriber decides."


def opioid_free_interval(item: Item, details: FollowUpValues, on: date) -> str:
    """Until when the interval runs, how it is counted and that passing it decides nothing.

    Empty when the rule asks for no interval. Of several kinds the longest interval is told, or the one that has
    no date. ``on`` is the day of the screening.
    """
    kind, start = item.follow_up_for(Feeds.INTERVAL_KIND), item.follow_up_for(Feeds.INTERVAL_START)
    if kind is None or start is None:
        return ""
    intervals = [choice.interval for choice in chosen_choices(kind, details) if choice.interval]
    if not intervals:
        return "The kind of opioid is not given, so the opioid-free interval cannot be told. " + DECIDES
    undated = [interval for interval in intervals if interval.days is None]
    if undated:
        return f"{_joined([interval.words for interval in undated], ' ')} No date can be told. {DECIDES}"
    return _dated(intervals, details.get(start.link_id), on)


def _dated(intervals: list[Interval], start: object, on: date) -> str:
    days = max([interval.days or 0 for interval in intervals])
    longest = [interval for interval in intervals if interval.days == days]
    words = _joined([interval.words for interval in longest], " and ")
    counted_from = _joined([interval.counted_from for interval in longest], " or ")
    if not isinstance(start, date) or isinstance(start, datetime) or start > min(on, date.max - timedelta(days)):
        return f"The date of {counted_from} is not given, so it cannot be told until when {words} runs. " + DECIDES
    until = start + timedelta(days=days)
    ending = "That date lies in the past, which" if until < on else "Reaching that date"
    return (
        f"Counted from {format_date(start)} ({counted_from}), {words} runs until {format_date(until)}. "
        f"{ending} does not lift this flag; the prescriber decides."
    )


def _joined(phrases: Sequence[str], separator: str) -> str:
    """Each phrase once; one that another already contains is left out."""
    if len(phrases) == 1:
        return phrases[0]
    once = list(dict.fromkeys(phrases))
    return separator.join(each for each in once if not any(each in other for other in once if other != each))


CLASSES_IN_WORDS = "Add the points in brackets: 5 to 6 are class A, 7 to 9 class B, 10 to 15 class C."
_CLASS_FROM = ((10, "C"), (7, "B"), (5, "A"))


def child_pugh_class(item: Item, details: FollowUpValues) -> str:
    """The class and its points in words; which bands are missing when it cannot be told; empty without any band."""
    points, missing = _points(item, details)
    if not points:
        return ""
    if missing:
        return f"Child-Pugh class cannot be told: not given {join_with_and(missing)}."
    letter, total = _class(points)
    return f"Child-Pugh class {letter}, {total} points, worked out from the five bands."


def child_pugh_conflict(item: Item, details: FollowUpValues) -> str:
    """That another class was chosen than the five bands give; empty unless both are there and differ."""
    kind = item.follow_up_for(Feeds.CHILD_PUGH_STATED)
    stated = (
        [STATED_CLASSES[choice.code] for choice in chosen_choices(kind, details) if choice.code in STATED_CLASSES]
        if kind
        else []
    )
    points, missing = _points(item, details)
    if not stated or not points or missing:
        return ""
    letter, total = _class(points)
    if stated == [letter]:
        return ""
    chosen = join_with_and(stated)
    return f"Class {chosen} was chosen, but the five bands give class {letter}, {total} points. Check both."


def _points(item: Item, details: FollowUpValues) -> tuple[list[int], list[str]]:
    """The points of the bands that are given, and the names of those that are not."""
    bands = [each for each in item.follow_ups if each.feeds is Feeds.CHILD_PUGH]
    points = {
        band.link_id: choice.points for band in bands for choice in chosen_choices(band, details) if choice.points
    }
    return [*points.values()], [in_sentence(band.name) for band in bands if band.link_id not in points]


def _class(points: list[int]) -> tuple[str, int]:
    total = sum(points)
    return next(letter for least, letter in _CLASS_FROM if total >= least), total
