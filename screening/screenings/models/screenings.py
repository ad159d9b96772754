"""Screenings: the record of what was asked, answered and found, and its current status."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Case, Exists, F, FilteredRelation, OuterRef, Q, Value, When

from screening.accounts.models import User
from screening.audit.models import AppendOnlyModel
from screening.clinical.evaluation.evaluate import Evaluation
from screening.clinical.evaluation.listed_medicines import from_plain as medicines_from_plain
from screening.clinical.medications.reader import NO_LIST, MedicationList
from screening.clinical.report.record import (
    Amended,
    Decided,
    LastUse,
    Patient,
    Record,
    RecordStatus,
    Superseded,
    Transcribed,
    Voided,
    short_id_of,
)
from screening.clinical.rules.definition import Outcome
from screening.clinical.text.birth_dates import BirthDate
from screening.clinical.text.identifiers import LONGEST_RECORD_KEY, name_parts, record_key
from screening.editions.models import Edition

from .answers import Void
from .decisions import Decision
from .query_plans import custom_query_plans

OTHERS_SHOWN = 20
SCANNED_FIRST = 4_000
"""The number of newest records that a search scans without the index. If they hold less than a full page of matches,
the name is rare, and the index finds the rest quickly even among a million records."""
FLAGGED_FIRST = (
    Outcome.CONTRAINDICATION_FLAGGED,
    Outcome.CAUTION_FLAGGED,
    Outcome.CANNOT_CONCLUDE,
    Outcome.NONE_IDENTIFIED,
)
"""The order in which a result lists the other screenings of its record number."""


class OtherScreenings(NamedTuple):
    """The other screenings of a record number that are shown, and the number of ``more`` that are not."""

    shown: list[Screening]
    more: int


class ScreeningQuerySet(models.QuerySet["Screening"]):
    """Queries on screenings."""

    def others_of(self, screening: Screening) -> OtherScreenings:
        """Return the other screenings of the same record number, flagged ones first.

        A record entered in error is never listed, and lists no others.
        """
        if screening.is_void:
            return OtherScreenings([], 0)
        others = self.of_record_number(screening.record_number).exclude(pk=screening.pk)
        if not others.exists():
            return OtherScreenings([], 0)
        chart = others.not_voided()
        shown = list(
            chart.with_status()
            .select_related("edition")
            .defer("edition__content")
            .flagged_first()[: OTHERS_SHOWN + 1]
        )
        more = chart.count() - OTHERS_SHOWN if len(shown) > OTHERS_SHOWN else 0
        return OtherScreenings(shown[:OTHERS_SHOWN], more)

    def last_use(self, record_number: str, *, is_known: bool = False) -> LastUse | None:
        """Return the patient for whom a record number was last used; None when it is new.

        With ``is_known`` it is certain that the number is in use, as that of a record to amend.
        """
        used = self.of_record_number(record_number)
        if not is_known and not used.exists():  # a cheap check: most patients are new
            return None
        columns = ("uuid", "patient_name", "birth_date", "record_number", "dose_mg", "indication")
        last = used.filter(void__isnull=True).newest_first().only(*columns).first()
        return LastUse(last.uuid, last.patient) if last else None

    def newest_first(self) -> ScreeningQuerySet:
        """Order by time of recording, newest first."""
        return self.order_by("-pk")

    def flagged_first(self) -> ScreeningQuerySet:
        """Order by outcome as in ``FLAGGED_FIRST``, superseded ones last; newest first within each outcome."""
        ranks = [When(outcome=outcome, then=Value(rank)) for rank, outcome in enumerate(FLAGGED_FIRST)]
        superseded = When(superseded_by__isnull=False, then=Value(len(ranks)))
        return self.order_by(Case(superseded, *ranks), "-pk")

    def in_list_order(self) -> ScreeningQuerySet:
        """Order by time of screening, newest first. A date filter is then a range of the same index."""
        return self.order_by("-screened_at", "-pk")

    def with_status(self) -> ScreeningQuerySet:
        """Annotate ``successor_uuid``, the uuid of the superseding record, and ``void_id``."""
        return self.annotate(successor_uuid=F("superseded_by__uuid"), void_id=F("void__pk"))

    def complete(self) -> ScreeningQuerySet:
        """Include the status, ``is_decided``, the edition and the rows that belong to a screening."""
        related = ("edition", "list_of_medicines", "transcription")
        return self.with_status().with_is_decided().select_related(*related)

    def with_is_decided(self) -> ScreeningQuerySet:
        """Annotate ``first_decision_id``, so that decisions are read only where there are any."""
        first = FilteredRelation("decisions", condition=Q(decisions__number=1))
        return self.annotate(first_decision=first, first_decision_id=F("first_decision__pk"))

    def not_voided(self) -> ScreeningQuerySet:
        """Exclude records entered in error. A subquery, because PostgreSQL would join a million rows otherwise."""
        return self.exclude(Exists(Void.objects.filter(screening=OuterRef("pk"))))

    def not_decided(self) -> ScreeningQuerySet:
        """Return current screenings without any decision."""
        return self.filter(worklist_entry__isnull=False, worklist_entry__due_on=None)

    def decided_as(self, code: str) -> ScreeningQuerySet:
        """Return current screenings whose latest decision has this code."""
        later = Decision.objects.filter(screening=OuterRef("screening"), number__gt=OuterRef("number"))
        latest = Decision.objects.filter(~Exists(later), screening=OuterRef("pk"), code=code)
        return self.filter(Exists(latest), ~Exists(self._successors()))

    def with_superseded_decision(self) -> ScreeningQuerySet:
        """Return superseded screenings that were decided."""
        return self.filter(Exists(Decision.objects.filter(screening=OuterRef("pk"))), Exists(self._successors()))

    def _successors(self) -> ScreeningQuerySet:
        return Screening.objects.filter(supersedes=OuterRef("uuid"))

    def of_record_number(self, record_number: str) -> ScreeningQuerySet:
        """Return all screenings of a record number, whatever its case, spaces and kinds of dash."""
        return self.filter(record_number_key=record_key(record_number))

    def matching(self, query: str) -> ScreeningQuerySet:
        """Return records whose patient's name has every word of the query, or whose record number is the query."""
        named = Q(*(Q(patient_name_key__contains=part) for part in name_parts(query)))
        return self.filter(named | Q(record_number_key=record_key(query)))

    def first_matching(self, query: str, count: int) -> list[int]:
        """Return the primary keys of the first matches in list order, at most ``count``.

        The newest few thousand records are scanned first: that finds a common name at once. The index on names finds
        the rest: that is quick for a rare name. PostgreSQL cannot choose between the two reliably. It has to guess
        how often the words of a query occur together, and scans a million records when the guess is wrong.
        """
        parts, number = name_parts(query), record_key(query)
        with custom_query_plans():
            columns = ("pk", "patient_name_key", "record_number_key")
            newest = list(self.in_list_order().values_list(*columns)[:SCANNED_FIRST])
            keys = [
                pk
                for pk, name_key, number_key in newest
                if number_key == number or (parts and all(part in name_key for part in parts))
            ]
            if len(keys) < count and len(newest) == SCANNED_FIRST:
                last = Screening.objects.only("screened_at").get(pk=newest[-1][0])
                not_by_time = (F("screened_at") + timedelta(0)).desc()  # keeps PostgreSQL off the index on time
                rest = self.matching(query).before(last).order_by(not_by_time, "-pk")
                keys += rest.values_list("pk", flat=True)[: count - len(keys)]
            return keys[:count]

    def older_than(self, uuid: UUID | None) -> ScreeningQuerySet:
        """Return the screenings after the one with this uuid in list order; all when there is no such screening."""
        last = Screening.objects.filter(uuid=uuid).only("screened_at").first() if uuid else None
        return self.before(last) if last else self

    def before(self, screening: Screening) -> ScreeningQuerySet:
        """Return the screenings after this one in list order."""
        at = screening.screened_at
        return self.filter(Q(screened_at__lt=at) | Q(screened_at=at, pk__lt=screening.pk), screened_at__lte=at)

    def with_short_id(self, digits: str) -> ScreeningQuerySet:
        """Return the screenings whose uuid begins with these eight hexadecimal digits."""
        return self.filter(uuid__gte=UUID(digits.ljust(32, "0")), uuid__lte=UUID(digits.ljust(32, "f")))

    def screened_from(self, day: date, zone: ZoneInfo) -> ScreeningQuerySet:
        """Return the screenings of a local day or later."""
        return self.filter(screened_at__gte=datetime.combine(day, time.min, zone))

    def screened_to(self, day: date, zone: ZoneInfo) -> ScreeningQuerySet:
        """Return the screenings of a local day or earlier."""
        return self.filter(screened_at__lt=datetime.combine(day + timedelta(days=1), time.min, zone))


