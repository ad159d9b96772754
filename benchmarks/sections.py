"""The figures as tables: one of the targets, and those that it is taken from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from benchmarks.figures import Figures, FirstLoad, Key, Look, Phase, Read, ratio
from benchmarks.measures import CROWDS, SIZES
from benchmarks.options import ENGINES
from benchmarks.tables import Table
from benchmarks.targets import TARGETS, Target, Value, cpu, p50, p99, rate

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
NOT_MEASURED = "–"
SERVERS = {"app": "application", "rules14": "application, 14 rules", "floor": "floor"}
STEPS = {"form": "open the form", "post": "record", "result": "read the result", "pdf": "get the PDF"}
READS: tuple[Read, ...] = (p50, p99, cpu, rate)
ROUNDS = "The median of the rounds (the least to the most)."

Found = dict[str, Figures]
"""The figures by engine."""


def all_of(found: Found) -> Iterator[Table]:
    """Every table that has something to tell, the targets first."""
    tables = [_targets(found), *(_requests(engine, figures) for engine, figures in found.items())]
    tables += [_statements(found), _first_load(found), _evaluation(found), _medications(found), _lists(found)]
    tables += [_searches(found), _impact(found)]
    return (table for table in tables if table.rows)


# Targets ------------------------------------------------------------------------------------------------------


def _targets(found: Found) -> Table:
    head = ("measure", "target", *(f"measured ({NAMES[engine]})" for engine in ENGINES), "met?")
    rows = [
        _target_row(target, [target.read(found.get(engine, Figures())) for engine in ENGINES]) for target in TARGETS
    ]
    return Table("Targets", head, [row for row in rows if row[-1]])


def _target_row(target: Target, values: Sequence[Value | None]) -> list[str]:
    """Met where every engine that was measured meets it; the last cell is empty where none was."""
    measured = [value for value in values if value]
    met = ("yes" if all(value.met for value in measured) else "no") if measured else ""
    return [target.measure, target.limit, *(value.words if value else NOT_MEASURED for value in values), met]


# Requests -----------------------------------------------------------------------------------------------------


def _requests(engine: str, figures: Figures) -> Table:
    head = ("step", "people", "server", "p50, ms", "p99, ms", "CPU, ms a request", "requests a second")
    note = f"{ROUNDS} Below the servers stand the ratios to the floor, each taken within its round."
    return Table(f"Requests on {NAMES[engine]}", head, list(_request_rows(figures)), note)


def _request_rows(figures: Figures) -> Iterator[list[str]]:
    for users in CROWDS:
        for step, words in STEPS.items():
            for server, name in SERVERS.items():
                if phases := figures.series.get(Key(server, users, step)):
                    yield [words, str(users), name, *(_spread(phases, read) for read in READS)]
            yield from _ratio_rows(figures, users, step)


def _ratio_rows(figures: Figures, users: int, step: str) -> Iterator[list[str]]:
    floor = figures.series.get(Key("floor", users, step))
    for server in ("app", "rules14"):
        phases = figures.series.get(Key(server, users, step))
        if phases and floor:
            yield ["", "", f"{SERVERS[server]} : floor", *(f"{ratio(phases, floor, read):.2f}" for read in READS)]


def _spread(phases: Iterable[Phase], read: Read) -> str:
    values = [read(phase) for phase in phases]
    return f"{median(values):.1f} ({min(values):.1f}–{max(values):.1f})"


# The rest -----------------------------------------------------------------------------------------------------


def _statements(found: Found) -> Table:
    engines = [engine for engine in ENGINES if engine in found]
    pages = dict.fromkeys(page for figures in found.values() for page in figures.statements)
    head = ("page", *(f"{what} ({NAMES[engine]})" for engine in engines for what in ("statements", "commits")))
    rows = [[page, *(_count(found[engine], page, what) for engine in engines for what in COUNTS)] for page in pages]
    return Table("Statements", head, rows, "One request each; the transaction's own commands are not counted.")


COUNTS = ("statements", "commits")


def _count(figures: Figures, page: str, what: str) -> str:
    return str(figures.statements[page][what]) if page in figures.statements else NOT_MEASURED


def _first_load(found: Found) -> Table:
    loads: dict[str, FirstLoad] = next((each.first_load for each in found.values() if each.first_load), {})
    addresses = dict.fromkeys(address for load in loads.values() for address in load.sizes)
    rows = [
        [address, *(str(load.sizes.get(address, NOT_MEASURED)) for load in loads.values())] for address in addresses
    ]
    totals = [["together", *(str(load.bytes) for load in loads.values())]] if rows else []
    note = "The bodies of the answers, as they go over the wire."
    return Table("First load of the form, bytes", ("address", *loads), rows + totals, note)


def _evaluation(found: Found) -> Table:
    rows = [
        [NAMES[engine], words, f"{min(times):.2f}", f"{median(times):.2f}"]
        for engine, figures in found.items()
        for words, times in figures.evaluation.items()
    ]
    note = "No database takes part: the second run repeats the first."
    return Table("Evaluation of four rules", ("run with", "answers", "least, µs", "median, µs"), rows, note)


def _medications(found: Found) -> Table:
    rows = [
        [NAMES[engine], words, f"{min(times):.2f}", f"{median(times):.2f}"]
        for engine, figures in found.items()
        for words, times in figures.medications.items()
    ]
    note = "No database takes part: the second run repeats the first."
    return Table("Reading a medication list", ("run with", "list", "least, ms", "median, ms"), rows, note)


def _lists(found: Found) -> Table:
    rows = [
        [page, f"{size:,}", _spread(phases, p50), _spread(phases, p99), _spread(phases, cpu)]
        for figures in found.values()
        for page in ("first page", "last page")
        for name, size in SIZES.items()
        if (phases := figures.series.get(Key(name, 1, page)))
    ]
    head = ("page", "screenings", "p50, ms", "p99, ms", "CPU, ms a request")
    return Table("The list on PostgreSQL", head, rows, ROUNDS)


def _searches(found: Found) -> Table:
    rows = [
        [words, f"{median(times):.1f} ({min(times):.1f}–{max(times):.1f})", f"{_times_the_list(times, figures):.1f}"]
        for figures in found.values()
        for words, times in figures.searches.items()
    ]
    head = ("search", "ms", "× the list without a search")
    note = "The median of several pages, each with up to 25 patients and its audit event (the least to the most)."
    return Table("Searching 1,000,000 screenings on PostgreSQL", head, rows, note)


def _times_the_list(times: list[float], figures: Figures) -> float:
    return median(times) / median(figures.searches["no search"])


def _impact(found: Found) -> Table:
    rows = [
        [NAMES_OF_LISTS[names], f"{looks[0].screenings:,}", f"{looks[0].patients:,}", _middle(looks), _peak(looks)]
        for figures in found.values()
        for names, looks in figures.impact.items()
    ]
    head = ("lists", "screenings", "patients", "seconds", "peak of memory, MB")
    note = "Each in a process of its own. The median of the rounds (the least to the most); memory is the most."
    return Table("A draft held against past screenings on PostgreSQL", head, rows, note)


NAMES_OF_LISTS = {"same": "read by the same names", "other": "read again by other names"}


def _middle(looks: Iterable[Look]) -> str:
    seconds = [each.seconds for each in looks]
    return f"{median(seconds):.1f} ({min(seconds):.1f}–{max(seconds):.1f})"


def _peak(looks: Iterable[Look]) -> str:
    return f"{max(each.megabytes for each in looks):.0f}"
