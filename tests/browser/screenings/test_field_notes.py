"""Notes on unlikely values appear while the value is entered."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.pages import NEW

pytestmark = [pytest.mark.browser, pytest.mark.look]

NUMBER = "severe-liver-disease.transaminases-uln"


def test_a_number_above_50_times_the_limit_shows_its_note_at_once(page: Page) -> None:
    page.goto(NEW)
    page.locator("input[name='severe-liver-disease'][value='yes']").check()
    number, note = page.locator(f"input[name='{NUMBER}']"), page.get_by_text("Is this in U/L?")
    expect(note).to_be_hidden()
    for entered, is_shown in (
        ("240", True),
        ("3.5", False),
        ("50.1", True),
        ("50", False),
        ("99", True),
        ("x", False),
    ):
        number.fill(entered)
        expect(note).to_be_visible(visible=is_shown)
    number.fill("99")
    number.fill("")
    expect(note).to_be_hidden()


def test_a_birth_date_long_ago_shows_its_note_at_once(page: Page) -> None:
    page.goto(NEW)
    born, note = page.locator("input[name='birth_date']"), page.get_by_text("more than 110 years ago")
    expect(note).to_be_hidden()
    for entered, is_shown in (
        ("12 Apr 1901", True),
        ("12 Apr 1961", False),
        ("1901-04-12", True),
        ("12 Apr 19", False),
        ("12 Apr 1901", True),
        ("", False),
    ):
        born.fill(entered)
        expect(note).to_be_visible(visible=is_shown)
