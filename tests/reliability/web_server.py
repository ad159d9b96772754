"""The real web server: a main process with two worker processes, which can be killed and started again."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import requests

from ldn_screen.bootstrap import ROOT, without_project_variables

from .waiting import wait_until

HOST = "127.0.0.1"
PASSWORD = secrets.token_urlsafe(16)
SECRET_KEY = secrets.token_urlsafe(48)
WORKERS = 2
LONGEST_START = 60
DEMO_SERVER = ("-m", "ldn_screen.demo_server", HOST, "{port}")
"""As ./run starts it: it also migrates the database, and adds the rules and the accounts of a demonstration."""
GRANIAN = ("-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", "{port}", "--workers", str(WORKERS),
           "--blocking-threads", "4", "--respawn-failed-workers", "ldn_screen.wsgi:application")  # fmt: skip
"""As docs/deploy.md starts it."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def environment(database_url: str) -> dict[str, str]:
    """Return the environment variables of a demonstration on this database."""
    return {
        **without_project_variables(),
        "DJANGO_SETTINGS_MODULE": "ldn_screen.settings",
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "LDN_DEMO": "1",
        "LDN_DEMO_PASSWORD": PASSWORD,
        "LDN_SEAL_MINUTES": "1",
    }


def manage(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ``manage.py`` on this database and return what it printed."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(database_url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


class WebServer:
    """A web server on a free port. ``log`` is the file that it writes to."""

    def __init__(self, database_url: str, log: Path, command: Sequence[str] = DEMO_SERVER) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.log, self.command, self.environment = log, command, environment(database_url)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **variables: str) -> None:
        """Start the processes without waiting until they answer; ``variables`` are further environment variables."""
        command = [sys.executable, *(part.format(port=self.port) for part in self.command)]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment, **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Wait until ``/readyz`` answers 200."""
        wait_until(lambda: self.has_ended or self.status("/readyz") == 200, LONGEST_START, "the web server is ready")
        assert not self.has_ended, self.log.read_text(errors="replace")[-4000:]

    @property
    def has_ended(self) -> bool:
        """True if the main process has ended."""
        return self.process is None or self.process.poll() is not None

    def status(self, path: str, timeout: float = 30) -> int:
        """Return the status of a page that needs no sign-in; 0 if there is no answer."""
        try:
            return requests.get(self.url + path, timeout=timeout, allow_redirects=False).status_code
        except requests.RequestException:
            return 0

    def workers(self) -> list[psutil.Process]:
        """Return the worker processes that run."""
        assert self.process is not None
        with suppress(psutil.NoSuchProcess):
            found = psutil.Process(self.process.pid).children()
            return [each for each in found if each.status() != psutil.STATUS_ZOMBIE]
        return []

    def kill(self) -> None:
        """End all processes at once, as a crash of the machine or of its service manager's unit would."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """Stop as a service manager does, then end what is left."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        self.kill()


@contextmanager
def running(
    database_url: str, folder: Path, name: str = "web", command: Sequence[str] = DEMO_SERVER
) -> Iterator[WebServer]:
    """Run a web server on this database while the block runs."""
    server = WebServer(database_url, folder / f"{name}.log", command)
    try:
        server.start()
        server.wait_until_ready()
        yield server
    finally:
        server.stop()
