"""What the command line asks for."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ENGINES = ("sqlite", "postgresql")
STEPS = ("form", "post", "result")
MEASURES = (
    *STEPS,
    "rules14",
    "statements",
    "first-load",
    "evaluation",
    "medications",
    "pdf",
    "list",
    "search",
    "impact",
)
SCREENINGS = 100_000


@dataclass(frozen=True)
class Options:
    """``requests`` is of one person, in one step of one round; a draft is held against so many ``screenings``."""

    rounds: int
    requests: int
    screenings: int
    engines: tuple[str, ...]
    only: frozenset[str]
    write: Path | None

    @property
    def command(self) -> str:
        """How to do the same again."""
        parts = [".venv/bin/python -m benchmarks", f"--rounds {self.rounds}", f"--requests {self.requests}"]
        parts += [f"--screenings {self.screenings}"] if self.screenings != SCREENINGS else []
        parts += [f"--engine {self.engines[0]}"] if len(self.engines) == 1 else []
        parts += [f"--only {' '.join(sorted(self.only))}"] if self.only != set(MEASURES) else []
        return " ".join(parts)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of a screening up to the last one that is asked for: each needs those before it."""
        wanted = [number for number, step in enumerate(STEPS, start=1) if step in self.only]
        return STEPS[: max(wanted, default=0)]


def read(arguments: Sequence[str] | None = None) -> Options:
    """The options, or the end of the program with a word on how to use it."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds, each with every server in turn (5)")
    parser.add_argument("--requests", type=int, default=40, help="requests of a person, step and round (40)")
    parser.add_argument(
        "--screenings", type=int, default=SCREENINGS, help=f"past ones that a draft is held against ({SCREENINGS})"
    )
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    parser.add_argument(
        "--only", nargs="+", choices=MEASURES, default=MEASURES, metavar="NAME", help=", ".join(MEASURES)
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report there too, as Markdown")
    given = parser.parse_args(arguments)
    engines = ENGINES if given.engine == "both" else (given.engine,)
    return Options(given.rounds, given.requests, given.screenings, engines, frozenset(given.only), given.write)
