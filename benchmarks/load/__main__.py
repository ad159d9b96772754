"""Takes orders from standard input and answers on standard output, one line of JSON each."""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import asdict
from typing import Any

from benchmarks.load import phases
from benchmarks.load.person import Person
from benchmarks.load.phases import Crowd

SWITCH_SECONDS = 0.0005  # a thread with an answer to read waits for another no longer than this


class Load:
    """Everyone there is, by server."""

    def __init__(self) -> None:
        self.crowds: dict[str, Crowd] = {}

    def sign_in(self, server: str, host: str, port: int, pid: int, usernames: list[str], password: str) -> None:
        """Everybody signs in at a server."""
        people = [Person(host, port) for _ in usernames]
        for person, username in zip(people, usernames, strict=True):
            person.sign_in(username, password)
        self.crowds[server] = Crowd(people, pid)

    def enter(self, server: str, host: str, port: int, pid: int, cookies: list[dict[str, str]]) -> None:
        """Everybody uses a server where their cookies say who they are."""
        people = [Person(host, port, dict(each)) for each in cookies]
        self.crowds[server] = Crowd(people, pid)

    def screening(self, server: str, users: int, **order: Any) -> dict[str, dict[str, object]]:
        """The first so many people go through the steps of a screening."""
        steps = phases.screening(self._crowd(server, users), **order)
        return {step: asdict(phase) for step, phase in steps.items()}

    def reading(self, server: str, users: int, **order: Any) -> dict[str, object]:
        """The first so many people get one page again and again."""
        return asdict(phases.reading(self._crowd(server, users), **order))

    def look(self, server: str, path: str, encoding: str = "identity") -> dict[str, object]:
        """One person gets one address; whatever the status."""
        person = self.crowds[server].people[0]
        person.connect()
        reply = person.send("GET", path, encoding=encoding)
        return {"status": reply.status, "bytes": len(reply.body), "text": reply.page}

    def _crowd(self, server: str, users: int) -> Crowd:
        crowd = self.crowds[server]
        return Crowd(crowd.people[:users], crowd.pid)


def main() -> None:
    """Serve orders until standard input ends."""
    load = Load()
    gc.disable()
    sys.setswitchinterval(SWITCH_SECONDS)
    for line in sys.stdin:
        order = json.loads(line)
        answer = getattr(load, order.pop("do"))(**order)
        gc.collect()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
