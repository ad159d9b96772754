"""A prescriber decides by keyboard, without scripts and on a phone, and prints the result."""

from __future__ import annotations

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from screening.accounts.permissions import Role
from screening.clinical.rules.deciding import DecisionCode
from screening.models import Decision, Edition, Screening, User
from tests.browser.conftest import OpenContext
from tests.browser.screenings.test_keyboard import Keys
from tests.browser.steps import choice, fields
from tests.decisions import WORKLIST, decided, decision_page
from tests.factories import NOT_KNOWN, TRAMADOL, ScreeningFactory, UserFactory
from tests.pages import address_of

pytestmark = [pytest.mark.browser, pytest.mark.look]


@pytest.fixture
def prescriber(edition: Edition) -> User:
    """A prescriber."""
    return UserFactory(role=Role.PRESCRIBER, username="prescriber")


@pytest.fixture
def page(open_context: OpenContext, prescriber: User) -> Page:
    """A tab in which the prescriber is signed in."""
    return open_context(prescriber).new_page()


@pytest.fixture
def without_scripts(open_context: OpenContext, prescriber: User) -> Page:
    """A tab without scripts in which the prescriber is signed in."""
    return open_context(prescriber, java_script_enabled=False).new_page()


@pytest.fixture
def screening(edition: Edition) -> Screening:
    """One contraindicated flag and one unresolved answer."""
    return ScreeningFactory(given={"opioid-use": TRAMADOL, "severe-liver-disease": NOT_KNOWN})


def send(page: Page) -> None:
    """Submit the decision."""
    with page.expect_navigation():
        page.get_by_role("button", name="Record decision").click()


def test_a_prescriber_decides_on_the_oldest_by_keyboard_alone(page: Page, screening: Screening) -> None:
    page.goto(WORKLIST)
    keys = Keys(page)
    keys.tab_to(page.get_by_role("link", name="Decide on the oldest"))
    keys.press("Enter")
    page.wait_for_url(f"**{decision_page(screening)}")
    keys.tab_to(choice(page, "opioid-use.reason", "followed"), at_most=20)
    keys.press("Space", "Tab")
    keys.type("Opioid prescriber called")
    keys.press("Tab", "Space", "ArrowDown", "ArrowDown", "Tab", "Tab")
    expect(choice(page, "severe-liver-disease.reason", "need-more-info")).to_be_checked()
    expect(choice(page, "decision", "prescribe")).to_be_focused()
    keys.press("ArrowUp")
    expect(choice(page, "decision", "refer")).to_be_checked()
    keys.press("Enter")
    page.wait_for_url(f"**{address_of(screening)}")
    expect(page.locator("main")).to_have_attribute("data-decision", "refer")
    expect(page.get_by_text("Followed: the next step will be done. Opioid prescriber called.")).to_be_visible()


def test_a_prescriber_decides_without_scripts(without_scripts: Page, screening: Screening) -> None:
    page = without_scripts
    page.goto(decision_page(screening))
    choice(page, "opioid-use.reason", "expert-contradicts").check()
    choice(page, "severe-liver-disease.reason", "other").check()
    fields(page, "severe-liver-disease.reason-text").fill("Panel of last week is normal")
    choice(page, "decision", "prescribe").check()
    expect(fields(page, "override_confirmation")).to_be_visible()
    fields(page, "override_confirmation").fill(screening.short_id)
    fields(page, "decided_dose_mg").fill("1.5")
    send(page)
    expect(page.locator("main")).to_have_attribute("data-decision", "prescribe")
    assert Decision.objects.get().overrides


def test_a_choice_opens_what_belongs_to_it(page: Page, screening: Screening) -> None:
    page.goto(decision_page(screening))
    expect(fields(page, "override_confirmation")).to_be_hidden()
    choice(page, "decision", "defer").check()
    expect(fields(page, "defer_until")).to_be_visible()
    choice(page, "decision", "prescribe").check()
    expect(fields(page, "defer_until")).to_be_hidden()
    expect(page.get_by_text("You would prescribe despite")).to_be_visible()


def test_a_missing_reason_is_focused_and_nothing_entered_is_lost(page: Page, screening: Screening) -> None:
    page.goto(decision_page(screening))
    choice(page, "opioid-use.reason", "followed").check()
    fields(page, "opioid-use.reason-text").fill("Opioid prescriber called")
    choice(page, "decision", "refer").check()
    send(page)
    expect(page.locator(":focus")).to_contain_text("There is a problem")
    page.get_by_role("link", name="Severe liver disease: Choose a reason").click()
    expect(choice(page, "severe-liver-disease.reason", "followed")).to_be_focused()
    expect(fields(page, "opioid-use.reason-text")).to_have_value("Opioid prescriber called")


def test_two_tabs_give_one_decision_and_a_conflict(page: Page, screening: Screening) -> None:
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(decision_page(screening))
        choice(tab, "opioid-use.reason", "followed").check()
        choice(tab, "severe-liver-disease.reason", "followed").check()
    choice(page, "decision", "refer").check()
    choice(other, "decision", "do-not-prescribe").check()
    send(page)
    send(other)
    expect(other.get_by_text("decided while this page was open")).to_be_visible()
    expect(choice(other, "decision", "do-not-prescribe")).to_be_checked()
    send(other)
    expect(other.get_by_text("Latest of 2 decisions")).to_be_visible()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_print_with_a_decision_on_one_flag_is_one_sheet(
    page: Page, prescriber: User, tmp_path: object, paper: str
) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    decided(screening, DecisionCode.DEFER, by=prescriber)
    page.goto(address_of(screening, "print/"))
    path = f"{tmp_path}/print.pdf"
    page.pdf(path=path, format=paper, prefer_css_page_size=False)
    with pikepdf.open(path) as printed:
        assert len(printed.pages) == 1
