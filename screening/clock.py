"""What time it is in the clinic."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def local_now() -> datetime:
    """The present moment in the clinic's time zone."""
    return timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE))
