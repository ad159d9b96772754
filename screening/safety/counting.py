"""The counts behind the safety figures. They only read.

A screening counts once, by its latest version; one entered in error does not count. Screenings are counted with every
version first, and the few that are left out are then taken away. PostgreSQL does that in half the time that it needs
to leave them out of a million.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import (
    BooleanField,
    Case,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Cast, Replace, TruncDate

from screening.audit.actions import Action
from screening.audit.models import AuditEvent
from screening.clinical.evaluation.evaluate import FindingStatus
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.definition import AnswerCode
from screening.screenings.models import Answer, Decision, DecisionReason, Screening, ScreeningQuerySet, Void
from screening.screenings.models.worklist import FLAGGED

from .selection import Selection

NOT_FOR_WHAT_THEY_HELD = ("role", "not-current", "decided-meanwhile")
"""Why a decision is refused whatever it holds: no role, or somebody else came first."""
AT_THE_START = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL plan_cache_mode = force_custom_plan",  # a generic plan cannot use a partial index
    "SET LOCAL jit = off",  # compiling a statement takes longer than running it
    "SET LOCAL work_mem = '64MB'",  # so that a million screenings are joined in memory
)


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Let all statements in the block see the same state of the data, so that the figures of a page fit together.

    Only on PostgreSQL: on SQLite such a transaction would keep everyone from recording meanwhile.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in AT_THE_START:
            cursor.execute(statement)
        yield


class LeftOut(NamedTuple):
    """What is known of a screening that is not counted: amended, or entered in error.

    ``edition`` is a primary key; ``days`` and ``is_old`` are as in ``count_days_to_decision``.
    """

    edition: int
    outcome: str
    days: timedelta | None
    is_old: bool


def count_amended(selection: Selection, undecided_before: date) -> Counter[LeftOut]:
    """Count the earlier versions of amended screenings, by what they would have counted as."""
    amended = Screening.objects.filter(selection.of(), superseded_by__supersedes__isnull=False)
    return _counted_as_left_out(amended, selection, undecided_before)


def count_in_error(selection: Selection, undecided_before: date) -> Counter[LeftOut]:
    """Count the screenings that were entered in error, by what they would have counted as."""
    in_error = Screening.objects.filter(selection.of(), void__isnull=False)
    return _counted_as_left_out(in_error, selection, undecided_before)


def _counted_as_left_out(
    screenings: ScreeningQuerySet, selection: Selection, undecided_before: date
) -> Counter[LeftOut]:
    counted = _counted(_with_days(screenings, selection, undecided_before), *LeftOut._fields)
    return Counter({LeftOut(*key): count for key, count in counted.items()})


def count_screenings(selection: Selection, left_out: Counter[LeftOut]) -> Counter[tuple[int, str]]:
    """Count the screenings by primary key of the edition and outcome."""
    counted = _counted(Screening.objects.filter(selection.of()), "edition", "outcome")
    for each, count in left_out.items():
        counted[each.edition, each.outcome] -= count
    return counted


def count_answers(selection: Selection, *, by_edition: bool) -> Counter[tuple[int | None, str, str, str]]:
    """Count the answers by edition, rule, status and code, without those of a no that raised no flag.

    There are so many of those that they are worked out instead: each screening has an answer to each rule of its
    edition. Unless ``by_edition`` the edition is None.
    """
    matters = Q(status__in=[FindingStatus.FLAGGED, FindingStatus.UNRESOLVED]) | Q(code=AnswerCode.NOT_APPLICABLE)
    answers = Answer.objects.filter(matters, selection.of("screening")).exclude(screening__in=_left_out())
    return _counted_by_edition(answers, "screening" if by_edition else "", "link_id", "status", "code")


def count_overridden(selection: Selection, *, by_edition: bool) -> Counter[tuple[int | None, str, str, str]]:
    """Count the flags despite which LDN was prescribed, by edition, rule, and code and label of the reason.

    Only the latest decision on a screening counts. Unless ``by_edition`` the edition is None.
    """
    screening = OuterRef("decision__screening")
    later = Decision.objects.filter(screening=screening, number__gt=OuterRef("decision__number"))
    flag = Answer.objects.filter(screening=screening, link_id=OuterRef("link_id"), status=FindingStatus.FLAGGED)
    reasons = DecisionReason.objects.filter(
        selection.of("decision__screening"), Exists(flag), ~Exists(later), decision__code=DecisionCode.PRESCRIBE
    ).exclude(decision__screening__in=_left_out())
    return _counted_by_edition(reasons, "decision__screening" if by_edition else "", "link_id", "code", "label")


def count_days_to_decision(
    selection: Selection, undecided_before: date, left_out: Counter[LeftOut]
) -> Counter[tuple[timedelta | None, bool]]:
    """Count the flagged screenings by calendar days from screening to the first decision.

    The days are None for an undecided one; the second key is True if it was screened before ``undecided_before``.
    """
    flagged = Screening.objects.filter(selection.of(), outcome__in=FLAGGED)
    counted = _counted(_with_days(flagged, selection, undecided_before), "days", "is_old")
    for each, count in left_out.items():
        if each.outcome in FLAGGED:
            counted[each.days, each.is_old] -= count
    return counted


def count_refused(selection: Selection) -> int:
    """Count the decisions that were refused for what they held, on any version of the selected screenings."""
    refused = AuditEvent.objects.filter(action=Action.DECISION_REFUSED).exclude(
        details__why__in=NOT_FOR_WHAT_THEY_HELD
    )
    uuid = Cast(Replace("subject", Value("-"), Value("")), UUIDField())  # SQLite stores a uuid without hyphens
    of_selected = Screening.objects.filter(selection.of(), uuid=OuterRef("record"))
    return refused.annotate(record=uuid).filter(Exists(of_selected)).count()


def _with_days(screenings: ScreeningQuerySet, selection: Selection, undecided_before: date) -> ScreeningQuerySet:
    """Annotate ``days`` from screening to the first decision, and ``is_old`` for those undecided for long."""
    is_old = Q(first_decision__pk=None, screened_at__lt=selection.start_of(undecided_before))
    decided_on = TruncDate("first_decision__at", tzinfo=selection.zone)
    waited = decided_on - TruncDate("screened_at", tzinfo=selection.zone)
    return screenings.annotate(
        first_decision=FilteredRelation("decisions", condition=Q(decisions__number=1)),
        days=ExpressionWrapper(waited, output_field=DurationField()),
        is_old=Case(When(is_old, then=Value(True)), default=Value(False), output_field=BooleanField()),
    )


def _counted(rows: QuerySet[Any, Any], *keys: str) -> Counter[Any]:
    """Count rows by the values of ``keys``, a tuple for each row."""
    counted = rows.order_by().values_list(*keys).annotate(rows=Count("*"))
    return Counter({tuple(values): count for *values, count in counted})


def _counted_by_edition(rows: QuerySet[Any, Any], screening: str, *keys: str) -> Counter[Any]:
    """Count rows by the edition of their ``screening`` and ``keys``; without a path to it the edition is None."""
    if screening:
        return _counted(rows, f"{screening}__edition", *keys)
    return Counter({(None, *key): count for key, count in _counted(rows, *keys).items()})


def _left_out() -> QuerySet[Any, Any]:
    """Return the primary keys of the screenings that are not counted: the amended ones and those in error."""
    amended = Screening.objects.filter(supersedes__isnull=False).values_list("supersedes__pk")
    return amended.union(Void.objects.values_list("screening"), all=True)
