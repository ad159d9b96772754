"""Steps of a user on a page, by stable field names and labels."""

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

HIDDEN_FIELDS = ["csrfmiddlewaretoken", "form_ticket", "form_owner"]
IS_ANOTHER_PAGE = "before => performance.timeOrigin !== before && document.readyState === 'complete'"
FORM_DATA = """hidden => {
  const data = {};
  const form = document.querySelector("[data-screening-form]");
  for (const [name, value] of new FormData(form)) {
    if (!hidden.includes(name) && value !== "") (data[name] ??= []).push(value);
  }
  return data;
}"""


# Signing in and out -------------------------------------------------------------------------------------------


def sign_in_through_the_page(page: Page, username: str, password: str = PASSWORD) -> None:
    """Fill in user name and password, submit and wait for the next page."""
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    """Use the sign-out button of the page header."""
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"**{LOGIN}*")


# The form -----------------------------------------------------------------------------------------------------


def fields(page: Page, name: str) -> Locator:
    """Return the controls of a field."""
    return page.locator(f'[name="{name}"]')


def choice(page: Page, name: str, value: str) -> Locator:
    """Return one choice of a field."""
    return page.locator(f'[name="{name}"][value="{value}"]')


def rule(page: Page, link_id: str) -> Locator:
    """Return the part of the page about a rule."""
    return page.locator(f'main [data-rule="{link_id}"]')


def fill(page: Page, form: Mapping[str, str | Sequence[str]]) -> None:
    """Fill in fields of any kind, by name."""
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
    """Select an answer for every question that has it."""
    for link_id in rules:
        offered = choice(page, link_id, answer)
        if offered.count():
            offered.press("Space")


def open_filled(page: Page, form: Mapping[str, Any] = CLEAR_FORM, **changes: Any) -> None:
    """Open a new form and fill it in."""
    page.goto(NEW)
    fill(page, {**form, **changes})


def record_button(page: Page) -> Locator:
    """Return the submit button of the form."""
    return page.get_by_role("button", name="Record and show result")


def record(page: Page) -> None:
    """Submit the form and wait for the next page."""
    with page.expect_navigation():
        record_button(page).click()


def entered(page: Page) -> dict[str, list[str]]:
    """Return the data that the form would submit now, without hidden fields."""
    found: dict[str, list[str]] = page.evaluate(FORM_DATA, HIDDEN_FIELDS)
    return found


def as_entered(form: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return form data in the form of ``entered``, for comparison."""
    return {name: [value] if isinstance(value, str) else list(value) for name, value in form.items()}


def go_back(page: Page) -> None:
    """Use the browser's Back button, which may show the page from its cache."""
    before = page.evaluate("performance.timeOrigin")
    page.evaluate("history.back()")
    page.wait_for_function(IS_ANOTHER_PAGE, arg=before)


# Focus --------------------------------------------------------------------------------------------------------


def focused(page: Page) -> Locator:
    """Return the focused element."""
    return page.locator(":focus")


def focused_name(page: Page) -> str:
    """Return the field name of the focused element, or an empty text."""
    return str(page.evaluate("document.activeElement.getAttribute('name') ?? ''"))
