"""What changed between two texts, word by word, in time that grows with their length and not with its square."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, zip_longest
from typing import Literal, NamedTuple

from .pairing import rising

LONGEST = 40_000
"""Characters of two texts together beyond which one stands as replaced by the other."""
DEPTH = 6
"""How often what lies between two words in common is searched for more of them."""
LEAST_IN_COMMON = 0.3
"""The share of the words of the shorter text below which the texts have nothing to do with each other."""

_MARKS = re.escape('!"#$%&()*+,./:;<=>?@[\\]^`{|}~“”„«»‹›‘…–—·•')
_TOKEN = re.compile(rf"\s+|\d+(?:[.,]\d+)+|[^\s{_MARKS}]+|[{_MARKS}]")
_SENTENCE_ENDS = frozenset(".!?;:")


class Piece(NamedTuple):
    """A run of words. ``replaces``: it stands directly behind the words whose place it took."""

    kind: Literal["same", "added", "removed"]
    words: str
    replaces: bool = False

    @property
    def space_before(self) -> str:
        """The space in front of the words, which is not marked."""
        return self.words[: len(self.words) - len(self.words.lstrip())] if self.words.strip() else ""

    @property
    def space_behind(self) -> str:
        """The space behind the words, which is not marked."""
        return self.words[len(self.words.rstrip()) :] if self.words.strip() else ""

    @property
    def shown(self) -> str:
        """The words without the space around them; where there is nothing but space, that, its line ends visible."""
        return self.words.strip() or self.words.replace("\n", "¶\n")


class _Gap(NamedTuple):
    """Where two texts differ, in tokens: from and to in the one, from and to in the other."""

    start: int
    end: int
    start_after: int
    end_after: int

    @property
    def is_empty(self) -> bool:
        return self.start == self.end and self.start_after == self.end_after


class _Text(NamedTuple):
    """A text as tokens (words, marks, spaces), with the count of words before each of them and in all."""

    tokens: Sequence[str]
    words: Sequence[int]

    def joined(self, start: int, end: int) -> str:
        return "".join(self.tokens[start:end])


def words_changed(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of both texts: those that stayed or were removed are ``before``, stayed or were added ``after``.

    Texts with little in common, and very long ones, stand as replaced.
    """
    if before == after:
        return tuple(_told(before))
    if not before or not after or len(before) + len(after) > LONGEST:
        return tuple(_told("", before, after))
    old, new = _text(before), _text(after)
    whole = _Gap(0, len(old.tokens), 0, len(new.tokens))
    gaps = _gathered(old, new, _gaps(old.tokens, new.tokens, whole))
    if _is_another_text(old, new, gaps):
        gaps = [whole]
    return tuple(_pieces(old, new, _slid(old, new, gaps)))


def _text(text: str) -> _Text:
    tokens = _TOKEN.findall(text)
    return _Text(tokens, [0, *accumulate(_is_word(token) for token in tokens)])


def _is_word(token: str) -> bool:
    return any(map(str.isalnum, token))


# Finding ------------------------------------------------------------------------------------------------------


def _gaps(old: Sequence[str], new: Sequence[str], whole: _Gap) -> list[_Gap]:
    """Where the texts differ. Words that each text has once are what they have in common; then again in between."""
    gaps = [whole]
    for _ in range(DEPTH):
        gaps = [part for gap in gaps for part in _split(old, new, _trimmed(old, new, gap))]
    return [gap for gap in (_trimmed(old, new, each) for each in gaps) if not gap.is_empty]


def _trimmed(old: Sequence[str], new: Sequence[str], gap: _Gap) -> _Gap:
    start, end, start_after, end_after = gap
    while start < end and start_after < end_after and old[start] == new[start_after]:
        start, start_after = start + 1, start_after + 1
    while start < end and start_after < end_after and old[end - 1] == new[end_after - 1]:
        end, end_after = end - 1, end_after - 1
    return _Gap(start, end, start_after, end_after)


def _split(old: Sequence[str], new: Sequence[str], gap: _Gap) -> Iterator[_Gap]:
    start, start_after = gap.start, gap.start_after
    for place, place_after in _anchors(old, new, gap):
        yield _Gap(start, place, start_after, place_after)
        start, start_after = place + 1, place_after + 1
    rest = _Gap(start, gap.end, start_after, gap.end_after)
    if not rest.is_empty:
        yield rest


