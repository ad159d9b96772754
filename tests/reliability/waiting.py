"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

POLL_SECONDS = 0.02


def wait_until(is_reached: Callable[[], object], limit: float, what: str) -> float:
    """Wait until a function returns something true, and return how many seconds that took.

    Raises:
        AssertionError: it took longer than ``limit`` seconds. The message names ``what`` was waited for.
    """
    start = time.monotonic()
    while not is_reached():
        assert time.monotonic() - start < limit, f"After {limit} seconds still not: {what}."
        time.sleep(POLL_SECONDS)
    return time.monotonic() - start
