"""What a browser fetches to show a page for the first time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from benchmarks.figures import FirstLoad
from benchmarks.traffic import Traffic

LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}
LOADED_SOURCES = {"script", "img", "iframe", "audio", "video", "source", "embed"}
IN_STYLES = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")
IN_SCRIPTS = re.compile(r"""^\s*(?:import|export)\b[^'"]*['"]([^'"]+)['"]""", re.MULTILINE)


class References(HTMLParser):
    """The addresses that a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what the element loads."""
        given = {name: value or "" for name, value in attrs}
        if tag == "link" and LOADED_LINKS & set(given.get("rel", "").split()):
            self.found.append(given.get("href", ""))
        elif tag in LOADED_SOURCES and given.get("src"):
            self.found.append(given["src"])


def fetched(traffic: Traffic, server: str, page: str, encoding: str) -> FirstLoad:
    """Fetch a page and all that it loads, and what that loads."""
    load, waiting = FirstLoad(), [page]
    while waiting:
        address = waiting.pop()
        if urlsplit(address).netloc:
            load.foreign.append(address)
        elif address not in load.sizes:
            reply = traffic.order("look", server=server, path=address, encoding=encoding)
            load.sizes[address] = reply["bytes"]
            waiting += [urljoin(address, each) for each in references(address, reply["text"])]
    return load


def references(address: str, text: str) -> list[str]:
    """The addresses that a page, a style sheet or a script loads, as they stand there; ``data:`` loads nothing."""
    if address.endswith(".css"):
        found = [first or second for first, second in IN_STYLES.findall(text)]
    elif address.endswith(".js"):
        found = IN_SCRIPTS.findall(text)
    else:
        parser = References()
        parser.feed(text)
        found = parser.found
    return [each for each in found if not each.startswith(("data:", "#"))]
