"""Reading the pages of the audit trail in tests."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import time_machine
from django.test import Client
from django.utils import timezone
from lxml import html

from tests.audit import sealed

TRAIL, FILE = "/audit/", "/audit/events.csv"


def sealed_later(*groups: int) -> None:
    """Record and seal groups of events two hours from now, when those of the test's fixtures have settled."""
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        sealed(*groups)


def rows(page: Any) -> list[list[str]]:
    """Return the cells of each row of a page's table."""
    assert page.status_code == 200, page.content.decode()[:2000]
    found = html.fromstring(page.content.decode()).xpath("//tr[@data-event]")
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("./th | ./td")] for row in found]


def actions_on(page: Any) -> list[str]:
    """Return the action of each row."""
    return [str(each) for each in html.fromstring(page.content.decode()).xpath("//tr/@data-event")]


def caption_of(page: Any) -> str:
    """Return the caption of the table."""
    (caption,) = html.fromstring(page.content.decode()).xpath("//caption")
    return " ".join(caption.text_content().split())


def older(page: Any) -> str | None:
    """Return the address of the next page, if there is one."""
    links = html.fromstring(page.content.decode()).xpath("//nav[@aria-label='Pages']//@href")
    return page.request["PATH_INFO"] + str(links[0]) if links else None


def all_rows(client: Client, address: str = TRAIL, **filters: str) -> list[list[str]]:
    """Return the rows of all pages."""
    page, found = client.get(address, filters), list[list[str]]()
    while True:
        found += rows(page)
        following = older(page)
        if following is None:
            return found
        page = client.get(following)


def file_text(client: Client, **filters: str) -> str:
    """Return the downloaded file."""
    response = client.get(FILE, filters)
    assert response.status_code == 200, response.content.decode()[:2000]
    return b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]


def lines_of_file(client: Client, **filters: str) -> list[dict[str, str]]:
    """Return the lines of the downloaded file, by column."""
    return list(csv.DictReader(StringIO(file_text(client, **filters).removeprefix("\ufeff"))))
