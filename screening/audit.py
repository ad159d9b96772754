"""The audit trail, and its only writer. Events name records by their ids; they hold no patient data."""

from __future__ import annotations

from enum import StrEnum

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from .models import AuditEvent, User
from .permissions import Role, roles_of


class Action(StrEnum):
    """What is put on record."""

    SIGNED_IN = "account.signed_in"
    SIGNED_OUT = "account.signed_out"
    SIGN_IN_REFUSED = "account.sign_in_refused"
    ACCOUNT_MADE = "account.made"
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


COMMAND_LINE = "command line"


def put_on_record(
    action: Action, *, by: User | None, role: Role | None = None, subject: str = "", **details: str | int
) -> None:
    """Insert one event. ``by`` is None for the command line, ``role`` the one acted in, ``subject`` a record's id."""
    AuditEvent.objects.create(
        at=timezone.now(),
        actor_id=by.pk if by else None,
        actor_name=by.username if by else COMMAND_LINE,
        actor_role=role.value if role else "",
        action=action.value,
        subject=subject,
        details=details,
    )


@receiver(user_logged_in)
def _signed_in(sender: object, user: User, **kwargs: object) -> None:
    role = next(iter(roles_of(user)), None)
    put_on_record(Action.SIGNED_IN, by=user, role=role)


@receiver(user_logged_out)
def _signed_out(sender: object, user: User | None, **kwargs: object) -> None:
    if user is not None:
        put_on_record(Action.SIGNED_OUT, by=user)


@receiver(user_login_failed)
def _sign_in_refused(sender: object, request: HttpRequest | None = None, **kwargs: object) -> None:
    """The name that was typed is not kept: people type their password into the wrong box."""
    AuditEvent.objects.create(at=timezone.now(), actor_name="not signed in", action=Action.SIGN_IN_REFUSED.value)
