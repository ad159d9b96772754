"""The code of ./run: stored settings, a prepared database and a server. Must parse on Python 3.6 (see bootstrap)."""

import argparse
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping

from ldn_screen.bootstrap import ROOT, ensure_environment, tool

DEMO_FILE = ROOT / "var" / "demo.env"
ACCOUNTS = "clinician, prescriber, editor, approver, auditor, admin"


def run(arguments: list[str]) -> int:
    """Prepare the demonstration and serve it until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="run", description="Start a demonstration of LDN Screen.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
    options = parser.parse_args(arguments)
    if not 0 < options.port < 65536:
        parser.error(f"a port is a number from 1 to 65535, not {options.port}")
    host = free_address(options.host, options.port)
    DEMO_FILE.parent.mkdir(mode=0o700, exist_ok=True)
    DEMO_FILE.touch(mode=0o600)
    lines = DEMO_FILE.read_text(encoding="utf-8").splitlines()
    values = demo_values(dict(line.partition("=")[::2] for line in lines), os.environ)
    ensure_environment("runtime")
    environment = {**os.environ, "DEBUG": "", "DJANGO_SETTINGS_MODULE": "ldn_screen.settings", **values}
    if host not in {"127.0.0.1", "::1"}:
        environment.setdefault("ALLOWED_HOSTS", "*")
    return serve(environment, values, host, options.port)


def free_address(host: str, port: int) -> str:
    """Return the numeric address of a host, after checking that the port is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family) as probe:
            return str(probe.getsockname()[0])
    except (OSError, UnicodeError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        sys.exit(f"Port {port} of {host} cannot be used: {reason}. Choose another port with --port.")


def demo_values(stored: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the demonstration: from the environment, else from an earlier start, else new ones."""
    new_password = "-".join(secrets.token_hex(2) for _ in range(4))
    values = {
        **stored,
        "LDN_DEMO": "1",
        "SECRET_KEY": stored.get("SECRET_KEY") or secrets.token_urlsafe(48),
        "LDN_DEMO_PASSWORD": given.get("LDN_DEMO_PASSWORD") or stored.get("LDN_DEMO_PASSWORD") or new_password,
        "DATABASE_URL": given.get("DATABASE_URL", stored.get("DATABASE_URL", "")),
    }
    for name, value in values.items():
        if value != value.strip() or not value.isprintable():
            sys.exit(f"{name} must be one line without leading or trailing spaces.")
    return {name: value for name, value in values.items() if value}


def serve(environment: dict[str, str], values: dict[str, str], host: str, port: int) -> int:
    """Serve until stopped. Once the server responds, store the settings and print the address."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    for end in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):  # Windows has no SIGHUP
        if signal.getsignal(end) is not signal.SIG_IGN:  # ignored under nohup
            signal.signal(end, signal.default_int_handler)
    command = tool("ldn_screen.demo_server", host, str(port))
    # In its own session, because its workers do not stop cleanly if they also receive Ctrl-C.
    server = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        if responds(server, here, port):
            DEMO_FILE.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
            print(f"LDN Screen is ready at http://{f'[{here}]' if ':' in here else here}:{port}")
            print(f"Accounts: {ACCOUNTS}. The password of each: {values['LDN_DEMO_PASSWORD']}")
            print("This is a demonstration: enter no real patients. Ctrl-C stops it.", flush=True)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.terminate()
        server.wait()


def responds(server: "subprocess.Popen[bytes]", host: str, port: int) -> bool:
    """Wait until the port can be reached; return False if the server ended, after printing its error."""
    while server.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection((host, port), timeout=5).close()
            return True
        time.sleep(0.05)
    return False
