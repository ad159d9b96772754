"""The report, for a terminal and as a page of documentation."""

from __future__ import annotations

from datetime import date

from benchmarks import sections
from benchmarks.options import Options
from benchmarks.sections import Found
from benchmarks.tables import as_markdown, as_text

INTRODUCTION = """\
# What it costs

Measured on {on}, in one run:

```sh
{command}
```

{facts}

The application was served as README.md says (“Run it for real”), in its production settings, on loopback. The
*floor* is a bare Django project (`benchmarks/floor`) on the same database with the same server and the same
arguments: it reads the session and the user, writes the same rows as the application in one transaction, and sends
tiny pages; it checks nothing and works nothing out. Both took turns in {rounds} rounds, another one first each time.
The requests came from a process of its own on the same machine, {requests} from each person in each step of each
round. CPU is the user and system time of the whole tree of server processes; PostgreSQL's own is not in it. A ratio
is the median of the ratios of the rounds. p99 in the table of targets is over the requests of all rounds together."""


def text(found: Found) -> str:
    """For a terminal."""
    return "\n\n".join(as_text(table) for table in sections.all_of(found))


def page(found: Found, machine: dict[str, str], asked: Options, on: date) -> str:
    """For the documentation, in Markdown."""
    facts = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    introduction = INTRODUCTION.format(
        on=f"{on.day} {on:%B %Y}", command=asked.command, facts=facts, rounds=asked.rounds, requests=asked.requests
    )
    return "\n\n".join([introduction, *(as_markdown(table) for table in sections.all_of(found))]) + "\n"
