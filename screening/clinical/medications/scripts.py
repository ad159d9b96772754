"""Match names in scripts other than Latin, and detect text in such a script.

In scripts with spaces between words a name must be a whole word. In scripts without spaces (Chinese, Japanese, Thai)
it may be anywhere. The longest name wins, so a look-alike that contains a name is not matched as that name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

FIRST_OF_OTHER_SCRIPTS = "\u0370"
"""Every letter and mark before this one is used in Latin script."""
MIN_SYLLABLES_WITH_ANY_ENDING = 3
"""A Korean name of at least this many syllables may have any ending, a shorter one only a known ending."""


class ScriptMatch(NamedTuple, Generic[T]):
    """The term of a matched name, and its span in the original line."""

    term: T
    start: int
    end: int


class ScriptNames(Generic[T]):
    """Names with letters of other scripts, and the term of each; None for a look-alike.

    Case, width, Greek accents, and Arabic and Persian kaf and yeh are ignored. Of names that are then equal, the last
    one is used.
    """

    def __init__(self, terms: Mapping[str, T | None]) -> None:
        self._terms = {_normalise(name).text.strip(): term for name, term in terms.items()}
        lengths: dict[str, set[int]] = defaultdict(set)
        for key in self._terms:
            lengths[key[:1]].add(len(key))
        self._lengths = {first: sorted(of_first, reverse=True) for first, of_first in lengths.items()}

    def matches(self, line: str) -> list[ScriptMatch[T]]:
        """Return the names in a line, in order, without overlaps: the first one wins, then the longest."""
        if _is_latin(line):
            return []
        normalised = _normalise(line)
        found, place = [], 0
        while place < len(normalised.text):
            key = self._longest_name(normalised.text, place)
            if (term := self._terms.get(key)) is not None:
                found.append(ScriptMatch(term, *normalised.span(place, place + len(key))))
            place += len(key) or 1
        return found

    def _longest_name(self, text: str, start: int) -> str:
        """Return the longest name that begins at ``start``, or an empty string."""
        for length in self._lengths.get(text[start], ()):
            key = text[start : start + length]
            if key in self._terms and _is_whole_word(text, start, start + len(key)):
                return key
        return ""


def has_other_script(text: str) -> bool:
    """Return whether a text has a word in a script other than Latin.

    One letter is a word in Chinese, Japanese, Korean and Thai. In other scripts a word has at least two letters, so
    ``µg``, ``β-blocker`` and a single letter that resembles a Latin one do not count.
    """
    if _is_latin(text):
        return False
    in_a_row = 0
    for character in _normalise(text).text:
        script = _script(character)
        if script in {_Script.WITHOUT_SPACES, _Script.HANGUL}:
            return True
        in_a_row = in_a_row + 1 if script is _Script.WITH_SPACES else 0
        if in_a_row > 1:
            return True
    return False


# Scripts ------------------------------------------------------------------------------------------------------


class _Script(Enum):
    """The kind of script of a character; NONE for digits, spaces and punctuation."""

    NONE = 0
    LATIN = 1
    WITH_SPACES = 2
    WITHOUT_SPACES = 3
    HANGUL = 4


_LATIN = ("LATIN ", "MODIFIER ", "COMBINING ", "VARIATION ")
_WITHOUT_SPACES = (
    *("CJK ", "IDEOGRAPHIC ", "HIRAGANA ", "KATAKANA", "BOPOMOFO ", "YI "),
    *("THAI ", "LAO ", "KHMER ", "MYANMAR ", "TIBETAN "),
)


@lru_cache(maxsize=8192)
def _script(character: str) -> _Script:
    if unicodedata.category(character)[0] not in "LM":
        return _Script.NONE
    name = unicodedata.name(character, "")
    if character < FIRST_OF_OTHER_SCRIPTS or name.startswith(_LATIN):
        return _Script.LATIN
    if name.startswith("HANGUL "):
        return _Script.HANGUL
    return _Script.WITHOUT_SPACES if name.startswith(_WITHOUT_SPACES) else _Script.WITH_SPACES


def _is_latin(text: str) -> bool:
    return text.isascii() or max(text) < FIRST_OF_OTHER_SCRIPTS


# Words --------------------------------------------------------------------------------------------------------

_PREFIXES = re.compile(
    "[והבכלמש]{1,2}"  # Hebrew: and, the, in, as, to, from, that
    "|[وف]?(?:[بك]?ال|لل|[بكل])|[وف]"  # Arabic: and, so; in, as, to; the
    "|(?:염산|황산|인산|구연산|주석산|브롬화수소산)"  # Korean: salts
)
"""What may be attached to the front of a name."""
MAX_CLUSTER = 10
"""Most characters in one cluster, so that the cache never holds a long text."""
MAX_ATTACHED = 10
"""Most letters attached on either side; with more it is another word."""
_KOREAN_ENDINGS = re.compile(
    "(?:은|는|이|가|을|를|의|에|와|과|로|으로|도|만|랑|이랑|부터|까지|하고"  # particles
    "|정|제|주|액|산|캡슐|시럽|주사|주사액|주사제|서방정|서방캡슐|패취|패치|설하정|구강정|과립|현탁액|점안액|좌제|연질캡슐)+"
)
"""Particles and dose forms that may end a short Korean name."""


def _is_whole_word(text: str, start: int, end: int) -> bool:
    return _begins_word(text, start) and _ends_word(text, start, end)


def _begins_word(text: str, start: int) -> bool:
    if _script(text[start]) is _Script.WITHOUT_SPACES:
        return True
    begin = start
    while begin and start - begin <= MAX_ATTACHED and _is_within_word(text[begin - 1]):
        begin -= 1
    return begin == start or bool(_PREFIXES.fullmatch(text, begin, start))


def _ends_word(text: str, start: int, end: int) -> bool:
    last = _script(text[end - 1])
    if last is _Script.WITHOUT_SPACES:
        return not _is_mark(text[end : end + 1])
    if last is _Script.HANGUL and end - start >= MIN_SYLLABLES_WITH_ANY_ENDING:
        return True
    finish = end
    while finish < len(text) and finish - end <= MAX_ATTACHED and _is_within_word(text[finish]):
        finish += 1
    return finish == end or bool(last is _Script.HANGUL and _KOREAN_ENDINGS.fullmatch(text, end, finish))


def _is_within_word(character: str) -> bool:
    return _script(character) not in {_Script.NONE, _Script.WITHOUT_SPACES}


# Letters ------------------------------------------------------------------------------------------------------


class _NormalisedText(NamedTuple):
    """Normalised text, and the span in the original of each of its characters."""

    text: str
    spans: list[tuple[int, int]]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the original of a span of the normalised text."""
        return self.spans[start][0], self.spans[end - 1][1]


