"""How names and record numbers are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from string import digits

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


_EAST_ASIAN = ("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL")
_WRITTEN_TOGETHER = {
    **dict.fromkeys(_EAST_ASIAN, "East Asian"),
    **dict.fromkeys(("ARABIC", "ARABIC-INDIC", "EXTENDED"), "Arabic"),
}
"""Names of scripts, as Unicode's names of characters begin, that count as one."""
_LIKE_LATIN = frozenset(
    "АВЕЅІЈКМНОРСТУҮХӀԌԚԜаеѕіјорсухүһӏԁԛԝ"  # Cyrillic
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαινορυχϲϳ"  # Greek
    "ՍՕօսոցհյ"  # Armenian
)
"""Letters of other scripts that look like a Latin one, after the confusable characters of Unicode (UTS 39)."""


def look_alikes(number: str) -> str:
    """A sentence that names the first letter for which a record number can be taken for another; empty without one.

    ``DEMО-1`` with a Cyrillic О reads like ``DEMO-1`` and would be another patient's chart, and so would ``АВ-1``
    wholly in Cyrillic letters. A number in another script that no reader takes for a Latin one is fine.
    """
    return _mixed_scripts(number) or _reads_as_latin(number)


def _reads_as_latin(number: str) -> str:
    letters = [(place, each) for place, each in enumerate(number, start=1) if each.isalpha()]
    if not letters or not _LIKE_LATIN.issuperset(each for _, each in letters):
        return ""
    place, character = letters[0]
    return f"Character {place}, “{character}”, is {_name(character)}. It looks like a Latin letter: type a Latin one."


def _mixed_scripts(number: str) -> str:
    scripts = [(place, each, _script(each)) for place, each in enumerate(number, start=1)]
    written_in = [script for _, _, script in scripts if script]
    usual = "Latin" if "Latin" in written_in else next(iter(written_in), "")
    for place, character, script in scripts:
        if script and script != usual:
            return (
                f"Character {place}, “{character}”, is {_name(character)}, but the number also has {usual} letters. "
                "Letters of different scripts can look the same: type the whole number in one script."
            )
    return ""


def _name(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}")


def _script(character: str) -> str:
    """The script of a letter or digit, by its Unicode name; empty for other signs and for the digits 0 to 9."""
    plain = unicodedata.normalize("NFKC", character)[:1]
    if unicodedata.category(plain) not in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"} or plain in digits:
        return ""
    script = unicodedata.name(plain, "").partition(" ")[0]
    return "" if script == "MODIFIER" else _WRITTEN_TOGETHER.get(script, script.title())
