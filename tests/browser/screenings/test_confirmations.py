"""Confirmations on the form are valid only for exactly what was asked."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from screening.accounts.permissions import Role
from screening.models import Edition, Screening, User, Void
from tests.browser.conftest import OpenContext
from tests.browser.steps import (
    as_typed,
    choice,
    fields,
    fill,
    open_filled,
    record,
    sign_in_through_the_page,
    sign_out,
    typed,
)
from tests.charts import record_two_charts
from tests.factories import PASSWORD, ScreeningFactory, UserFactory
from tests.pages import CLEAR_FORM

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def two_charts(edition: Edition) -> None:
    """DEMO-000A belongs to Person A, DEMO-000B to Person B."""
    record_two_charts()


def test_a_patient_confirmed_for_one_number_must_be_confirmed_again_for_another(page: Page, two_charts: None) -> None:
    unanswered = {name: value for name, value in CLEAR_FORM.items() if name != "pregnancy"}
    open_filled(page, unanswered, record_number="DEMO-000A")
    record(page)
    box = fields(page, "confirm_patient")
    expect(box).not_to_be_checked()
    box.press("Space")
    record(page)
    expect(box).to_be_checked()
    fill(page, {"record_number": "DEMO-000B"})
    choice(page, "pregnancy", "no").press("Space")
    record(page)
    expect(page.get_by_role("alert")).to_contain_text("DEMO-000B was last used for Person B")
    expect(box).not_to_be_checked()
    assert Screening.objects.count() == 2
    box.press("Space")
    record(page)
    expect(page.locator("main[data-outcome='none_identified']")).to_be_visible()
    assert Screening.objects.latest("pk").record_number == "DEMO-000B"


@pytest.fixture
def second(edition: Edition) -> User:
    """A second person of the clinic."""
    return UserFactory(username="second", first_name="Second", last_name="Person", role=Role.PRESCRIBER)


def change_person(context: BrowserContext) -> None:
    """Sign out and sign in as the second person, in another tab of the same browser."""
    tab = context.new_page()
    tab.goto("/screenings/")
    sign_out(tab)
    sign_in_through_the_page(tab, "second", PASSWORD)
    tab.wait_for_url("**/screenings/**")
    tab.close()


def test_a_takeover_must_be_confirmed_and_the_record_names_both_people(
    page: Page, context: BrowserContext, second: User
) -> None:
    open_filled(page)
    change_person(context)
    record(page)
    box = fields(page, "confirm_takeover")
    expect(box).not_to_be_checked()
    expect(page.get_by_label("I take this form over from Sample Clinician")).to_have_count(1)
    assert typed(page) == as_typed(CLEAR_FORM)
    record(page)
    expect(page.get_by_role("alert")).to_contain_text("This form was begun by Sample Clinician")
    assert Screening.objects.count() == 0
    box.press("Space")
    record(page)
    recorded = page.get_by_role("region", name="Recorded", exact=True)
    expect(recorded).to_contain_text("Second Person, prescriber")
    expect(recorded).to_contain_text("Form begun by Sample Clinician")


def test_a_takeover_must_be_confirmed_without_scripts_too(
    open_context: OpenContext, clinician: User, second: User
) -> None:
    context = open_context(clinician, java_script_enabled=False)
    page = context.new_page()
    open_filled(page)
    change_person(context)
    record(page)
    expect(fields(page, "confirm_takeover")).not_to_be_checked()
    assert Screening.objects.count() == 0


def test_another_form_sent_by_another_person_says_who_is_signed_in(
    page: Page, context: BrowserContext, clinician: User, second: User
) -> None:
    screening = ScreeningFactory(by=clinician)
    page.goto(f"/screenings/{screening.uuid}/void/")
    fill(page, {"void_reason": "Wrong patient", "confirmation": screening.short_id})
    change_person(context)
    with page.expect_navigation():
        page.get_by_role("button", name="Mark as entered in error").click()
    expect(page.get_by_role("main")).to_contain_text("You are signed in as Second Person, prescriber")
    assert Void.objects.count() == 0
    with page.expect_navigation():
        page.get_by_role("button", name="Send the form again").click()
    assert Void.objects.get().by == second
