"""Check that the fonts of the PDF can show every character of a text.

A missing character is an error before typesetting: a chart must not lose a letter of a name.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from django.utils.translation import gettext

from screening.clinical.rules.definition import Definition
from screening.clinical.rules.validation import texts
from screening.clinical.text.json_errors import Fault

FONTS = Path(__file__).parent / "fonts"
CHARACTERS = FONTS / "characters.json"

NON_JOINER, JOINER = "\u200c", "\u200d"  # needed to spell names in Persian and other languages
NEVER_SHOWN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
"""Categories of characters that a font cannot show: control, format, private-use and unassigned characters."""


class UnsupportedCharacter(ValueError):
    """A text has a character that the fonts of the PDF cannot show; the message is a sentence for the user.

    ``character`` is the letter with all its marks, ``name`` the Unicode name of each part in lower case.
    """

    def __init__(self, character: str) -> None:
        super().__init__(character)
        self.character, self.name = character, " + ".join(map(_name, character))

    def __str__(self) -> str:
        if any(map(_is_never_shown, self.character)):
            return gettext("The PDF cannot show {name}.").format(name=self.name)
        return gettext("The PDF cannot show “{character}” ({name}).").format(character=self.character, name=self.name)


def font_faults(definition: Definition) -> tuple[Fault, ...]:
    """Return a fault for each text with a character that the PDF cannot show; the first character is named."""
    return tuple(_faults(definition))


def _faults(definition: Definition) -> Iterator[Fault]:
    for text in texts(definition):
        try:
            refuse_unsupported([text.words])
        except UnsupportedCharacter as error:
            yield Fault(text.place, gettext("{problem} Choose another character").format(problem=error))


def refuse_unsupported(texts: Iterable[str]) -> None:
    """Check that no character would be dropped or shown in part.

    Typst uses the first font that has a letter and all its marks; if there is no such font it may separate them, or
    show only part of a joined sequence. So every cluster must be entirely in one font, regular and bold.

    Raises:
        UnsupportedCharacter: names the first cluster that is not.
    """
    for text in texts:
        if not _independent_characters().issuperset(text):
            for cluster in clusters(text):
                _check_cluster(cluster)


def _check_cluster(cluster: str) -> None:
    in_one_font = any(font.issuperset(cluster) for font in characters().values())
    if _is_mark(cluster[0]) or not in_one_font or any(map(_is_never_shown, cluster)):
        raise UnsupportedCharacter(cluster)


def clusters(text: str) -> Iterator[str]:
    """Yield each character with the marks and joiners that follow it, and with what follows a joiner."""
    start = 0
    for place in range(1, len(text)):
        before, character = text[place - 1], text[place]
        if before != JOINER and character not in {NON_JOINER, JOINER} and not _is_mark(character):
            yield text[start:place]
            start = place
    if text:
        yield text[start:]


@cache
def characters() -> dict[str, frozenset[str]]:
    """Return the characters of each font family, from the table stored beside the fonts."""
    table = json.loads(CHARACTERS.read_bytes())
    return {
        family: frozenset(chr(code) for first, last in ranges for code in range(first, last + 1))
        for family, ranges in table.items()
    }


@cache
def _independent_characters() -> frozenset[str]:
    """Return the characters that can be shown whatever is beside them."""
    known = frozenset().union(*characters().values())
    return frozenset(each for each in known if not _is_mark(each) and unicodedata.category(each) not in NEVER_SHOWN)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _is_never_shown(character: str) -> bool:
    return character not in {NON_JOINER, JOINER} and unicodedata.category(character) in NEVER_SHOWN


def _name(character: str) -> str:
    name = unicodedata.name(character, "")
    return name.lower().replace("cjk", "CJK") if name else f"U+{ord(character):04X}"
