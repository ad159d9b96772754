"""The only code that writes audit events and seals. Events refer to records by id and contain no patient data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction
from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from .client_address import current_address
from .models import AuditEvent, Seal
from .seals import CONTENT, START, hash_of_event, hash_of_seal


class Action(StrEnum):
    """The kinds of audit events."""

    SIGNED_IN = "account.signed_in"
    SIGNED_OUT = "account.signed_out"
    SIGN_IN_REFUSED = "account.sign_in_refused"
    ACCOUNT_MADE = "account.made"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_MADE_AT_SIGN_IN = "account.made_at_sign_in"
    ACCOUNT_ROLES_SET_BY_PROVIDER = "account.roles_set_by_provider"
    ACCOUNT_LINK_MADE = "account.link_made"
    ACCOUNT_PASSWORD_SET = "account.password_set"  # noqa: S105 - the name of an event
    ACCOUNT_LANGUAGE_SET = "account.language_set"
    ACCOUNT_SESSIONS_ENDED = "account.sessions_ended"
    SECOND_FACTOR_ADDED = "account.second_factor_added"
    SECOND_FACTOR_REMOVED = "account.second_factor_removed"
    SECOND_FACTORS_RESET = "account.second_factors_reset"
    RECOVERY_CODES_MADE = "account.recovery_codes_made"
    RECOVERY_CODE_USED = "account.recovery_code_used"
    SESSION_ENDED = "account.session_ended"
    FORM_STORED = "form.stored"
    FORM_RELEASED = "form.released"
    FORM_DISCARDED = "form.discarded"
    RULES_LOADED = "rules.loaded"
    RULES_CHANGED = "rules.changed"
    RULES_PROPOSED = "rules.proposed"
    RULES_TAKEN_BACK = "rules.taken_back"
    RULES_SENT_BACK = "rules.sent_back"
    RULES_DISCARDED = "rules.discarded"
    EDITION_PUBLISHED = "edition.published"
    EDITION_REVIEWED = "edition.reviewed"
    EDITION_EXPORTED = "edition.exported"
    IMPACT_LISTED = "impact.listed"
    LOCAL_NAME_ADDED = "local_name.added"
    LOCAL_NAME_RETIRED = "local_name.retired"
    SCREENING_RECORDED = "screening.recorded"
    SCREENING_SUPERSEDED = "screening.superseded"
    SCREENING_VOIDED = "screening.voided"
    SCREENING_READ = "screening.read"
    SCREENING_PRINTED = "screening.printed"
    SCREENING_EXPORTED = "screening.exported"
    SCREENINGS_LISTED = "screenings.listed"
    SCREENINGS_SEARCHED = "screenings.searched"
    PURGE_REQUESTED = "purge.requested"
    PURGE_CONFIRMED = "purge.confirmed"
    PURGE_WITHDRAWN = "purge.withdrawn"
    SCREENINGS_PURGED = "screenings.purged"
    DECISION_RECORDED = "decision.recorded"
    DECISION_REFUSED = "decision.refused"
    WORKLIST_LISTED = "worklist.listed"
    LOOKS_LISTED = "looks.listed"
    AUDIT_LISTED = "audit.listed"
    AUDIT_EXPORTED = "audit.exported"
    SAFETY_READ = "safety.read"
    SAFETY_EXPORTED = "safety.exported"
    ACCESS_REFUSED = "access.refused"
    BACKUP_STARTED = "backup.started"


COMMAND_LINE = "command line"
NOT_SIGNED_IN = "not signed in"


def record_event(
    action: Action,
    /,  # the details of an event may have this name
    *,
    by: AbstractUser | None,
    role: str | None = None,
    subject: str = "",
    **details: str | int,
) -> None:
    """Insert one event, with the address of the client whose request is handled.

    ``by`` is None on the command line, ``role`` the role in which the user acts, ``subject`` the id of a record.
    """
    _insert(action, by.username if by else COMMAND_LINE, by.pk if by else None, role or "", subject, details)


def record_without_account(action: Action, subject: str = "", **details: str | int) -> None:
    """Insert an event of somebody who is not signed in."""
    _insert(action, NOT_SIGNED_IN, None, "", subject, details)


def record_without_request(action: Action, /, *, by: AbstractUser, **details: str | int) -> None:
    """Insert an event about a user whose request is not the one being handled, so it has no address."""
    _insert(action, by.username, by.pk, "", "", details, has_address=False)


def _insert(
    action: Action,
    actor_name: str,
    actor_id: int | None,
    role: str,
    subject: str,
    details: dict[str, str | int],
    *,
    has_address: bool = True,
) -> None:
    AuditEvent.objects.create(
        at=timezone.now(),
        actor_id=actor_id,
        actor_name=actor_name,
        actor_role=role,
        action=action.value,
        subject=subject,
        address=current_address() if has_address else None,
        details=details,
    )


# Sealing ------------------------------------------------------------------------------------------------------

SETTLED = timedelta(minutes=1)
"""How old an event is when no open transaction can still insert one with a lower id."""
EVENTS_OF_A_SEAL = 1_000
NOTHING_SETTLED = -(2**63)


class SealedMeanwhile(Exception):
    """Another process made the next seal first."""


def seal_events(on: datetime) -> Iterator[int]:
    """Seal all events that have settled by ``on``, and yield the number of events after each seal.

    Each seal is one INSERT: interrupted at any point, the next run continues after the last seal. Of two processes
    that seal at once only one can insert the seal with the next number, and the other stops.

    Raises:
        SealedMeanwhile: another process inserted the next seal.
    """
    last = Seal.objects.order_by("-number").only("number", "hash", "last_event").first()
    settled = _last_settled(last, on)
    while events := _next_events(last, settled):
        last = _insert_seal(last, events, on)
        yield len(events)


def _unsealed(last: Seal | None) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(pk__gt=last.last_event) if last else AuditEvent.objects.all()


def _next_events(last: Seal | None, settled: int) -> list[tuple[int, str]]:
    rows = _unsealed(last).filter(pk__lte=settled).order_by("pk").values_list("pk", *CONTENT)
    return [(pk, hash_of_event(content)) for pk, *content in rows[:EVENTS_OF_A_SEAL]]


def _last_settled(last: Seal | None, on: datetime) -> int:
    """Return the id up to which no open transaction can still insert an event.

    Ids are given in the order of inserting: what lies below a settled event has settled too. That also holds for an
    event whose time lies in the future, because the clock was set back after it.
    """
    settled = _unsealed(last).filter(at__lte=on - SETTLED).aggregate(id=Max("pk"))["id"]
    recent = _unsealed(last).filter(at__gt=on - SETTLED, at__lte=on).aggregate(id=Min("pk"))["id"]
    if settled is None:
        return NOTHING_SETTLED
    return settled if recent is None else min(settled, recent - 1)


def _insert_seal(last: Seal | None, events: list[tuple[int, str]], on: datetime) -> Seal:
    number, previous = (last.number + 1, last.hash) if last else (1, START)
    seal = Seal(
        number=number,
        previous=previous,
        events=events,
        last_event=events[-1][0],
        sealed_at=on,
        hash=hash_of_seal(number, previous, events, on),
    )
    try:
        with transaction.atomic():
            seal.save(force_insert=True)
    except IntegrityError:
        raise SealedMeanwhile(f"seal {number}") from None
    return seal
