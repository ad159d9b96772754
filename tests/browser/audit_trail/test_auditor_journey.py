"""An auditor follows a record and a person through the audit trail: by keyboard, without scripts and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from screening.accounts.permissions import Role
from screening.audit_trail.events import PAGE_SIZE
from screening.models import Edition, Screening, User
from tests.audit import happened
from tests.browser.access import PHONE
from tests.browser.conftest import OpenContext
from tests.browser.screenings.test_keyboard import Keys
from tests.browser.steps import LOGIN, fields, sign_in_through_the_page
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import address_of
from tests.trail import TRAIL

pytestmark = [pytest.mark.browser, pytest.mark.look]


@pytest.fixture
def page(open_context: OpenContext, auditor: User) -> Page:
    """A tab in which the auditor is signed in."""
    return open_context(auditor).new_page()


@pytest.fixture
def screening(clinician: User, edition: Edition, client_of: Callable[[User], Client]) -> Screening:
    """A record that its clinician and a prescriber looked at, and an editor was refused."""
    screening = ScreeningFactory(by=clinician, taking_opioid=True)
    prescriber = UserFactory(role=Role.PRESCRIBER, username="prescriber")
    for person, page in ((clinician, ""), (prescriber, "decision/"), (prescriber, "summary.pdf")):
        assert client_of(person).get(address_of(screening, page)).status_code == 200
    editor = client_of(UserFactory(role=Role.EDITOR, username="editor"))
    assert editor.get(address_of(screening)).status_code == 403
    return screening


def show(page: Page, **filters: str) -> None:
    """Fill in filters and press the button."""
    for name, value in filters.items():
        fields(page, name).fill(value)
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_auditor_finds_who_looked_at_a_record(
    open_context: OpenContext, auditor: User, screening: Screening, tmp_path: Path, scripts: bool
) -> None:
    page = open_context(java_script_enabled=scripts).new_page()
    page.goto(LOGIN)
    sign_in_through_the_page(page, "auditor")
    page.get_by_role("link", name="Audit trail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit trail")
    show(page, record=screening.short_id)
    expect(page.locator("[data-event='access.refused']")).to_contain_text("Access refused: result")
    show(page, person="prescriber")
    expect(page.locator("[data-event]")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    path = tmp_path / "events.csv"
    download.value.save_as(path)
    assert download.value.suggested_filename == "audit-events.csv"
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3
    page.get_by_role("link", name=screening.short_id).first.click()
    expect(page.locator("main")).to_have_attribute("data-screening", str(screening.uuid))
    page.get_by_role("link", name="Who looked at this record").click()
    expect(page.locator("caption")).to_have_text(re.compile("^4 looks by 3 people"))
    expect(page.locator("[data-event]").nth(1)).to_contain_text("PDF")


def test_an_auditor_filters_by_keyboard_alone(page: Page, screening: Screening) -> None:
    page.goto(TRAIL)
    keys = Keys(page)
    keys.tab_to(fields(page, "person"))
    keys.type("editor")
    with page.expect_navigation():
        keys.press("Enter")
    expect(page.locator("[data-event]")).to_have_count(2)  # the sign-in, and the refusal
    keys.tab_to(page.get_by_role("link", name="Download as CSV"))
    keys.tab_to(page.get_by_role("link", name=screening.short_id))
    keys.press("Enter")
    page.wait_for_url(f"**{address_of(screening)}")


def test_older_events_are_a_page_away(page: Page) -> None:
    happened(PAGE_SIZE + 1)
    page.goto(f"{TRAIL}?action=screening.read")
    page.get_by_role("link", name="Older events").click()
    expect(page.locator("[data-event]")).to_have_count(1)
    expect(fields(page, "action")).to_have_value("screening.read")


def test_the_printed_trail_is_a_table_without_filters_and_buttons(page: Page, screening: Screening) -> None:
    page.set_viewport_size(PHONE)
    page.goto(TRAIL)
    page.emulate_media(media="print")
    expect(page.locator(".filters")).to_be_hidden()
    expect(page.get_by_text("Download as CSV")).to_be_hidden()
    assert page.locator("[data-event]").first.evaluate("each => getComputedStyle(each).display") == "table-row"
