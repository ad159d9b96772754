"""Find opioids in medication entries, one entry per line."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TextIO

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from screening.clinical.medications.reader import ListedMedicine, MedicationList, Recogniser
from screening.medications.shipped_data import shipped_cues, shipped_lexicon

_SPACES_FOR_LINE_ENDS = dict.fromkeys(map(ord, "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")
"""Other line ends become spaces, so that an entry stays one line and spans are offsets in its text."""
MAX_ENTRY_LENGTH = 20_000
"""The limit of the list field on the form; a longer entry is not read."""


class Command(BaseCommand):
    """``find_opioids [FILE|-]``: read one entry per line and write one JSON object per line, in the same order."""

    help = "Reads medication entries, one per line, and writes the opioids in each as one JSON object per line."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file and the summary option."""
        parser.add_argument("file", nargs="?", default="-", help="a text file in UTF-8; - for standard input")
        parser.add_argument("--summary", action="store_true", help="write counts instead of JSON")

    def handle(self, *, file: str, summary: bool, **options: object) -> None:
        """Read and write one entry at a time, so that memory use does not grow with the input."""
        recogniser, on = Recogniser(shipped_lexicon(), shipped_cues()), timezone.localdate()
        counts: Counter[str] = Counter()
        with _opened(file) as entries:
            for entry in tqdm(_without_line_ends(entries), unit=" entries", file=sys.stderr, disable=None):
                read = _read(recogniser, entry, on)
                if summary:
                    counts.update(_counters(read))
                else:
                    self.stdout.write(json.dumps(_as_json(entry, read)))
        if summary:
            self.stdout.write("\n".join(_summary_lines(counts)))


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    """Open the entries; invalid UTF-8 becomes replacement characters, so that no line is lost."""
    try:
        if file == "-":
            sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace", newline="\n")  # type: ignore[union-attr]
            yield sys.stdin
        else:
            with Path(file).open(encoding="utf-8-sig", errors="replace", newline="\n") as entries:
                yield entries
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None


def _without_line_ends(entries: TextIO) -> Iterator[str]:
    return (entry.rstrip("\r\n") for entry in entries)


def _read(recogniser: Recogniser, entry: str, on: date) -> MedicationList:
    if len(entry) > MAX_ENTRY_LENGTH:
        return MedicationList(entry, (), not_read=(1,))
    return recogniser.read(entry.translate(_SPACES_FOR_LINE_ENDS), on)


def _as_json(entry: str, read: MedicationList) -> dict[str, object]:
    output: dict[str, object] = {"text": entry, "found": [*map(_medicine_as_json, read.opioids)]}
    return output | {"not_read": True} if read.not_read else output


def _medicine_as_json(medicine: ListedMedicine) -> dict[str, object]:
    return {
        "ingredient": medicine.ingredient,
        "term": medicine.term,
        "span": [medicine.start, medicine.end],
        "group": medicine.group.value,
        "status": medicine.status.value,
        "why": medicine.why,
    }


def _counters(read: MedicationList) -> Iterator[str]:
    current = {each.ingredient for each in read.current_opioids}
    yield "entries"
    if current:
        yield "current"
    elif read.opioids:
        yield "mentioned"
    elif read.not_read:
        yield "not_read"
    yield from (f"ingredient {name}" for name in current)


def _summary_lines(counts: Counter[str]) -> Iterator[str]:
    yield f"{counts['entries']} entries"
    yield f"{counts['current']} name an opioid that counts as current"
    yield f"{counts['mentioned']} only mention one (allergy, denial or end)"
    if counts["not_read"]:
        yield f"{counts['not_read']} not read: not in Latin script, or over {MAX_ENTRY_LENGTH:,} characters"
    ingredients = Counter({name.removeprefix("ingredient "): n for name, n in counts.items() if " " in name})
    yield from (f"{count:>8}  {name}" for name, count in ingredients.most_common())
