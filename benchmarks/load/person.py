"""One person with a browser that keeps its connection open."""

from __future__ import annotations

import gzip
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import brotli  # type: ignore[import-untyped]

from benchmarks.cpu import NS_IN_MS
from benchmarks.markup import FORM_TYPE, hidden_fields

ENCODINGS = "gzip, deflate, br"
HEADERS = {
    "Accept": "text/html",
    "Sec-Fetch-Site": "same-origin",
    "X-Forwarded-Proto": "https",
}


class Unexpected(Exception):
    """A server answered with another status than the one that the step needs."""


@dataclass(frozen=True)
class Reply:
    """What came back, and after how long; ``body`` as it went over the wire."""

    status: int
    location: str
    encoding: str
    body: bytes
    wall_ms: float

    @property
    def page(self) -> str:
        """The body as text; what is no text comes out as signs of that."""
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.encoding, bytes)
        return unpack(self.body).decode(errors="replace")


@dataclass
class Person:
    """A connection to one server, with its cookies."""

    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = HTTPConnection(self.host, self.port, timeout=60)

    def connect(self) -> None:
        """Open the connection anew: servers close one that was idle for long."""
        self.connection.close()
        self.connection.connect()

    def send(self, method: str, path: str, body: bytes | None = None, encoding: str = ENCODINGS) -> Reply:
        """Send one request and read the whole answer; the time of both is the reply's."""
        headers = self._headers(body is not None) | {"Accept-Encoding": encoding}
        began = time.perf_counter_ns()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        wall_ms = (time.perf_counter_ns() - began) / NS_IN_MS
        self._keep_cookies(response)
        location, encoding = response.getheader("Location", ""), response.getheader("Content-Encoding", "")
        return Reply(response.status, location, encoding, content, wall_ms)

    def expect(self, status: int, method: str, path: str, body: bytes | None = None) -> Reply:
        """Send one request that must be answered with this status.

        Raises:
            Unexpected: it was answered with another.
        """
        reply = self.send(method, path, body)
        if reply.status != status:
            raise Unexpected(f"{method} {path} was answered with {reply.status}, not {status}: {reply.page[:3000]}")
        return reply

    def sign_in(self, username: str, password: str) -> None:
        """Sign in through the page, as people do.

        Raises:
            Unexpected: the server did not let this person in.
        """
        page = self.expect(200, "GET", "/accounts/login/").page
        form = {**hidden_fields(page), "login": username, "password": password}
        self.expect(302, "POST", "/accounts/login/", urlencode(form).encode())

    def _headers(self, has_body: bool) -> dict[str, str]:
        origin = f"https://{self.host}:{self.port}"
        sent = {"Origin": origin, "Content-Type": FORM_TYPE} if has_body else {}
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return HEADERS | sent | ({"Cookie": cookie} if cookie else {})

    def _keep_cookies(self, response: HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
