"""Sealing of audit events by the server itself, beside the requests."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from itertools import islice
from threading import Thread

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from screening.web.middleware import GetResponse

from .actions import SealedMeanwhile, seal_events
from .models import Seal

MOST_SEALS_AT_ONCE = 10
"""So that a server with many unsealed events is not slow: what is left follows after later requests."""

_logger = logging.getLogger(__name__)


class SealWhenDue:
    """Middleware that seals settled events after a request, in a thread, every ``SEAL_EVERY``.

    Each process asks the database at that interval whether another one has made a seal meanwhile.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.due_at = 0.0
        self.thread: Thread | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle the request, then start sealing if it is due."""
        response = self.get_response(request)
        every = settings.SEAL_EVERY
        is_busy = self.thread is not None and self.thread.is_alive()
        if every and time.monotonic() >= self.due_at and not is_busy:
            self.due_at = time.monotonic() + every.total_seconds()
            self.thread = Thread(target=_seal_and_disconnect, args=[every], name="seal audit events", daemon=True)
            self.thread.start()
        return response


def seal_if_due(every: timedelta) -> None:
    """Seal settled events unless there is a seal younger than ``every``; an error is logged and never raised."""
    now = timezone.now()
    try:
        latest = Seal.objects.order_by("-number").values_list("sealed_at", flat=True).first()
        if latest is None or not now - every < latest <= now:
            sum(islice(seal_events(now), MOST_SEALS_AT_ONCE))
    except SealedMeanwhile:
        pass  # the other process goes on
    except DatabaseError:
        _logger.warning("Audit events could not be sealed; it is tried again later.", exc_info=True)


def _seal_and_disconnect(every: timedelta) -> None:
    """Run in a thread, whose connection ends with it."""
    try:
        seal_if_due(every)
    finally:
        connection.close()
