"""The watch over the pages notices what it is there for; without this, nothing else here could fail by it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Watch

pytestmark = pytest.mark.browser

BREAKAGES = {
    "a script written into the page": "document.body.append(Object.assign(document.createElement('script'), {text: ';'}))",
    "a style written into the page": "document.body.setAttribute('style', 'color: red')",
    "an exception in a script": "setTimeout(() => { throw new Error('broken') })",
    "a file that is missing": "document.body.append(Object.assign(new Image(), {src: '/static/none.png'}))",
    "a file from elsewhere": "document.body.append(Object.assign(new Image(), {src: 'http://[::1]:9/none.png'}))",
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_the_watch_notices(page: Page, watch: Watch, breakage: str) -> None:
    page.goto("/screenings/")
    page.evaluate(BREAKAGES[breakage])
    page.wait_for_timeout(100)
    assert watch.faults
    watch.faults.clear()


def test_a_page_that_answers_404_is_no_fault_by_itself(page: Page, watch: Watch) -> None:
    page.goto("/nowhere/")
    assert watch.faults == []
