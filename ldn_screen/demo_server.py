"""The demonstration's process: prepares, then serves. ``./run`` starts it inside the environment.

Both in one process, because the workers fork from it with everything already loaded: that saves a third of
the time to the first answer. Where a system cannot fork, granian loads the application once for each worker.
"""

from __future__ import annotations

import gc
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connections
from django.urls import get_resolver
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer

from ldn_screen.demonstration import keep_proposal


def main(host: str, port: str) -> None:
    """Prepare the database, load the application and serve it."""
    gc.disable()  # while loading, nothing becomes garbage, and looking for it takes a tenth of the time
    django.setup()
    call_command("prepare_demo")
    keep_proposal()
    load_application()
    close_connections()
    gc.enable()
    gc.freeze()
    server(host, int(port)).serve()


def load_application() -> None:
    """Import what the first request would."""
    import ldn_screen.wsgi  # noqa: F401, PLC0415 - it sets Django up, which main does first

    _ = get_resolver().url_patterns


def close_connections() -> None:
    """Leave the workers no connection and no pool that would be shared between them."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def server(host: str, port: int) -> MPServer:
    """The web server. It writes no access log: addresses hold record ids."""
    return MPServer(
        "ldn_screen.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=4,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    )


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (CommandError, ImproperlyConfigured) as fault:
        sys.exit(str(fault))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as fault:
        sys.exit(f"The demonstration could not be started: {type(fault).__name__}: {fault}")
