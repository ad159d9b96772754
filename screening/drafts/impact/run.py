"""A draft held against stored screenings: the latest standing one of each patient. It reads, and writes nothing."""

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
    reads_the_same_every_day,
)
from screening.clinical.rules.definition import AnswerCode, Definition, Listed, Outcome
from screening.clinical.rules.reviews import overdue
from screening.drafts.models import RuleSet
from screening.editions.models import Edition
from screening.medications.models import LocalName
from screening.medications.shipped_data import shipped_cues, shipped_lexicon, shipped_names
from screening.screenings.models import Answer, ListOfMedicines, Screening, ScreeningQuerySet, Void

AT_A_TIME = 20_000
"""So many screenings are gone through in one step, so that a million takes no more memory and a bar has news."""
LISTS_AT_A_TIME = 500
MOST_REMEMBERED = 20_000

Sorts = frozenset[Listed]
NO_SORTS: Sorts = frozenset()
Found = TypeVar("Found")


class HashCache(Generic[Found]):
    """What was worked out for texts, by their hash: long texts take no room, and beyond a bound all is forgotten."""

    def __init__(self) -> None:
        self._known: dict[bytes, Found] = {}

    def __call__(self, work_out: Callable[[], Found], *texts: str) -> Found:
        """What these texts lead to, worked out once."""
        key = hashlib.sha256("\0".join(texts).encode()).digest()
        if key not in self._known:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = work_out()
        return self._known[key]


# Lists --------------------------------------------------------------------------------------------------------


class StoredList(NamedTuple):
    """A medication list as it was kept: by which names it was read, what was found then, what was typed, and when."""

    screening: int
    lexicon: str
    local_names: list[dict[str, object]]
    found: str
    text: str
    at: datetime
    time_zone: str

    @property
    def on(self) -> date:
        """The day of the screening, in the clinic of that time."""
        return self.at.astimezone(ZoneInfo(self.time_zone)).date()


class _Reading(NamedTuple):
    sorts: Sorts
    is_alike_every_day: bool


class StoredListReader:
    """What kept lists name as current, by the names that a draft would be published with.

    What was read by the same names is not read again; of the others each text is read once, and once a day where it
    tells of days.
    """

    def __init__(self, lexicon: Lexicon | None, sha256: str) -> None:
        self._lexicon, self._local = lexicon, LocalName.objects.known_to(lexicon)
        self._sha256 = sha256
        self._names = _compared((each.name, each.ingredients) for each in self._local)
        self._found, self._days = HashCache[Sorts](), HashCache[Sorts]()
        self._texts = HashCache[_Reading]()

    def listed_in(self, kept: StoredList) -> Sorts:
        """The sorts of medicine that a list names as current."""
        if self._was_read_alike(kept):
            return self._found(lambda: _found_then(kept.found), kept.found)
        reading = self._texts(lambda: self._read(kept), kept.text)
        if reading.is_alike_every_day:
            return reading.sorts
        return self._days(lambda: self._read(kept).sorts, kept.text, kept.on.isoformat())

    def _was_read_alike(self, kept: StoredList) -> bool:
        local = ((each["name"], each["ingredients"]) for each in kept.local_names)
        return kept.lexicon == self._sha256 and _compared(local) == self._names

    def _read(self, kept: StoredList) -> _Reading:
        found = self._recogniser.read(kept.text, kept.on) if self._recogniser else MedicationList(kept.text)
        return _Reading(listed_in(found), reads_the_same_every_day(kept.text, found))

    @cached_property
    def _recogniser(self) -> Recogniser | None:
        return Recogniser(self._lexicon, shipped_cues(), self._local) if self._lexicon else None


def _compared(names: Iterable[tuple[object, object]]) -> frozenset[str]:
    """Local names in a form that is the same whatever their order."""
    return frozenset(json.dumps(each) for each in names)


