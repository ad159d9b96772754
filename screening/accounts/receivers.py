"""Signal receivers that record sign-ins, sign-outs and refused sign-ins."""

from __future__ import annotations

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from screening.audit.actions import Action, record_event

from .actions import record_refused_sign_in
from .models import User
from .permissions import first_role


@receiver(user_logged_in)
def _signed_in(sender: object, user: User, **kwargs: object) -> None:
    record_event(Action.SIGNED_IN, by=user, role=first_role(user))


@receiver(user_logged_out)
def _signed_out(sender: object, user: User | None, **kwargs: object) -> None:
    if user is not None:
        record_event(Action.SIGNED_OUT, by=user, role=first_role(user))


@receiver(user_login_failed)
def _sign_in_refused(sender: object, credentials: dict[str, object], **kwargs: object) -> None:
    record_refused_sign_in(str(credentials.get("username", "")))
