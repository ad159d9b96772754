"""How long reading medication lists takes, in milliseconds: a usual list, a long one, one twice as long."""

from __future__ import annotations

import csv
import timeit
from datetime import date
from pathlib import Path

from django.conf import settings

from screening.clinical.medications import Recogniser
from screening.shipped import shipped_cues, shipped_lexicon

REPEATS = 9
LEAST_LETTERS = 100_000
ON = date(2026, 11, 26)
SIZES = (30, 10_000, 20_000)


def main() -> dict[str, list[float]]:
    """Milliseconds of one reading, by how many lines; one figure a repeat."""
    recogniser = Recogniser(shipped_lexicon(), shipped_cues())
    found = {f"{size:,} lines": milliseconds(recogniser, list_of(size)) for size in SIZES}
    return {**found, "one line of 20,000 letters": milliseconds(recogniser, ("oxycodone stopped " * 1_112)[:20_000])}


def milliseconds(recogniser: Recogniser, text: str) -> list[float]:
    """Time one reading, several times over; a short list is read many times in each."""
    number = max(1, LEAST_LETTERS // len(text))
    times = timeit.repeat(lambda: recogniser.read(text, ON), number=number, repeat=REPEATS)
    return [seconds / number * 1_000 for seconds in times]


def list_of(size: int) -> str:
    """So many lines as clinicians type them."""
    known = lines()
    step = max(1, len(known) // size)
    return "\n".join((known[::step] * (size // len(known) + 1))[:size])


def lines() -> list[str]:
    """Lines as clinicians type them."""
    with Path(settings.BASE_DIR, "tests", "data", "medication_lines.tsv").open(encoding="utf-8", newline="") as rows:
        return [row["text"] for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)]
