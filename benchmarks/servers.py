"""The production server, started as README.md says."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.workspace import APP_SETTINGS, ROOT, Failed, Workspace

HOST = "127.0.0.1"
ARGUMENTS = ("--interface", "wsgi", "--workers", "2", "--blocking-threads", "4")
START_SECONDS, STOP_SECONDS = 60, 10


@dataclass(frozen=True)
class Project:
    """Something that granian serves."""

    settings: str
    application: str


APP = Project(APP_SETTINGS, "ldn_screen.wsgi:application")
FLOOR = Project("benchmarks.floor.settings", "benchmarks.floor.wsgi:application")


@dataclass(frozen=True)
class Server:
    """Where one listens, and its first process."""

    host: str
    port: int
    pid: int


@contextmanager
def served(space: Workspace, project: Project, database_url: str, sample: str = "") -> Iterator[Server]:
    """A running server; it and everything that it started is gone at the end. ``sample`` is what a floor copies."""
    port = _free_port()
    log = space.folder / f"server-{port}.log"
    environment = space.environment(project.settings, database_url) | {"BENCHMARK_SAMPLE": sample}
    command = [sys.executable, "-m", "granian", *ARGUMENTS, "--host", HOST, "--port", str(port), project.application]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_for(process, port, log)
        yield Server(HOST, port, process.pid)
    finally:
        _stop(process)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        return int(listening.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > until:
            raise Failed(f"{process.args!r} does not answer:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=START_SECONDS)
    try:
        connection.request("GET", "/livez")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and its workers, which are a process group of their own."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
