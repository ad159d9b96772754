"""Compare a draft with past screenings: the latest current one of each patient. Nothing is written."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Aggregate, Count, Exists, Max, Min, OuterRef, Subquery
from django.db.models.functions import Cast
from django.db.models.sql.compiler import SQLCompiler

from screening.clinical.evaluation.evaluate import Finding, FindingStatus
from screening.clinical.evaluation.listed_medicines import from_plain
from screening.clinical.medications.lexicon import Lexicon
from screening.clinical.medications.reader import MedicationList, Recogniser
from screening.clinical.report.impact import (
    Comparison,
    Impact,
    StoredResult,
    compare,
    listed_in,
    reads_alike_every_day,
)
from screening.clinical.rules.definition import AnswerCode, Definition, Listed, Outcome
from screening.clinical.rules.reviews import overdue
from screening.drafts.models import RuleSet
from screening.editions.models import Edition
from screening.medications.models import LocalName
from screening.medications.shipped_data import shipped_cues, shipped_lexicon, shipped_lexicon_hash
from screening.screenings.models import Answer, ListOfMedicines, Screening, ScreeningQuerySet, Void

CHUNK_SIZE = 20_000
"""The number of screenings compared at a time. It limits memory, and progress is shown after each chunk."""
LIST_BATCH_SIZE = 500
CACHE_SIZE = 20_000

ListedKinds = frozenset[Listed]
"""The kinds of medicine that a list names as current."""
NOTHING_LISTED: ListedKinds = frozenset()
Value = TypeVar("Value")


class HashCache(Generic[Value]):
    """A cache of values calculated from texts. Keys are hashes, to save memory; a full cache is cleared."""

    def __init__(self) -> None:
        self._values: dict[bytes, Value] = {}

    def get_or_set(self, calculate: Callable[[], Value], *texts: str) -> Value:
        """Return the value cached for these texts, calculating it if there is none."""
        key = hashlib.sha256("\0".join(texts).encode()).digest()
        if key not in self._values:
            if len(self._values) >= CACHE_SIZE:
                self._values.clear()
            self._values[key] = calculate()
        return self._values[key]


# Medication lists ---------------------------------------------------------------------------------------------


class StoredList(NamedTuple):
    """A stored medication list: the names used to read it, what was found (JSON), its text, its date and time."""

    screening: int
    lexicon: str
    local_names: list[dict[str, object]]
    found: str
    text: str
    at: datetime
    time_zone: str

    @property
    def on(self) -> date:
        """The date of the screening in the time zone of the clinic at that time."""
        return self.at.astimezone(ZoneInfo(self.time_zone)).date()


class _Reading(NamedTuple):
    kinds: ListedKinds
    is_same_every_day: bool


class StoredListReader:
    """Finds what stored lists name as current, using the medicine names that a draft would be published with.

    A list read with the same names is not read again. Any other text is read once, or once for each date if the
    result can depend on the date.
    """

    def __init__(self, lexicon: Lexicon | None, sha256: str) -> None:
        self._lexicon, self._local = lexicon, LocalName.objects.products_for(lexicon)
        self._sha256 = sha256
        self._local_names = _comparable((each.name, each.ingredients) for each in self._local)
        self._by_found, self._by_text_and_date = HashCache[ListedKinds](), HashCache[ListedKinds]()
        self._by_text = HashCache[_Reading]()

    def listed_in(self, stored: StoredList) -> ListedKinds:
        """Return the kinds of medicine that a list names as current."""
        if self._was_read_with_same_names(stored):
            return self._by_found.get_or_set(lambda: _stored_kinds(stored.found), stored.found)
        reading = self._by_text.get_or_set(lambda: self._read(stored), stored.text)
        if reading.is_same_every_day:
            return reading.kinds
        return self._by_text_and_date.get_or_set(lambda: self._read(stored).kinds, stored.text, stored.on.isoformat())

    def _was_read_with_same_names(self, stored: StoredList) -> bool:
        local_names = ((each["name"], each["ingredients"]) for each in stored.local_names)
        return stored.lexicon == self._sha256 and _comparable(local_names) == self._local_names

    def _read(self, stored: StoredList) -> _Reading:
        found = self._recogniser.read(stored.text, stored.on) if self._recogniser else MedicationList(stored.text)
        return _Reading(listed_in(found), reads_alike_every_day(stored.text, found))

    @cached_property
    def _recogniser(self) -> Recogniser | None:
        return Recogniser(self._lexicon, shipped_cues(), self._local) if self._lexicon else None


def _comparable(names: Iterable[tuple[object, object]]) -> frozenset[str]:
    """Return local names in a form that does not depend on their order."""
    return frozenset(json.dumps(each) for each in names)


def _stored_kinds(found: str) -> ListedKinds:
    return listed_in(MedicationList(found, from_plain(json.loads(found))))


# The draft ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ImpactDraft:
    """A draft prepared for comparison. ``overdue`` are the rules whose review is overdue on the date ``on``."""

    definition: Definition
    on: date
    overdue: tuple[str, ...]
    reader: StoredListReader

    @classmethod
    def from_rule_set(cls, rule_set: RuleSet, on: date) -> ImpactDraft:
        """Return the current content of a draft.

        Raises:
            DefinitionError: the draft is not valid. Lists every fault.
        """
        definition = rule_set.definition()
        overdue_rules = overdue(definition, on) if settings.OVERDUE_CANNOT_CONCLUDE else ()
        return cls(definition, on, overdue_rules, StoredListReader(*_lexicon_for(rule_set)))


def _lexicon_for(rule_set: RuleSet) -> tuple[Lexicon | None, str]:
    """Return the medicine names that the draft would be published with, and the hash stored with lists."""
    if rule_set.is_again and rule_set.started_from:
        stored = rule_set.started_from.lexicon
        return (stored.names, stored.sha256) if stored else (None, "")
    return shipped_lexicon(), shipped_lexicon_hash()


# Past screenings ----------------------------------------------------------------------------------------------


class ImpactChunk(NamedTuple):
    """The result of one chunk: comparisons, each with the primary keys of the screenings that share it.

    ``done`` of ``total`` screenings have been processed so far.
    """

    done: int
    total: int
    comparisons: list[tuple[Comparison, list[int]]]

    def add_to(self, impact: Impact) -> None:
        """Add the comparisons to the counts."""
        for comparison, keys in self.comparisons:
            impact.add(comparison, len(keys))


class _ComparisonKey(NamedTuple):
    """Everything that a comparison depends on. ``findings`` is ``link_id:answer:status``, sorted, joined by ``;``."""

    edition: int
    outcome: str
    findings: str
    listed: ListedKinds


@dataclass
class ImpactRun:
    """Compares a draft with the latest current screening of each patient since a date.

    ``editions`` are the editions of the screenings compared so far, by primary key.
    """

    draft: ImpactDraft
    since: datetime
    editions: dict[int, Definition] = field(default_factory=dict)
    _cache: HashCache[Comparison] = field(default_factory=HashCache, init=False)

    @classmethod
    def for_days(cls, draft: ImpactDraft, days: int) -> ImpactRun:
        """Return a run over the screenings of the last ``days`` days."""
        day, zone = draft.on - timedelta(days=days), ZoneInfo(settings.TIME_ZONE)
        return cls(draft, datetime(day.year, day.month, day.day, tzinfo=zone))

    def chunks(self) -> Iterator[ImpactChunk]:
        """Compare the screenings chunk by chunk, oldest first. Those recorded during the run are left out."""
        span = Screening.objects.filter(screened_at__gte=self.since).aggregate(
            first=Min("pk"), last=Max("pk"), total=Count("pk")
        )
        done = 0
        yield ImpactChunk(0, span["total"], [])
        for after, upto in _key_ranges(span["first"], span["last"]):
            done = min(done + CHUNK_SIZE, span["total"])
            yield ImpactChunk(done, span["total"], self._compare_range(after, upto, span["last"]))

    def _compare_range(self, after: int, upto: int, last: int) -> list[tuple[Comparison, list[int]]]:
        screenings = _latest_current(self.since, last).filter(pk__gt=after, pk__lte=upto).annotate(findings=_FINDINGS)
        rows = list(screenings.order_by("pk").values_list("pk", "edition", "outcome", "findings"))
        listed = self._listed({pk for pk, *_ in rows}, after, upto)
        groups: dict[_ComparisonKey, list[int]] = defaultdict(list)
        for pk, edition, outcome, findings in rows:
            key = _ComparisonKey(edition, outcome, _sorted(findings), listed.get(pk, NOTHING_LISTED))
            groups[key].append(pk)
        return [(self._compare(key), pks) for key, pks in groups.items()]

    def _listed(self, screenings: set[int], after: int, upto: int) -> dict[int, ListedKinds]:
        """Return the kinds of medicine in the lists of these screenings; those without a list are left out."""
        rows = ListOfMedicines.objects.filter(screening__gt=after, screening__lte=upto).values_list(*_LIST_COLUMNS)
        lists = (StoredList(*each) for each in rows.iterator(chunk_size=LIST_BATCH_SIZE))
        return {each.screening: self.draft.reader.listed_in(each) for each in lists if each.screening in screenings}

    def _compare(self, key: _ComparisonKey) -> Comparison:
        def calculate() -> Comparison:
            stored = _stored_result(key, self._edition(key.edition))
            return compare(stored, self.draft.definition, self.draft.on, self.draft.overdue)

        return self._cache.get_or_set(calculate, str(key.edition), key.outcome, key.findings, *sorted(key.listed))

    def _edition(self, pk: int) -> Definition:
        if pk not in self.editions:
            self.editions[pk] = Edition.objects.get(pk=pk).definition
        return self.editions[pk]


def _sorted(findings: str | None) -> str:
    """Return joined findings in a fixed order.

    Neither database promises an order, and SQLite before 3.44 has no ``ORDER BY`` in an aggregate.
    """
    return ";".join(sorted(findings.split(";"))) if findings else ""


def _stored_result(key: _ComparisonKey, edition: Definition) -> StoredResult:
    """Return the stored result. A rule that the edition does not ask was raised by the list alone: no answer."""
    findings = [_finding(edition, *each.split(":")) for each in key.findings.split(";") if each]
    return StoredResult(
        outcome=Outcome(key.outcome),
        answers={each.link_id: each.answer for each in findings if each.link_id in edition.by_link_id},
        flagged=frozenset(each.link_id for each in findings if each.status is FindingStatus.FLAGGED),
        open_questions=frozenset(each.link_id for each in findings if each.is_open),
        listed=key.listed,
    )


def _finding(edition: Definition, link_id: str, code: str, status: str) -> Finding:
    return Finding(link_id, AnswerCode(code), FindingStatus(status), edition.item(link_id).severity)


# Queries ------------------------------------------------------------------------------------------------------


class _JoinedRows(Aggregate):
    """Joins the columns of each row with ``:`` and the rows of a group with ``;``, in any order."""

    function, arg_joiner = "STRING_AGG", " || ':' || "
    template = "%(function)s(%(expressions)s, ';')"
    output_field = models.TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        """Use SQLite's name for the function."""
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **extra)


