"""A value that is likelier a slip is remarked on while it is typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from screening.models import Edition
from tests.pages import NEW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NUMBER = "severe-liver-disease.transaminases-uln"


@pytest.mark.parametrize(
    ("typed", "is_shown"), [("240", True), ("50.1", True), ("50", False), ("3.5", False), ("", False), ("x", False)]
)
def test_a_number_beyond_50_times_the_limit_is_asked_about_at_once(
    page: Page, edition: Edition, typed: str, is_shown: bool
) -> None:
    page.goto(NEW)
    page.locator("input[name='severe-liver-disease'][value='yes']").check()
    page.locator(f"input[name='{NUMBER}']").fill("99")
    page.locator(f"input[name='{NUMBER}']").fill(typed)
    expect(page.get_by_text("Is this in U/L?")).to_be_visible(visible=is_shown)


@pytest.mark.parametrize(
    ("typed", "is_shown"),
    [("12 Apr 1901", True), ("1901-04-12", True), ("12 Apr 1961", False), ("12 Apr 19", False), ("", False)],
)
def test_a_birth_date_long_ago_is_remarked_on_at_once(
    page: Page, edition: Edition, typed: str, is_shown: bool
) -> None:
    page.goto(NEW)
    page.locator("input[name='birth_date']").fill(typed)
    expect(page.get_by_text("more than 110 years back")).to_be_visible(visible=is_shown)
