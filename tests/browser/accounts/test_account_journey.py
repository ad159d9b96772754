"""From adding an account to ending its access, in the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from screening.accounts.permissions import Role
from screening.models import Screening, User
from tests.accounts import ACCOUNTS, ADD, NEW_PASSWORD, page_of
from tests.browser.conftest import OpenContext
from tests.browser.steps import LOGIN, answer_all, open_filled, record, sign_in_through_the_page
from tests.factories import UserFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def administrator(edition: object) -> User:
    """An administrator."""
    return UserFactory(role=Role.ADMINISTRATOR, username="admin")


@pytest.fixture
def admin(open_context: OpenContext, administrator: User) -> Page:
    """A tab of the administrator."""
    return open_context(administrator).new_page()


def add_jane(admin: Page) -> str:
    """Add a clinician and return the link to set the password."""
    admin.goto("/")
    admin.get_by_role("link", name="Add account").first.click()
    admin.get_by_label("Username").fill("jane.doe")
    admin.get_by_label("First name").fill("Jane")
    admin.get_by_label("Last name").fill("Doe")
    admin.get_by_label("Clinician: may").check()
    admin.get_by_role("button", name="Save", exact=True).click()
    return admin.get_by_label("Link", exact=True).input_value()


def set_password(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("New password again").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set password").click()
    page.get_by_role("heading", name="Your password is set").wait_for()


def test_a_new_clinician_sets_a_password_screens_and_is_disabled(open_context: OpenContext, admin: Page) -> None:
    link = add_jane(admin)
    jane = open_context().new_page()
    set_password(jane, link)
    jane.get_by_role("link", name="Go to the sign-in page").click()
    sign_in_through_the_page(jane, "jane.doe", NEW_PASSWORD)
    open_filled(jane)
    answer_all(jane, "no")
    record(jane)
    assert Screening.objects.get().screened_by.username == "jane.doe"

    admin.goto(ACCOUNTS)
    admin.get_by_role("link", name="Jane Doe").click()
    admin.get_by_label("Active").uncheck()
    admin.get_by_role("button", name="Save", exact=True).click()
    admin.get_by_text("was changed successfully").wait_for()
    jane.reload()
    assert LOGIN in jane.url
    sign_in_through_the_page(jane, "jane.doe", NEW_PASSWORD)
    jane.get_by_role("alert").wait_for()


def test_a_reload_of_the_page_of_the_link_adds_no_account(admin: Page) -> None:
    add_jane(admin)
    admin.reload()
    expect(admin.get_by_text("There is already an account with this user name.")).to_be_visible()
    assert User.objects.filter(username="jane.doe").count() == 1


def test_a_forgotten_password_is_replaced(open_context: OpenContext, admin: Page, clinician: User) -> None:
    admin.goto(page_of(clinician))
    admin.get_by_role("button", name="New link to set the password").click()
    page = open_context().new_page()
    set_password(page, admin.get_by_label("Link", exact=True).input_value())
    page.goto(LOGIN)
    sign_in_through_the_page(page, "clinician", NEW_PASSWORD)
    expect(page.get_by_role("heading", name="Screenings")).to_be_visible()
    clinician.refresh_from_db()
    assert clinician.check_password(NEW_PASSWORD)


def test_all_sessions_are_ended_by_a_button(open_context: OpenContext, admin: Page, clinician: User) -> None:
    page = open_context(clinician).new_page()
    page.goto("/screenings/")
    admin.goto(page_of(clinician))
    admin.get_by_role("button", name="End all sessions").click()
    admin.get_by_text("Sessions ended: 1.").wait_for()
    page.reload()
    assert LOGIN in page.url


@pytest.mark.look
def test_the_pages_of_the_admin_work_under_the_content_security_policy(admin: Page, clinician: User) -> None:
    for address in ("/admin/", ACCOUNTS, ADD, page_of(clinician), page_of(clinician, "history/")):
        admin.goto(address)
        assert admin.locator("#site-name").is_visible()
    admin.goto("/admin/password_change/")
    admin.goto(f"{ACCOUNTS}?q=clin&role=clinician&is_active__exact=1")
    assert admin.locator("#result_list tbody tr").count() == 1
