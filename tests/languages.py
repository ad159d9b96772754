"""A language for tests: every message in brackets, so that text outside of brackets was not translated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from lxml import html

from ldn_screen.bootstrap import ROOT
from screening.clinical.rules.labels import SAFETY_SENTENCES
from screening.screenings.forms import screening_fields
from screening.web import languages

TEST_LANGUAGE = "xx"
OPENING, CLOSING = "⟦", "⟧"
SPANISH = ROOT / "locale/es/LC_MESSAGES/django.po"
SHOWN_ATTRIBUTES = ("alt", "aria-label", "placeholder", "title")
NOT_SHOWN = {"script", "style"}
INLINE = {"a", "abbr", "b", "bdi", "code", "dd", "em", "i", "ins", "kbd", "small", "span", "strong", "svg", "time"}


def in_brackets(message: str) -> str:
    """Return the translation of a message into the test language."""
    return f"{OPENING}{message}{CLOSING}"


def catalog(path: Path = SPANISH) -> Catalog:
    """Return the messages of a language with their translations."""
    with path.open("rb") as file:
        return read_po(file)


def write_test_language(folder: Path) -> None:
    """Write a catalog that brackets every message, and mark its safety sentences as reviewed."""
    bracketed = Catalog(locale="en")
    for message in catalog():
        if isinstance(message.id, tuple):
            bracketed.add(message.id, tuple(map(in_brackets, message.id)), context=message.context)
        elif message.id:
            bracketed.add(message.id, in_brackets(str(message.id)), context=message.context)
    messages = folder / TEST_LANGUAGE / "LC_MESSAGES"
    messages.mkdir(parents=True)
    with (messages / "django.mo").open("wb") as file:
        write_mo(file, bracketed)
    reviewed = {"sentences": {sentence: in_brackets(sentence) for sentence in SAFETY_SENTENCES}}
    (folder / TEST_LANGUAGE / "reviewed.json").write_text(json.dumps(reviewed))


def forget_translations() -> None:
    """Clear what is translated once for each language, for a test that gives a language another catalog."""
    languages.languages.cache_clear()
    for translated in (screening_fields._answers, screening_fields._unknown_reasons, screening_fields._choose_one_of):
        translated.cache_clear()


def not_translated(page: str, known: tuple[str, ...] = ()) -> list[str]:
    """Return the texts of a page that are not in brackets.

    Elements with another language than the page are left out, and texts in ``known``: what a person entered.
    """
    tree = html.document_fromstring(page)
    stream = "".join(_texts(tree, str(tree.get("lang"))))
    for text in sorted(known, key=len, reverse=True):
        stream = stream.replace(text, "")
    return [line.strip() for line in _outside_brackets(stream).split("\n") if re.search(r"[^\W\d_]{2,}", line)]


def _texts(element: Any, language: str) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in NOT_SHOWN or element.get("lang", language) != language:
        yield f"\n{element.tail or ''}"
        return
    separator = "" if element.tag in INLINE else "\n"
    yield separator
    yield from (f"\n{element.get(name)}\n" for name in SHOWN_ATTRIBUTES if element.get(name))
    yield element.text or ""
    for child in element:
        yield from _texts(child, language)
    yield f"{separator}{element.tail or ''}"


def _outside_brackets(text: str) -> str:
    depth, outside = 0, list[str]()
    for character in text:
        depth += character == OPENING
        outside.append(character if depth == 0 or character == "\n" else "")
        depth -= character == CLOSING
    return "".join(outside)
