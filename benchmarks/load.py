"""Simulated users of a running server, and the CPU time of the server."""

import gzip
import math
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin
from uuid import uuid4

from benchmarks.report import Figure

HOST, SECONDS_TO_START = "127.0.0.1", 60
REQUESTS_A_CONNECTION = 10  # a connection stays with a random worker; several even that out
GRANIAN = ("--interface", "wsgi", "--workers", "2", "--blocking-threads", "4", "ldn_screen.wsgi:application")
"""The same arguments as in README.md and ./run."""
TARGETS = {
    "record": ("recording : floor POST", 2),
    "form": ("form : floor GET", 3),
    "result": ("result : floor GET that writes an audit event", 4),
}
HIDDEN = re.compile(r'<input[^>]*name="(csrfmiddlewaretoken|form_ticket)"[^>]*value="([^"]*)"')
LOADED = re.compile(
    r"""(?m)(?:<(?:link|script|img)\b[^>]*?\s(?:href|src)="|url\(\s*['"]?|^(?:im|ex)port\b[^'"]*['"])([^'")]+)"""
)
"""URLs that a page, a style sheet or a script loads."""

Request = tuple[str, str, dict[str, Any] | None]  # method, path, form data


class Reply(NamedTuple):
    """A response; ``size`` is in bytes as transferred."""

    status: int
    location: str | None
    text: str
    size: int
    ms: float


class Person:
    """A simulated browser of a signed-in user."""

    def __init__(self, port: int, cookies: dict[str, str]) -> None:
        self.connection = HTTPConnection(HOST, port, timeout=60)
        self.headers = {
            "Accept-Encoding": "gzip",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "Origin": f"https://{HOST}:{port}",
            "X-Forwarded-Proto": "https",
        }

    def send_all(self, requests: Sequence[Request]) -> list[Reply]:
        """Send requests one after the other; opening a new connection now and then is not timed."""
        replies = []
        for number, (method, path, form) in enumerate(requests):
            if number % REQUESTS_A_CONNECTION == 0:
                self.connection.close()
                self.connection.connect()
            began = time.perf_counter()
            self.connection.request(method, path, urlencode(form, doseq=True) if form else None, self.headers)
            response = self.connection.getresponse()
            body, ms = response.read(), (time.perf_counter() - began) * 1000
            text = gzip.decompress(body) if response.headers["Content-Encoding"] else body
            replies.append(Reply(response.status, response.headers["Location"], text.decode(), len(body), ms))
        return replies


class Step(NamedTuple):
    """A step of all users at once: the server's CPU time per request, and the replies by user."""

    cpu_ms: float
    shares: list[list[Reply]]


class Site(NamedTuple):
    """A running server with its users, who submit the forms in turn."""

    pid: int
    people: list[Person]
    form_path: str
    forms: list[dict[str, Any]]

    def screen(self, users: int, requests: int) -> dict[str, Step]:
        """Let users open forms, record them, each for a new patient, and read the results."""
        opened = self.together([[("GET", self.form_path, None)] * requests] * users)
        recorded = self.together(self.posts(opened))
        results = [[("GET", each.location, None) for each in share if each.location] for share in recorded.shares]
        read = self.together(results)
        assert all(each.status == 200 for step in (opened, read) for share in step.shares for each in share)
        return {"form": opened, "record": recorded, "result": read}

    def posts(self, opened: Step) -> list[list[Request]]:
        """Return the requests that record the opened forms."""
        kinds = cycle(self.forms)
        return [[("POST", self.form_path, filled(each, next(kinds))) for each in share] for share in opened.shares]

    def together(self, work: Sequence[Sequence[Request]]) -> Step:
        """Let each user send a share of the work, all at once."""
        used = cpu_ms(self.pid)
        with ThreadPoolExecutor(len(work)) as pool:
            shares = list(pool.map(Person.send_all, self.people, work))
        return Step((cpu_ms(self.pid) - used) / sum(map(len, work)), shares)


def filled(page: Reply, answers: dict[str, Any]) -> dict[str, Any]:
    """Return the form data of a page with answers."""
    return answers | dict(HIDDEN.findall(page.text)) | {"record_number": f"DEMO-{uuid4().hex[:12].upper()}"}


