"""Django's sessions in the database, found by a query that is compiled once: every request begins with it."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from .models.prepared import Prepared

_UNEXPIRED = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now),
    key=models.CharField(),
    now=models.DateTimeField(),
)


class SessionStore(db.SessionStore):
    """The session of a request."""

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key or ""
        session = _UNEXPIRED.first(key=key, now=timezone.now()) if key.isalnum() else None
        if session is None:
            self._session_key = None
        return session
