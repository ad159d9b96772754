"""Where one engine's run happens: its databases, its servers, its people, its figures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.databases import Database
from benchmarks.figures import Figures
from benchmarks.options import Options
from benchmarks.servers import APP, FLOOR, Server, served
from benchmarks.traffic import Traffic
from benchmarks.workspace import Workspace


@dataclass(frozen=True)
class Site:
    """A prepared database; ``known`` is what ``inside.prepare`` says of it."""

    url: str
    known: dict[str, Any]

    @property
    def sample(self) -> str:
        """The uuid of the recorded screening."""
        return str(self.known["result"].strip("/").rpartition("/")[2])


@dataclass
class Bench:
    """One engine's run: where it works, what it was asked for, what it found."""

    space: Workspace
    options: Options
    engine: str
    new_database: Database
    load: Traffic
    figures: Figures = field(default_factory=Figures)

    def wants(self, *measures: str) -> bool:
        """Whether one of these was asked for."""
        return not self.options.only.isdisjoint(measures)

    def tell(self, words: str) -> None:
        """Say at the terminal how far it is."""
        print(f"{self.engine}: {words}", file=sys.stderr, flush=True)

    def site(self, name: str, further_rules: int = 0) -> Site:
        """Prepare a database."""
        url = self.new_database(name)
        return Site(url, self.space.run(url, "prepare", str(further_rules)))

    @contextmanager
    def app(self, name: str, site: Site) -> Iterator[None]:
        """Serve the application on a site; everybody is signed in."""
        accounts = {"usernames": site.known["usernames"], "password": site.known["password"]}
        with served(self.space, APP, site.url) as server:
            self.load.order("sign_in", server=name, **_place(server), **accounts)
            yield

    @contextmanager
    def floor(self, site: Site) -> Iterator[None]:
        """Serve the floor beside the application, to the same people."""
        with served(self.space, FLOOR, site.url, site.sample) as server:
            self.load.order("enter", server="floor", **_place(server), cookies=site.known["floor_cookies"])
            yield


def _place(server: Server) -> dict[str, object]:
    return {"host": server.host, "port": server.port, "pid": server.pid}
