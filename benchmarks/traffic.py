"""The other end of the process that sends the requests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from benchmarks.workspace import ROOT, Failed


class Traffic:
    """Takes orders for the load process; ``log`` holds what that says when it fails."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process, self.log = process, log

    def order(self, do: str, **order: Any) -> Any:
        """Send one order; what came of it.

        Raises:
            Failed: the process ended.
        """
        pipe_in, pipe_out = self._pipes()
        pipe_in.write(json.dumps({"do": do, **order}) + "\n")
        pipe_in.flush()
        line = pipe_out.readline()
        if not line:
            raise Failed(f"{do}:\n{self.log.read_text(errors='replace')}")
        return json.loads(line)

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        return self.process.stdin, self.process.stdout


@contextmanager
def started(folder: Path) -> Iterator[Traffic]:
    """A load process that ends with the block."""
    log = folder / "load.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        yield Traffic(process, log)
    finally:
        process.kill()
        process.wait()
