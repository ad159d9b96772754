"""Evaluate stored screenings again with this release, under their own editions. Nothing is written."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DatabaseError, models
from django.db.models import Count, Max
from django.db.models.functions import Cast

from screening.clinical.medications.lexicon import Product
from screening.clinical.medications.reader import MedicationList
from screening.clinical.report.record import short_id_of
from screening.clinical.rules.definition import Definition
from screening.clinical.text.json_errors import content_hash
from screening.editions.models import Edition
from screening.medications.models import SOURCE
from screening.screenings.models import Answer, ListOfMedicines, Screening

from .differences import (
    CannotEvaluate,
    ParsedScreening,
    StoredAnswer,
    StoredList,
    StoredScreening,
    list_differences,
    parse,
)

CHUNK_SIZE = 5_000
"""The number of screenings evaluated at a time. It limits memory, and progress is reported after each chunk."""
CACHE_SIZE = 5_000
"""The number of different records, and of different lists, that are kept parsed."""

Row = tuple[Any, ...]
"""The columns of a stored row, without the keys that connect it."""


class Difference(NamedTuple):
    """A screening whose result this release would not give, and what differs. It names no patient."""

    uuid: UUID
    edition: int
    what: tuple[str, ...]

    def __str__(self) -> str:
        return f"{short_id_of(self.uuid)} {self.uuid} edition {self.edition}: {'; '.join(self.what)}"


@dataclass(frozen=True)
class Progress:
    """How far a run has come: ``evaluated`` of ``total`` screenings, up to the primary key ``position``.

    ``last`` is the highest primary key when the run began; screenings recorded later are left out.
    """

    last: int
    total: int
    position: int = 0
    evaluated: int = 0
    different: int = 0

    @classmethod
    def of_new_run(cls) -> Progress:
        """Return the progress of a run over everything that is stored now."""
        return cls(**Screening.objects.aggregate(last=Max("pk", default=0), total=Count("pk")))

    @property
    def fits_the_database(self) -> bool:
        """True while the screenings up to the position are as many as were evaluated."""
        return Screening.objects.filter(pk__lte=self.position).count() == self.evaluated

    @property
    def recorded_since(self) -> int:
        """The number of stored screenings that a complete run left out, because they were recorded during it."""
        return Screening.objects.count() - self.evaluated


class ReplayChunk(NamedTuple):
    """The screenings of a chunk that differ, and the progress after it."""

    progress: Progress
    different: list[Difference]


class _ReadableEdition(NamedTuple):
    """An edition with its definition; None with the reason why it cannot be read."""

    edition: Edition
    definition: Definition | None
    fault: str


class Replay:
    """Evaluates screenings chunk by chunk, in the order of their primary keys.

    With ``reads_lists`` each medication list is also read again, with the names that it was read with.
    """

    def __init__(self, *, reads_lists: bool = False) -> None:
        self._reads_lists = reads_lists
        self._editions: dict[int, _ReadableEdition] = {}
        # Only equal inputs share a result. The day is an input of ``differences``, so equal records of two days
        # share what is parsed, and each is evaluated.
        self._parse = lru_cache(CACHE_SIZE)(self._parsed)
        self._read = lru_cache(CACHE_SIZE)(self._list_read_again)

    def chunks(self, progress: Progress) -> Iterator[ReplayChunk]:
        """Evaluate what is left of a run; at least one chunk follows while there is any."""
        while rows := _screenings(progress.position, progress.last):
            upto = rows[-1][0]
            answers, lists = _answers(progress.position, upto), _lists(progress.position, upto)
            different = [
                Difference(uuid, self._edition(edition).edition.number, what)
                for pk, uuid, edition, at, time_zone, *result in rows
                if (what := self._what_differs(edition, at, time_zone, (*result, tuple(answers[pk])), lists.get(pk)))
            ]
            progress = replace(
                progress,
                position=upto,
                evaluated=progress.evaluated + len(rows),
                different=progress.different + len(different),
            )
            yield ReplayChunk(progress, different)

    def _what_differs(
        self, edition: int, at: datetime, time_zone: str, result: Row, listed: Row | None
    ) -> tuple[str, ...]:
        try:
            on = at.astimezone(ZoneInfo(time_zone)).date()
            parsed = self._parse(edition, result, listed)
            differences = parsed.differences(on)
            if self._reads_lists and listed:
                differences += tuple(list_differences(parsed.listed, self._read(edition, listed, on)))
        except CannotEvaluate as fault:
            return (f"cannot be evaluated, {fault}",)
        except DatabaseError:
            raise
        except Exception as fault:  # whatever a record or a change in the code causes, the others are evaluated
            return (f"cannot be evaluated, {type(fault).__name__}",)
        return differences

    def _parsed(self, edition: int, result: Row, listed: Row | None) -> ParsedScreening:
        readable = self._edition(edition)
        if readable.definition is None:
            raise CannotEvaluate(readable.fault)
        *columns, answers = result
        rows = tuple([StoredAnswer(*each) for each in answers])
        medicines = StoredList(*listed) if listed else None
        return parse(readable.definition, StoredScreening._make((*columns, rows, medicines)))

    def _list_read_again(self, edition: int, listed: Row, on: date) -> MedicationList:
        stored, readable = StoredList(*listed), self._edition(edition)
        if readable.definition is None or stored.lexicon != readable.definition.lexicon:
            raise CannotEvaluate("its medication list was read with other names than those of its edition")
        local = tuple(
            Product(name=each["name"], ingredients=tuple(each["ingredients"]), sources=(SOURCE,))
            for each in json.loads(stored.local_names)
        )
        recogniser = readable.edition.recogniser(local)
        return recogniser.read(stored.text, on) if recogniser else MedicationList(stored.text)

    def _edition(self, pk: int) -> _ReadableEdition:
        if pk not in self._editions:
            self._editions[pk] = _readable(Edition.objects.get(pk=pk))
        return self._editions[pk]


def _readable(edition: Edition) -> _ReadableEdition:
    """Check the hash here too: a definition that was parsed earlier in this process is not checked again."""
    if content_hash(edition.content) != edition.sha256:
        return _ReadableEdition(edition, None, "the content of its edition does not match its hash")
    try:
        return _ReadableEdition(edition, edition.definition, "")
    except ValueError:
        return _ReadableEdition(edition, None, "its edition cannot be read")


# Queries ------------------------------------------------------------------------------------------------------


def _json(name: str) -> Cast:
    """Return a JSON column as text: parsing is left to Python, so that damaged JSON does not fail a whole query."""
    return Cast(name, models.TextField())


def _screenings(after: int, last: int) -> list[Row]:
    """Return the next chunk of screenings: superseded ones and those entered in error too."""
    columns = ("pk", "uuid", "edition_id", "screened_at", "time_zone", "outcome", "state", "headline", "tally")
    rows = Screening.objects.filter(pk__gt=after, pk__lte=last).order_by("pk")
    return list(rows.values_list(*columns, _json("unrecognised"), _json("overdue"))[:CHUNK_SIZE])


def _answers(after: int, upto: int) -> defaultdict[int, list[Row]]:
    """Return the answers of a range of screenings, by screening and in order."""
    columns = ("screening_id", "link_id", "code", "reason", _json("details"))
    findings = ("status", "severity", "next_step", _json("notes"))
    rows = Answer.objects.filter(screening_id__gt=after, screening_id__lte=upto).order_by("screening_id", "position")
    answers: defaultdict[int, list[Row]] = defaultdict(list)
    for screening, *columns_of_answer in rows.values_list(*columns, *findings):
        answers[screening].append(tuple(columns_of_answer))
    return answers


def _lists(after: int, upto: int) -> dict[int, Row]:
    """Return the medication lists of a range of screenings, by screening."""
    columns = ("text", _json("found"), _json("not_read"), "lexicon", _json("local_names"))
    rows = ListOfMedicines.objects.filter(screening_id__gt=after, screening_id__lte=upto)
    return {row[0]: row[1:] for row in rows.values_list("screening_id", *columns)}
