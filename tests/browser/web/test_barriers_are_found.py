"""The checks of accessibility detect each kind of barrier."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from screening.models import Edition
from tests.browser.access import SCRIPT, TARGET_PX, ZOOMED, barriers
from tests.pages import NEW

pytestmark = [pytest.mark.browser, pytest.mark.look]

STYLED = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""
HIDES_FOCUS = ":focus-visible, .form-check:has(:focus-visible) { outline: 0 !important }"
BY_STYLE = {
    "tooSmall": ".submit-bar .btn { min-height: 30px !important; padding: 0 !important }",
    "cutOff": "h1 { width: 50px; overflow: hidden; white-space: nowrap }",
    "sideways": "h1 { width: 500px }",
    "inTheWay": ".masthead { position: sticky; top: 0; height: 150px }",
    "overlaps": ".page-head p { margin-top: -2.2rem }",
    "faint": "input { border-color: #ddd !important }",
    "lostBySpacing": ".page-head { height: 4.5rem; overflow: hidden }",
    "lostInForcedColours": ".btn { border: 0 !important }",
    "ringFaults": HIDES_FOCUS,
    "covered": ".submit-bar { position: fixed !important; z-index: 9; inset: 0 }",
    "moving": "@keyframes move { to { margin-left: 1rem } } h1 { animation: move 9s }",
}
BY_SCRIPT = {
    "deadLinks": "document.querySelector('.skip').setAttribute('href', '#nowhere')",
    "choicesWithoutLegend": "document.querySelector('.rule legend').remove()",
    "silentErrors": "document.querySelector('[name=patient_name]').setAttribute('aria-invalid', 'true')",
    "notFocused": "document.querySelector('[name=patient_name]').toggleAttribute('autofocus')",
    "outOfOrder": "document.querySelector('[name=birth_date]').tabIndex = 1",
}


def found(page: Page, check: str) -> bool:
    """Run a check after pressing Tab, for the order through the whole page."""
    page.evaluate(SCRIPT)
    stops = page.evaluate("barriers.watchTab()")
    for _ in range(stops if check == "outOfOrder" else 1):
        page.keyboard.press("Tab")
    return bool(page.evaluate(f"least => barriers.{check}(least)", TARGET_PX))


def test_each_check_detects_its_barrier(page: Page, edition: Edition) -> None:
    page.set_viewport_size(ZOOMED)
    undetected = []
    for check in (*BY_STYLE, *BY_SCRIPT):
        page.goto(NEW)
        page.emulate_media(forced_colors="active" if check == "lostInForcedColours" else "none")
        page.evaluate(STYLED, BY_STYLE.get(check, ""))
        page.evaluate(BY_SCRIPT.get(check, "0"))
        if not found(page, check):
            undetected.append(check)
    assert undetected == []


def test_an_element_that_only_small_windows_show_is_named(page: Page, edition: Edition) -> None:
    page.goto(NEW)
    page.evaluate(STYLED, "@media (min-width: 40rem) { h1 { display: none } }")
    (shown,) = barriers(page)["shown when zoomed only"]
    assert shown.startswith("<h1")


def test_axe_detects_low_contrast_and_a_missing_label(page: Page, edition: Edition) -> None:
    page.goto(NEW)
    page.evaluate(Axe().axe_script)
    page.evaluate(STYLED, "h1 { color: #aaa }")
    page.evaluate("document.querySelector('[name=birth_date]').labels[0].remove()")
    assert {each.split(":")[0] for each in barriers(page)["desktop"]} >= {"color-contrast", "label"}
