"""Which entries of two lists are the same one, and which of them changed their place."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple


class Pair(NamedTuple):
    """The places of one entry in two lists, from 0; None where it does not stand."""

    before: int | None
    after: int | None


def paired(before: Sequence[Hashable], after: Sequence[Hashable]) -> tuple[Pair, ...]:
    """The entries of two lists by key, in the order of the second; what is gone stands behind what it stood behind.

    Of a key that comes several times, the first is paired with the first.
    """
    was, now = _places(before), _places(after)
    gone: defaultdict[int, list[Pair]] = defaultdict(list)
    behind = -1
    for key, place in was.items():
        if key in now:
            behind = now[key]
        else:
            gone[behind].append(Pair(place, None))
    pairs = gone[-1]
    for key, place in now.items():
        pairs += [Pair(was.get(key), place), *gone[place]]
    return tuple(pairs)


def moved(pairs: Iterable[Pair]) -> frozenset[Pair]:
    """The fewest entries of both lists that have to move for the one order to become the other."""
    both = sorted((before, after) for before, after in pairs if before is not None and after is not None)
    stay = {both[place] for place in rising([after for _, after in both])}
    return frozenset(Pair(*places) for places in both if places not in stay)


def rising(numbers: Sequence[int]) -> list[int]:
    """The places of a longest strictly rising run of numbers, which need not stand side by side."""
    ends: list[int] = []  # the lowest number in which a run of each length can end, and where it stands
    places: list[int] = []
    previous: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number)
        previous.append(places[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        places[length : length + 1] = [place]
    return _run(previous, places[-1] if places else -1)


def _run(previous: Sequence[int], last: int) -> list[int]:
    run = []
    while last >= 0:
        run.append(last)
        last = previous[last]
    return run[::-1]


def _places(keys: Sequence[Hashable]) -> dict[tuple[Hashable, int], int]:
    seen: Counter[Hashable] = Counter()
    places = {}
    for place, key in enumerate(keys):
        places[key, seen[key]] = place
        seen[key] += 1
    return places
