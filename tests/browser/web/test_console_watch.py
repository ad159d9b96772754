"""The watch for errors in pages detects each kind of error."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Watch

pytestmark = [pytest.mark.browser, pytest.mark.look]

BREAKAGES = {
    "an inline script": "document.body.setAttribute('onclick', '1')",
    "an inline style": "document.body.setAttribute('style', 'color: red')",
    "an exception in a script": "setTimeout(() => { throw new Error('broken') })",
    "a missing file": "document.body.append(Object.assign(new Image(), {src: '/static/none.png'}))",
    "a file from another host": "document.body.append(Object.assign(new Image(), {src: 'http://[::1]:9/none.png'}))",
}


def test_the_watch_detects_each_kind_of_error(page: Page, watch: Watch) -> None:
    page.goto("/screenings/")
    undetected = []
    for breakage, script in BREAKAGES.items():
        page.evaluate(script)
        page.wait_for_timeout(200)
        if not watch.faults:
            undetected.append(breakage)
        watch.faults.clear()
    assert undetected == []


def test_a_page_that_responds_404_is_not_an_error(page: Page, watch: Watch) -> None:
    page.goto("/nowhere/")
    assert watch.faults == []
