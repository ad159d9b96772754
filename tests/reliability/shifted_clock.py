"""The application in web processes whose clock is ahead of the right one, or behind it."""

import os
import time

import time_machine

time_machine.travel(time.time() + float(os.environ["CLOCK_AHEAD_SECONDS"])).start()

from ldn_screen.wsgi import application  # noqa: E402 - it must not see the right time

__all__ = ["application"]
