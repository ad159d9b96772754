"""Which entries of two lists are the same one, and which of them changed their place."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

Places = dict[tuple[Hashable, int], int]
"""The place of each key in a list, from 0; of a key that comes several times, of the first, the second …"""


class Pair(NamedTuple, Generic[T]):
    """An entry as it stands in two lists; None where it does not stand."""

    before: T | None
    after: T | None
    is_moved: bool = False


def paired(
    before: Sequence[T], after: Sequence[T], key: Callable[[T], Hashable], section: Callable[[T], Hashable] = type
) -> Iterator[Pair[T]]:
    """The entries of two lists by key, in the order of the second; what is gone stands behind what it stood behind.

    Moved are the fewest that have to move for the one order to become the other. An entry that went to another
    section has no order to keep.
    """
    was, now = _places(map(key, before)), _places(map(key, after))
    gone = _gone(was, now)
    both = sorted((was[each], place) for each, place in now.items() if each in was)
    out_of_order = _out_of_order([(old, new) for old, new in both if section(before[old]) == section(after[new])])
    yield from (Pair(before[place], None) for place in gone[-1])
    for each, new in now.items():
        old = was.get(each)
        yield Pair(None if old is None else before[old], after[new], new in out_of_order)
        yield from (Pair(before[place], None) for place in gone[new])


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


def _places(keys: Iterable[Hashable]) -> Places:
    seen: Counter[Hashable] = Counter()
    places: Places = {}
    for place, key in enumerate(keys):
        places[key, seen[key]] = place
        seen[key] += 1
    return places


def _gone(was: Places, now: Places) -> Mapping[int, list[int]]:
    """The places of what is gone, by the new place of what it stood behind; -1 for the beginning."""
    gone: defaultdict[int, list[int]] = defaultdict(list)
    behind = -1
    for key, place in was.items():
        if key in now:
            behind = now[key]
        else:
            gone[behind].append(place)
    return gone


def _out_of_order(both: Sequence[tuple[int, int]]) -> frozenset[int]:
    new = [place for _, place in both]
    return frozenset(new) - {new[place] for place in rising(new)}
