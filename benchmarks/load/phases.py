"""The steps of a screening, each timed as a phase of its own so that processor time can be told by step."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Barrier
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks import cpu
from benchmarks.load.person import Person, Reply
from benchmarks.markup import hidden_fields

REQUESTS_A_CONNECTION = 10
"""On which of the server's processes a connection lands is chance; several in a phase even that out."""

Fields = list[tuple[str, str]]
Request = Callable[[], Reply]


@dataclass(frozen=True)
class Phase:
    """One step by everyone together: each request's time, and the whole phase's processor and wall time."""

    wall_ms: list[float]
    cpu_ms: float
    seconds: float


@dataclass(frozen=True)
class Crowd:
    """Everyone who uses one server in a phase; ``pid`` is the server's first process."""

    people: Sequence[Person]
    pid: int

    def perform(self, work: Sequence[Sequence[Request]]) -> tuple[Phase, list[list[Reply]]]:
        """Each person does their share one request after another, all of them at the same time."""
        pids = cpu.tree(self.pid)
        used = cpu.used_ms(pids)
        began = time.perf_counter()
        replies = _together([partial(_share, *each) for each in zip(self.people, work, strict=True)])
        seconds = time.perf_counter() - began
        used = cpu.used_ms(pids) - used
        return Phase([reply.wall_ms for share in replies for reply in share], used, seconds), replies


def _share(person: Person, requests: Sequence[Request]) -> list[Reply]:
    """One person's requests in turn, over a new connection every now and then; no request's time holds that."""
    replies = []
    for number, request in enumerate(requests):
        if number % REQUESTS_A_CONNECTION == 0:
            person.connect()
        replies.append(request())
    return replies


def _together(shares: Sequence[Callable[[], list[Reply]]]) -> list[list[Reply]]:
    if len(shares) == 1:
        return [shares[0]()]
    start = Barrier(len(shares))

    def wait_and_do(share: Callable[[], list[Reply]]) -> list[Reply]:
        start.wait()
        return share()

    with ThreadPoolExecutor(len(shares)) as pool:
        return list(pool.map(wait_and_do, shares))


def screening(crowd: Crowd, path: str, forms: Sequence[Fields], requests: int, last: str) -> dict[str, Phase]:
    """Open forms, record what was filled in, read the results; ``last`` names the last step to do."""
    opened, pages = crowd.perform([[_get(person, path)] * requests for person in crowd.people])
    phases = {"form": opened}
    if last != "form":
        bodies = [_filled(share, forms) for share in pages]
        work = [
            [_post(person, path, body) for body in share] for person, share in zip(crowd.people, bodies, strict=True)
        ]
        phases["post"], recorded = crowd.perform(work)
    if last == "result":
        work = [
            [_get(person, each.location) for each in share]
            for person, share in zip(crowd.people, recorded, strict=True)
        ]
        phases["result"], _ = crowd.perform(work)
    return phases


def reading(crowd: Crowd, path: str, requests: int) -> Phase:
    """Get one page again and again."""
    return crowd.perform([[_get(person, path)] * requests for person in crowd.people])[0]


def _get(person: Person, path: str) -> Request:
    return lambda: person.expect(200, "GET", path)


def _post(person: Person, path: str, body: bytes) -> Request:
    return lambda: person.expect(302, "POST", path, body)


def _filled(pages: Sequence[Reply], forms: Sequence[Fields]) -> list[bytes]:
    """The opened forms filled in, each kind of answers in turn, each for a record number of its own."""
    kinds = itertools.cycle(forms)
    return [_body(hidden_fields(reply.page), fields) for reply, fields in zip(pages, kinds, strict=False)]


def _body(hidden: dict[str, str], fields: Fields) -> bytes:
    own = {**hidden, "record_number": f"DEMO-{uuid4().hex[:12].upper()}"}
    kept = [(name, value) for name, value in fields if name not in own]
    return urlencode([*own.items(), *kept]).encode()
