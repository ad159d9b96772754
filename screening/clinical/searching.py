"""How names and record numbers are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

SHORTEST_ANYWHERE = 3
"""A shorter part of a name is looked for at the beginning of a word only: an index of trigrams cannot find others."""
LONGEST_RECORD_KEY = 256

_APOSTROPHES = frozenset("`’‘‛′ʹʻʼʽʾʿˈˊˋ՚׳ꞌ")
_DASHES = frozenset("\N{MINUS SIGN}\N{HYPHEN BULLET}\N{MODIFIER LETTER MINUS SIGN}")
_WITHOUT_DECOMPOSITION = {
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    "ı": "i",
    "ȷ": "j",
    "ŋ": "n",
    "ĸ": "k",
    "ə": "e",
    "ɛ": "e",
    "ɔ": "o",
    "ʒ": "z",
    "ɣ": "g",
}
_LETTER_WITH_A_MARK = re.compile("LATIN SMALL LETTER ([A-Z]) WITH ")
"""The Unicode names of letters such as ł, ø, đ and ħ, which have no decomposition either."""
_JOINED = str.maketrans("", "", "'·")
"""Signs within one word of a name: O’Hara, Gal·la."""


def folded(text: str) -> str:
    """A text without what people vary in writing: case, width, accents, spaces, kinds of dashes and apostrophes."""
    decomposed = unicodedata.normalize("NFKD", text.replace("´", "'")).casefold()  # alone, ´ would become a space
    plain = "".join(map(_plain, decomposed))
    return " ".join(unicodedata.normalize("NFC", plain).split())


def record_key(record_number: str) -> str:
    """A record number as it is compared. Spaces do not matter; dashes and leading zeros do."""
    return folded(record_number).replace(" ", "")


def name_words(name: str) -> list[str]:
    """The words of a name, in order. Apostrophes do not matter; hyphens, commas and other signs separate words.

    Each word is in ASCII, with other letters as escapes such as ``\\u674e``: PostgreSQL's trigrams leave out letters
    that the database's locale does not know, and a Chinese name may be shorter than a trigram.
    """
    text = folded(name).translate(_JOINED)
    separated = "".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in text)
    return separated.encode("ascii", "backslashreplace").decode("ascii").split()


def same_name(one: str, other: str) -> bool:
    """Whether two names differ only in how they are written; the order of the words counts."""
    return (name_words(one) or folded(one)) == (name_words(other) or folded(other))


def name_key(name: str) -> str:
    """A name as it is stored for searching, with a space before each word."""
    return "".join(f" {word}" for word in name_words(name))


def name_parts(query: str) -> list[str]:
    """What a name key must contain to match a query, all of it; empty when the query has no letter or digit."""
    words = dict.fromkeys(name_words(query))
    return [word if len(word) >= SHORTEST_ANYWHERE else f" {word}" for word in words]


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """A decomposed small character in plain letters; empty for an accent and for what cannot be seen."""
    if character in _APOSTROPHES:
        return "'"
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category == "Pd" or character in _DASHES:
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Cf" or _is_accent(character):
        return ""
    if with_a_mark := _LETTER_WITH_A_MARK.match(unicodedata.name(character, "")):
        return with_a_mark[1].lower()
    return _WITHOUT_DECOMPOSITION.get(character, character)


def _is_accent(character: str) -> bool:
    """Accents, and the points of Hebrew and Arabic; not the marks that make another letter in Hindi or Japanese."""
    combining_class = unicodedata.combining(character)
    return combining_class >= 200 or 10 <= combining_class <= 36
