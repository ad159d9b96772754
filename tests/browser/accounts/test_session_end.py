"""The end of a session in the browser: the warning, the page that is left, and a full form that is not lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from screening.models import ListOfMedicines, Screening, UnsentForm, User
from tests.browser.conftest import OpenContext
from tests.browser.steps import (
    as_entered,
    entered,
    fields,
    fill,
    focused_name,
    go_back,
    open_filled,
    record,
    record_button,
    sign_in_through_the_page,
    sign_out,
)
from tests.factories import PASSWORD, ScreeningFactory
from tests.pages import NEW, OPIOID_FORM, address_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = 'Percocet 5 mg – “1–2” tabs\nmétadone 10 mg <b>&amp;</b> "quoted"\n\nオキシコドン 🙂 \\u0000 %00 +&='
FULL_FORM = OPIOID_FORM | {"medications": LIST}
AS_SENT = as_entered(FULL_FORM) | {"medications": [LIST]}
MINUTE_MS = 60_000
WARNING = "You will be signed out at"


def left(**time: float) -> None:
    """Leave so much time to all sessions."""
    Session.objects.update(expire_date=timezone.now() + timedelta(**time))


def end_of_session() -> None:
    """End all sessions on the server, as the idle limit does."""
    left(seconds=-1)


def after(page: Page, minutes: float) -> None:
    """Let the time pass that the scripts of the page see."""
    page.clock.fast_forward(int(minutes * MINUTE_MS))


@pytest.fixture
def clocked(context: BrowserContext, edition: object) -> Page:
    """A tab whose scripts see a clock that a test moves."""
    page = context.new_page()
    page.clock.install()
    return page


# What was typed survives ----------------------------------------------------------------------------------------


def sign_in_again(page: Page, username: str = "clinician") -> None:
    page.get_by_role("link", name="Sign in").click()
    sign_in_through_the_page(page, username)


def test_a_full_form_sent_after_the_session_ended_is_continued_and_recorded(page: Page) -> None:
    open_filled(page, FULL_FORM)
    end_of_session()
    record(page)
    expect(page.get_by_role("heading", name="Your session ended")).to_be_visible()
    assert "Sample Patient" not in page.content()
    sign_in_again(page)
    expect(page.get_by_role("heading", name="You have a form that was not sent")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Check this form and send it")).to_be_visible()
    assert entered(page) == AS_SENT
    assert not Screening.objects.exists()
    record(page)
    expect(page.locator("main")).to_have_attribute("data-outcome", "contraindication_flagged")
    assert ListOfMedicines.objects.get().text == LIST
    assert not UnsentForm.objects.exists()


def test_by_keyboard_and_without_scripts_a_form_is_continued(open_context: OpenContext, clinician: User) -> None:
    page = open_context(clinician, java_script_enabled=False).new_page()
    open_filled(page, FULL_FORM)
    end_of_session()
    record_button(page).press("Enter")
    page.get_by_role("link", name="Sign in").press("Enter")
    page.get_by_label("Username").fill("clinician")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.get_by_role("button", name="Continue").press("Enter")
    expect(fields(page, "medications")).to_have_value(LIST)
    record_button(page).press("Enter")
    expect(page.locator("main")).to_have_attribute("data-outcome", "contraindication_flagged")


def test_another_person_who_signs_in_sees_nothing_of_the_form(page: Page, auditor: User) -> None:
    open_filled(page, FULL_FORM)
    end_of_session()
    record(page)
    sign_in_again(page, "auditor")
    expect(page.get_by_role("heading", name="Screenings")).to_be_visible()
    expect(page.get_by_text("not sent")).to_have_count(0)
    assert UnsentForm.objects.count() == 1


def test_a_form_that_is_not_continued_at_once_is_offered_and_can_be_discarded(page: Page) -> None:
    open_filled(page, FULL_FORM)
    end_of_session()
    record(page)
    page.goto("/accounts/login/")
    sign_in_through_the_page(page, "clinician")
    page.get_by_role("link", name="Open it").click()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("The form was discarded.")).to_be_visible()
    assert not UnsentForm.objects.exists()


# The warning ----------------------------------------------------------------------------------------------------


@pytest.mark.look
def test_two_minutes_before_the_end_the_page_warns_without_taking_the_focus(clocked: Page) -> None:
    clocked.goto(NEW)
    fields(clocked, "indication").focus()
    left(minutes=2)
    after(clocked, 13)
    alert = clocked.get_by_role("alert").filter(has_text=WARNING)
    expect(alert).to_contain_text("in 2 minutes")
    assert focused_name(clocked) == "indication"
    expect(alert.get_by_role("button", name="Stay signed in")).to_be_in_viewport()
    clocked.emulate_media(media="print")
    expect(alert).to_be_hidden()


@pytest.mark.look
def test_staying_signed_in_renews_the_session_and_returns_the_focus(clocked: Page) -> None:
    clocked.goto(NEW)
    fields(clocked, "indication").focus()
    left(minutes=2)
    after(clocked, 13)
    button = clocked.get_by_role("button", name="Stay signed in")
    button.focus()
    left(minutes=1)
    button.press("Enter")
    expect(clocked.get_by_role("alert").filter(has_text="You are still signed in.")).to_be_visible()
    assert focused_name(clocked) == "indication"
    assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=14)


@pytest.mark.look
def test_typing_renews_the_session_once_a_minute(clocked: Page) -> None:
    clocked.goto(NEW)
    left(minutes=5)
    fields(clocked, "indication").press_sequentially("Fibro")
    assert Session.objects.get().expire_date < timezone.now() + timedelta(minutes=6)
    after(clocked, 1)
    with clocked.expect_response("**/session/stay/"):
        fields(clocked, "indication").press("m")
    assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=14)


@pytest.mark.look
def test_a_page_does_not_warn_while_another_tab_is_used(clocked: Page) -> None:
    clocked.goto(NEW)
    with clocked.expect_response("**/session/left/"):
        after(clocked, 13)
    expect(clocked.get_by_role("alert").filter(has_text=WARNING)).to_have_count(0)


@pytest.mark.look
def test_at_the_longest_limit_the_page_warns_without_a_button(clocked: Page, settings: Any) -> None:
    settings.SESSION_LONGEST = timedelta(minutes=2)
    clocked.goto(NEW)
    alert = clocked.get_by_role("alert").filter(has_text="a session lasts at most")
    expect(alert).to_be_visible()
    expect(alert.get_by_role("button")).to_have_count(0)


# The end --------------------------------------------------------------------------------------------------------


@pytest.mark.look
@pytest.mark.parametrize("part", ["", "print/"])
def test_when_the_session_ended_a_page_about_a_patient_leaves_the_screen(clocked: Page, part: str) -> None:
    screening = ScreeningFactory()
    clocked.goto(address_of(screening, part))
    end_of_session()
    after(clocked, 15)
    clocked.wait_for_url(f"**/accounts/login/?next=*{screening.uuid}*")
    expect(clocked.get_by_text("Sample Patient")).to_have_count(0)


@pytest.mark.look
def test_when_the_session_ended_a_page_with_input_stays_and_its_form_is_stored(clocked: Page) -> None:
    clocked.goto(NEW)
    fill(clocked, {"indication": "Fibromyalgia", "opioid-use": "no"})
    end_of_session()
    after(clocked, 15)
    expect(clocked.get_by_role("alert").filter(has_text="What you typed is still here.")).to_be_visible()
    record(clocked)
    expect(clocked.get_by_text("is stored for you until")).to_be_visible()


@pytest.mark.look
def test_a_form_that_came_back_with_errors_stays_too(clocked: Page) -> None:
    clocked.goto(NEW)
    fill(clocked, {"indication": "Fibromyalgia"})
    record(clocked)
    end_of_session()
    after(clocked, 15)
    expect(clocked.get_by_role("alert").filter(has_text="What you typed is still here.")).to_be_visible()
    expect(fields(clocked, "indication")).to_have_value("Fibromyalgia")


# Signing out ----------------------------------------------------------------------------------------------------


def test_after_signing_out_the_back_button_shows_no_patient(page: Page, context: BrowserContext) -> None:
    screening = ScreeningFactory()
    page.goto(address_of(screening))
    expect(page.get_by_text("Sample Patient").first).to_be_visible()
    sign_out(page)
    assert [each for each in context.cookies() if each["name"] == "ldn_session"] == []
    go_back(page)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("Sample Patient")).to_have_count(0)


def test_a_form_left_open_when_signing_out_in_another_tab_is_stored(page: Page, context: BrowserContext) -> None:
    open_filled(page, OPIOID_FORM)
    other = context.new_page()
    other.goto("/screenings/")
    sign_out(other)
    page.bring_to_front()
    record(page)
    expect(page.get_by_text("is stored for you until")).to_be_visible()
    sign_in_again(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Check this form and send it")).to_be_visible()
    assert entered(page) == as_entered(OPIOID_FORM)
