"""Translation of fixed words into the language of the person who reads them.

The web application sets the functions that translate; without them the words stay English. Evaluation does not
translate: what is stored with a record is English, whoever recorded it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Translator(NamedTuple):
    """The functions that translate a message, and a message with a number."""

    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]


ENGLISH = Translator(lambda message: message, lambda one, several, number: one if number == 1 else several)
_translator = ENGLISH
_is_untranslated: ContextVar[bool] = ContextVar("is_untranslated", default=False)


def set_translator(translator: Translator) -> None:
    """Set the functions that translate into the language that is active when they are called."""
    global _translator  # noqa: PLW0603 - set once, when the application starts
    _translator = translator


@contextmanager
def untranslated() -> Iterator[None]:
    """Leave all words English meanwhile: for words that are stored."""
    token = _is_untranslated.set(True)
    try:
        yield
    finally:
        _is_untranslated.reset(token)


def gettext_noop(message: str) -> str:
    """Mark a constant for translation; ``gettext`` translates it where it is shown."""
    return message


def gettext(message: str) -> str:
    """Translate a message."""
    return message if _is_untranslated.get() else _translator.gettext(message)


def ngettext(one: str, several: str, number: int, **values: object) -> str:
    """Translate a message with a number, and insert it: ``ngettext("{} question", "{} questions", 4)``."""
    translator = ENGLISH if _is_untranslated.get() else _translator
    return translator.ngettext(one, several, number).format(number, **values)


def join_with_and(words: Sequence[str]) -> str:
    """Join words for a sentence: ``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return gettext("{first} and {last}").format(first=", ".join(words[:-1]), last=words[-1])
