"""A state of a page, and how to open it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from playwright.sync_api import Page

from screening.accounts.permissions import Role


class State(NamedTuple):
    """A state of a page.

    ``page`` is the name of the URL, or of the template of an error page. ``role`` is the role of the person who opens
    it; their user name is that of the role. None is a person who is not signed in. ``settings`` are those that
    differ.
    """

    page: str
    open: Callable[[Page], object]
    role: Role | None = Role.CLINICIAN
    settings: Mapping[str, Any] = MappingProxyType({})


def at(address: str) -> Callable[[Page], object]:
    """Return a function that opens an address."""
    return lambda page: page.goto(address)


def press(page: Page, name: str) -> None:
    """Press a button and wait for the next page."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def press_without_scripts(page: Page, name: str) -> None:
    """Send the form of a button as a browser without scripts does."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).evaluate(
            "button => { button.form.action = button.formAction; button.form.submit(); }"
        )
