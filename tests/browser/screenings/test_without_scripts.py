"""Everything works without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from screening.models import Edition, Screening, User
from tests.browser.conftest import OpenContext
from tests.browser.steps import (
    LOGIN,
    as_typed,
    choice,
    fields,
    fill,
    open_filled,
    record,
    rule,
    sign_in_through_the_page,
    typed,
)
from tests.factories import PatientFactory, ScreeningFactory
from tests.pages import NEW, OPIOID_FORM
from tests.rules import shipped_rules

pytestmark = [pytest.mark.browser, pytest.mark.look, pytest.mark.postgresql]


@pytest.fixture
def page(open_context: OpenContext, clinician: User) -> Page:
    """A tab without scripts in which a clinician is signed in."""
    return open_context(clinician, java_script_enabled=False).new_page()


def test_no_script_runs_in_these_tests(page: Page) -> None:
    page.goto(NEW)
    choice(page, "opioid-use", "yes").press("n")
    expect(choice(page, "opioid-use", "no")).not_to_be_checked()


def test_a_person_can_sign_in(open_context: OpenContext, clinician: User) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto(LOGIN)
    sign_in_through_the_page(page, "clinician")
    expect(page.get_by_role("heading", name="Screenings")).to_be_visible()


def test_the_answer_yes_shows_the_details_of_its_question(page: Page) -> None:
    page.goto(NEW)
    for item in shipped_rules().items:
        detail = fields(page, f"{item.link_id}.{item.follow_ups[0].link_id}").first
        expect(detail).to_be_hidden()
        choice(page, item.link_id, "yes").check()
        expect(detail).to_be_visible()


def test_an_opioid_is_flagged_and_shown_with_its_details(page: Page) -> None:
    open_filled(page, OPIOID_FORM)
    record(page)
    expect(page.locator("main")).to_have_attribute("data-outcome", "contraindication_flagged")
    expect(rule(page, "opioid-use")).to_have_attribute("data-finding", "flagged")
    expect(rule(page, "opioid-use")).to_contain_text("Tramadol 50 mg, as needed")


def test_a_form_with_errors_keeps_all_entries(page: Page) -> None:
    form = OPIOID_FORM | {
        "birth_date": "32 Apr 1961",
        "pregnancy": "unknown",
        "pregnancy.unknown-reason": "not-asked",
    }
    open_filled(page, form)
    record(page)
    expect(page.get_by_role("alert", name="There is a problem")).to_be_visible()
    assert typed(page) == as_typed(form)


def test_a_form_with_errors_can_be_corrected_and_recorded(page: Page) -> None:
    open_filled(page, OPIOID_FORM, birth_date="32 Apr 1961")
    record(page)
    fill(page, {"birth_date": "12 Apr 1961"})
    record(page)
    assert f"/screenings/{Screening.objects.get().uuid}/" in page.url


def test_details_that_contradict_the_answer_stay_visible(page: Page) -> None:
    open_filled(page, OPIOID_FORM)
    choice(page, "opioid-use", "no").check()
    record(page)
    expect(fields(page, "opioid-use.agent")).to_be_visible()
    expect(fields(page, "opioid-use.agent")).to_have_value(OPIOID_FORM["opioid-use.agent"])


def test_the_form_has_one_ticket(page: Page) -> None:
    page.goto(NEW)
    expect(fields(page, "form_ticket")).to_have_count(1)


def test_the_print_page_has_no_button_that_needs_a_script(page: Page, edition: Edition) -> None:
    page.goto(f"/screenings/{ScreeningFactory(taking_opioid=True).uuid}/")
    page.get_by_role("link", name="Print for the chart").click()
    expect(page.get_by_role("main")).to_contain_text("A prescriber must decide")
    expect(page.get_by_role("button")).to_have_count(0)


def test_a_search_finds_a_patient_without_the_name_in_the_url(page: Page, edition: Edition) -> None:
    found = ScreeningFactory(patient=PatientFactory(name="Åsa Invented"))
    ScreeningFactory()
    page.goto("/screenings/")
    page.get_by_role("textbox", name="Name or record number").fill("asa inv")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tr[data-screening]")).to_have_count(1)
    expect(page.locator("tr[data-screening]")).to_have_attribute("data-screening", str(found.uuid))
    assert page.url.endswith("/screenings/")


def test_the_list_can_be_filtered_by_outcome(page: Page, edition: Edition) -> None:
    flagged = ScreeningFactory(taking_opioid=True)
    ScreeningFactory()
    page.goto("/screenings/")
    page.get_by_role("combobox", name="Outcome").select_option("contraindication_flagged")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tr[data-screening]")).to_have_count(1)
    expect(page.locator("tr[data-screening]")).to_have_attribute("data-screening", str(flagged.uuid))
    assert "outcome=contraindication_flagged" in page.url


def test_a_search_within_an_outcome_keeps_query_and_filter(page: Page, edition: Edition) -> None:
    flagged = ScreeningFactory(taking_opioid=True)
    ScreeningFactory()
    ScreeningFactory(taking_opioid=True, patient=PatientFactory(name="Other Person"))
    page.goto("/screenings/?outcome=contraindication_flagged")
    page.get_by_role("textbox", name="Name or record number").fill("Patient, Sample")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-screening]")).to_have_count(1)
    expect(page.locator("tr[data-screening]")).to_have_attribute("data-screening", str(flagged.uuid))
    expect(page.get_by_role("textbox", name="Name or record number")).to_have_value("Patient, Sample")
    expect(page.get_by_role("combobox", name="Outcome")).to_have_value("contraindication_flagged")
