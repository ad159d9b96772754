"""An auditor reads the safety page by keyboard, without scripts, on a phone and on paper."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from screening.accounts.permissions import Role
from screening.clinical.rules.deciding import DecisionCode
from screening.models import Edition, User
from tests.browser.access import PHONE
from tests.browser.conftest import OpenContext
from tests.browser.screenings.test_keyboard import Keys
from tests.browser.steps import fields
from tests.decisions import decided
from tests.factories import CURRENT_OPIOID, NALTREXONE, ScreeningFactory, UserFactory
from tests.safety import SAFETY

pytestmark = [pytest.mark.browser, pytest.mark.look]


@pytest.fixture
def page(open_context: OpenContext, auditor: User) -> Page:
    """A tab in which the auditor is signed in."""
    return open_context(auditor).new_page()


@pytest.fixture
def records(edition: Edition) -> None:
    """Screenings with flags, unknown answers, decisions, and an old flag without one."""
    by = UserFactory(role=Role.PRESCRIBER)
    decided(ScreeningFactory(taking_opioid=True), DecisionCode.PRESCRIBE, by=by)
    decided(ScreeningFactory(all_flagged=True), by=by)
    ScreeningFactory(taking_opioid=True, at=datetime.now(UTC) - timedelta(days=20))
    for traits in ({"liver_not_known": True}, {"listed": CURRENT_OPIOID}, {"listed": NALTREXONE}, {"voided": True}):
        ScreeningFactory(**traits)


def test_an_auditor_selects_a_period_by_keyboard_alone(page: Page, records: None) -> None:
    page.goto(SAFETY)
    keys = Keys(page)
    keys.tab_to(fields(page, "edition"), at_most=20)
    keys.press("Tab", "Tab")
    keys.type("1 Jan 2020")
    keys.press("Enter")
    page.wait_for_url("**to=1+Jan+2020")
    expect(page.get_by_role("heading", name="No screening to count")).to_be_visible()
    expect(fields(page, "to")).to_have_value("1 Jan 2020")


def test_the_page_works_without_scripts(open_context: OpenContext, auditor: User, records: None) -> None:
    page = open_context(auditor, java_script_enabled=False).new_page()
    page.goto(SAFETY)
    expect(page.get_by_role("img", name="Findings by rule")).to_be_visible()
    fields(page, "edition").select_option("1")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**edition=1*")
    expect(page.get_by_text("Edition 1, all days.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename == "safety-rules-edition-1.csv"


def test_on_a_phone_a_chart_scrolls_by_keyboard_and_its_text_stays_readable(page: Page, records: None) -> None:
    page.set_viewport_size(PHONE)
    page.goto(SAFETY)
    chart = page.get_by_role("group", name="Chart: findings by rule")
    chart.focus()
    chart.press("ArrowRight")
    page.wait_for_function("chart => chart.scrollLeft > 0", arg=chart.element_handle())
    heights = page.locator(".chart text").evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
    assert min(heights) > 11


def test_each_part_of_a_chart_is_drawn_inside_it_and_differs_by_pattern(page: Page, records: None) -> None:
    page.goto(SAFETY)
    overflow = """chart => [...chart.querySelectorAll("text, rect.part, rect.bar, rect.bar-open")].filter(each => {
      const box = each.getBoundingClientRect(), all = chart.getBoundingClientRect();
      return Math.min(box.left - all.left, all.right - box.right, box.top - all.top, all.bottom - box.bottom) < -1;
    }).length"""
    assert [each.evaluate(overflow) for each in page.locator("svg.chart").all()] == [0, 0]
    fill = "each => getComputedStyle(each).fill"
    fills = {
        kind: page.locator(f".part.{kind}").first.evaluate(fill) for kind in ("flagged", "unknown", "no", "none")
    }
    assert len(set(fills.values())) == 4
    assert ("#hatch" in fills["unknown"], "#dots" in fills["none"]) == (True, True)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_print_is_two_sheets_without_buttons(page: Page, records: None, tmp_path: Path, paper: str) -> None:
    page.goto(SAFETY)
    path = tmp_path / "safety.pdf"
    page.pdf(path=path, format=paper, margin={"top": "12mm", "right": "12mm", "bottom": "12mm", "left": "12mm"})
    with pikepdf.open(path) as printed:
        assert len(printed.pages) == 2
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(page.get_by_role("link", name="Download as CSV")).to_be_hidden()
