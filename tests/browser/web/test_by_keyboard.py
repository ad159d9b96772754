"""Work that is not on a screening form can be done by keyboard alone and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from screening.accounts.permissions import Role
from screening.clinical.text.dates import format_short_date
from screening.models import Edition, Review, User, Void
from tests.accounts import ACCOUNTS
from tests.browser.conftest import OpenContext
from tests.browser.screenings.test_keyboard import Keys
from tests.browser.steps import fields
from tests.drafts import DRAFT, started
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import address_of

pytestmark = [pytest.mark.browser, pytest.mark.look]

OpenPage = Callable[[User], Page]
FAR = 80
"""More than the stops of any of these pages."""


@pytest.fixture
def open_page(open_context: OpenContext) -> OpenPage:
    """Return a function that opens a tab without scripts in which a person is signed in."""
    return lambda person: open_context(person, java_script_enabled=False).new_page()


def follow(page: Page, name: str, role: str = "link") -> None:
    """Tab to a link or a button, press Enter and wait for the next page."""
    target = page.get_by_role("main").get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    Keys(page).tab_to(target, at_most=FAR)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def type_into(page: Page, name: str, text: str) -> None:
    """Tab to a text field and replace its text."""
    keys = Keys(page)
    keys.tab_to(fields(page, name), at_most=FAR)
    keys.press("Control+a")
    keys.type(text)


def test_a_clinician_searches_and_filters_the_list(open_page: OpenPage, clinician: User, edition: Edition) -> None:
    flagged = ScreeningFactory(taking_opioid=True)
    ScreeningFactory()
    page = open_page(clinician)
    page.goto("/screenings/")
    type_into(page, "q", "sample")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-screening]")).to_have_count(2)
    Keys(page).tab_to(fields(page, "outcome"), at_most=FAR)
    page.keyboard.type("Contra")
    follow(page, "Search", "button")
    expect(page.locator("tr[data-screening]")).to_have_count(1)
    follow(page, "Sample Patient")
    expect(page.locator("main")).to_have_attribute("data-screening", str(flagged.uuid))


def test_a_clinician_marks_a_record_as_entered_in_error(
    open_page: OpenPage, clinician: User, edition: Edition
) -> None:
    screening = ScreeningFactory(by=clinician, taking_opioid=True)
    page = open_page(clinician)
    page.goto(address_of(screening))
    follow(page, "Entered in error")
    type_into(page, "void_reason", "The wrong patient was chosen")
    type_into(page, "confirmation", screening.short_id)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_contain_text("VOID")
    assert Void.objects.get().screening == screening


def test_a_clinician_confirms_the_review_of_a_rule(open_page: OpenPage, clinician: User, edition: Edition) -> None:
    page = open_page(clinician)
    page.goto("/editions/1/")
    follow(page, "Confirm review")
    Keys(page).tab_to(fields(page, "rules").first, at_most=FAR)
    page.keyboard.press("Space")
    type_into(page, "next_review", format_short_date(timezone.localdate() + timedelta(days=90)))
    Keys(page).tab_to(fields(page, "confirmation"), at_most=FAR)
    page.keyboard.press("Space")
    follow(page, "Confirm the ticked rules", "button")
    assert Review.objects.count() == 1


def test_an_editor_changes_a_rule_and_an_approver_publishes_it(
    open_page: OpenPage, clinician: User, edition: Edition
) -> None:
    editor = UserFactory(role=Role.EDITOR)
    started(editor)
    page = open_page(editor)
    page.goto(DRAFT)
    follow(page, "Pregnancy")
    type_into(page, "why", "Another reason.")
    follow(page, "Save", "button")
    page.goto(DRAFT)
    follow(page, "Propose the draft")
    type_into(page, "change_note", "The reason is shorter.")
    follow(page, "Propose the draft", "button")

    page = open_page(UserFactory(role=Role.APPROVER))
    page.goto(DRAFT)
    follow(page, "Review and decide")
    follow(page, "Publish edition 2", "button")
    expect(page.get_by_role("heading", name="Rule edition 2")).to_be_visible()


def test_an_administrator_adds_an_account_and_disables_it(open_page: OpenPage, edition: Edition) -> None:
    page = open_page(UserFactory(role=Role.ADMINISTRATOR))
    page.goto(ACCOUNTS)
    follow(page, "Add account")
    type_into(page, "username", "jane.doe")
    type_into(page, "first_name", "Jane")
    type_into(page, "last_name", "Doe")
    Keys(page).tab_to(page.get_by_label("Clinician: may"), at_most=FAR)
    page.keyboard.press("Space")
    follow(page, "Save", "button")
    follow(page, "Go to the list of accounts")
    follow(page, "Jane Doe")
    Keys(page).tab_to(page.get_by_label("Active"), at_most=FAR)
    page.keyboard.press("Space")
    follow(page, "Save", "button")
    assert not User.objects.get(username="jane.doe").is_active
