"""Formatting of numbers, counts and lists in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def join_with_and(words: Sequence[str]) -> str:
    """Join words for a sentence: ``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def in_sentence(label: str) -> str:
    """Return a label for use inside a sentence: its first letter lower case, unless it starts an abbreviation."""
    begins_abbreviation = label[:2].isalpha() and label[:2].isupper()
    return label if begins_abbreviation else label[:1].lower() + label[1:]


def counted(count: int, one: str, several: str) -> str:
    """Format a count with its noun: ``1 question``, ``4 questions``."""
    return f"{count} {one if count == 1 else several}"


def format_number(value: Decimal) -> str:
    """Format a number without trailing zeros or exponent: ``4.5``, ``50``. Equal numbers give equal texts."""
    text = f"{value:f}" if value else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text
