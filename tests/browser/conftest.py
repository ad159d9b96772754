"""Fixtures for browser tests: a headless browser, a live server, and a watch for errors in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, WebError, sync_playwright
from pytest_django.live_server_helper import LiveServer

from screening.accounts.permissions import Role
from screening.models import Edition, User
from tests import needs
from tests.factories import UserFactory

WAIT_MS = 10_000
DESKTOP = {"width": 1280, "height": 900}

OpenContext = Callable[..., BrowserContext]
Profiles = dict[tuple[Browser, str], list[BrowserContext]]


@pytest.fixture(scope="package")
def start() -> Iterator[Callable[[str | None], Browser]]:
    """Return a function that starts a browser, once per program, with its back/forward cache.

    Playwright runs an event loop in this thread, which Django would take for asynchronous code.
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
    """The browser, without a user interface if available."""
    return start(needs.chromium(needs.HEADLESS_SHELL))


@dataclass
class Watch:
    """Collects errors in the pages of a test."""

    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context. A page may respond 4xx; its resources must not."""
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("response", self._on_response)

    def off(self, context: BrowserContext) -> None:
        """Stop watching a context."""
        context.remove_listener("console", self._on_console)
        context.remove_listener("weberror", self._on_error)
        context.remove_listener("response", self._on_response)

    def _on_error(self, error: WebError) -> None:
        self.faults.append(f"uncaught: {error.error}")

    def _on_console(self, message: ConsoleMessage) -> None:
        is_response = message.text.startswith("Failed to load resource")  # checked in _on_response
        if message.type in {"error", "warning"} and not is_response:
            self.faults.append(f"console: {message.text}")

    def _on_response(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        if response.status >= (500 if is_page else 400):
            self.faults.append(f"{response.status}: {response.url}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test if a page reports an error or violates the content security policy."""
    watch = Watch()
    yield watch
    assert watch.faults == []


@pytest.fixture(scope="package")
def profiles() -> Profiles:
    """Unused browser profiles, by browser and options."""
    return {}


@pytest.fixture
def open_context(
    browser: Browser, profiles: Profiles, live_server: LiveServer, edition: Edition, watch: Watch
) -> Iterator[OpenContext]:
    """Return a function that opens a browser profile, signed in as a user if one is given.

    Profiles are reused without tabs and cookies, in a third of the time: the application stores nothing else in the
    browser, and only its styles and scripts may be cached.
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
    """Add the session cookie of a signed-in user to a profile."""
    client = Client()
    client.force_login(person)
    (session,) = client.cookies.values()
    context.add_cookies([{"name": session.key, "value": session.value, "url": address}])


@pytest.fixture
def context(open_context: OpenContext, clinician: User) -> BrowserContext:
    """A profile with a signed-in clinician."""
    return open_context(clinician)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab with a signed-in clinician."""
    return context.new_page()


@pytest.fixture
def auditor(edition: Edition) -> User:
    """An auditor."""
    return UserFactory(role=Role.AUDITOR, username="auditor")
