"""The opioid-free interval before naltrexone, told in words: it informs and never lifts a flag by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from .dates import in_words
from .definition import Feeds, Interval, Item
from .details import Details, chosen

DECIDES = "The prescriber decides."


def opioid_free_interval(item: Item, details: Details, on: date) -> str:
    """Until when the interval runs, how it is counted and that passing it decides nothing.

    Empty when the rule asks for no interval. Of several kinds the longest interval is told, or the one that has
    no date. ``on`` is the day of the screening.
    """
    kind, start = item.fed_by(Feeds.INTERVAL_KIND), item.fed_by(Feeds.INTERVAL_START)
    if kind is None or start is None:
        return ""
    intervals = [choice.interval for choice in chosen(kind, details) if choice.interval]
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
        f"Counted from {in_words(start)} ({counted_from}), {words} runs until {in_words(until)}. "
        f"{ending} does not lift this flag; the prescriber decides."
    )


def _joined(phrases: Sequence[str], separator: str) -> str:
    """Each phrase once; one that another already contains is left out."""
    if len(phrases) == 1:
        return phrases[0]
    once = list(dict.fromkeys(phrases))
    return separator.join(each for each in once if not any(each in other for other in once if other != each))