_FINDINGS = Subquery(
    Answer.objects.filter(screening=OuterRef("pk"))
    .order_by()
    .values("screening")
    .annotate(findings=_JoinedRows("link_id", "code", "status"))
    .values("findings")
)
_LIST_COLUMNS = (
    *("screening", "lexicon", "local_names"),
    *(Cast("found", models.TextField()), "text", "screening__screened_at", "screening__time_zone"),
)


def _latest_current(since: datetime, last: int) -> ScreeningQuerySet:
    """Return the latest screening of each patient that is neither superseded nor entered in error.

    ``last`` is the highest primary key to include. The subquery uses the index on record numbers.
    """
    current = Screening.objects.filter(
        ~Exists(Void.objects.filter(screening=OuterRef("pk"))),
        ~Exists(Screening.objects.filter(supersedes=OuterRef("uuid"))),
        record_number_key=OuterRef("record_number_key"),
        pk__lte=last,
    )
    return Screening.objects.filter(screened_at__gte=since, pk=Subquery(current.newest_first().values("pk")[:1]))


def _key_ranges(first: int | None, last: int | None) -> Iterator[tuple[int, int]]:
    """Yield ranges of primary keys (exclusive start, inclusive end) with ``CHUNK_SIZE`` screenings each."""
    if first is None or last is None:
        return
    after = first - 1
    keys = Screening.objects.filter(pk__lte=last).order_by("pk").values_list("pk", flat=True)
    while after < last:
        upto = next(iter(keys.filter(pk__gt=after)[CHUNK_SIZE - 1 : CHUNK_SIZE]), last)
        yield after, upto
        after = upto
