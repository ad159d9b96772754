"""Text in ASCII, for record systems that take nothing else: signs in their usual ASCII form, and no letter lost."""

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
"""What a sign becomes; these forms are usual, so no note says that they were used."""

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
"""Latin letters that Unicode does not take apart into a letter and its accent."""

_ACCENTS = {202, 216, 220, 230, 232, 233, 234}
"""Combining classes of marks above, below and beside a letter. One laid over it, like a strike-through, is kept."""
_PUNCTUATION = ".,;:!?()[]{}<>\"'“”„‘’«»…-–—*/"


def as_ascii(text: str) -> str:
    """The text in ASCII; ASCII text is returned as it is.

    Accented Latin letters become their base letters. What has no ASCII form is given by its Unicode number in
    brackets, one bracket a run: ``[U+674E U+660E]``.
    """
    return text if text.isascii() else _written(text, keep_accents=False)


def spelt_out(text: str) -> str:
    """The same, with accented letters given by their numbers too: ``Jos[U+00E9]``."""
    return text if text.isascii() else _written(text, keep_accents=True)


def notes_on_ascii(name: str, texts: Iterable[str]) -> Iterator[str]:
    """What a reader must know of a copy in ASCII to read every letter back, in ASCII; nothing where all is shown.

    ``name`` is the patient's, ``texts`` are all texts of the copy, the name included.
    """
    words = dict.fromkeys(word for text in texts if not text.isascii() for word in text.split())
    if not name.isascii() and "[U+" in as_ascii(name):
        yield "The patient's name holds letters that ASCII cannot show. They are given by their Unicode numbers."
    elif any("[U+" in as_ascii(word) for word in words if not word.isascii()):
        yield "This copy holds letters that ASCII cannot show. They are given by their Unicode numbers."
    bare = dict.fromkeys(word.strip(_PUNCTUATION) for word in words)
    changed = [f"{as_ascii(word)} is {spelt_out(word)}" for word in bare if as_ascii(word) != spelt_out(word)]
    if changed:
        yield f"Accents are left out. With the Unicode numbers of the letters: {'; '.join(changed)}."


def _written(text: str, *, keep_accents: bool) -> str:
    written: list[str] = []
    run: list[str] = []  # characters without an ASCII form that follow one another
    before = ""
    for each in text:
        shown = _shown(each, before, keep_accents=keep_accents)
        if shown is None:
            run.append(f"U+{ord(each):04X}")
        else:
            written += [_bracketed(run), shown]
            run = []
        before = each if not unicodedata.combining(each) else before
    return "".join([*written, _bracketed(run)])


def _shown(character: str, before: str, *, keep_accents: bool) -> str | None:
    """What a character becomes after another one; None where only its number can be given."""
    if character.isascii():
        return character
    if character in SIGNS:
        return SIGNS[character]
    if unicodedata.decomposition(character).startswith("<fraction>"):
        fraction = unicodedata.normalize("NFKC", character).replace("⁄", "/")
        return f" {fraction}" if before.isdecimal() else fraction
    if keep_accents:
        return None
    if unicodedata.combining(character) in _ACCENTS:
        return "" if _base(before) else None
    return _base(character)


def _base(character: str) -> str | None:
    """A Latin letter without its accents, None for anything else."""
    if not character or character in LETTERS:
        return LETTERS.get(character)
    decomposed = unicodedata.normalize("NFD", character)
    letter, accents = decomposed[0], decomposed[1:]
    is_latin = letter.isascii() and letter.isalpha()
    return letter if is_latin and all(unicodedata.combining(each) in _ACCENTS for each in accents) else None


def _bracketed(run: list[str]) -> str:
    return f"[{' '.join(run)}]" if run else ""