def _normalise(text: str) -> _NormalisedText:
    letters: list[str] = []
    spans = []
    for start, end in _clusters(text):
        for letter in _normalise_cluster(text[start:end]):
            if letter != " " or letters[-1:] != [" "]:
                letters.append(letter)
                spans.append((start, end))
    return _NormalisedText("".join(letters), spans)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each letter with its combining characters."""
    start = 0
    for place in range(1, len(text) + 1):
        is_full = place - start == MAX_CLUSTER
        if place == len(text) or is_full or not _extends_cluster(text[place]):
            yield start, place
            start = place


def _extends_cluster(character: str) -> bool:
    """Return whether a character is a mark, a half-width kana mark or a later part of a Korean syllable."""
    return _is_mark(character) or character in "\uff9e\uff9f" or "\u1160" <= character <= "\u11ff"


def _is_mark(character: str) -> bool:
    return bool(character) and unicodedata.category(character).startswith("M")


_EQUAL_LETTERS = str.maketrans(
    {
        "ё": "е",
        **dict.fromkeys("ٱ", "ا"),
        **dict.fromkeys("یىې", "ي"),
        **dict.fromkeys("کڪ", "ك"),
        **dict.fromkeys("ةەہھ", "ه"),
        **dict.fromkeys("׳’‘`´", "'"),
        **dict.fromkeys("״”“", '"'),
        **dict.fromkeys("‐‑‒–—−-־・·•", " "),
        **dict.fromkeys("\N{ARABIC TATWEEL}\N{ARABIC LETTER HAMZA}\N{DEVANAGARI SIGN NUKTA}", ""),
        "\N{DEVANAGARI SIGN CANDRABINDU}": "\N{DEVANAGARI SIGN ANUSVARA}",
    }
)
"""Letters treated as equal, word joiners, and characters that are often omitted."""
_DROPPED_MARKS = ("GREEK ", "ARABIC ", "HEBREW ", "COMBINING ", "VARIATION ")
"""Characters whose marks are dropped, and marks of stress and of glyph variants."""


@lru_cache(maxsize=8192)
def _normalise_cluster(cluster: str) -> str:
    """Return a cluster as it is compared; empty for invisible characters."""
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    letters = "".join(map(_without_marks, composed)).translate(_EQUAL_LETTERS)
    return "".join(" " if each.isspace() else each for each in letters if unicodedata.category(each) != "Cf")


def _without_marks(character: str) -> str:
    if not unicodedata.name(character, "").startswith(_DROPPED_MARKS):
        return character
    return "".join(each for each in unicodedata.normalize("NFD", character) if not _is_mark(each))