@contextmanager
def served(environment: dict[str, str], form_path: str, cookies: list[Any], forms: list[Any]) -> Iterator[Site]:
    """Run a server with its users; stop it and its workers at the end."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--log-level", "warning", "--host", HOST, "--port", str(port)]
    with tempfile.TemporaryFile() as log:  # it has a line for each request
        process = subprocess.Popen(
            [*command, *GRANIAN], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            for _ in range(SECONDS_TO_START * 10):
                time.sleep(0.1)
                with suppress(OSError), socket.create_connection((HOST, port)):
                    break
            yield Site(process.pid, [Person(port, each) for each in cookies], form_path, forms)
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read().decode()[-5_000:])
            raise
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def cpu_ms(session: int) -> float:
    """Return user and system time of the processes of a session, from the clocks of clock_getcpuclockid(3)."""
    used = 0
    for pid in [int(path.name) for path in Path("/proc").glob("[0-9]*")]:
        with suppress(OSError):  # the process has ended
            used += time.clock_gettime_ns(~pid << 3 | 2) if os.getsid(pid) == session else 0
    return used / 1_000_000


def screenings(app: Site, floor: Site, rounds: int, requests: int, limit: int | None) -> Iterator[Figure]:
    """Measure one user, then all users at once. Both sites take turns; the first round is a warm-up."""
    for users in (1, len(app.people)):
        found: dict[int, list[dict[str, Step]]] = {app.pid: [], floor.pid: []}
        for number in range(1 + rounds):
            for site in (app, floor) if number % 2 else (floor, app):
                found[site.pid].append(site.screen(users, requests))
        of_app, of_floor = found[app.pid][1:], found[floor.pid][1:]
        yield from compared_with_floor(of_app, of_floor) if users == 1 else at_once(of_app, of_floor, limit)


def compared_with_floor(app: list[dict[str, Step]], floor: list[dict[str, Step]]) -> Iterator[Figure]:
    """Compare the CPU time of each step with the floor: the median of the ratios of all rounds."""
    for name, (measure, limit) in TARGETS.items():
        mine, theirs = ([steps[name].cpu_ms for steps in rounds] for rounds in (app, floor))
        ratio = median(one / other for one, other in zip(mine, theirs, strict=True))
        note = f"{median(mine):.1f} : {median(theirs):.1f} ms"
        yield Figure("CPU time compared with the floor, one user over HTTP", measure, ratio, "×", limit, note)


def at_once(app: list[dict[str, Step]], floor: list[dict[str, Step]], limit: int | None) -> Iterator[Figure]:
    """Measure recording; the floor's time shows what machine and database need for the same rows."""
    for name, rounds, most in (("application", app, limit), ("floor", floor, None)):
        replies = [reply for steps in rounds for share in steps["record"].shares for reply in share]
        times = sorted(reply.ms for reply in replies)
        p99, note = times[math.ceil(len(times) * 0.99) - 1], f"median {median(times):.1f} ms, {len(times)} forms"
        lost = len(replies) - len({reply.location for reply in replies if reply.status == 302})
        yield Figure("Eight users recording at once over HTTP", f"{name}, p99", p99, "ms", most, note)
        yield Figure("Eight users recording at once over HTTP", f"{name}, forms without a record", lost, "", 0)


def first_load(site: Site) -> Iterator[Figure]:
    """Measure what a browser loads to show the form for the first time; a URL of another host would fail."""
    sizes, waiting = dict[str, int](), [site.form_path]
    while waiting:
        address = waiting.pop()
        if address not in sizes and not address.startswith("data:"):
            (reply,) = site.people[0].send_all([("GET", address, None)])
            assert reply.status == 200, address
            sizes[address] = reply.size
            # A URL of only a fragment names a part of the page that is loaded already.
            waiting += [urljoin(address, each) for each in LOADED.findall(reply.text) if not each.startswith("#")]
    note = ", ".join(f"{Path(address).suffix[1:] or 'page'} {size:,}" for address, size in sizes.items())
    yield Figure("First load of the form", "bytes over the wire", sum(sizes.values()) / 1000, "kB", 25, note)
    yield Figure("First load of the form", "requests", len(sizes), "", 4)


def recorded_a_second(app: Site, requests: int) -> Iterator[Figure]:
    """Measure how many forms, opened before, all users together record in a second; the first round is a warm-up."""
    for _ in range(2):
        posts = app.posts(app.together([[("GET", app.form_path, None)] * requests] * len(app.people)))
        began = time.perf_counter()
        replies = [reply for share in app.together(posts).shares for reply in share]
        seconds = time.perf_counter() - began
    assert all(reply.status == 302 for reply in replies)
    yield Figure("Storage of screenings", "forms recorded a second by eight users", len(replies) / seconds, "")
