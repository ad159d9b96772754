"""Signal receivers that record sign-ins, sign-outs, refused sign-ins and second factors, and begin sessions."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from screening.audit.actions import Action, record_event

from .actions import KIND_WORDS, record_own, record_refused_sign_in, use_up
from .models import User
from .permissions import first_role
from .recovery_codes import codes_left
from .sessions import limits, unsent_forms
from .sessions.actions import clear_expired


@receiver(user_logged_in)
def _signed_in(sender: object, request: HttpRequest, user: User, **kwargs: object) -> None:
    record_event(Action.SIGNED_IN, by=user, role=first_role(user))
    clear_expired(timezone.now())
    limits.begin(request.session)
    unsent_forms.note(request.session, user)


@receiver(user_logged_out)
def _signed_out(sender: object, user: User | None, **kwargs: object) -> None:
    if user is not None:
        record_event(Action.SIGNED_OUT, by=user, role=first_role(user))


@receiver(user_login_failed)
def _sign_in_refused(sender: object, credentials: dict[str, object], **kwargs: object) -> None:
    record_refused_sign_in(str(credentials.get("username", "")))


@receiver(authenticator_added)
def _second_factor_added(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object
) -> None:
    record_own(Action.SECOND_FACTOR_ADDED, user, kind=KIND_WORDS[authenticator.type])
    if authenticator.type == Authenticator.Type.TOTP:
        use_up(authenticator, request.POST.get("code", ""))


@receiver(authenticator_removed)
def _second_factor_removed(sender: object, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    record_own(Action.SECOND_FACTOR_REMOVED, user, kind=KIND_WORDS[authenticator.type])


@receiver(authenticator_used)
def _second_factor_used(sender: object, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record_own(Action.RECOVERY_CODE_USED, user, left=codes_left(user))


@receiver(authentication_failed)
def _code_refused(sender: object, user: User, **kwargs: object) -> None:
    record_refused_sign_in(user.username, reason="wrong code")
