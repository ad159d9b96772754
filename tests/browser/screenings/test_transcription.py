"""A paper form can be transcribed by keyboard, without scripts, and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from screening.models import Edition, Screening, User
from tests.browser.conftest import OpenContext
from tests.browser.screenings.test_keyboard import Keys
from tests.browser.steps import RULES, as_entered, choice, entered, fields, fill, focused, record
from tests.factories import EditionFactory
from tests.pages import CLEAR_FORM, OPIOID_FORM, PAPER_FORM, TRANSCRIBE
from tests.rules import changed_rules

pytestmark = [pytest.mark.browser, pytest.mark.look]

OTHER_QUESTION = "Is the patient pregnant, or may she be?"


@pytest.fixture(autouse=True)
def second_edition(edition: Edition) -> Edition:
    """Edition 2, current, in which one question is another one."""
    return EditionFactory(definition=changed_rules(pregnancy={"question": OTHER_QUESTION}))


@pytest.fixture
def without_scripts(open_context: OpenContext, clinician: User) -> Page:
    """A tab without scripts in which a clinician is signed in."""
    return open_context(clinician, java_script_enabled=False).new_page()


def show_questions(page: Page) -> None:
    """Press the button that shows the questions of the chosen edition."""
    with page.expect_navigation():
        page.get_by_role("button", name="Show these questions").click()


def test_a_paper_form_can_be_transcribed_by_keyboard(page: Page) -> None:
    page.goto("/screenings/")
    keys = Keys(page)
    keys.tab_to(page.get_by_role("link", name="Transcribe a paper form"))
    keys.press("Enter")
    keys.tab_to(fields(page, "paper_completed_at"))
    keys.type(PAPER_FORM["paper_completed_at"])
    keys.press("Tab")
    keys.type(PAPER_FORM["paper_completed_by"])
    keys.press("Tab", "1", "Tab")
    with page.expect_navigation():
        keys.press("Enter")  # show the questions of edition 1
    expect(focused(page)).to_have_text("The questions of edition 1 are shown.")
    for name in ("patient_name", "birth_date", "record_number"):
        keys.press("Tab")
        expect(fields(page, name)).to_be_focused()
        keys.type(CLEAR_FORM[name])
    for link_id in RULES:
        keys.tab_to(choice(page, link_id, "yes"))
        keys.press("n")
    keys.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Evaluated under edition 1")
    assert Screening.objects.get().transcription.completed_by == "Sample Nurse"


def test_enter_in_a_field_of_the_paper_records_and_does_not_show_questions(page: Page) -> None:
    page.goto(TRANSCRIBE)
    fields(page, "paper_completed_by").press("Enter")
    expect(page.get_by_role("alert", name="There is a problem")).to_be_visible()


def test_a_paper_form_can_be_transcribed_without_scripts(without_scripts: Page) -> None:
    page = without_scripts
    page.goto(TRANSCRIBE)
    fill(page, {"paper_edition": "1", "patient_name": "Sample Patient"})
    show_questions(page)
    expect(fields(page, "patient_name")).to_have_value("Sample Patient")
    fill(page, PAPER_FORM | OPIOID_FORM)
    record(page)
    expect(page.get_by_role("main")).to_have_attribute("data-edition", "1")
    expect(page.get_by_role("main")).to_contain_text("Sample Nurse, on paper")


def test_the_list_is_checked_without_scripts(without_scripts: Page) -> None:
    page = without_scripts
    page.goto(f"{TRANSCRIBE}?edition=1")
    fill(page, PAPER_FORM | {"medications": "Percocet 5 mg"})
    page.get_by_role("button", name="Check the list").click()
    expect(page.locator("[data-listed=found]")).to_contain_text("oxycodone")
    assert entered(page) == as_entered(PAPER_FORM | {"medications": "Percocet 5 mg"})


def test_the_list_is_checked_with_scripts(page: Page) -> None:
    page.goto(TRANSCRIBE)
    fill(page, {"medications": "Percocet 5 mg"})
    page.get_by_role("button", name="Check the list").click()
    expect(page.locator("[data-listed=found]")).to_contain_text("oxycodone")


def test_answers_to_other_questions_come_back_with_the_questions_of_the_chosen_edition(page: Page) -> None:
    page.goto(TRANSCRIBE)
    fill(page, PAPER_FORM)
    record(page)
    expect(page.get_by_role("alert")).to_contain_text("The questions of edition 2 were answered")
    assert entered(page) == as_entered({name: each for name, each in PAPER_FORM.items() if name != "pregnancy"})
    choice(page, "pregnancy", "no").press("Space")
    record(page)
    assert f"/screenings/{Screening.objects.get().uuid}/" in page.url
