"""Request bodies that are sent in chunks, without a length."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def with_known_length(application: WSGIApplication, *, most: int) -> WSGIApplication:
    """Return the application with a Content-Length for every body: Django reads a body without one as empty.

    Of a body without a length one byte more than ``most`` is read, so that the application refuses it as too large.
    Only servers that end the input after the body (``wsgi.input_terminated``) are asked for it.
    """

    def measured(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        has_body = environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}
        if has_body and not environ.get("CONTENT_LENGTH") and environ.get("wsgi.input_terminated"):
            body = _read(environ["wsgi.input"], most + 1)
            environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
        return application(environ, start_response)

    return measured


def _read(stream: Any, most: int) -> bytes:
    body = bytearray()
    while len(body) < most and (part := stream.read(min(65536, most - len(body)))):
        body += part
    return bytes(body)
