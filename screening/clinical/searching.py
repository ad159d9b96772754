"""How names and record numbers are compared."""

from __future__ import annotations

import unicodedata


def folded(name: str) -> str:
    """A name without what people vary in writing it: case, width, accents, spaces."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.split())


def record_key(record_number: str) -> str:
    """A record number without what people vary in writing it: case and spaces. Leading zeros count."""
    return " ".join(record_number.casefold().split())
