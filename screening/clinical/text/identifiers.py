"""Comparing and searching names and record numbers."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from string import digits

from .translation import gettext

SHORTEST_SUBSTRING = 3
"""Shorter parts of a name match only at the start of a word: a trigram index cannot find them elsewhere."""
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
_LETTER_WITH_MARK = re.compile("LATIN SMALL LETTER ([A-Z]) WITH ")
"""Matches the Unicode names of letters such as ł, ø, đ and ħ, which have no decomposition either."""
_WITHIN_WORDS = str.maketrans("", "", "'·")
"""Deletes signs that do not separate the words of a name: O’Hara, Gal·la."""


def folded(text: str) -> str:
    """Remove differences of case, width, accents, white space, and kinds of dashes and apostrophes."""
    decomposed = unicodedata.normalize("NFKD", text.replace("´", "'")).casefold()  # alone, ´ would become a space
    plain = "".join(map(_plain, decomposed))
    return " ".join(unicodedata.normalize("NFC", plain).split())


def record_key(record_number: str) -> str:
    """Return a record number in the form used for comparison. Spaces do not matter; dashes and leading zeros do."""
    return folded(record_number).replace(" ", "")


def name_words(name: str) -> list[str]:
    """Return the words of a name, in order. Apostrophes are removed; hyphens, commas and other signs separate words.

    The words are in ASCII, with other letters as escapes such as ``\\u674e``: PostgreSQL's trigrams leave out letters
    that the database's locale does not know, and a Chinese name may be shorter than a trigram.
    """
    text = folded(name).translate(_WITHIN_WORDS)
    separated = "".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in text)
    return separated.encode("ascii", "backslashreplace").decode("ascii").split()


def same_name(one: str, other: str) -> bool:
    """True when two names have the same words in the same order, ignoring how they are written."""
    return (name_words(one) or folded(one)) == (name_words(other) or folded(other))


def name_key(name: str) -> str:
    """Return the search key that is stored for a name: its words, with a space before each."""
    return "".join(f" {word}" for word in name_words(name))


def name_parts(query: str) -> list[str]:
    """Return the parts that a name key must contain to match a query; none if it has no letter or digit."""
    words = dict.fromkeys(name_words(query))
    return [word if len(word) >= SHORTEST_SUBSTRING else f" {word}" for word in words]


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """Return a decomposed, casefolded character in plain letters; empty for accents and invisible characters."""
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
    if marked := _LETTER_WITH_MARK.match(unicodedata.name(character, "")):
        return marked[1].lower()
    return _WITHOUT_DECOMPOSITION.get(character, character)


def _is_accent(character: str) -> bool:
    """True for accents and Hebrew and Arabic points, not for marks that make another letter in Hindi or Japanese."""
    combining_class = unicodedata.combining(character)
    return combining_class >= 200 or 10 <= combining_class <= 36


_EAST_ASIAN = ("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL")
_SCRIPT_GROUPS = {
    **dict.fromkeys(_EAST_ASIAN, "East Asian"),
    **dict.fromkeys(("ARABIC", "ARABIC-INDIC", "EXTENDED"), "Arabic"),
}
"""Scripts that count as one, by the first word of Unicode's character names."""
_LIKE_LATIN = frozenset(
    "АВЕЅІЈКМНОРСТУҮХӀԌԚԜаеѕіјорсухүһӏԁԛԝ"  # Cyrillic
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαινορυχϲϳ"  # Greek
    "ՍՕօսոցհյ"  # Armenian
)
"""Letters of other scripts that look like a Latin letter (from the confusables of Unicode, UTS 39)."""


def look_alike_message(number: str) -> str:
    """Return an error message if a record number can be mistaken for another one, else an empty text.

    ``DEMО-1`` with a Cyrillic О looks like ``DEMO-1``, and ``АВ-1`` in Cyrillic looks like a Latin number: each would
    be stored as another patient's number. Numbers in other scripts that do not look Latin are accepted.
    """
    return _mixed_scripts(number) or _reads_as_latin(number)


def _reads_as_latin(number: str) -> str:
    letters = [(place, each) for place, each in enumerate(number, start=1) if each.isalpha()]
    if not letters or not _LIKE_LATIN.issuperset(each for _, each in letters):
        return ""
    place, character = letters[0]
    message = gettext("Character {place}, “{character}”, is {name}. It looks like a Latin letter: enter that one.")
    return message.format(place=place, character=character, name=_name(character))


def _mixed_scripts(number: str) -> str:
    scripts = [(place, each, _script(each)) for place, each in enumerate(number, start=1)]
    scripts_used = [script for _, _, script in scripts if script]
    usual = "Latin" if "Latin" in scripts_used else next(iter(scripts_used), "")
    for place, character, script in scripts:
        if script and script != usual:
            message = gettext(
                "Character {place}, “{character}”, is {name}, but the number also has {usual} letters. "
                "Letters of different scripts can look the same: enter the whole number in one script."
            )
            return message.format(place=place, character=character, name=_name(character), usual=usual)
    return ""


def _name(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}")


def _script(character: str) -> str:
    """Return the script of a letter or digit, by its Unicode name; empty for other signs and the digits 0 to 9."""
    plain = unicodedata.normalize("NFKC", character)[:1]
    if unicodedata.category(plain) not in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"} or plain in digits:
        return ""
    script = unicodedata.name(plain, "").partition(" ")[0]
    return "" if script == "MODIFIER" else _SCRIPT_GROUPS.get(script, script.title())