def _found_then(found: str) -> Sorts:
    return listed_in(MedicationList(found, from_plain(json.loads(found))))


# The draft ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ImpactDraft:
    """A draft as past screenings are evaluated by it: on a day, with the rules that are not relied on any more."""

    definition: Definition
    on: date
    overdue: tuple[str, ...]
    reader: StoredListReader

    @classmethod
    def of(cls, rule_set: RuleSet, on: date) -> ImpactDraft:
        """The draft as it stands now.

        Raises:
            clinical.definition.DefinitionError: it is no usable rule set; every fault is listed.
        """
        definition = rule_set.definition()
        past = overdue(definition, on) if settings.OVERDUE_CANNOT_CONCLUDE else ()
        return cls(definition, on, past, StoredListReader(*_names_of(rule_set)))


def _names_of(rule_set: RuleSet) -> tuple[Lexicon | None, str]:
    """The names that the draft would be published with, and their hash as lists keep it."""
    if rule_set.is_again and rule_set.started_from:
        stored = rule_set.started_from.lexicon
        return (stored.names, stored.sha256) if stored else (None, "")
    return shipped_lexicon(), shipped_names()


# Past screenings ----------------------------------------------------------------------------------------------


class Step(NamedTuple):
    """So many of all screenings were gone through; ``found`` holds the keys of those that compare alike."""

    done: int
    total: int
    found: list[tuple[Comparison, list[int]]]

    def count_in(self, impact: Impact) -> None:
        """Add what was found to the counts."""
        for compared, keys in self.found:
            impact.add(compared, len(keys))


class _Key(NamedTuple):
    """Screenings with the same key compare alike; ``given`` is what their answers say, in order."""

    edition: int
    outcome: str
    given: str
    sorts: Sorts


@dataclass
class ImpactRun:
    """A draft held against the latest standing screening of each patient, of those made since a time.

    ``editions`` are those by which they were made, by key, as far as it has got.
    """

    draft: ImpactDraft
    since: datetime
    editions: dict[int, Definition] = field(default_factory=dict)
    _compared: HashCache[Comparison] = field(default_factory=HashCache, init=False)

    @classmethod
    def back(cls, draft: ImpactDraft, days: int) -> ImpactRun:
        """A look at the screenings of the last so many days."""
        day, zone = draft.on - timedelta(days=days), ZoneInfo(settings.TIME_ZONE)
        return cls(draft, datetime(day.year, day.month, day.day, tzinfo=zone))

    def steps(self) -> Iterator[Step]:
        """Go through the screenings, oldest first; those recorded meanwhile are left out."""
        span = Screening.objects.filter(screened_at__gte=self.since).aggregate(
            first=Min("pk"), last=Max("pk"), total=Count("pk")
        )
        done = 0
        yield Step(0, span["total"], [])
        for after, upto in _stretches(span["first"], span["last"]):
            done = min(done + AT_A_TIME, span["total"])
            yield Step(done, span["total"], self._in_stretch(after, upto, span["last"]))

    def _in_stretch(self, after: int, upto: int, last: int) -> list[tuple[Comparison, list[int]]]:
        rows = _latest_standing(self.since, last).filter(pk__gt=after, pk__lte=upto).annotate(given=_GIVEN)
        keys = list(rows.order_by("pk").values_list("pk", "edition", "outcome", "given"))
        sorts = self._sorts({pk for pk, *_ in keys}, after, upto)
        alike: dict[_Key, list[int]] = defaultdict(list)
        for pk, edition, outcome, given in keys:
            alike[_Key(edition, outcome, _in_order(given), sorts.get(pk, NO_SORTS))].append(pk)
        return [(self._compare(key), pks) for key, pks in alike.items()]

    def _sorts(self, screenings: set[int], after: int, upto: int) -> dict[int, Sorts]:
        """The sorts of medicine in the lists of these screenings; those without a list are left out."""
        kept = ListOfMedicines.objects.filter(screening__gt=after, screening__lte=upto).values_list(*_LIST_COLUMNS)
        lists = (StoredList(*each) for each in kept.iterator(chunk_size=LISTS_AT_A_TIME))
        return {each.screening: self.draft.reader.listed_in(each) for each in lists if each.screening in screenings}

    def _compare(self, key: _Key) -> Comparison:
        texts = (str(key.edition), key.outcome, key.given, *sorted(key.sorts))
        return self._compared(lambda: self._compared_anew(key), *texts)

    def _compared_anew(self, key: _Key) -> Comparison:
        kept = _kept(key, self._edition(key.edition))
        return compare(kept, self.draft.definition, self.draft.on, self.draft.overdue)

    def _edition(self, pk: int) -> Definition:
        if pk not in self.editions:
            self.editions[pk] = Edition.objects.get(pk=pk).definition
        return self.editions[pk]


