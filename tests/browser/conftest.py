"""A headless browser against a running server, and a watch on what goes wrong inside its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, WebError, sync_playwright
from pytest_django.live_server_helper import LiveServer

from screening.models import Edition, User
from tests import needs

WAIT_MS = 10_000
DESKTOP = {"width": 1280, "height": 900}

OpenContext = Callable[..., BrowserContext]
Profiles = dict[tuple[Browser, str], list[BrowserContext]]


@pytest.fixture(scope="package")
def start() -> Iterator[Callable[[str | None], Browser]]:
    """Starts a browser, once for this folder; it keeps pages for its Back button, as the browsers of people do.

    Its driver runs an event loop in this thread for as long as it lives, which Django takes for asynchronous code.
    """
    started: dict[str | None, Browser] = {}
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as driver:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

        def start(program: str | None) -> Browser:
            if program not in started:
                started[program] = driver.chromium.launch(
                    executable_path=program,
                    args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
                    ignore_default_args=["--disable-back-forward-cache"],
                )
            return started[program]

        yield start
        for browser in started.values():
            browser.close()


@pytest.fixture
def browser(start: Callable[[str | None], Browser]) -> Browser:
    """A browser; where there is one, that which leaves out windows and so works half as much."""
    return start(needs.chromium(needs.HEADLESS_SHELL))


@dataclass
class Watch:
    """What went wrong in the pages of a test, in words."""

    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Listen to every page of a context. A page that answers 4xx may be meant; a part of it never is."""
        context.on("console", self._hear)
        context.on("weberror", self._catch)
        context.on("response", self._look_at)

    def off(self, context: BrowserContext) -> None:
        """Leave a context to the next test."""
        context.remove_listener("console", self._hear)
        context.remove_listener("weberror", self._catch)
        context.remove_listener("response", self._look_at)

    def _catch(self, error: WebError) -> None:
        self.faults.append(f"uncaught: {error.error}")

    def _hear(self, message: ConsoleMessage) -> None:
        answered_4xx = message.text.startswith("Failed to load resource")  # told by the response itself
        if message.type in {"error", "warning"} and not answered_4xx:
            self.faults.append(f"console: {message.text}")

    def _look_at(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        if response.status >= (500 if is_page else 400):
            self.faults.append(f"{response.status}: {response.url}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test when a page of it reported an error or broke the content security policy."""
    watch = Watch()
    yield watch
    assert watch.faults == []


@pytest.fixture(scope="package")
def profiles() -> Profiles:
    """The profiles that no test uses at the moment, by their browser and their options."""
    return {}


@pytest.fixture
def open_context(
    browser: Browser, profiles: Profiles, live_server: LiveServer, edition: Edition, watch: Watch
) -> Iterator[OpenContext]:
    """Opens a browser profile, in which a person is signed in unless none is given.

    A profile that another test left is as good as a new one without its tabs and cookies, and costs a third: nothing
    of the application is kept anywhere else, and of what it serves only styles and scripts may be cached.
    """
    opened: list[tuple[list[BrowserContext], BrowserContext]] = []

    def open_for(person: User | None = None, **options: Any) -> BrowserContext:
        options = {"viewport": DESKTOP, "reduced_motion": "reduce", **options}
        free = profiles.setdefault((browser, repr(sorted(options.items()))), [])
        context = free.pop() if free else browser.new_context(base_url=live_server.url, **options)
        opened.append((free, context))
        context.set_default_timeout(WAIT_MS)
        watch.over(context)
        if person is not None:
            sign_in(context, person, live_server.url)
        return context

    yield open_for
    for free, context in opened:
        for page in context.pages:
            page.close()
        context.clear_cookies()
        watch.off(context)
        free.append(context)


def sign_in(context: BrowserContext, person: User, address: str) -> None:
    """Give a profile the session of a person who signed in elsewhere."""
    client = Client()
    client.force_login(person)
    (session,) = client.cookies.values()
    context.add_cookies([{"name": session.key, "value": session.value, "url": address}])


@pytest.fixture
def context(open_context: OpenContext, clinician: User) -> BrowserContext:
    """A profile in which a clinician is signed in."""
    return open_context(clinician)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab in which a clinician is signed in."""
    return context.new_page()
