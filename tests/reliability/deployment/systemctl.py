"""Stands in for systemctl while a guide is followed in a folder: it runs what the unit files there say.

A service runs as the current user, without the protection that systemd gives: there is no systemd here.
"""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(os.environ["GUIDE_ROOT"])
PIDS = ROOT / "pids"


def main(verb: str, *names: str) -> int:
    """Do what a command line asks for. Returns the exit code of the first unit that fails, else 0."""
    if verb == "daemon-reload":
        return 0
    act = {"start": start, "enable": start, "reload": start, "stop": stop}[verb]
    return next(filter(None, [act(name) for name in names if name != "--now"]), 0)


def start(name: str) -> int:
    """Start a service, or run it to its end if it is a oneshot. A timer only has to be there and name a time."""
    if name == "nginx":
        return subprocess.call(["nginx"])
    if name.startswith("postgresql@"):
        return postgresql("start", "-w", "-l", str(ROOT / "postgresql.log"))
    unit = read(name)
    if name.endswith(".timer"):
        return 0 if unit["Timer"]["OnCalendar"] else 1
    return run(name, unit["Service"])


def stop(name: str) -> int:
    """Stop a service."""
    if name.startswith("postgresql@"):
        return postgresql("stop", "-w", "-m", "fast")
    if name.endswith(".timer"):
        return 0
    pid = int((PIDS / name).read_text())
    os.kill(pid, signal.SIGTERM)
    for _ in range(300):
        if has_ended(pid):
            return 0
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    return 1


def has_ended(pid: int) -> bool:
    """Say whether a process has ended; nobody may have waited for it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def postgresql(*arguments: str) -> int:
    """Run pg_ctl as the user that may run PostgreSQL."""
    data = str(ROOT / "var/lib/postgresql/15/main")
    return subprocess.call(["runuser", "-u", "postgres", "--", "pg_ctl", "--silent", "--pgdata", data, *arguments])


def read(name: str) -> configparser.ConfigParser:
    """Return a unit file that the guide has installed."""
    unit = configparser.ConfigParser(interpolation=None, strict=False, delimiters="=", comment_prefixes="#")
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    file = ROOT / "etc/systemd/system" / (name if "." in name else f"{name}.service")
    unit.read_string(file.read_text())
    return unit


def run(name: str, service: configparser.SectionProxy) -> int:
    """Run ExecStart with the variables, the folder and the umask of the service."""
    variables = {key: os.environ[key] for key in ("PATH", "HOME", "GUIDE_ROOT", "PGHOST", "PGPORT", "PGUSER")}
    lines = Path(service["EnvironmentFile"]).read_text().splitlines() if "EnvironmentFile" in service else []
    lines += shlex.split(service.get("Environment", ""))
    variables |= dict(line.split("=", 1) for line in lines)
    if folder := service.get("RuntimeDirectory"):
        shutil.rmtree(ROOT / "run" / folder, ignore_errors=True)
        (ROOT / "run" / folder).mkdir(mode=int(service["RuntimeDirectoryMode"], 8), parents=True)
    with (ROOT / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            shlex.split(service["ExecStart"]),
            cwd=service.get("WorkingDirectory"),
            env=variables,
            umask=int(service.get("UMask", "0022"), 8),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    if service.get("Type") == "oneshot":
        return process.wait()
    PIDS.mkdir(exist_ok=True)
    (PIDS / name).write_text(str(process.pid))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
