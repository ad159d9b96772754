"""Double clicks, reloads, two tabs, an expired sign-in and changed rules."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, expect

from screening.models import Screening, User
from tests.browser.conftest import OpenContext
from tests.browser.steps import (
    LOGIN,
    RULES,
    answer_all,
    as_entered,
    entered,
    fields,
    fill,
    open_filled,
    record,
    record_button,
    sign_in_through_the_page,
)
from tests.factories import EditionFactory
from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM
from tests.rules import rules_with_two_more

pytestmark = pytest.mark.browser

RESULT = "**/screenings/*-*/"


# Resubmission -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_double_click_makes_one_record(open_context: OpenContext, clinician: User, scripts: bool) -> None:
    page = open_context(clinician, java_script_enabled=scripts).new_page()
    open_filled(page)
    record_button(page).dblclick()
    expect(page.locator("main[data-outcome]")).to_be_visible()
    assert Screening.objects.count() == 1


def test_a_form_whose_submission_was_stopped_can_be_sent_again(page: Page) -> None:
    open_filled(page)
    page.route(f"**{NEW}", lambda route: route.abort("aborted"))  # the page stays, as after the Stop button
    record_button(page).click()
    page.unroute(f"**{NEW}")
    record_button(page).click()
    page.wait_for_url(RESULT)
    assert Screening.objects.count() == 1


def test_reloading_a_result_records_nothing(page: Page) -> None:
    open_filled(page)
    record(page)
    address = page.url
    page.reload()
    assert page.url == address
    assert Screening.objects.count() == 1


def test_reloading_a_form_with_errors_keeps_the_entries(page: Page) -> None:
    form = OPIOID_FORM | {"birth_date": "nonsense"}
    open_filled(page, form)
    record(page)
    page.reload()
    assert entered(page) == as_entered(form)


def test_forms_in_two_tabs_with_one_record_number_are_both_recorded(context: BrowserContext) -> None:
    first = context.new_page()
    open_filled(first)
    second = context.new_page()
    open_filled(second)
    record(second)
    first.bring_to_front()
    record(first)
    assert first.url != second.url
    assert Screening.objects.of_record_number(CLEAR_FORM["record_number"]).count() == 2


# A session that ended, and a form that cannot be stored (see test_session_end for one that is stored) ----------


@pytest.fixture
def expired(page: Page) -> Page:
    """The page after a form was sent that is not known to be of anybody, when the session had ended."""
    open_filled(page, OPIOID_FORM)
    fields(page, "form_owner").evaluate("each => { each.value = 'changed'; }")
    Session.objects.all().delete()
    record(page)
    return page


def test_a_form_that_cannot_be_stored_records_nothing_and_keeps_the_entries(expired: Page) -> None:
    expect(expired.get_by_role("heading", name="Your session ended")).to_be_visible()
    entries = {name: [each.input_value() for each in fields(expired, name).all()] for name in OPIOID_FORM}
    assert entries == as_entered(OPIOID_FORM)
    assert not Screening.objects.exists()


def sign_in_in_another_tab(expired: Page) -> None:
    """Follow the link to another tab, sign in there and return."""
    with expired.expect_popup() as tab:
        expired.get_by_role("link", name="Sign in").click()
    sign_in_through_the_page(tab.value, "clinician")
    expect(tab.value.get_by_role("heading", name="Screenings")).to_be_visible()
    expired.bring_to_front()


def send_again(expired: Page) -> None:
    with expired.expect_navigation():
        expired.get_by_role("button", name="Send the form again").click()


def test_after_signing_in_in_another_tab_the_form_is_recorded_or_shown_again(expired: Page) -> None:
    sign_in_in_another_tab(expired)
    send_again(expired)
    form = expired.locator("[data-screening-form]")
    assert entered(expired) == as_entered(OPIOID_FORM) if form.count() else Screening.objects.count() == 1


def test_after_signing_in_in_another_tab_sending_at_most_once_more_records(expired: Page) -> None:
    sign_in_in_another_tab(expired)
    send_again(expired)
    if not Screening.objects.exists():
        record(expired)
    expect(expired.locator("main")).to_have_attribute("data-outcome", "contraindication_flagged")


def test_a_form_sent_again_before_signing_in_keeps_the_entries(expired: Page) -> None:
    expired.get_by_role("button", name="Send the form again").click()
    expect(expired.get_by_role("heading", name="Your session ended")).to_be_visible()
    expect(fields(expired, "opioid-use.agent")).to_have_value(OPIOID_FORM["opioid-use.agent"])


def test_after_signing_in_first_in_another_tab_the_form_comes_back_and_is_recorded(
    page: Page, context: BrowserContext
) -> None:
    open_filled(page, OPIOID_FORM)
    Session.objects.all().delete()
    tab = context.new_page()
    tab.goto(LOGIN)
    sign_in_through_the_page(tab, "clinician")
    expect(tab.get_by_role("heading", name="Screenings")).to_be_visible()
    page.bring_to_front()
    record(page)
    expect(page.get_by_role("alert", name="You signed in again while this form was open")).to_be_visible()
    assert entered(page) == as_entered(OPIOID_FORM)
    record(page)
    expect(page.locator("main")).to_have_attribute("data-outcome", "contraindication_flagged")


# Rules published while the form is open -----------------------------------------------------------------------


@pytest.fixture
def rules_changed(page: Page) -> Page:
    """The page after a form was sent when an edition with two more rules and a changed question was published."""
    open_filled(page, OPIOID_FORM)
    EditionFactory(definition=rules_with_two_more(question="Could the patient be pregnant?"))
    record(page)
    return page


def test_after_the_rules_changed_the_form_names_the_questions_to_answer_again(rules_changed: Page) -> None:
    changed = rules_changed.get_by_role("alert", name="The rules changed while this form was open")
    expect(changed).to_be_focused()
    expect(changed.get_by_role("link", name="Could the patient be pregnant?")).to_be_visible()
    assert not Screening.objects.exists()


def test_after_the_rules_changed_the_form_keeps_the_other_answers(rules_changed: Page) -> None:
    assert entered(rules_changed) == {
        name: value for name, value in as_entered(OPIOID_FORM).items() if name != "pregnancy"
    }


def test_after_the_rules_changed_the_form_can_be_completed_and_recorded_under_them(rules_changed: Page) -> None:
    fill(rules_changed, {"pregnancy": "no"})
    further = [item.link_id for item in rules_with_two_more().items if item.link_id not in RULES]
    answer_all(rules_changed, "no", further)
    record(rules_changed)
    expect(rules_changed.locator("main")).to_have_attribute("data-edition", "2")
