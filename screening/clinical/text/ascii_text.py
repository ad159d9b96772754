"""Conversion of text to ASCII for record systems that accept nothing else. No letter is lost without a note."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

SIGNS = {
    **dict.fromkeys("‘’‚‛′´ʼ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‹", "<"),
    **dict.fromkeys("›", ">"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("µμ", "u"),
    "…": "...",
    "×": "x",
    "÷": "/",
    "⁄": "/",
    "±": "+/-",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "→": "->",
    "←": "<-",
    "•": "*",
    "·": "*",
    "°": "deg",
    "¹": "^1",
    "²": "^2",
    "³": "^3",
    "®": "(R)",
    "™": "(TM)",
    "©": "(C)",
    "№": "No.",
    "€": "EUR",
    "£": "GBP",
}
"""The usual ASCII form of each sign. They need no note."""

LETTERS = {
    "Ł": "L",
    "ł": "l",
    "Ø": "O",
    "ø": "o",
    "Đ": "D",
    "đ": "d",
    "Ð": "D",
    "ð": "d",
    "Ħ": "H",
    "ħ": "h",
    "Ŧ": "T",
    "ŧ": "t",
    "ı": "i",
    "ß": "ss",
    "ẞ": "SS",
    "Æ": "AE",
    "æ": "ae",
    "Œ": "OE",
    "œ": "oe",
    "Þ": "Th",
    "þ": "th",
    "Ĳ": "IJ",
    "ĳ": "ij",
}
"""Latin letters that Unicode does not decompose into a letter and an accent."""

_ACCENTS = {202, 216, 220, 230, 232, 233, 234}
"""The combining classes of marks above, below and beside a letter; an overlay is not an accent."""
_PUNCTUATION = ".,;:!?()[]{}<>\"'“”„‘’«»…-–—*/"


def as_ascii(text: str) -> str:
    """Convert text to ASCII. ASCII text is returned unchanged.

    Accented Latin letters become their base letters. Characters without an ASCII form are replaced by their Unicode
    code points, in brackets around each run: ``[U+674E U+660E]``.
    """
    return text if text.isascii() else _converted(text, keep_accents=False)


def spelt_out(text: str) -> str:
    """Convert text to ASCII with code points for accented letters too: ``Jos[U+00E9]``."""
    return text if text.isascii() else _converted(text, keep_accents=True)


def notes_on_ascii(name: str, texts: Iterable[str]) -> Iterator[str]:
    """Yield the notes, in ASCII, that let a reader of an ASCII copy recover every letter. No loss, no notes.

    Args:
        name: The patient's name.
        texts: All texts of the copy, including the name.
    """
    words = dict.fromkeys(word for text in texts if not text.isascii() for word in text.split())
    if not name.isascii() and "[U+" in as_ascii(name):
        yield "The patient's name has letters that ASCII cannot show. Their Unicode numbers are given instead."
    elif any("[U+" in as_ascii(word) for word in words if not word.isascii()):
        yield "This copy has letters that ASCII cannot show. Their Unicode numbers are given instead."
    bare = dict.fromkeys(word.strip(_PUNCTUATION) for word in words)
    changed = [f"{as_ascii(word)} is {spelt_out(word)}" for word in bare if as_ascii(word) != spelt_out(word)]
    if changed:
        yield f"Accents are left out. The letters by their Unicode numbers: {'; '.join(changed)}."


def _converted(text: str, *, keep_accents: bool) -> str:
    converted: list[str] = []
    code_points: list[str] = []  # of consecutive characters without an ASCII form
    previous = ""
    for each in text:
        ascii_form = _ascii_form(each, previous, keep_accents=keep_accents)
        if ascii_form is None:
            code_points.append(f"U+{ord(each):04X}")
        else:
            converted += [_bracketed(code_points), ascii_form]
            code_points = []
        previous = each if not unicodedata.combining(each) else previous
    return "".join([*converted, _bracketed(code_points)])


def _ascii_form(character: str, previous: str, *, keep_accents: bool) -> str | None:
    """Return the ASCII form of a character after ``previous``, or None if it has no ASCII form."""
    if character.isascii():
        return character
    if character in SIGNS:
        return SIGNS[character]
    if unicodedata.decomposition(character).startswith("<fraction>"):
        fraction = unicodedata.normalize("NFKC", character).replace("⁄", "/")
        return f" {fraction}" if previous.isdecimal() else fraction
    if keep_accents:
        return None
    if unicodedata.combining(character) in _ACCENTS:
        return "" if _base_letter(previous) else None
    return _base_letter(character)


def _base_letter(character: str) -> str | None:
    """Return a Latin letter without its accents, or None for any other character."""
    if not character or character in LETTERS:
        return LETTERS.get(character)
    decomposed = unicodedata.normalize("NFD", character)
    letter, accents = decomposed[0], decomposed[1:]
    is_latin = letter.isascii() and letter.isalpha()
    return letter if is_latin and all(unicodedata.combining(each) in _ACCENTS for each in accents) else None


def _bracketed(code_points: list[str]) -> str:
    return f"[{' '.join(code_points)}]" if code_points else ""
