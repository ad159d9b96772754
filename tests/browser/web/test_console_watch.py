"""The watch over the pages notices what it is there for; without this, nothing else here could fail by it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Watch

pytestmark = [pytest.mark.browser, pytest.mark.look]

BREAKAGES = {
    "a script written into the page": "document.body.setAttribute('onclick', '1')",
    "a style written into the page": "document.body.setAttribute('style', 'color: red')",
    "an exception in a script": "setTimeout(() => { throw new Error('broken') })",
    "a file that is missing": "document.body.append(Object.assign(new Image(), {src: '/static/none.png'}))",
    "a file from elsewhere": "document.body.append(Object.assign(new Image(), {src: 'http://[::1]:9/none.png'}))",
}


def test_the_watch_notices_each_way_in_which_a_page_breaks(page: Page, watch: Watch) -> None:
    page.goto("/screenings/")
    unnoticed = []
    for breakage, script in BREAKAGES.items():
        page.evaluate(script)
        page.wait_for_timeout(200)
        if not watch.faults:
            unnoticed.append(breakage)
        watch.faults.clear()
    assert unnoticed == []


def test_a_page_that_answers_404_is_no_fault_by_itself(page: Page, watch: Watch) -> None:
    page.goto("/nowhere/")
    assert watch.faults == []
