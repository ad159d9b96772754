"""End sessions that are over; store, release and delete forms that were not sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from screening.accounts.actions import subject_of
from screening.accounts.models import UnsentForm, User
from screening.accounts.permissions import AccountBackend, first_role, signed_in_user
from screening.audit.actions import Action, record_event, record_without_account, record_without_request
from screening.audit.client_address import current_address
from screening.web.transactions import committed

MOST_CLEARED = 200
"""So that a sign-in is not slow: what is left is deleted at the next ones."""

# Sessions -----------------------------------------------------------------------------------------------------


@committed()
def end_session(request: HttpRequest, reason: str) -> None:
    """End the session of a request. Of several requests at once, one records it, with its reason in a few words."""
    user, key = signed_in_user(request), request.session.session_key
    if Session.objects.filter(pk=key).delete()[0]:
        record_event(Action.SESSION_ENDED, by=user, role=first_role(user), reason=reason)
    request.session.flush()


@committed()
def clear_expired(now: datetime) -> None:
    """Delete expired sessions, each with its audit event, and expired forms that were not sent."""
    UnsentForm.objects.filter(expires_at__lte=now).delete()
    expired = list(Session.objects.filter(expire_date__lte=now).order_by("expire_date", "pk")[:MOST_CLEARED])
    owners = {each.pk: str(each.get_decoded().get(SESSION_KEY, "")) for each in expired}
    users = {str(user.pk): user for user in User.objects.filter(pk__in=set(filter(str.isdecimal, owners.values())))}
    for session in expired:
        deleted, _ = Session.objects.filter(pk=session.pk, expire_date__lte=now).delete()
        if deleted and (user := users.get(owners[session.pk])):
            ended = f"{session.expire_date:%Y-%m-%d %H:%M} UTC"
            record_without_request(Action.SESSION_ENDED, by=user, reason="not used", ended=ended)


# Forms that were not sent -------------------------------------------------------------------------------------

LARGEST_CONTENT = 1024 * 1024
LONGEST_PATH = 1000
MOST_FORMS = 5
HOUR_SECONDS = 60 * 60
MOST_IN_AN_HOUR = {"user": 20, "address": 100}
"""How many forms are stored for one user and from one address in an hour."""


class NotStored(Exception):
    """A form was not stored; its text is a sentence for the person who sent it."""


class SentForm(NamedTuple):
    """A form that was sent without a session.

    ``fields`` are its names with their values, ``name`` is what it is called, ``continues`` the id of the stored form
    that was continued.
    """

    path: str
    name: str
    fields: Sequence[tuple[str, list[str]]]
    has_files: bool = False
    continues: str = ""


@committed()
def store_form(user_id: int, sent: SentForm) -> UnsentForm:
    """Store a form for the user who opened it. The same form sent again is stored once.

    Raises:
        NotStored: the account is disabled, the form is too large, or too many were stored within an hour.
    """
    content = json.dumps(sent.fields)
    if len(content) > LARGEST_CONTENT or len(sent.path) > LONGEST_PATH:
        raise NotStored(gettext("It is too large to be stored."))
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None or not AccountBackend().user_can_authenticate(user):
        raise NotStored(gettext("The account that opened it can no longer sign in."))
    _count_in_this_hour(user)
    same = Q(pk=sent.continues) if sent.continues else Q(path=sent.path, content=content)
    stored = user.unsent_forms.filter(same).first() or UnsentForm(user=user)
    stored.path, stored.content, stored.has_files = sent.path, content, sent.has_files
    stored.stored_at = timezone.now()
    stored.expires_at = stored.stored_at + settings.UNSENT_FORMS_LAST
    stored.save()
    # Without the one just stored: after the clock was set back it may seem to be the oldest.
    others = user.unsent_forms.exclude(pk=stored.pk).order_by("-stored_at")
    UnsentForm.objects.filter(pk__in=list(others.values_list("pk", flat=True)[MOST_FORMS - 1 :])).delete()
    record_without_account(Action.FORM_STORED, subject_of(user), form=sent.name)
    return stored


def _count_in_this_hour(user: User) -> None:
    for kind, whose in (("user", user.pk), ("address", current_address())):
        key = f"unsent-forms-{kind}-{whose}"
        cache.add(key, 0, HOUR_SECONDS)
        stored = cache.get(key, 0)
        if stored >= MOST_IN_AN_HOUR[kind]:
            raise NotStored(gettext("Too many forms were stored within an hour."))
        cache.incr(key)


def record_release(form: UnsentForm, name: str, *, by: User) -> None:
    """Record that a stored form was shown to its owner."""
    record_event(Action.FORM_RELEASED, by=by, role=first_role(by), subject=subject_of(by), form=name)


@committed()
def discard_form(form: UnsentForm, name: str, *, by: User) -> None:
    """Delete a stored form that its owner does not want to send."""
    if UnsentForm.objects.filter(pk=form.pk).delete()[0]:
        record_event(Action.FORM_DISCARDED, by=by, role=first_role(by), subject=subject_of(by), form=name)


def delete_sent_form(form_id: str, *, by: User) -> None:
    """Delete a stored form that has been sent. What it did has its own event."""
    by.unsent_forms.filter(pk=form_id).delete()
