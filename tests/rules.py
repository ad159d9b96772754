"""The rules that the project ships, as tests of every kind read them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from screening.clinical.definition import Definition, from_json

RULES_FILE = Path(__file__).parents[1] / "fixtures" / "ldn_rules.json"


@cache
def shipped_rules() -> Definition:
    """Edition 1."""
    return from_json(RULES_FILE.read_bytes())
