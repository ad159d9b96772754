"""What is measured on one engine, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar

from benchmarks import first_load, pages
from benchmarks.bench import Bench, Site
from benchmarks.figures import Look

CROWDS = (1, 8)
ENCODINGS = {"br": "gzip, deflate, br", "gzip": "gzip"}
"""What a browser of today accepts, and what one with gzip alone does."""
FURTHER_RULES = 10
SIZES = {"thousand": 1_000, "million": 1_000_000}
OK = 200
WARM_UP_REQUESTS = 8

Turn = TypeVar("Turn")


def measure(bench: Bench) -> None:
    """Measure all that was asked for."""
    if bench.wants("evaluation"):
        bench.figures.evaluation = bench.space.run("sqlite://:memory:", "evaluation")
    if bench.wants("medications"):
        bench.figures.medications = bench.space.run("sqlite://:memory:", "medications")
    if bench.wants("form", "post", "result", "rules14", "statements", "first-load", "pdf"):
        measure_application(bench, bench.site("app"))
    if bench.wants("list") and bench.engine == "postgresql":
        measure_list(bench)
    if bench.wants("search") and bench.engine == "postgresql":
        measure_search(bench)
    if bench.wants("impact") and bench.engine == "postgresql":
        measure_impact(bench)


def measure_application(bench: Bench, site: Site) -> None:
    """Measure what needs one server, and beside the floor what is compared with it."""
    if bench.wants("statements"):
        bench.figures.statements = bench.space.run(site.url, "statements")
    with bench.app("app", site):
        if bench.wants("first-load"):
            measure_first_load(bench)
        if bench.wants("form", "post", "result", "rules14"):
            measure_screenings(bench, site)
        if bench.wants("pdf"):
            measure_pdf(bench, pages.pdf(site.known["result"]))


def measure_first_load(bench: Bench) -> None:
    """Fetch the form and all that it loads, in each way of compressing it."""
    for name, accepted in ENCODINGS.items():
        bench.figures.first_load[name] = first_load.fetched(bench.load, "app", pages.NEW, accepted)


# Screenings, beside the floor ---------------------------------------------------------------------------------


def measure_screenings(bench: Bench, site: Site) -> None:
    """Go through the steps of a screening in turn on the application and on the floor."""
    steps = bench.options.steps or ("form",)
    last = {"app": steps[-1], "floor": steps[-1]}
    with ExitStack() as stack:
        stack.enter_context(bench.floor(site))
        if bench.wants("rules14"):
            stack.enter_context(bench.app("rules14", bench.site("rules14", FURTHER_RULES)))
            last["rules14"] = "form"
        forms = site.known["forms"]
        _repeat(bench, [{"server": name, "forms": forms, "last": step} for name, step in last.items()])


def _repeat(bench: Bench, orders: Sequence[dict[str, Any]]) -> None:
    for order in orders:
        _screenings(bench, order, max(CROWDS), WARM_UP_REQUESTS)
    for number, users, order in _turns(bench.options.rounds, orders):
        if users == 1 or order["server"] != "rules14":
            bench.tell(f"round {number}, {users} at a time, {order['server']}")
            phases = _screenings(bench, order, users, bench.options.requests)
            bench.figures.add(order["server"], users, phases)


def _screenings(bench: Bench, order: dict[str, Any], users: int, requests: int) -> Any:
    path = pages.FLOOR_FORM if order["server"] == "floor" else pages.NEW
    return bench.load.order("screening", **order, users=users, path=path, requests=requests)


def _turns(rounds: int, each: Sequence[Turn]) -> Iterator[tuple[int, int, Turn]]:
    """Everyone's turns in every round with each crowd; another one begins each time."""
    for number in range(1, rounds + 1):
        for users in CROWDS:
            for turn in each if number % 2 else reversed(each):
                yield number, users, turn


# Single pages -------------------------------------------------------------------------------------------------


def measure_pdf(bench: Bench, path: str) -> None:
    """Get one PDF again and again, where there is one."""
    if bench.load.order("look", server="app", path=path)["status"] != OK:
        bench.figures.absent.add("pdf")
        return
    _read(bench, "app", path, max(CROWDS), WARM_UP_REQUESTS)
    for _ in range(bench.options.rounds):
        bench.figures.add("app", 1, {"pdf": _read(bench, "app", path, 1, bench.options.requests)})


def measure_list(bench: Bench) -> None:
    """Get the first and the last page of the list in turn, with few and with many screenings in the table."""
    bench.tell(f"filling a table with {max(SIZES.values()):,} screenings")
    sites = {name: bench.site(name) for name in SIZES}
    last = {name: bench.space.run(sites[name].url, "fill", str(SIZES[name]))["last_page_after"] for name in SIZES}
    paths = [(name, page, path) for name in SIZES for page, path in pages.list_pages(last[name]).items()]
    with ExitStack() as stack:
        for name, site in sites.items():
            stack.enter_context(bench.app(name, site))
        for name, _, path in paths:
            _read(bench, name, path, max(CROWDS), WARM_UP_REQUESTS)
        for number in range(bench.options.rounds):
            bench.tell(f"round {number + 1}, list")
            for name, page, path in paths if number % 2 else reversed(paths):
                bench.figures.add(name, 1, {page: _read(bench, name, path, 1, bench.options.requests)})


def _read(bench: Bench, server: str, path: str, users: int, requests: int) -> Any:
    return bench.load.order("reading", server=server, path=path, users=users, requests=requests)


def measure_search(bench: Bench) -> None:
    """Search among many screenings, in a process that answers the pages itself."""
    rows = max(SIZES.values())
    bench.tell(f"filling a table with {rows:,} screenings of patients with all kinds of names")
    bench.figures.searches = bench.space.run(bench.site("search").url, "search", str(rows))


# A draft ------------------------------------------------------------------------------------------------------


def measure_impact(bench: Bench) -> None:
    """Hold a draft against past screenings, each time in a process of its own."""
    bench.tell(f"filling a table with {bench.options.screenings:,} screenings, their answers and lists")
    site = bench.site("impact")
    bench.space.run(site.url, "past", str(bench.options.screenings))
    for names in ("same", "other"):
        bench.tell(f"a draft that reads lists by the {names} names")
        runs = [bench.space.run(site.url, "impact", names) for _ in range(bench.options.rounds)]
        bench.figures.impact[names] = [Look(**run) for run in runs]
