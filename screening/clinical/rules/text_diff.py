"""Word diffs of texts and entry diffs of lists, calculated by diff-match-patch.

The library compares characters. Each word or entry is therefore encoded as one character, as its documentation
describes for lines and words. White space and punctuation are not encoded: the library uses them to find the ends of
words and sentences.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

from diff_match_patch import diff_match_patch

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)
PieceKind: TypeAlias = Literal["same", "added", "removed"]

MOST_TOKENS = 3000
"""Two texts with more tokens together (words, spaces, punctuation) are shown as replaced as a whole."""

_PUNCTUATION = '!"#$%&()*+,./:;<=>?@[\\]^`{|}~“”„«»‹›‘…–—·•'
_TOKEN = re.compile(rf"\s|\d+(?:[.,]\d+)+|[^\s{re.escape(_PUNCTUATION)}]+|[{re.escape(_PUNCTUATION)}]")
_FIRST_CODE = 0x20000
"""The first of the characters that encode words. The library takes them for letters."""
_KINDS: dict[int, PieceKind] = {0: "same", 1: "added", -1: "removed"}


class Piece(NamedTuple):
    """A run of words of a word diff. ``replaces`` is true for added words that directly follow removed ones."""

    kind: PieceKind
    words: str
    replaces: bool = False


class EntryPair(NamedTuple, Generic[T]):
    """The same entry in two lists; None in a list that does not have it."""

    before: T | None
    after: T | None
    is_moved: bool = False


def diff_words(before: str, after: str) -> tuple[Piece, ...]:
    """Return the word diff of two texts.

    The same and removed pieces together are ``before``, the same and added pieces ``after``. Texts with little in
    common and very long texts are shown as replaced.
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
) -> Iterator[EntryPair[T]]:
    """Pair the entries of two lists by key, in the order of ``after``; removed entries keep their position.

    As few entries as possible count as moved. An entry whose section changed does not count as moved.
    """
    was, now = _numbered(before, key), _numbered(after, key)
    old, new = ([(each, section(entry)) for each, entry in known.items()] for known in (was, now))
    for kind, places in _changes(old, new):
        for each, its_section in places:
            if kind == "same":
                yield EntryPair(was[each], now[each])
            elif kind == "removed" and each not in now:
                yield EntryPair(was[each], None)
            elif kind == "added":
                is_moved = each in was and section(was[each]) == its_section
                yield EntryPair(was.get(each), now[each], is_moved)


def _numbered(entries: Sequence[T], key: Callable[[T], Hashable]) -> dict[tuple[Hashable, int], T]:
    """Index the entries by key and by the number of earlier entries with the same key."""
    seen: Counter[Hashable] = Counter()
    numbered = {}
    for entry in entries:
        numbered[key(entry), seen[key(entry)]] = entry
        seen[key(entry)] += 1
    return numbered


def _changes(before: Sequence[H], after: Sequence[H], is_text: bool = False) -> Iterator[tuple[PieceKind, list[H]]]:
    """Return the runs that are the same, added or removed. For texts, short runs are merged for readability."""
    if before == after:
        return iter([("same", list(before))])
    codes: dict[H, str] = {}
    for each in (*before, *after):
        is_not_encoded = is_text and (str(each).isspace() or str(each) in _PUNCTUATION)
        codes.setdefault(each, str(each) if is_not_encoded else chr(_FIRST_CODE + len(codes)))
    library = diff_match_patch()
    library.Diff_Timeout = 0  # no time limit: the result must not depend on the load of the machine
    old, new = ("".join(codes[each] for each in entries) for entries in (before, after))
    changes = library.diff_main(old, new, False)
    if is_text:
        library.diff_cleanupSemantic(changes)
    decoded = {code: each for each, code in codes.items()}
    return ((_KINDS[kind], [decoded[code] for code in run]) for kind, run in changes)
