"""Names in other scripts than Latin: whether a text is in one, and where a line holds a name that is known.

In scripts that set spaces between words a name is matched as a whole word. In Chinese, Japanese and Thai, which set
none, it is matched anywhere. The longest name wins, so a look-alike that contains a name is not taken for that name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

Known = TypeVar("Known")

FIRST_OF_OTHER_SCRIPTS = "\u0370"
"""Every letter and mark before this one is used in Latin script."""
SHORTEST_WITH_ANY_ENDING = 3
"""A Korean name of so many syllables is found whatever is attached to it; a shorter one only with a known ending."""


class ScriptHit(NamedTuple, Generic[Known]):
    """What is known by a name, and the place of the name in the line as typed."""

    term: Known
    start: int
    end: int


class ScriptNames(Generic[Known]):
    """Names that have letters of other scripts, with what is known by each; None for a look-alike.

    Letters that are treated as equal: capitals, full and half width, Greek with and without
    accents, Arabic and Persian kaf and yeh. Of names that come out the same the last one counts.
    """

    def __init__(self, terms: Mapping[str, Known | None]) -> None:
        self._terms = {_normalised(name).text.strip(): term for name, term in terms.items()}
        lengths: dict[str, set[int]] = defaultdict(set)
        for key in self._terms:
            lengths[key[:1]].add(len(key))
        self._lengths = {first: sorted(of_first, reverse=True) for first, of_first in lengths.items()}

    def hits(self, line: str) -> list[ScriptHit[Known]]:
        """What a line names, in order; of two names that overlap the first one, of two at one place the longer."""
        if _is_latin(line):
            return []
        written = _normalised(line)
        found, place = [], 0
        while place < len(written.text):
            key = self._longest(written.text, place)
            if (term := self._terms.get(key)) is not None:
                found.append(ScriptHit(term, *written.span(place, place + len(key))))
            place += len(key) or 1
        return found

    def _longest(self, text: str, start: int) -> str:
        """The longest name at a place; empty without one."""
        for length in self._lengths.get(text[start], ()):
            key = text[start : start + length]
            if key in self._terms and _stands_alone(text, start, start + len(key)):
                return key
        return ""


def has_other_script(text: str) -> bool:
    """Whether a text has a word of another script than Latin.

    One letter is a word in Chinese, Japanese, Korean and Thai. In other scripts a word has two letters or more, so
    that ``µg``, ``β-blocker`` or one letter that looks like a Latin one is no word of another script.
    """
    if _is_latin(text):
        return False
    in_a_row = 0
    for character in _normalised(text).text:
        script = _script(character)
        if script in {_Script.WITHOUT_SPACES, _Script.HANGUL}:
            return True
        in_a_row = in_a_row + 1 if script is _Script.WITH_SPACES else 0
        if in_a_row > 1:
            return True
    return False


# Scripts ------------------------------------------------------------------------------------------------------


class _Script(Enum):
    """How words are written in the script of a letter; none of it for digits, spaces and signs."""

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

_BEFORE = re.compile(
    "[והבכלמש]{1,2}"  # Hebrew: and, the, in, as, to, from, that
    "|[وف]?(?:[بك]?ال|لل|[بكل])|[وف]"  # Arabic: and, so; in, as, to; the
    "|(?:염산|황산|인산|구연산|주석산|브롬화수소산)"  # Korean: salts
)
"""What may be attached before a name."""
MOST_IN_A_CLUSTER = 10
"""A letter is composed with no more characters than this, so that no long text is kept as one letter."""
LONGEST_ATTACHED = 10
"""No more letters are looked at on either side: a longer word is another one."""
_AFTER = re.compile(
    "(?:은|는|이|가|을|를|의|에|와|과|로|으로|도|만|랑|이랑|부터|까지|하고"  # particles
    "|정|제|주|액|산|캡슐|시럽|주사|주사액|주사제|서방정|서방캡슐|패취|패치|설하정|구강정|과립|현탁액|점안액|좌제|연질캡슐)+"
)
"""What may be attached after a short Korean name: particles and forms."""


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether it is no part of a longer word."""
    return _begins_word(text, start) and _ends_word(text, start, end)


def _begins_word(text: str, start: int) -> bool:
    if _script(text[start]) is _Script.WITHOUT_SPACES:
        return True
    begin = start
    while begin and start - begin <= LONGEST_ATTACHED and _is_within_word(text[begin - 1]):
        begin -= 1
    return begin == start or bool(_BEFORE.fullmatch(text, begin, start))


def _ends_word(text: str, start: int, end: int) -> bool:
    last = _script(text[end - 1])
    if last is _Script.WITHOUT_SPACES:
        return not _is_mark(text[end : end + 1])
    if last is _Script.HANGUL and end - start >= SHORTEST_WITH_ANY_ENDING:
        return True
    finish = end
    while finish < len(text) and finish - end <= LONGEST_ATTACHED and _is_within_word(text[finish]):
        finish += 1
    return finish == end or bool(last is _Script.HANGUL and _AFTER.fullmatch(text, end, finish))


def _is_within_word(character: str) -> bool:
    return _script(character) not in {_Script.NONE, _Script.WITHOUT_SPACES}


# Letters ------------------------------------------------------------------------------------------------------


class _Normalised(NamedTuple):
    """A text normalised letter by letter; ``places`` are the spans of the letters in the original."""

    text: str
    places: list[tuple[int, int]]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place of a part of it in the original."""
        return self.places[start][0], self.places[end - 1][1]


def _normalised(text: str) -> _Normalised:
    letters: list[str] = []
    places = []
    for start, end in _clusters(text):
        for letter in _normalised_cluster(text[start:end]):
            if letter != " " or letters[-1:] != [" "]:
                letters.append(letter)
                places.append((start, end))
    return _Normalised("".join(letters), places)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """The place of each letter with all that is composed with it."""
    start = 0
    for place in range(1, len(text) + 1):
        is_full = place - start == MOST_IN_A_CLUSTER
        if place == len(text) or is_full or not _is_composed_with_the_letter_before(text[place]):
            yield start, place
            start = place


def _is_composed_with_the_letter_before(character: str) -> bool:
    """Marks, among them those of half-width kana, and the parts of a Korean syllable after its first."""
    return _is_mark(character) or character in "\uff9e\uff9f" or "\u1160" <= character <= "\u11ff"


def _is_mark(character: str) -> bool:
    return bool(character) and unicodedata.category(character).startswith("M")


_ALIKE = str.maketrans(
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
"""Letters treated as equal, what joins words, and what is often left out."""
_MARKS_LEFT_OUT = ("GREEK ", "ARABIC ", "HEBREW ", "COMBINING ", "VARIATION ")
"""Where marks are left out: in Greek capitals, in Arabic and Hebrew, those of stress and of the shape of a letter."""


@lru_cache(maxsize=8192)
def _normalised_cluster(cluster: str) -> str:
    """A letter with its marks as it is compared; empty for what shows nothing."""
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    letters = "".join(map(_without_marks, composed)).translate(_ALIKE)
    return "".join(" " if each.isspace() else each for each in letters if unicodedata.category(each) != "Cf")


def _without_marks(character: str) -> str:
    if not unicodedata.name(character, "").startswith(_MARKS_LEFT_OUT):
        return character
    return "".join(each for each in unicodedata.normalize("NFD", character) if not _is_mark(each))
