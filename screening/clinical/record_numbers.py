"""Record numbers that cannot be told apart by looking at them."""

from __future__ import annotations

import unicodedata
from string import digits

_EAST_ASIAN = ("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL")
_WRITTEN_TOGETHER = {
    **dict.fromkeys(_EAST_ASIAN, "East Asian"),
    **dict.fromkeys(("ARABIC", "ARABIC-INDIC", "EXTENDED"), "Arabic"),
}
"""Names of scripts, as Unicode's names of characters begin, that count as one."""


def mixed_scripts(number: str) -> str:
    """A sentence that names the first letter of another script than the rest; empty when there is none.

    ``DEMО-1`` with a Cyrillic О reads like ``DEMO-1`` and would be another patient's chart. A number wholly in one
    script is fine.
    """
    scripts = [(place, each, _script(each)) for place, each in enumerate(number, start=1)]
    written_in = [script for _, _, script in scripts if script]
    usual = "Latin" if "Latin" in written_in else next(iter(written_in), "")
    for place, character, script in scripts:
        if script and script != usual:
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            return (
                f"Character {place}, “{character}”, is {name}, but the number also has {usual} letters. "
                "Letters of different scripts can look the same: type the whole number in one script."
            )
    return ""


def _script(character: str) -> str:
    """The script of a letter or digit, by its Unicode name; empty for other signs and for the digits 0 to 9."""
    plain = unicodedata.normalize("NFKC", character)[:1]
    if unicodedata.category(plain) not in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"} or plain in digits:
        return ""
    script = unicodedata.name(plain, "").partition(" ")[0]
    return "" if script == "MODIFIER" else _WRITTEN_TOGETHER.get(script, script.title())
