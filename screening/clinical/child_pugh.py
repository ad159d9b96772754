"""The Child-Pugh class from its five point bands.

Source: Child-Pugh classification, Pugh RN et al., Br J Surg 1973;60:646-9: 5 to 6 points A, 7 to 9 B, 10 to 15 C.
"""

from __future__ import annotations

from .definition import Feeds, Item
from .details import Details, chosen
from .wording import in_sentence, listed

CLASSES_IN_WORDS = "Add the points in brackets: 5 to 6 are class A, 7 to 9 class B, 10 to 15 class C."
_CLASS_FROM = ((10, "C"), (7, "B"), (5, "A"))


def child_pugh_class(item: Item, details: Details) -> str:
    """The class and its points in words; which bands are missing when it cannot be told; empty without any band."""
    bands = [each for each in item.follow_ups if each.feeds is Feeds.CHILD_PUGH]
    points = {band.link_id: choice.points for band in bands for choice in chosen(band, details) if choice.points}
    if not points:
        return ""
    missing = [in_sentence(band.name) for band in bands if band.link_id not in points]
    if missing:
        return f"Child-Pugh class cannot be told: not given {listed(missing)}."
    total = sum(points.values())
    letter = next(letter for least, letter in _CLASS_FROM if total >= least)
    return f"Child-Pugh class {letter}, {total} points, worked out from the five bands."
