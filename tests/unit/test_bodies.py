"""A body is limited and read whole, however it is sent: with the server that docs/deploy.md names."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from ldn_screen.bodies import with_known_length
from tests.paths import PROJECT

MEGABYTE = 1024 * 1024
URLENCODED = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data; boundary=part"
TOO_MANY_FIELDS = b"&".join(b"f%d=1" % number for number in range(1001))


def as_received(environ: dict[str, Any], most: int = 100) -> tuple[str, bytes]:
    """Return the Content-Length and the body that the application sees."""
    seen: list[tuple[str, bytes]] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append((environ.get("CONTENT_LENGTH", ""), environ["wsgi.input"].read()))
        return []

    with_known_length(application, most=most)(environ, lambda *_: lambda _: None)
    return seen[0]


def test_a_body_without_a_length_gets_one() -> None:
    assert as_received({"wsgi.input": BytesIO(b"a=b"), "wsgi.input_terminated": True}) == ("3", b"a=b")


def test_of_a_body_without_a_length_one_byte_too_many_is_read() -> None:
    stream = BytesIO(b"a" * 1000)
    assert as_received({"wsgi.input": stream, "wsgi.input_terminated": True}) == ("101", b"a" * 101)
    assert stream.tell() == 101


def test_a_request_without_a_body_is_not_read() -> None:
    environ = {"wsgi.input": BytesIO(b"abc"), "wsgi.input_terminated": True, "REQUEST_METHOD": "GET"}
    assert as_received(environ) == ("", b"abc")


def test_a_body_with_a_length_is_left_to_the_application() -> None:
    environ = {"wsgi.input": BytesIO(b"abc"), "wsgi.input_terminated": True, "CONTENT_LENGTH": "2"}
    assert as_received(environ) == ("2", b"abc")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server process. Nothing here needs its database."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "LDN_TEST_DATABASE": "sqlite"}
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    command.append("ldn_screen.wsgi:application")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
    try:
        wait_for(port, server, folder / "log")
        yield port
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers."""
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def answer(port: int, head: bytes, body: bytes, kind: bytes = URLENCODED, *, is_cut: bool = False) -> str:
    """Send a request and return the response. A server that has refused a body closes the connection."""
    lines = [b"POST /livez HTTP/1.1", b"Host: localhost", b"Connection: close", b"Content-Type: " + kind, head]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"\r\n".join([*lines, b"", body]))
        if is_cut:
            connection.shutdown(socket.SHUT_WR)
        received = bytearray()
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                received += part
    return received.decode()


def in_chunks(body: bytes, size: int = 60_000) -> bytes:
    """Return a body in the chunked transfer coding."""
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def chunked(port: int, body: bytes, kind: bytes = URLENCODED) -> str:
    return answer(port, b"Transfer-Encoding: chunked", in_chunks(body), kind)


def status_of(response: str) -> int:
    return int(response.split()[1])


def multipart(content: bytes) -> bytes:
    head = b'--part\r\nContent-Disposition: form-data; name="file"; filename="rules.json"\r\n\r\n'
    return head + content + b"\r\n--part--\r\n"


@pytest.mark.parametrize("megabytes", [9, 40])
def test_a_body_in_chunks_is_limited_like_any_other(port: int, megabytes: int) -> None:
    response = chunked(port, b"a=" + b"x" * megabytes * MEGABYTE)
    assert status_of(response) == 413
    assert "larger than the 8 megabytes" in response


def test_an_upload_in_chunks_is_limited_like_any_other(port: int) -> None:
    assert status_of(chunked(port, multipart(b"x" * 9 * MEGABYTE), MULTIPART)) == 413


def test_the_fields_of_a_body_in_chunks_are_read(port: int) -> None:
    assert status_of(chunked(port, TOO_MANY_FIELDS)) == 400
    assert status_of(chunked(port, TOO_MANY_FIELDS.replace(b"f0=1&", b""))) == 403  # without a CSRF token


def test_the_parts_of_an_upload_in_chunks_are_read(port: int) -> None:
    assert status_of(chunked(port, multipart(b"{}") * 2, MULTIPART)) in {400, 403}
    assert status_of(chunked(port, b"no part at all", b"multipart/form-data")) == 400


def test_a_body_that_is_shorter_than_its_length_is_refused(port: int) -> None:
    for kind in (URLENCODED, MULTIPART):
        response = answer(port, b"Content-Length: 500", b"--part\r\nlogin=clin", kind, is_cut=True)
        assert status_of(response) == 400
        assert "incomplete or malformed" in response


def test_a_length_beside_chunks_does_not_hide_a_second_request(port: int) -> None:
    head = b"Content-Length: 4\r\nTransfer-Encoding: chunked"
    response = answer(port, head, in_chunks(b"a=b") + b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert len(re.findall("HTTP/1.1 ", response)) == 1


def test_a_request_that_the_server_itself_refuses_says_nothing_about_it(port: int) -> None:
    response = answer(port, b"X-Long: " + b"a" * 1_000_000, b"")
    assert status_of(response) == 431
    assert response.endswith("\r\n\r\n")
