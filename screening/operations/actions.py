"""Ask for a purge, confirm or withdraw it, and delete what was exported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.db import connection

from screening.accounts.models import User
from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event
from screening.audit.append_only import deletable
from screening.screenings.models import (
    Answer,
    Decision,
    DecisionReason,
    ListOfMedicines,
    Screening,
    Transcription,
    Void,
    WorklistEntry,
)
from screening.web.transactions import committed, lock

from .backup.file_format import Written
from .models import PurgeConfirmation, PurgeRequest, PurgeRun, PurgeStatus, PurgeWithdrawal
from .purging import screenings_to_purge

DELETED_AT_ONCE = 1_000
OF_SCREENING = "screening_id IN ({keys})"
PURGED_TABLES = {
    Screening: "id IN ({keys})",
    Decision: OF_SCREENING,
    DecisionReason: "decision_id IN (SELECT id FROM screening_decision WHERE screening_id IN ({keys}))",
    Void: OF_SCREENING,
    Answer: OF_SCREENING,
    ListOfMedicines: OF_SCREENING,
    WorklistEntry: OF_SCREENING,
    Transcription: OF_SCREENING,
}
"""The tables of which rows are deleted, in the order in which the application inserts into them, with the condition
for the rows of some screenings."""


class AlreadyOpen(Exception):
    """Another purge waits or is confirmed; ``request`` is that one."""

    def __init__(self, request: PurgeRequest) -> None:
        super().__init__(str(request))
        self.request = request


class OwnRequest(Exception):
    """The person who asked for a purge cannot confirm it."""


class NotOpen(Exception):
    """The purge is not in the status for this: it was confirmed, withdrawn or done meanwhile, or has expired."""


class NotAsExported(Exception):
    """The screenings to delete are not exactly those that were exported."""


@committed()
def request_purge(*, before: date, reason: str, by: User, role: Role, at: datetime) -> PurgeRequest:
    """Ask to purge the screenings before a day.

    Raises:
        AlreadyOpen: another purge waits for its confirmation, or is confirmed and not done.
    """
    lock(PurgeRequest)
    if another := PurgeRequest.objects.open(at).first():
        raise AlreadyOpen(another)
    request = PurgeRequest.objects.create(before=before, reason=reason, at=at, by=by, by_name=by.display_name)
    record_event(Action.PURGE_REQUESTED, by=by, role=role, subject=str(request), before=before.isoformat())
    return request


@committed()
def confirm_purge(request: PurgeRequest, *, by: User, role: Role, at: datetime) -> PurgeConfirmation:
    """Confirm a purge that another administrator asked for. Confirming it twice, as by a double click, is no error.

    Raises:
        OwnRequest: it is the person's own request.
        NotOpen: it does not wait for a confirmation.
    """
    current = _locked(request)
    if current.by_id == by.pk:
        raise OwnRequest
    status = current.status(at)
    if status is PurgeStatus.CONFIRMED and current.confirmation.by_id == by.pk:
        return current.confirmation
    if status is not PurgeStatus.WAITING:
        raise NotOpen
    confirmation = PurgeConfirmation(
        request=current, requested_by_id=current.by_id, at=at, by=by, by_name=by.display_name
    )
    confirmation.save(force_insert=True)
    before = current.before.isoformat()
    record_event(Action.PURGE_CONFIRMED, by=by, role=role, subject=str(current), before=before)
    return confirmation


@committed()
def withdraw_purge(request: PurgeRequest, *, by: User, role: Role, at: datetime) -> None:
    """Withdraw a purge, so that it is not done. Withdrawing it twice is no error.

    Raises:
        NotOpen: it was done, or has expired.
    """
    current = _locked(request)
    status = current.status(at)
    if status is PurgeStatus.WITHDRAWN:
        return
    if status not in {PurgeStatus.WAITING, PurgeStatus.CONFIRMED}:
        raise NotOpen
    PurgeWithdrawal(request=current, at=at, by=by, by_name=by.display_name).save(force_insert=True)
    before = current.before.isoformat()
    record_event(Action.PURGE_WITHDRAWN, by=by, role=role, subject=str(current), before=before)


def _locked(request: PurgeRequest) -> PurgeRequest:
    """Lock a request until the transaction ends, and return it as it is then."""
    lock(request)
    return PurgeRequest.objects.complete().get(pk=request.pk)


@committed()
def purge(
    request: PurgeRequest,
    exported: Sequence[int],
    written: Written,
    *,
    at: datetime,
    progress: Callable[[int], object],
) -> PurgeRun:
    """Delete the screenings that were exported, with all that belongs to them, in one transaction. Events are kept.

    ``exported`` are their primary keys, ``written`` is the file that they are in. ``progress`` is called with the
    number of screenings after each part of them.

    Raises:
        NotOpen: the purge is not confirmed, or was withdrawn or done meanwhile, or has expired.
        NotAsExported: what would be deleted is not what was exported.
    """
    current = _locked(request)
    if current.status(at) is not PurgeStatus.CONFIRMED:
        raise NotOpen
    _overwrite_what_is_deleted()
    with deletable(connection, list(PURGED_TABLES)):
        found = set(screenings_to_purge(current.before).values_list("pk", flat=True))
        if found != set(exported):
            raise NotAsExported("a screening was recorded, decided on, amended or voided meanwhile")
        _delete_all(exported, written, progress)
    return _insert_run(current, len(exported), written, at)


def _delete_all(exported: Sequence[int], written: Written, progress: Callable[[int], object]) -> None:
    deleted = dict.fromkeys(PURGED_TABLES, 0)
    for first in range(0, len(exported), DELETED_AT_ONCE):
        chunk = exported[first : first + DELETED_AT_ONCE]
        for model in reversed(PURGED_TABLES):
            deleted[model] += _delete(model._meta.db_table, PURGED_TABLES[model], chunk)
        progress(len(chunk))
    for model, count in deleted.items():
        in_file = written.tables[model._meta.label].rows
        if count != in_file:
            raise NotAsExported(f"{model._meta.db_table} has {count} rows to delete, and {in_file} are in the file")


def _insert_run(request: PurgeRequest, screenings: int, written: Written, at: datetime) -> PurgeRun:
    run = PurgeRun(
        confirmation=request.confirmation,
        at=at,
        screenings=screenings,
        sha256=written.sha256,
        size=written.size,
    )
    run.save(force_insert=True)
    record_event(
        Action.SCREENINGS_PURGED,
        by=None,
        subject=str(request),
        before=request.before.isoformat(),
        screenings=screenings,
        requested_by=request.by.username,
        confirmed_by=request.confirmation.by.username,
        sha256=written.sha256,
    )
    return run


def _overwrite_what_is_deleted() -> None:
    """Let SQLite overwrite deleted rows in its file, where they could be read otherwise."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def _delete(table: str, condition: str, keys: Sequence[int]) -> int:
    """Delete rows of some screenings and return their number.

    Not by the ORM, which would read every row first, and refuses to delete what other rows are protected by.
    """
    where = condition.format(keys=", ".join(["%s"] * len(keys)))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {where}", keys)  # noqa: S608 (names of this project)
        return int(cursor.rowcount)