def _in_order(given: str | None) -> str:
    """What the answers of a screening say, the same whatever the order in which the database joined them.

    Neither engine promises one, and the SQLite of many systems cannot be asked for one (before 3.44).
    """
    return ";".join(sorted(given.split(";"))) if given else ""


def _kept(key: _Key, edition: Definition) -> StoredResult:
    """What the record says; a rule that its edition does not ask was answered by the list alone."""
    findings = [_finding(edition, *each.split(":")) for each in key.given.split(";") if each]
    return StoredResult(
        outcome=Outcome(key.outcome),
        answers={each.link_id: each.answer for each in findings if each.link_id in edition.by_link_id},
        flagged=frozenset(each.link_id for each in findings if each.status is FindingStatus.FLAGGED),
        open_questions=frozenset(each.link_id for each in findings if each.is_open),
        listed=key.sorts,
    )


def _finding(edition: Definition, link_id: str, code: str, status: str) -> Finding:
    return Finding(link_id, AnswerCode(code), FindingStatus(status), edition.item(link_id).severity)


# Queries ------------------------------------------------------------------------------------------------------


class _Joined(Aggregate):
    """What each row of a group says, joined to one text in any order: ``a:b:c;a:b:c``."""

    function, arg_joiner = "STRING_AGG", " || ':' || "
    template = "%(function)s(%(expressions)s, ';')"
    output_field = models.TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        """SQLite has it under another name."""
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **extra)


_GIVEN = Subquery(
    Answer.objects.filter(screening=OuterRef("pk"))
    .order_by()
    .values("screening")
    .annotate(given=_Joined("link_id", "code", "status"))
    .values("given")
)
_LIST_COLUMNS = (
    *("screening", "lexicon", "local_names"),
    *(Cast("found", models.TextField()), "text", "screening__screened_at", "screening__time_zone"),
)


def _latest_standing(since: datetime, last: int) -> ScreeningQuerySet:
    """The latest screening of each patient, up to a key, that was neither superseded nor entered in error.

    It is looked for by the index on record numbers, one screening after the other.
    """
    standing = Screening.objects.filter(
        ~Exists(Void.objects.filter(screening=OuterRef("pk"))),
        ~Exists(Screening.objects.filter(supersedes=OuterRef("uuid"))),
        record_number_key=OuterRef("record_number_key"),
        pk__lte=last,
    )
    return Screening.objects.filter(screened_at__gte=since, pk=Subquery(standing.newest_first().values("pk")[:1]))


def _stretches(first: int | None, last: int | None) -> Iterator[tuple[int, int]]:
    """Spans of keys, each beginning after a key, with so many screenings as are gone through at a time."""
    if first is None or last is None:
        return
    after = first - 1
    keys = Screening.objects.filter(pk__lte=last).order_by("pk").values_list("pk", flat=True)
    while after < last:
        upto = next(iter(keys.filter(pk__gt=after)[AT_A_TIME - 1 : AT_A_TIME]), last)
        yield after, upto
        after = upto
