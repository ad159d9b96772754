"""``python -m benchmarks``: measure, print the tables, and with ``--write`` replace those in a page."""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import starmap
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks import load, report
from benchmarks.report import Figure
from ldn_screen.bootstrap import without_project_variables
from tests.databases import embedded_postgresql

PARTS = ("http", "pages", "audit", "backup", "large", "storage")
P99_ON_POSTGRESQL = 80
ENVIRONMENT = without_project_variables() | {
    "ALLOWED_HOSTS": "127.0.0.1,testserver",
    "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    "LDN_BEHIND_PROXY": "1",
    "SECRET_KEY": secrets.token_urlsafe(48),
}
"""The variables of a production installation behind a proxy that ends TLS."""


class Run:
    """The benchmarks on one engine; databases and static files are in ``folder``."""

    def __init__(self, options: argparse.Namespace, engine: str, folder: Path) -> None:
        self.options, self.engine, self.folder = options, engine, folder
        self.environment = ENVIRONMENT | {"BENCHMARK_STATIC": str(folder / "static")}

    def figures(self) -> Iterator[Figure]:
        """Measure all requested parts."""
        if "http" in self.options.only:
            yield from self.over_http(self.database("http"))
        if "pages" in self.options.only:
            yield from starmap(Figure, self.inside(self.database("pages"), "pages"))
        if "audit" in self.options.only:
            yield from starmap(Figure, self.inside(self.database("audit"), "audit", str(self.options.rows)))
        if "backup" in self.options.only:
            file = str(self.folder / "large.backup")
            self.inside(self.database("samples"), "backup", "write", file, str(self.options.screenings))
            yield from starmap(Figure, self.inside(self.database("backup"), "backup", "measure", file))
        if "large" in self.options.only and self.engine == "postgresql":
            database = self.database("large")
            yield from starmap(Figure, self.inside(database, "large", str(self.options.rows)))
            yield from starmap(Figure, self.inside(database, "large"))
        if "storage" in self.options.only and self.engine == "postgresql":
            yield from starmap(Figure, self.inside(self.database("storage"), "storage", str(self.options.rows)))
            yield from self.recording(self.database("recording"))

    def over_http(self, url: str) -> Iterator[Figure]:
        """Measure the application and the floor over HTTP, on the same database."""
        setup = self.inside(url, "people")
        app = self.environment | {"DATABASE_URL": url}
        floor = app | {"DJANGO_SETTINGS_MODULE": "benchmarks.floor_settings", "BENCHMARK_SAMPLE": setup["sample"]}
        limit = P99_ON_POSTGRESQL if self.engine == "postgresql" else None
        with load.served(app, *setup["app"]) as at_app, load.served(floor, *setup["floor"]) as at_floor:
            yield from load.first_load(at_app)
            yield from load.screenings(at_app, at_floor, self.options.rounds, self.options.requests, limit)

    def recording(self, url: str) -> Iterator[Figure]:
        """Measure how many forms a second the application records."""
        setup = self.inside(url, "people")
        with load.served(self.environment | {"DATABASE_URL": url}, *setup["app"]) as app:
            yield from load.recorded_a_second(app, self.options.requests)

    def inside(self, url: str, *program: str) -> Any:
        """Return the result of a program that needs Django, run in its own process."""
        print(f"{self.engine}: {' '.join(program)}", file=sys.stderr, flush=True)
        own = {"DATABASE_URL": url, "LDN_SEAL_MINUTES": "0"}  # a thread that seals would be measured too
        command, environment = [sys.executable, "-m", "benchmarks.inside"], self.environment | own
        return json.loads(subprocess.check_output([*command, *program], env=environment))

    def database(self, name: str) -> str:
        """Return the URL of a new database; in TEST_DATABASE_URL it is kept as ``benchmark_…``."""
        if self.engine == "sqlite":
            return f"sqlite:///{self.folder / name}.sqlite3"
        server, name = os.environ.get("TEST_DATABASE_URL") or embedded_postgresql(), f"benchmark_{name}_{os.getpid()}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return urlsplit(server)._replace(path=f"/{name}").geturl()


def main() -> None:
    """Run the benchmarks on each engine and report the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--engine", choices=[*report.ENGINES], help="only this engine")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="only these parts")
    parser.add_argument("--rounds", type=int, default=5, help="rounds over HTTP (5)")
    parser.add_argument("--requests", type=int, default=40, help="requests per user, step and round (40)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="screenings in the large table (1000000)")
    parser.add_argument("--screenings", type=int, default=100_000, help="screenings in the backup (100000)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="replace the tables in this page")
    options, load_before, found = parser.parse_args(), os.getloadavg()[0], dict[str, list[Figure]]()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all servers are stopped
    sys.setswitchinterval(0.0005)  # limits how long a thread with a response waits for another
    for engine in [options.engine] if options.engine else report.ENGINES:
        with tempfile.TemporaryDirectory(prefix="ldn-benchmark-") as folder:
            found[engine] = list(Run(options, engine, Path(folder)).figures())
    tables = report.tables(found, load_before)
    print(tables)
    if options.write:
        text, _, _ = options.write.read_text(encoding="utf-8").partition(report.HEADING)
        options.write.write_text(f"{text}{tables}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
