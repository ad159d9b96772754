"""What people and networks do to a form: double clicks, reloads, two tabs, a sign-in that ends, new rules."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, expect

from screening.models import Screening, User
from tests.browser.conftest import OpenContext
from tests.browser.steps import (
    RULES,
    answer_all,
    as_typed,
    fields,
    fill,
    open_filled,
    record,
    record_button,
    sign_in_through_the_page,
    typed,
)
from tests.factories import EditionFactory
from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM
from tests.rules import rules_with_two_more

pytestmark = pytest.mark.browser

RESULT = "**/screenings/*-*/"


# Sent more than once ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_double_click_makes_one_record(open_context: OpenContext, clinician: User, scripts: bool) -> None:
    page = open_context(clinician, java_script_enabled=scripts).new_page()
    open_filled(page)
    record_button(page).dblclick()
    expect(page.locator("main[data-outcome]")).to_be_visible()
    assert Screening.objects.count() == 1


def test_a_sending_that_the_person_stopped_can_be_sent_again(page: Page) -> None:
    open_filled(page)
    page.route(f"**{NEW}", lambda route: route.abort("aborted"))  # the page stays, as after the Stop button
    record_button(page).click()
    page.unroute(f"**{NEW}")
    record_button(page).click()
    page.wait_for_url(RESULT)
    assert Screening.objects.count() == 1


def test_reloading_a_result_records_nothing_more(page: Page) -> None:
    open_filled(page)
    record(page)
    address = page.url
    page.reload()
    assert page.url == address
    assert Screening.objects.count() == 1


def test_reloading_a_form_with_errors_keeps_what_was_typed(page: Page) -> None:
    form = OPIOID_FORM | {"birth_date": "nonsense"}
    open_filled(page, form)
    record(page)
    page.reload()
    assert typed(page) == as_typed(form)


def test_two_tabs_with_one_record_number_both_record(context: BrowserContext) -> None:
    first = context.new_page()
    open_filled(first)
    second = context.new_page()
    open_filled(second)
    record(second)
    first.bring_to_front()
    record(first)
    assert first.url != second.url
    assert Screening.objects.of_record_number(CLEAR_FORM["record_number"]).count() == 2


# A sign-in that ends ------------------------------------------------------------------------------------------


@pytest.fixture
def ended(page: Page) -> Page:
    """A form that was sent after the sign-in ended."""
    open_filled(page, OPIOID_FORM)
    Session.objects.all().delete()
    record(page)
    return page


def test_a_form_sent_after_the_sign_in_ended_records_nothing_and_keeps_what_was_typed(ended: Page) -> None:
    expect(ended.get_by_role("heading", name="Your sign-in ended")).to_be_visible()
    kept = {name: [each.input_value() for each in fields(ended, name).all()] for name in OPIOID_FORM}
    assert kept == as_typed(OPIOID_FORM)
    assert not Screening.objects.exists()


def sign_in_beside(ended: Page) -> None:
    """Follow the link of the page to another tab, sign in there and come back."""
    with ended.expect_popup() as beside:
        ended.get_by_role("link", name="Sign in").click()
    sign_in_through_the_page(beside.value, "clinician")
    expect(beside.value.get_by_role("heading", name="Screenings")).to_be_visible()
    ended.bring_to_front()


def send_again(ended: Page) -> None:
    with ended.expect_navigation():
        ended.get_by_role("button", name="Send the form again").click()


def test_after_signing_in_beside_it_the_kept_form_is_recorded_or_comes_back_as_a_form(ended: Page) -> None:
    sign_in_beside(ended)
    send_again(ended)
    form = ended.locator("[data-screening-form]")
    assert typed(ended) == as_typed(OPIOID_FORM) if form.count() else Screening.objects.count() == 1


def test_after_signing_in_beside_it_at_most_one_more_sending_records(ended: Page) -> None:
    sign_in_beside(ended)
    send_again(ended)
    if not Screening.objects.exists():
        record(ended)
    expect(ended.locator("main")).to_have_attribute("data-outcome", "contraindication_flagged")


def test_a_kept_form_that_is_sent_before_signing_in_is_kept_on(ended: Page) -> None:
    ended.get_by_role("button", name="Send the form again").click()
    expect(ended.get_by_role("heading", name="Your sign-in ended")).to_be_visible()
    expect(fields(ended, "opioid-use.agent")).to_have_value(OPIOID_FORM["opioid-use.agent"])


# Rules published while the form is open -----------------------------------------------------------------------


@pytest.fixture
def overtaken(page: Page) -> Page:
    """A form that was sent after an edition with two more rules, and another question on pregnancy, came out."""
    open_filled(page, OPIOID_FORM)
    EditionFactory(definition=rules_with_two_more(question="Could the patient be pregnant?"))
    record(page)
    return page


def test_a_form_overtaken_by_new_rules_names_what_to_answer_again(overtaken: Page) -> None:
    changed = overtaken.get_by_role("alert", name="The rules changed while this form was open")
    expect(changed).to_be_focused()
    expect(changed.get_by_role("link", name="Could the patient be pregnant?")).to_be_visible()
    assert not Screening.objects.exists()


def test_a_form_overtaken_by_new_rules_keeps_the_other_answers(overtaken: Page) -> None:
    assert typed(overtaken) == {name: value for name, value in as_typed(OPIOID_FORM).items() if name != "pregnancy"}


def test_a_form_overtaken_by_new_rules_is_completed_and_recorded_under_them(overtaken: Page) -> None:
    fill(overtaken, {"pregnancy": "no"})
    further = [item.link_id for item in rules_with_two_more().items if item.link_id not in RULES]
    answer_all(overtaken, "no", further)
    record(overtaken)
    expect(overtaken.locator("main")).to_have_attribute("data-edition", "2")
