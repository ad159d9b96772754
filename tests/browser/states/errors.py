"""Pages for everybody: error pages, served at an address of their name, and the accessibility statement."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import RequestFactory
from playwright.sync_api import Page

from screening.web import errors
from tests.browser.states.state import State, at

Handler = Callable[[HttpRequest], HttpResponse]


def without_an_edition(request: HttpRequest) -> HttpResponse:
    """Return the page shown while no edition is published."""
    return render(request, "screening/editions/no_edition.html")


def unavailable_with_a_full_disk(request: HttpRequest) -> HttpResponse:
    """Return the page shown when the database cannot write."""
    try:
        raise OperationalError from psycopg.errors.DiskFull()
    except OperationalError:
        return errors.unavailable(request)


def served_at(address: str, handler: Handler) -> Callable[[Page], object]:
    """Return a function that opens what a handler returns, as if the server had sent it with status 200."""

    def open_page(page: Page) -> None:
        body = handler(RequestFactory().get("/")).content.decode()
        page.route(f"**{address}", lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))
        page.goto(address)

    return open_page


HANDLERS: dict[str, Handler] = {
    "400.html": errors.bad_request,
    "403.html": errors.forbidden,
    "403_csrf.html": errors.forbidden_form,
    "404.html": errors.not_found,
    "405.html": errors.method_not_allowed,
    "413.html": errors.too_large,
    "415.html": errors.unsupported_type,
    "429.html": errors.too_many_requests,
    "500.html": errors.server_error,
    "503.html": errors.unavailable,
    "503_not_known.html": errors.commit_unknown,
    "no_edition.html": without_an_edition,
}
STATES = {
    "accessibility statement": State("screening:accessibility", at("/accessibility/"), None),
    "503.html, disk full": State("503.html", served_at("/503.html", unavailable_with_a_full_disk), None),
    **{name: State(name, served_at(f"/{name}", handler), None) for name, handler in HANDLERS.items()},
}