def _anchors(old: Sequence[str], new: Sequence[str], gap: _Gap) -> list[tuple[int, int]]:
    was, now = _once(old, gap.start, gap.end), _once(new, gap.start_after, gap.end_after)
    both = [(place, now[word]) for word, place in was.items() if word in now]
    return [both[place] for place in rising([after for _, after in both])]


def _once(tokens: Sequence[str], start: int, end: int) -> dict[str, int]:
    places: dict[str, int] = {}
    for place in range(start, end):
        places[tokens[place]] = -1 if tokens[place] in places else place
    return {token: place for token, place in places.items() if place >= 0 and _is_word(token)}


# Reading well -------------------------------------------------------------------------------------------------


def _gathered(old: _Text, new: _Text, gaps: Iterable[_Gap]) -> list[_Gap]:
    """The gaps, made one where no more words lie between two of them than each of them changes."""
    gathered: list[_Gap] = []
    for each in gaps:
        gap = each
        while gathered and _common(old, gathered[-1], gap) <= min(
            _size(old, new, gathered[-1]), _size(old, new, gap)
        ):
            last = gathered.pop()
            gap = _Gap(last.start, gap.end, last.start_after, gap.end_after)
        gathered.append(gap)
    return gathered


def _common(old: _Text, first: _Gap, second: _Gap) -> int:
    return old.words[second.start] - old.words[first.end]


def _size(old: _Text, new: _Text, gap: _Gap) -> int:
    removed = old.words[gap.end] - old.words[gap.start]
    return max(removed, new.words[gap.end_after] - new.words[gap.start_after])


def _is_another_text(old: _Text, new: _Text, gaps: Iterable[_Gap]) -> bool:
    common = old.words[-1] - sum(old.words[gap.end] - old.words[gap.start] for gap in gaps)
    return common < LEAST_IN_COMMON * min(old.words[-1], new.words[-1])


def _slid(old: _Text, new: _Text, gaps: Sequence[_Gap]) -> Iterator[_Gap]:
    """The gaps, those with words on one side only moved to where these are a sentence or whole words."""
    free = 0
    for gap, following in zip_longest(gaps, gaps[1:]):
        room = range(free - gap.start, (following.start if following else len(old.tokens) + 1) - gap.end)
        if gap.start == gap.end:
            by = _best_slide(new.tokens, gap.start_after, gap.end_after, room)
        elif gap.start_after == gap.end_after:
            by = _best_slide(old.tokens, gap.start, gap.end, room)
        else:
            by = 0
        yield _Gap(*(place + by for place in gap))
        free = gap.end + by + 1  # a token in common stays between two gaps


def _best_slide(tokens: Sequence[str], start: int, end: int, room: range) -> int:
    """How far words may move, within ``room``, for the text to stay the same and the words to begin best."""
    slides = [0]
    while slides[-1] < room[-1] and tokens[start + slides[-1]] == tokens[end + slides[-1]]:
        slides.append(slides[-1] + 1)
    slides.reverse()
    while slides[-1] > room[0] and tokens[start + slides[-1] - 1] == tokens[end + slides[-1] - 1]:
        slides.append(slides[-1] - 1)
    return max(slides, key=lambda by: (_beginning(tokens, start + by), by))


def _beginning(tokens: Sequence[str], place: int) -> int:
    """How well a change may begin here: 2 at a sentence, 1 at a word, 0 elsewhere."""
    if place == 0 or "\n" in tokens[place - 1]:
        return 2
    if not tokens[place - 1].isspace():
        return 0
    return 2 if place > 1 and tokens[place - 2] in _SENTENCE_ENDS else 1


def _pieces(old: _Text, new: _Text, gaps: Iterable[_Gap]) -> Iterator[Piece]:
    end = 0
    for gap in gaps:
        removed, added = old.joined(gap.start, gap.end), new.joined(gap.start_after, gap.end_after)
        yield from _told(old.joined(end, gap.start), removed, added)
        end = gap.end
    yield from _told(old.joined(end, len(old.tokens)))


def _told(same: str, removed: str = "", added: str = "") -> Iterator[Piece]:
    if same:
        yield Piece("same", same)
    if removed:
        yield Piece("removed", removed)
    if added:
        yield Piece("added", added, replaces=bool(removed))
