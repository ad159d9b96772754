"""The only code that writes audit events. Events refer to records by id and contain no patient data."""

from __future__ import annotations

from enum import StrEnum

from django.contrib.auth.models import AbstractUser
from django.utils import timezone

from .models import AuditEvent


class Action(StrEnum):
    """The kinds of audit events."""

    SIGNED_IN = "account.signed_in"
    SIGNED_OUT = "account.signed_out"
    SIGN_IN_REFUSED = "account.sign_in_refused"
    ACCOUNT_MADE = "account.made"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_LINK_MADE = "account.link_made"
    ACCOUNT_PASSWORD_SET = "account.password_set"  # noqa: S105 - the name of an event
    ACCOUNT_SESSIONS_ENDED = "account.sessions_ended"
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
    DECISION_RECORDED = "decision.recorded"
    DECISION_REFUSED = "decision.refused"
    WORKLIST_LISTED = "worklist.listed"
    SAFETY_READ = "safety.read"
    SAFETY_EXPORTED = "safety.exported"
    ACCESS_REFUSED = "access.refused"


COMMAND_LINE = "command line"


def record_event(
    action: Action,
    *,
    by: AbstractUser | None,
    role: str | None = None,
    subject: str = "",
    **details: str | int,
) -> None:
    """Insert one event.

    ``by`` is None on the command line, ``role`` the role in which the user acts, ``subject`` the id of a record.
    """
    AuditEvent.objects.create(
        at=timezone.now(),
        actor_id=by.pk if by else None,
        actor_name=by.username if by else COMMAND_LINE,
        actor_role=role or "",
        action=action.value,
        subject=subject,
        details=details,
    )


def record_refused_sign_in() -> None:
    """Insert an event for a refused sign-in. The entered user name is not stored: it may be a password."""
    AuditEvent.objects.create(at=timezone.now(), actor_name="not signed in", action=Action.SIGN_IN_REFUSED.value)
