"""What changed between two texts, word by word, and between two lists, entry by entry, by diff-match-patch.

The library compares characters. Every word or entry therefore becomes one character, as its documentation describes
for lines and words; spaces and marks stand for themselves, so that it knows where sentences and words end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

from diff_match_patch import diff_match_patch

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)
Kind: TypeAlias = Literal["same", "added", "removed"]

MOST_TOKENS = 3000
"""Words, spaces and marks of two texts together beyond which the one is shown as replaced by the other."""

_MARKS = '!"#$%&()*+,./:;<=>?@[\\]^`{|}~“”„«»‹›‘…–—·•'
_TOKEN = re.compile(rf"\s|\d+(?:[.,]\d+)+|[^\s{re.escape(_MARKS)}]+|[{re.escape(_MARKS)}]")
_FIRST_LETTER = 0x20000
"""From here on characters stand for words: letters to the library, and never marks or spaces."""
_KINDS: dict[int, Kind] = {0: "same", 1: "added", -1: "removed"}


class Piece(NamedTuple):
    """A run of words. ``replaces``: it follows directly the words that it replaces."""

    kind: Kind
    words: str
    replaces: bool = False


class Pair(NamedTuple, Generic[T]):
    """An entry of two lists; None in the list that does not have it."""

    before: T | None
    after: T | None
    is_moved: bool = False


def diff_words(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of both texts: the same and the removed ones make up ``before``, the same and the added ``after``.

    Texts with little in common, and very long ones, are shown as replaced.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if before == after:
        changes = [Piece("same", before)]
    elif not before or not after or len(old) + len(new) > MOST_TOKENS:
        changes = [Piece("removed", before), Piece("added", after)]
    else:
        changes = [Piece(kind, "".join(tokens)) for kind, tokens in _changes(old, new, is_text=True)]
    pieces: list[Piece] = []
    for piece in filter(lambda each: each.words, changes):
        follows_removed = bool(pieces) and pieces[-1].kind == "removed"
        pieces.append(piece._replace(replaces=piece.kind == "added" and follows_removed))
    return tuple(pieces)


def pair_entries(
    before: Sequence[T], after: Sequence[T], key: Callable[[T], Hashable], section: Callable[[T], Hashable] = type
) -> Iterator[Pair[T]]:
    """The entries of two lists by key, in the order of the second, and what is gone where it was.

    Moved are the fewest that have to move for the one order to become the other. An entry that went to another
    section has no order to keep.
    """
    was, now = _numbered(before, key), _numbered(after, key)
    old, new = ([(each, section(entry)) for each, entry in known.items()] for known in (was, now))
    for kind, places in _changes(old, new):
        for each, its_section in places:
            if kind == "same":
                yield Pair(was[each], now[each])
            elif kind == "removed" and each not in now:
                yield Pair(was[each], None)
            elif kind == "added":
                is_moved = each in was and section(was[each]) == its_section
                yield Pair(was.get(each), now[each], is_moved)


def _numbered(entries: Sequence[T], key: Callable[[T], Hashable]) -> dict[tuple[Hashable, int], T]:
    """The entries by key and, where a key comes several times, which of them it is."""
    seen: Counter[Hashable] = Counter()
    numbered = {}
    for entry in entries:
        numbered[key(entry), seen[key(entry)]] = entry
        seen[key(entry)] += 1
    return numbered


def _changes(before: Sequence[H], after: Sequence[H], is_text: bool = False) -> Iterator[tuple[Kind, list[H]]]:
    """The runs of both that stayed, came or went. Those of a text are as long as reads well."""
    if before == after:
        return iter([("same", list(before))])
    letters: dict[H, str] = {}
    for each in (*before, *after):
        is_itself = is_text and (str(each).isspace() or str(each) in _MARKS)
        letters.setdefault(each, str(each) if is_itself else chr(_FIRST_LETTER + len(letters)))
    library = diff_match_patch()
    library.Diff_Timeout = 0  # the same texts give the same changes, however busy the machine is
    old, new = ("".join(letters[each] for each in entries) for entries in (before, after))
    changes = library.diff_main(old, new, False)
    if is_text:
        library.diff_cleanupSemantic(changes)
    meant = {letter: each for each, letter in letters.items()}
    return ((_KINDS[kind], [meant[letter] for letter in run]) for kind, run in changes)
