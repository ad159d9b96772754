"""Pages that are the same for everyone but for a few places: drawn once, and filled each time."""

from __future__ import annotations

import secrets
from collections.abc import Hashable, Mapping
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

_MARK = secrets.token_hex(16)


def drawn(template_name: str, values: Mapping[str, Hashable], places: Mapping[str, str]) -> str:
    """A page made of values and of what stands in its places; text in a place is escaped as in a template.

    What the values make is kept in memory for as long as they come again, so words about a patient belong into the
    places, of which nothing is kept.
    """
    pieces = _pieces(template_name, tuple(values.items()), tuple(places))
    filled = {name: conditional_escape(words) for name, words in places.items()}
    return "".join([filled[piece] if at % 2 else piece for at, piece in enumerate(pieces)])


@lru_cache(maxsize=256)
def _pieces(template_name: str, values: tuple[tuple[str, Hashable], ...], places: tuple[str, ...]) -> tuple[str, ...]:
    """The page cut where the places are; every second piece is the name of a place."""
    marks = {name: SafeString(f"{_MARK}{name}{_MARK}") for name in places}
    return tuple(render_to_string(template_name, {**dict(values), **marks}).split(_MARK))
