"""The Child-Pugh class from its five point bands, and whether it is the one that was chosen.

Source: Child-Pugh classification, Pugh RN et al., Br J Surg 1973;60:646-9: 5 to 6 points A, 7 to 9 B, 10 to 15 C.
"""

from __future__ import annotations

from .definition import Feeds, Item
from .details import Details, chosen
from .wording import in_sentence, listed

CLASSES_IN_WORDS = "Add the points in brackets: 5 to 6 are class A, 7 to 9 class B, 10 to 15 class C."
STATED = {"child-pugh-a": "A", "child-pugh-b": "B", "child-pugh-c": "C"}
"""Codes of the choices that state a class, in a follow-up that ``Feeds.CHILD_PUGH_STATED`` names."""
_CLASS_FROM = ((10, "C"), (7, "B"), (5, "A"))


def child_pugh_class(item: Item, details: Details) -> str:
    """The class and its points in words; which bands are missing when it cannot be told; empty without any band."""
    points, missing = _points(item, details)
    if not points:
        return ""
    if missing:
        return f"Child-Pugh class cannot be told: not given {listed(missing)}."
    letter, total = _class(points)
    return f"Child-Pugh class {letter}, {total} points, worked out from the five bands."


def child_pugh_conflict(item: Item, details: Details) -> str:
    """That another class was chosen than the five bands give; empty unless both are there and differ."""
    kind = item.fed_by(Feeds.CHILD_PUGH_STATED)
    stated = [STATED[choice.code] for choice in chosen(kind, details) if choice.code in STATED] if kind else []
    points, missing = _points(item, details)
    if not stated or not points or missing:
        return ""
    letter, total = _class(points)
    if stated == [letter]:
        return ""
    return f"Class {listed(stated)} was chosen, but the five bands give class {letter}, {total} points. Check both."


def _points(item: Item, details: Details) -> tuple[list[int], list[str]]:
    """The points of the bands that are given, and the names of those that are not."""
    bands = [each for each in item.follow_ups if each.feeds is Feeds.CHILD_PUGH]
    points = {band.link_id: choice.points for band in bands for choice in chosen(band, details) if choice.points}
    return [*points.values()], [in_sentence(band.name) for band in bands if band.link_id not in points]


def _class(points: list[int]) -> tuple[str, int]:
    total = sum(points)
    return next(letter for least, letter in _CLASS_FROM if total >= least), total
