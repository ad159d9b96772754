"""Record numbers that look like others."""

from __future__ import annotations

import unicodedata
from string import digits

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
