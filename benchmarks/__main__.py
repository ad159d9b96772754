"""``python -m benchmarks``: measure, tell, and write the report where one is asked for."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime

from benchmarks import databases, machine, measures, options, report, traffic, workspace
from benchmarks.bench import Bench
from benchmarks.figures import Figures
from benchmarks.options import Options
from benchmarks.workspace import Failed, Workspace


def main() -> None:
    """Run what the command line asks for."""
    asked, load_before = options.read(), os.getloadavg()[0]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that every server is stopped on the way out
    with workspace.made() as space:
        space.collect_static()
        found = {engine: measured(space, asked, engine) for engine in asked.engines}
    print(report.text(found))
    if asked.write:
        asked.write.write_text(
            report.page(found, machine.described(asked.engines, load_before), asked, datetime.now(UTC).date())
        )


def measured(space: Workspace, asked: Options, engine: str) -> Figures:
    """The figures of one engine."""
    folder = space.folder / engine
    folder.mkdir()
    with databases.on(engine, folder) as new_database, traffic.started(folder) as load:
        bench = Bench(space, asked, engine, new_database, load)
        measures.measure(bench)
    return bench.figures


if __name__ == "__main__":
    try:
        main()
    except Failed as fault:
        sys.exit(str(fault))
    except KeyboardInterrupt:
        sys.exit(130)
