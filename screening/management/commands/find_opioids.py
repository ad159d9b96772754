"""Find opioids in medication entries, one a line."""

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

_ONE_LINE = dict.fromkeys(map(ord, "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")
"""An entry is one line whatever stands in it, so that spans are places in its text."""
LONGEST_ENTRY = 20_000
"""As many letters as a list on the form may have; a longer entry is not read."""


class Command(BaseCommand):
    """``find_opioids [FILE|-]``: each line is an entry of its own and is answered by one JSON object, in order."""

    help = "Reads medication entries, one a line, and writes what opioids each names as one JSON object a line."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and whether only counts are wanted."""
        parser.add_argument("file", nargs="?", default="-", help="a text file in UTF-8; - reads standard input")
        parser.add_argument("--summary", action="store_true", help="write counts instead of the entries")

    def handle(self, *, file: str, summary: bool, **options: object) -> None:
        """Read, find and write an entry at a time, so that any number of them takes no more memory."""
        recogniser, on = Recogniser(shipped_lexicon(), shipped_cues()), timezone.localdate()
        counts: Counter[str] = Counter()
        with _opened(file) as entries:
            for entry in tqdm(_without_line_ends(entries), unit=" entries", file=sys.stderr, disable=None):
                read = _read(recogniser, entry, on)
                if summary:
                    counts.update(_counted(read))
                else:
                    self.stdout.write(json.dumps(_answer(entry, read)))
        if summary:
            self.stdout.write("\n".join(_told(counts)))


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    """The entries; a byte that is no UTF-8 stands as a replacement character, so that no line is lost."""
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
    if len(entry) > LONGEST_ENTRY:
        return MedicationList(entry, (), not_read=(1,))
    return recogniser.read(entry.translate(_ONE_LINE), on)


def _answer(entry: str, read: MedicationList) -> dict[str, object]:
    answer: dict[str, object] = {"text": entry, "found": [*map(_plain, read.opioids)]}
    return answer | {"not_read": True} if read.not_read else answer


def _plain(medicine: ListedMedicine) -> dict[str, object]:
    return {
        "ingredient": medicine.ingredient,
        "term": medicine.term,
        "span": [medicine.start, medicine.end],
        "group": medicine.group.value,
        "status": medicine.status.value,
        "why": medicine.why,
    }


def _counted(read: MedicationList) -> Iterator[str]:
    current = {each.ingredient for each in read.current_opioids}
    yield "entries"
    if current:
        yield "current"
    elif read.opioids:
        yield "mentioned"
    elif read.not_read:
        yield "not_read"
    yield from (f"ingredient {name}" for name in current)


def _told(counts: Counter[str]) -> Iterator[str]:
    yield f"{counts['entries']} entries"
    yield f"{counts['current']} name an opioid that counts as current"
    yield f"{counts['mentioned']} only mention one (allergy, negation, ended)"
    if counts["not_read"]:
        yield f"{counts['not_read']} are not read: not in Latin letters, or longer than {LONGEST_ENTRY:,} letters"
    ingredients = Counter({name.removeprefix("ingredient "): n for name, n in counts.items() if " " in name})
    yield from (f"{count:>8}  {name}" for name, count in ingredients.most_common())
