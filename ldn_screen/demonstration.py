"""What ./run does: settings that last, a prepared database, and a server that is announced once it answers.

Standard library only, and the syntax of bootstrap.py, which is imported first to turn away an old Python.
"""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from ldn_screen.bootstrap import ROOT, Refusal, command, ensure_environment, tool

DEMO_FILE = ROOT / "var" / "demo.env"
PROPOSAL = ROOT / "var" / "demo.env.new"
ACCOUNTS = "clinician, prescriber, editor, approver, auditor, admin"
LOOPBACK = {"127.0.0.1", "::1"}
SECONDS_TO_START = 180
SECONDS_TO_STOP = 10


@command
def run(arguments: "list[str]") -> int:
    """Prepare the demonstration and serve it until Ctrl-C."""
    options = run_options(arguments)
    address = free_address(options.host, options.port)
    DEMO_FILE.parent.mkdir(mode=0o700, exist_ok=True)
    values = demo_values(read_values(DEMO_FILE), os.environ)
    propose(values)
    ensure_environment("runtime")
    environment = {**os.environ, "DEBUG": "", "DJANGO_SETTINGS_MODULE": "ldn_screen.settings", **values}
    if address[0] not in LOOPBACK:
        environment.setdefault("ALLOWED_HOSTS", "*")
    return serve(environment, address, welcome(address, values["LDN_DEMO_PASSWORD"]))


def run_options(arguments: "list[str]") -> argparse.Namespace:
    """What may be said on the command line."""
    parser = argparse.ArgumentParser(prog="run", description="Start a demonstration of LDN Screen.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=port_number, default=8000, help="port to listen on (default: %(default)s)")
    return parser.parse_args(arguments)


def port_number(text: str) -> int:
    """What --port takes."""
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")


def free_address(host: str, port: int) -> "tuple[str, int]":
    """The numeric address to listen on, found free before any work is done for it."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name == "posix":  # elsewhere this option would take a port that is in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except (OSError, UnicodeError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise Refusal(f"Port {port} of {host} cannot be used ({reason}); --port names another.") from fault
    return str(address[0]), port


# Settings that last


def demo_values(kept: "Mapping[str, str]", given: "Mapping[str, str]") -> "dict[str, str]":
    """The demonstration's settings: what the environment says, else what an earlier start kept, else new."""
    values = {
        **kept,
        "LDN_DEMO": "1",
        "SECRET_KEY": kept.get("SECRET_KEY") or secrets.token_urlsafe(48),
        "LDN_DEMO_PASSWORD": given.get("LDN_DEMO_PASSWORD") or kept.get("LDN_DEMO_PASSWORD") or new_password(),
        "DATABASE_URL": given.get("DATABASE_URL", kept.get("DATABASE_URL", "")),
    }
    for name, value in values.items():
        if value != value.strip() or not value.isprintable():
            raise Refusal(f"{name} must be one line without spaces around it.")
    return {name: value for name, value in values.items() if value}


def new_password() -> str:
    """Some fifty bits, in syllables that can be read out across a room."""
    syllables = [secrets.choice("bdfghjklmnprstvz") + secrets.choice("aeiou") for _ in range(8)]
    return "-".join("".join(syllables[start : start + 2]) for start in range(0, 8, 2))


def read_values(path: Path) -> "dict[str, str]":
    """The NAME=value lines of a file; none where there is no file."""
    if not path.exists():
        return {}
    lines = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: value for name, mark, value in lines if mark}


def propose(values: "dict[str, str]") -> None:
    """Write the settings down, readable by their owner only, for the server to keep once they have worked."""
    PROPOSAL.unlink(missing_ok=True)
    if values != read_values(DEMO_FILE):
        PROPOSAL.touch(mode=0o600)
        PROPOSAL.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")


def keep_proposal() -> None:
    """Have manage.py and later starts use what was proposed; a database that was refused never comes so far."""
    if PROPOSAL.exists():
        PROPOSAL.replace(DEMO_FILE)


# The server


def serve(environment: "dict[str, str]", address: "tuple[str, int]", announcement: str) -> int:
    """Prepare and serve until told to stop, and announce it once it answers."""
    where = [address[0], str(address[1])]
    server = subprocess.Popen(tool("ldn_screen.demo_server", *where), cwd=ROOT, env=environment)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if answers_at_last(server, address):
            print(announcement, flush=True)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        stop(server)


def answers_at_last(server: "subprocess.Popen[bytes]", address: "tuple[str, int]") -> bool:
    """Wait for the first answer; false when the server ended instead, having said why."""
    deadline = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        if answers(reachable(address[0]), address[1]):
            return True
        time.sleep(0.02)
    if server.poll() is None:
        raise Refusal(f"The server did not answer within {SECONDS_TO_START} seconds.")
    return False


def answers(host: str, port: int) -> bool:
    """Whether something there speaks HTTP; urllib would take longer to import than the server to answer."""
    request = f"GET /livez HTTP/1.1\r\nHost: {netloc(host, port)}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(request.encode())
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False


def reachable(host: str) -> str:
    """The address at which this machine reaches a server that listens on all of its addresses."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - looked up, not bound


def netloc(host: str, port: int) -> str:
    """Host and port as an address bar has them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def welcome(address: "tuple[str, int]", password: str) -> str:
    """What a person needs to begin."""
    return (
        f"LDN Screen is ready at http://{netloc(reachable(address[0]), address[1])}\n"
        f"Accounts: {ACCOUNTS}. The password of each: {password}\n"
        "This is a demonstration: enter no real patients. Ctrl-C stops it."
    )


def stop(server: "subprocess.Popen[bytes]") -> None:
    """End a server in peace, or by force where it does not listen."""
    try:
        if server.poll() is None:
            server.terminate()
            server.wait(SECONDS_TO_STOP)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        server.kill()
        server.wait()
