"""The languages in which the pages can be read.

A language is offered only if a speaker has reviewed the translation of every safety sentence, as it is now. The
reviewed translations are in ``locale/<language>/reviewed.json``. A demonstration also offers the others.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils import translation
from django.utils.formats import number_format
from django.utils.html import format_html

from screening.clinical.rules.labels import SAFETY_SENTENCES

REVIEWED = "reviewed.json"
RULES_LANGUAGE = "en"
"""The language of all published rules so far. Pages in another language mark their text with it."""


class Language(NamedTuple):
    """A language with its own name; ``is_reviewed`` is true if all safety sentences are."""

    code: str
    name: str
    is_reviewed: bool


@cache
def languages() -> tuple[Language, ...]:
    """Return the languages of the settings, whether offered or not."""
    return tuple(Language(code, str(name), not unreviewed_sentences(code)) for code, name in settings.LANGUAGES)


def offered_languages() -> tuple[Language, ...]:
    """Return the languages that a person may choose."""
    return tuple(each for each in languages() if each.is_reviewed or settings.DEMO)


def is_offered(code: str) -> bool:
    """Return True if a person may choose a language."""
    return any(each.code == code for each in offered_languages())


def is_unreviewed(code: str) -> bool:
    """Return True for a language that only a demonstration offers."""
    return any(each.code == code and not each.is_reviewed for each in languages())


def page_language() -> dict[str, str | bool]:
    """Return the context about the language of a page, which needs neither the database nor a session."""
    code = translation.get_language() or settings.LANGUAGE_CODE
    return {"language": code, "is_unreviewed": is_unreviewed(code)}


def unreviewed_sentences(code: str) -> tuple[str, ...]:
    """Return the safety sentences, in English, whose translation is missing or was not reviewed as it is now."""
    if code == settings.LANGUAGE_CODE:
        return ()
    reviewed = _reviewed_sentences(code)
    with translation.override(code):
        return tuple(each for each in SAFETY_SENTENCES if reviewed.get(each) != translation.gettext(each))


def _reviewed_sentences(code: str) -> dict[str, str]:
    path = Path(settings.LOCALE_PATHS[0]) / translation.to_locale(code) / REVIEWED
    if not path.is_file():
        return {}
    sentences: dict[str, str] = json.loads(path.read_text())["sentences"]
    return sentences


def language_of_rules() -> str:
    """Return the language of rule text if the page has another one, else an empty text."""
    active = translation.get_language() or settings.LANGUAGE_CODE
    return "" if active.partition("-")[0] == RULES_LANGUAGE else RULES_LANGUAGE


def as_rule_text(words: str) -> str:
    """Return rule text, marked with its language if the page has another: for a place without its own element."""
    language = language_of_rules()
    return format_html('<span lang="{}">{}</span>', language, words) if language and words else words


def format_count(number: int) -> str:
    """Format a whole number with its digits grouped as in the language of the page: ``20,000``."""
    return str(number) if -1000 < number < 1000 else number_format(number, force_grouping=True)
