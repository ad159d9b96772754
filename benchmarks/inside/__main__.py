"""Set Django up, run one of the programs, print what it found as one line of JSON."""

from __future__ import annotations

import json
import sys
from importlib import import_module

import django


def main(program: str, *arguments: str) -> None:
    """Programs are imported late, because they import models."""
    django.setup()
    found = import_module(f"benchmarks.inside.{program}").main(*arguments)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
