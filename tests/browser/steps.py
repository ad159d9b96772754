"""What a person does on a page, by the names that people and programs may rely on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import Locator, Page

from tests.factories import PASSWORD
from tests.pages import CLEAR_FORM, NEW
from tests.rules import shipped_rules

LOGIN = "/accounts/login/"
RULES = [item.link_id for item in shipped_rules().items]
PATIENT = {name: value for name, value in CLEAR_FORM.items() if name not in RULES}

NOT_TYPED = ["csrfmiddlewaretoken", "form_ticket"]
IS_ANOTHER_PAGE = "before => performance.timeOrigin !== before && document.readyState === 'complete'"
TYPED = """unsaid => {
  const typed = {};
  const form = document.querySelector("[data-screening-form]");
  for (const [name, value] of new FormData(form)) {
    if (!unsaid.includes(name) && value !== "") (typed[name] ??= []).push(value);
  }
  return typed;
}"""


# Signing in and out -------------------------------------------------------------------------------------------


def sign_in_through_the_page(page: Page, username: str, password: str = PASSWORD) -> None:
    """Type name and password, and send them."""
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    """Use the button in the head of the page."""
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"**{LOGIN}*")


# The form -----------------------------------------------------------------------------------------------------


def fields(page: Page, name: str) -> Locator:
    """The controls of a field."""
    return page.locator(f'[name="{name}"]')


def choice(page: Page, name: str, value: str) -> Locator:
    """One of the choices of a field."""
    return page.locator(f'[name="{name}"][value="{value}"]')


def rule(page: Page, link_id: str) -> Locator:
    """The part of the page that is about a rule."""
    return page.locator(f'main [data-rule="{link_id}"]')


def fill(page: Page, form: Mapping[str, str | Sequence[str]]) -> None:
    """Fill in fields by name, whatever their kind."""
    for name, value in form.items():
        control = fields(page, name).first
        kind = control.evaluate("each => each.type")
        if kind in {"radio", "checkbox"}:
            for each in [value] if isinstance(value, str) else value:
                choice(page, name, each).press("Space")
        elif kind == "select-one":
            control.select_option(value)
        else:
            control.fill(str(value))


def answer_all(page: Page, answer: str, rules: Sequence[str] = RULES) -> None:
    """Give one answer to every question that offers it."""
    for link_id in rules:
        offered = choice(page, link_id, answer)
        if offered.count():
            offered.press("Space")


def open_filled(page: Page, form: Mapping[str, Any] = CLEAR_FORM, **changes: Any) -> None:
    """Open a new form and fill it in."""
    page.goto(NEW)
    fill(page, {**form, **changes})


def record_button(page: Page) -> Locator:
    """The button that sends the form."""
    return page.get_by_role("button", name="Record and show result")


def record(page: Page) -> None:
    """Send the form; the next page is there when this returns."""
    with page.expect_navigation():
        record_button(page).click()


def typed(page: Page) -> dict[str, list[str]]:
    """All that the form would send now: what was typed and chosen."""
    found: dict[str, list[str]] = page.evaluate(TYPED, NOT_TYPED)
    return found


def as_typed(form: Mapping[str, Any]) -> dict[str, list[str]]:
    """A form's content in the way in which ``typed`` tells it."""
    return {name: [value] if isinstance(value, str) else list(value) for name, value in form.items()}


def go_back(page: Page) -> None:
    """Use the browser's Back button, which may bring the page from its cache without loading it."""
    before = page.evaluate("performance.timeOrigin")
    page.evaluate("history.back()")
    page.wait_for_function(IS_ANOTHER_PAGE, arg=before)


# What has the focus -------------------------------------------------------------------------------------------


def focused(page: Page) -> Locator:
    """The element that has the focus."""
    return page.locator(":focus")


def focused_name(page: Page) -> str:
    """The field name of what has the focus, or nothing."""
    return str(page.evaluate("document.activeElement.getAttribute('name') ?? ''"))
