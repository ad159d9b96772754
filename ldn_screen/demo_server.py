"""The server process of ./run: it prepares the database and the static files, then serves."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from tempfile import TemporaryDirectory

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels


def main(host: str, port: str) -> None:
    """Prepare, load the application and serve it with forked workers."""
    django.setup()
    from screening.operations import durability  # noqa: PLC0415 (needs the models, which are loaded now)

    # Without the connection pool: it retries before it reports an error, and workers cannot share it.
    options = connection.settings_dict["OPTIONS"]
    pool = options.pop("pool", None)
    call_command("seed_demo")
    durability.refuse_faults()
    connection.close()
    if pool:
        options["pool"] = pool
    collect_static_files()
    import_module(settings.ROOT_URLCONF)
    Granian(
        "ldn_screen.wsgi:application",
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=4,
        log_level=LogLevels.warning,  # no access log: URLs contain record ids
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve()


def collect_static_files() -> None:
    """Run collectstatic if a file was changed or added since the last time; it takes seconds."""
    sources = [*(settings.BASE_DIR / "static").rglob("*"), settings.BASE_DIR / "requirements" / "runtime.txt"]
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.is_file() or manifest.stat().st_mtime < max(path.stat().st_ctime for path in sources):
        print("Collecting the static files.", flush=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)


if __name__ == "__main__":
    try:
        with TemporaryDirectory() as folder:  # in which the workers count together
            os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", folder)
            main(*sys.argv[1:])
    except (CommandError, ImproperlyConfigured, OSError) as fault:
        sys.exit(str(fault))
