"""Submitting forms at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from django.test import Client


def post_at_once(client: Client, posts: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Any]:
    """Post each form to its URL from a thread of its own, in the client's session. Return the responses in order."""

    def post(url: str, form: Mapping[str, Any]) -> Any:
        copy = Client()
        copy.cookies = client.cookies
        try:
            return copy.post(url, form)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(posts)) as pool:
        return list(pool.map(post, *zip(*posts, strict=True)))
