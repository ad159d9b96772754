"""Copying the summary as text, to paste into a chart."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from screening.models import Edition, Screening, User
from tests.browser.conftest import OpenContext
from tests.factories import ScreeningFactory
from tests.pages import address_of

pytestmark = [pytest.mark.browser, pytest.mark.look]

CLIPBOARD = ["clipboard-read", "clipboard-write"]
NO_ACCESS = "navigator.clipboard.writeText = () => Promise.reject(new Error('no access'))"
COPIED = "Copied. Paste it into the chart."


@pytest.fixture
def screening(edition: Edition) -> Screening:
    """A record with a flag."""
    return ScreeningFactory(taking_opioid=True)


@pytest.fixture
def context(open_context: OpenContext, clinician: User) -> BrowserContext:
    """A browser context whose pages may use the clipboard."""
    return open_context(clinician, permissions=CLIPBOARD)


def copy(page: Page) -> None:
    page.get_by_role("link", name="Copy as text").click()


def pasted(page: Page) -> str:
    """Paste into a text area, because pages may not read the clipboard."""
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'pasted'}))")
    page.locator("#pasted").focus()
    page.keyboard.press("Control+V")
    return page.locator("#pasted").input_value()


def without_time(text: str) -> str:
    """Remove the time of printing."""
    return re.sub(r"Printed .*? UTC", "Printed", " ".join(text.split()))


def test_copy_as_text_copies_the_plain_text(page: Page, screening: Screening) -> None:
    page.goto(address_of(screening))
    copy(page)
    expect(page.get_by_role("status").filter(has_text=COPIED)).to_be_visible()
    copied = pasted(page)
    text = page.request.get(address_of(screening, "summary.txt")).text()
    assert without_time(copied) == without_time(text)
    assert copied.startswith("LDN contraindication screen. A prescriber must decide.\n\nPatient: Sample Patient\n")


def test_copy_as_plain_ascii_copies_the_ascii_text(page: Page, screening: Screening) -> None:
    page.goto(address_of(screening))
    page.get_by_role("link", name="Copy as plain ASCII").click()
    expect(page.get_by_role("status").filter(has_text=COPIED)).to_be_visible()
    copied = pasted(page)
    text = page.request.get(address_of(screening, "summary.txt?charset=ascii")).text()
    assert copied.isascii()
    assert without_time(copied) == without_time(text)


def test_copying_stays_on_the_result(page: Page, screening: Screening) -> None:
    page.goto(address_of(screening))
    copy(page)
    expect(page.get_by_role("status").filter(has_text=COPIED)).to_be_visible()
    expect(page.locator("main[data-outcome]")).to_be_visible()


def test_before_copying_there_is_no_message(page: Page, screening: Screening) -> None:
    page.goto(address_of(screening))
    expect(page.locator("[data-copied]")).to_have_text("")


def test_the_text_can_be_copied_by_keyboard(page: Page, screening: Screening) -> None:
    page.goto(address_of(screening))
    page.get_by_role("link", name="Copy as text").press("Enter")
    expect(page.get_by_role("status").filter(has_text=COPIED)).to_be_visible()


def test_the_watermark_is_copied_too(page: Page, edition: Edition) -> None:
    page.goto(address_of(ScreeningFactory(superseded=True)))
    copy(page)
    expect(page.get_by_role("status").filter(has_text=COPIED)).to_be_visible()
    assert "*** SUPERSEDED ***" in pasted(page)


def test_without_access_to_the_clipboard_the_text_is_opened(page: Page, screening: Screening) -> None:
    page.add_init_script(NO_ACCESS)
    page.goto(address_of(screening))
    copy(page)
    page.wait_for_url("**/summary.txt")
    expect(page.locator("body")).to_contain_text("Patient: Sample Patient")


def test_after_the_sign_in_ended_nothing_is_copied_and_the_sign_in_page_opens(
    page: Page, context: BrowserContext, screening: Screening
) -> None:
    page.goto(address_of(screening))
    page.evaluate("navigator.clipboard.writeText('the earlier content')")
    context.clear_cookies()
    copy(page)
    page.wait_for_url(re.compile("/accounts/login/"))
    assert pasted(page) == "the earlier content"


def test_without_scripts_the_text_is_opened(open_context: OpenContext, clinician: User, screening: Screening) -> None:
    page = open_context(clinician, java_script_enabled=False).new_page()
    page.goto(address_of(screening))
    copy(page)
    expect(page.locator("body")).to_contain_text("Patient: Sample Patient")
    assert page.url.endswith(address_of(screening, "summary.txt"))