class Screening(AppendOnlyModel):
    """One screening of one patient under one edition. Insert-only.

    ``submission`` is the key of the form; with ``content_hash`` it shows whether a form was sent again unchanged or
    with other content. ``headline``, ``state`` and ``tally`` are words of the result, stored for lists. ``overdue``
    holds the rules whose review was overdue; it is None where the installation draws conclusions from such rules
    anyway. An amendment is a new screening that ``supersedes`` the record it corrects. ``birth_date`` is an ISO date
    without the day, or without day and month, when they are not known. ``begun_by`` is set only when another person
    began the form. If it was transcribed from a paper form, ``screened_at`` is the time on the paper.
    """

    uuid = models.UUIDField(unique=True, default=uuid4)
    submission = models.UUIDField(unique=True)
    content_hash = models.CharField(max_length=64)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="screenings")
    patient_name = models.CharField(max_length=200)
    patient_name_key = models.TextField()
    birth_date = models.CharField(max_length=10)
    record_number = models.CharField(max_length=64)
    record_number_key = models.CharField(max_length=LONGEST_RECORD_KEY)
    dose_mg = models.DecimalField("intended daily dose, mg", max_digits=6, decimal_places=3, null=True)
    indication = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=40, choices=[(each.value, each.value) for each in Outcome])
    state = models.CharField(max_length=20)
    headline = models.TextField()
    tally = models.TextField()
    unrecognised = models.JSONField(default=list)
    overdue = models.JSONField(null=True)
    screened_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    screened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    screened_by_name = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, to_field="uuid", null=True, related_name="superseded_by"
    )
    amendment_reason = models.TextField(blank=True)
    begun_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    begun_by_name = models.CharField(max_length=200, blank=True)

    objects = ScreeningQuerySet.as_manager()

    successor_uuid: UUID | None  # annotated by ``with_status``
    void_id: int | None  # annotated by ``with_status``
    first_decision_id: int | None  # annotated by ``with_is_decided``

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(supersedes=None, amendment_reason="")
                | (Q(supersedes__isnull=False) & ~Q(amendment_reason="")),
                name="amendment_has_a_reason",
            )
        ]
        indexes = [
            models.Index(fields=["record_number_key", "-id"], name="screening_by_record_number"),
            models.Index(fields=["-screened_at", "-id"], name="screening_newest_first"),
            models.Index(fields=["outcome", "-screened_at", "-id", "edition"], name="screening_of_outcome"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def short_id(self) -> str:
        """The first eight digits of the uuid: ``5d3a-91c7``."""
        return short_id_of(self.uuid)

    @property
    def screened_at_local(self) -> datetime:
        """The time of screening in the clinic's time zone of then."""
        return self.screened_at.astimezone(ZoneInfo(self.time_zone))

    @property
    def born(self) -> BirthDate:
        """The birth date, with the parts that are known."""
        return BirthDate.from_iso(self.birth_date)

    @property
    def patient(self) -> Patient:
        """The patient, with the intended dose and the indication."""
        return Patient(
            name=self.patient_name,
            birth_date=self.born,
            record_number=self.record_number,
            dose_mg=self.dose_mg,
            indication=self.indication,
        )

    @property
    def status(self) -> RecordStatus:
        """How the record was superseded or voided; None while it is current. Needs ``with_status``."""
        if self.is_void:
            at = self.void.at.astimezone(ZoneInfo(self.time_zone))
            return Voided(by=self.void.by_name, role=self.void.role, at=at, reason=self.void.reason)
        if self.successor_uuid:
            later = self.later_amendments()
            successor, last = later[0], later[-1]
            current = None if last.is_void else last.uuid
            reason = successor.amendment_reason
            return Superseded(by=successor.uuid, at=successor.screened_at_local, reason=reason, current=current)
        return None

    @property
    def is_void(self) -> bool:
        """True when the record was entered in error. Needs ``with_status``."""
        return self.void_id is not None

    @property
    def is_decided(self) -> bool:
        """True when there is a decision on the record. Needs ``with_is_decided``."""
        return self.first_decision_id is not None

    @property
    def is_current(self) -> bool:
        """True when the record is neither superseded nor void. Needs ``with_status``."""
        return not (self.successor_uuid or self.is_void)

    def later_amendments(self) -> list[Screening]:
        """Return the chain of amendments that follow this record, oldest first, in one query.

        An amendment has the same record number as the record that it supersedes.
        """
        chart = Screening.objects.filter(record_number_key=self.record_number_key, supersedes__isnull=False)
        by_superseded = {each.supersedes_id: each for each in chart.with_status().order_by("pk")}
        later, uuid = list[Screening](), self.uuid
        while uuid in by_superseded:
            later.append(by_superseded[uuid])
            uuid = later[-1].uuid
        return later

    def last_amendment(self) -> Screening:
        """Return the end of the chain of amendments, or the record itself. Needs ``with_status``."""
        if not self.successor_uuid:
            return self
        return Screening.objects.complete().get(uuid=self.later_amendments()[-1].uuid)

    @property
    def listed(self) -> MedicationList:
        """The medication list, with what was found in it when the screening was recorded."""
        if not hasattr(self, "list_of_medicines"):
            return NO_LIST
        row = self.list_of_medicines
        return MedicationList(row.text, medicines_from_plain(row.found), tuple(row.not_read))

    @property
    def latest_decision(self) -> Decision | None:
        """The latest decision. Needs ``with_is_decided``; for a list, prefetch ``decisions``."""
        return max(self.decisions.all(), key=attrgetter("number")) if self.is_decided else None

    def decided(self) -> list[Decided]:
        """Return the decisions on this screening, oldest first. Needs ``with_is_decided``."""
        if not self.is_decided:
            return []
        return [each.decided() for each in self.decisions.order_by("number").prefetch_related("reasons")]

    @property
    def transcribed(self) -> Transcribed | None:
        """How the screening was transcribed from a paper form; None if it was not."""
        if not hasattr(self, "transcription"):
            return None
        row, published_at = self.transcription, self.edition.published_at.replace(second=0, microsecond=0)
        return Transcribed(
            completed_by=row.completed_by,
            at=row.transcribed_at.astimezone(ZoneInfo(self.time_zone)),
            edition_in_use=row.edition_in_use,
            is_before_edition=self.screened_at < published_at,  # a form is timed to the minute
        )

    def record(self) -> Record:
        """Return the stored record in the form that the clinical core reads."""
        definition, rows = self.edition.definition, self.answers.all()
        asked = [row for row in rows if row.link_id in definition.by_link_id]
        return Record(
            uuid=self.uuid,
            patient=self.patient,
            definition=definition,
            edition_number=self.edition.number,
            answers={row.link_id: row.answer(definition) for row in asked},
            evaluation=Evaluation(
                outcome=Outcome(self.outcome),
                findings=tuple(row.finding() for row in rows),
                unrecognised=tuple(self.unrecognised),
                overdue=tuple(self.overdue or ()),
            ),
            screened_at=self.screened_at_local,
            screened_by=self.screened_by_name,
            role=self.role,
            amends=Amended(uuid=self.supersedes_id, reason=self.amendment_reason) if self.supersedes_id else None,
            listed=self.listed,
            without_second_reviewer=self.edition.without_second_reviewer,
            begun_by=self.begun_by_name,
            transcribed=self.transcribed,
        )
