"""How long a session lasts: until it is not used for a while, and never longer than the longest time."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from screening.web.middleware import GetResponse

from .actions import clear_expired, end_session

BEGAN, RENEWED = "session_began", "session_renewed"
RENEW_EVERY = timedelta(minutes=1)
"""A session that is used is saved at most this often, so that pages cost no statement more."""
LONGEST_WARNING = timedelta(minutes=2)
CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much the clocks of two web servers may differ.

A session that was renewed later than that is from before the clock was set back. Nobody can tell any more how long it
was not used, so it ends."""
LONGEST_TIME_REACHED, CLOCK_SET_BACK = "longest time reached", "clock set back"
"""Why a session was ended, as the audit trail names it."""


class TimeLeft(NamedTuple):
    """The seconds until a session ends, and whether using it puts the end off: not at the longest limit."""

    seconds: int
    may_stay: bool


def idle_limit() -> timedelta:
    """Return the time after which a session ends that is not used."""
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)


def warning_time() -> timedelta:
    """Return how long before the end of a session the page warns."""
    return min(LONGEST_WARNING, idle_limit() / 3)


def begin(session: SessionBase) -> None:
    """Note in the session when it began, at sign-in."""
    session[BEGAN] = session[RENEWED] = _timestamp(timezone.now())


def renew(session: SessionBase) -> None:
    """Put the idle end off: Django's session middleware saves the session with a new expiry date."""
    session[RENEWED] = _timestamp(timezone.now())


def time_left(session: SessionBase, expires_at: datetime | None = None) -> TimeLeft:
    """Return the time until a session ends. ``expires_at`` is the expiry date of its row, if that was read."""
    now = timezone.now()
    idle_end = expires_at or _time(session.get(RENEWED, _timestamp(now))) + idle_limit()
    longest_end = _longest_end(session, now)
    if _is_from_before_clock_was_set_back(session, now):
        return TimeLeft(0, may_stay=False)
    left = min(idle_end, longest_end) - now
    return TimeLeft(max(0, math.ceil(left.total_seconds())), idle_end < longest_end)


class SessionLimits:
    """Middleware that ends a session at its longest limit, and renews it while pages are used.

    The idle end is the expiry date of the session’s row, so Django finds it. Views without ``login_required`` neither
    end a session nor renew it: asking how long it lasts is no use of it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle the request."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> None:
        """End or renew the session before a view that needs one."""
        if not getattr(view, "login_required", True):
            return
        if request.user.is_authenticated:
            _end_or_renew(request)
        elif settings.SESSION_COOKIE_NAME in request.COOKIES:
            clear_expired(timezone.now())


def _end_or_renew(request: HttpRequest) -> None:
    session, now = request.session, timezone.now()
    if BEGAN not in session:  # begun by an earlier release
        begin(session)
    elif now >= _longest_end(session, now):
        _end(request, LONGEST_TIME_REACHED)
    elif _is_from_before_clock_was_set_back(session, now):
        _end(request, CLOCK_SET_BACK)
    elif now >= _time(session[RENEWED]) + RENEW_EVERY:
        renew(session)


def _end(request: HttpRequest, reason: str) -> None:
    end_session(request, reason)
    request.user = AnonymousUser()


def _is_from_before_clock_was_set_back(session: SessionBase, now: datetime) -> bool:
    return _time(session.get(RENEWED, _timestamp(now))) > now + CLOCKS_DIFFER


def _longest_end(session: SessionBase, now: datetime) -> datetime:
    return _time(session.get(BEGAN, _timestamp(now))) + settings.SESSION_LONGEST


def _timestamp(moment: datetime) -> float:
    return moment.timestamp()


def _time(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
