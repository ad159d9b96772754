"""Detection of characters that cannot be printed, or that invisibly change how a line is displayed."""

from __future__ import annotations

import unicodedata

REPLACEMENT_CHARACTER = "\ufffd"
"""The character that programs write in place of a letter they could not decode."""
JOINERS = frozenset("\u200c\u200d")
"""Invisible, but needed to spell names in Persian, Hindi and other languages."""

LONGEST_QUOTE = 60

_WHITE_SPACE = frozenset("\t\n\r")
_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u200c\u200d\u2800\u3164\uffa0"
_UNPRINTABLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_SPACES = "".join(map(chr, (*range(0x2000, 0x200B), 0xA0, 0x1680, 0x202F, 0x205F, 0x3000))) + " \t\n\r"


def first_unprintable(text: str) -> tuple[int, str] | None:
    """Return the place, from 1, and the name of the first character that cannot be shown or printed."""
    if _is_plain(text):
        return None
    for place, character in enumerate(text, start=1):
        if _is_unprintable(character):
            return place, unicodedata.name(character, _code(character)).lower()
    return None


def shows_nothing(text: str) -> bool:
    """True when a text has characters but none of them is visible."""
    return bool(text) and not text.strip(_SPACES + _INVISIBLE)


def shown(text: str, longest: int = LONGEST_QUOTE) -> str:
    """Return an untrusted text in a form for quoting in a message: one short line, every character visible."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return " ".join(visible(cut).split())


def visible(text: str) -> str:
    """Return an untrusted text with the code of each character that is invisible or changes how a line reads."""
    return text if _is_plain(text) else "".join(_code(each) if _is_unprintable(each) else each for each in text)


def _is_plain(text: str) -> bool:
    """A quick check for most texts: true when every character can be shown on one line."""
    return text.isprintable() and REPLACEMENT_CHARACTER not in text


def _is_unprintable(character: str) -> bool:
    if character in JOINERS or character in _WHITE_SPACE:
        return False
    return character == REPLACEMENT_CHARACTER or unicodedata.category(character) in _UNPRINTABLE


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
