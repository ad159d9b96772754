"""The machine and the versions that the figures stand for; no names and no folders."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path

from benchmarks import databases

KIB_IN_GIB = 1024 * 1024
SERVER_SETTINGS = ("fsync", "synchronous_commit", "shared_buffers")


def described(engines: tuple[str, ...], load_before: float) -> dict[str, str]:
    """What to tell of it, by heading; the load is the average over a minute."""
    return {
        "Processor": f"{_line('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores",
        "Memory": f"{int(_line('/proc/meminfo', 'MemTotal').split()[0]) / KIB_IN_GIB:.0f} GiB",
        "Other work on it": f"a load of {load_before:.1f} before the run",
        "System": platform.freedesktop_os_release()["PRETTY_NAME"],
        "Python": platform.python_version(),
        "Django": version("django"),
        "granian": version("granian"),
        "SQLite": sqlite3.sqlite_version,
        **({"PostgreSQL": _postgresql()} if "postgresql" in engines else {}),
    }


def _postgresql() -> str:
    settings = ", ".join(f"{name} {databases.server_setting(name)}" for name in SERVER_SETTINGS)
    return f"{databases.server_setting('server_version')} ({settings})"


def _line(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        heading, _, value = line.partition(":")
        if heading.strip() == name:
            return value.strip()
    return "unknown"
