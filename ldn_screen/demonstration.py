"""What ./run does: settings that last, a prepared database, and a server. Written as bootstrap.py has to be."""

import argparse
import contextlib
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping

from ldn_screen.bootstrap import PYTHON, REQUIREMENTS, ROOT, ensure_environment, quietly, tool

DEMO_FILE = ROOT / "var" / "demo.env"
STATIC_STAMP = ROOT / "var" / "static" / "made-from.txt"
ACCOUNTS = "clinician, prescriber, editor, approver, auditor, admin"
THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where a server on all addresses is reached
# No access log, because addresses hold record ids. The timeout ends workers that are stopped while they start.
GRANIAN = """
    --interface wsgi --workers 2 --blocking-threads 4 --respawn-failed-workers --workers-kill-timeout 5
    --log-level warning ldn_screen.wsgi:application
"""


def run(arguments: list[str]) -> int:
    """Prepare the demonstration and serve it until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="run", description="Start a demonstration of LDN Screen.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
    options = parser.parse_args(arguments)
    host, port = free_address(options.host, options.port)
    DEMO_FILE.parent.mkdir(mode=0o700, exist_ok=True)
    DEMO_FILE.touch(mode=0o600)
    lines = DEMO_FILE.read_text(encoding="utf-8").splitlines()
    values = demo_values(dict(line.partition("=")[::2] for line in lines), os.environ)
    ensure_environment("runtime")
    environment = {**os.environ, "DEBUG": "", "DJANGO_SETTINGS_MODULE": "ldn_screen.settings", **values}
    if host not in THIS_MACHINE.values():
        environment.setdefault("ALLOWED_HOSTS", "*")
    prepare(environment)
    # Kept for manage.py and for later starts only now: with a database that was refused it does not get here.
    DEMO_FILE.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
    return serve(environment, host, port)


def free_address(host: str, port: int) -> tuple[str, int]:
    """The numeric address to listen on, found free before any work is done for it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family) as probe:
            return probe.getsockname()[:2]
    except (OSError, OverflowError, UnicodeError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        sys.exit(f"Port {port} of {host} cannot be used: {reason}. --port names another.")


def demo_values(kept: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The demonstration's settings: what the environment says, else what an earlier start kept, else new."""
    new_password = "-".join(secrets.token_hex(2) for _ in range(4))
    values = {
        **kept,
        "LDN_DEMO": "1",
        "SECRET_KEY": kept.get("SECRET_KEY") or secrets.token_urlsafe(48),
        "LDN_DEMO_PASSWORD": given.get("LDN_DEMO_PASSWORD") or kept.get("LDN_DEMO_PASSWORD") or new_password,
        "DATABASE_URL": given.get("DATABASE_URL", kept.get("DATABASE_URL", "")),
    }
    for name, value in values.items():
        if value != value.strip() or not value.isprintable():
            sys.exit(f"{name} must be one line without spaces around it.")
    return {name: value for name, value in values.items() if value}


def prepare(environment: dict[str, str]) -> None:
    """Bring the database up to date, and collect the pages' files when what they are made from has changed."""
    manage(environment, "seed_demo")
    own = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    sources = [*own, ROOT / "ldn_screen" / "settings.py", REQUIREMENTS / "runtime.txt"]
    digest = hashlib.sha256(b"".join(bytes(path) + path.read_bytes() for path in sources)).hexdigest()
    if not STATIC_STAMP.is_file() or STATIC_STAMP.read_text() != digest:
        print("Collecting the pages' files.", flush=True)
        manage(environment, "collectstatic", "--no-input", "--verbosity", "0")
        STATIC_STAMP.write_text(digest)


def manage(environment: dict[str, str], *command: str) -> None:
    """Run a command of manage.py; what it refuses is the last thing that is said."""
    finished = quietly([str(PYTHON), "manage.py", *command], environment)
    print(finished.stdout, end="", flush=True)
    if finished.returncode:
        sys.exit(finished.stderr.strip().removeprefix("CommandError: "))


def serve(environment: dict[str, str], host: str, port: int) -> int:
    """Serve until told to stop, and announce the server once it answers."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    command = tool("granian", "--host", host, "--port", str(port), *GRANIAN.split())
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    here = THIS_MACHINE.get(host, host)
    try:
        while server.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection((here, port), timeout=5).close()
                print(welcome(here, port, environment["LDN_DEMO_PASSWORD"]), flush=True)
                break
            time.sleep(0.05)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.terminate()
        server.wait()


def welcome(host: str, port: int, password: str) -> str:
    """What a person needs to begin."""
    return (
        f"LDN Screen is ready at http://{f'[{host}]' if ':' in host else host}:{port}\n"
        f"Accounts: {ACCOUNTS}. The password of each: {password}\n"
        "This is a demonstration: enter no real patients. Ctrl-C stops it."
    )
