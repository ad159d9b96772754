"""The run's own folder outside the checkout, and the environment of every process that works in it."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ldn_screen.bootstrap import without_project_variables

ROOT = Path(__file__).resolve().parent.parent
APP_SETTINGS = "benchmarks.app_settings"


class Failed(Exception):
    """A process of the run failed; the text is what it said."""


@dataclass(frozen=True)
class Workspace:
    """Databases, collected files and logs live in ``folder`` and go with it."""

    folder: Path
    secret_key: str

    def environment(self, settings: str, database_url: str) -> dict[str, str]:
        """The variables of a production installation behind a proxy that ends TLS."""
        return {
            **without_project_variables(),
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
            "BENCHMARK_STATIC": str(self.folder / "static"),
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": settings,
            "LDN_BEHIND_PROXY": "1",
            "SECRET_KEY": self.secret_key,
        }

    def run(self, database_url: str, program: str, *arguments: str) -> Any:
        """Run one of the programs in ``inside``; what it found.

        Raises:
            Failed: it ended with an error.
        """
        return json.loads(self._python(database_url, "benchmarks.inside", program, *arguments))

    def collect_static(self) -> None:
        """Collect and compress the pages' files, as an installation does."""
        self._python("sqlite://:memory:", "django", "collectstatic", "--no-input", "--verbosity", "0")

    def _python(self, database_url: str, *module: str) -> str:
        finished = subprocess.run(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env=self.environment(APP_SETTINGS, database_url),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise Failed(f"{' '.join(module)}:\n{finished.stderr}")
        return finished.stdout


@contextmanager
def made() -> Iterator[Workspace]:
    """A workspace that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="ldn-benchmark-") as folder:
        yield Workspace(Path(folder), secrets.token_urlsafe(48))
