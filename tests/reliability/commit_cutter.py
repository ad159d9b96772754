"""A proxy between the web server and PostgreSQL that cuts a connection at a COMMIT of our choice."""

from __future__ import annotations

import socket
from contextlib import suppress
from enum import Enum
from threading import Lock, Thread
from types import TracebackType

from .web_server import HOST

COMMIT = b"COMMIT\x00"
CHUNK = 65536


class Cut(Enum):
    """When the connection is cut: before PostgreSQL gets the COMMIT, or after it has executed it."""

    BEFORE = "before"
    AFTER = "after"


class CommitCutter:
    """Passes everything on, until it is armed.

    Once a connection has sent ``marker``, the next COMMIT of that connection is cut, once.
    """

    def __init__(self, port: int) -> None:
        self.server_port = port
        self.listener = socket.create_server((HOST, 0))
        self.port = int(self.listener.getsockname()[1])
        self.marker, self.cut = b"", Cut.BEFORE
        self.cuts = 0
        self.lock = Lock()

    def __enter__(self) -> CommitCutter:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def arm(self, marker: str, cut: Cut) -> None:
        """Cut the next COMMIT that follows a text which no other transaction sends."""
        with self.lock:
            self.marker, self.cut = marker.encode(), cut

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:  # closed
                return
            server = socket.create_connection((HOST, self.server_port))
            Thread(target=self._pass_requests, args=[client, server], daemon=True).start()
            Thread(target=_pass_on, args=[server, client], daemon=True).start()

    def _pass_requests(self, client: socket.socket, server: socket.socket) -> None:
        is_marked = False
        with client, server, suppress(OSError):
            while data := client.recv(CHUNK):
                is_marked = is_marked or self._is_marked(data)
                if is_marked and COMMIT in data:
                    self._cut(client, server, data)
                    return
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _is_marked(self, data: bytes) -> bool:
        with self.lock:
            if not self.marker or self.marker not in data:
                return False
            self.marker = b""  # once
            return True

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        self.cuts += 1
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        if self.cut is Cut.AFTER:
            server.sendall(data)
            server.shutdown(socket.SHUT_WR)  # PostgreSQL executes what it got, then closes the connection
        else:
            server.shutdown(socket.SHUT_RDWR)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
