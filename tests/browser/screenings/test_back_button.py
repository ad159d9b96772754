"""The Back button: it shows a submitted form again, and nothing after signing out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from screening.models import Edition, Screening
from tests import needs
from tests.browser.steps import as_typed, choice, fields, go_back, open_filled, record_button, sign_out, typed
from tests.factories import ScreeningFactory
from tests.pages import NEW, OPIOID_FORM

pytestmark = pytest.mark.browser

RESULT = "**/screenings/*-*/"


@pytest.fixture
def browser(start: Callable[[str | None], Browser]) -> Browser:
    """The full browser: the headless shell has no cache for its Back button."""
    return start(needs.chromium())


def allow_back_cache(route: Route) -> None:
    """Remove Cache-Control, as if the browser ignored it and cached the page for its Back button."""
    response = route.fetch(max_redirects=0)
    headers = {name: value for name, value in response.headers.items() if name != "cache-control"}
    route.fulfill(response=response, headers=headers)


def test_another_answer_after_going_back_is_not_stored_and_the_entries_are_kept(page: Page) -> None:
    page.route(f"**{NEW}", allow_back_cache)
    open_filled(page, OPIOID_FORM)
    record_button(page).click()
    page.wait_for_url(RESULT)
    go_back(page)
    assert typed(page) == as_typed(OPIOID_FORM)
    choice(page, "pregnancy", "unknown").check()
    record_button(page).click()
    expect(page.get_by_role("alert", name="This form was already recorded with other answers")).to_be_focused()
    assert typed(page) == as_typed(OPIOID_FORM | {"pregnancy": "unknown"})
    assert Screening.objects.count() == 1


def test_the_same_answers_after_going_back_lead_to_the_same_record(page: Page) -> None:
    page.route(f"**{NEW}", allow_back_cache)
    open_filled(page)
    record_button(page).click()
    page.wait_for_url(RESULT)
    address = page.url
    go_back(page)
    record_button(page).click()
    page.wait_for_url(RESULT)
    assert page.url == address
    assert Screening.objects.count() == 1


def test_after_signing_out_the_back_button_shows_no_patient(page: Page, edition: Edition) -> None:
    screening = ScreeningFactory()
    addresses = ["/screenings/", f"/screenings/{screening.uuid}/", f"/screenings/{screening.uuid}/print/"]
    for address in addresses:
        page.goto(address)
        expect(page.locator("body")).to_contain_text(screening.patient_name)
    page.goto("/editions/")
    sign_out(page)
    go_back(page)
    for _ in addresses:
        go_back(page)
        expect(page.locator("body")).not_to_contain_text(screening.patient_name)


def test_after_signing_out_the_back_button_shows_no_entries(page: Page) -> None:
    open_filled(page)
    sign_out(page)
    go_back(page)
    expect(fields(page, "patient_name")).to_have_count(0)
