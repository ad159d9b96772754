"""Checking the medication list: while it is entered, with its button, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, Request, Route, expect

from screening.models import Screening, User
from screening.screenings.form_ticket import FormTicket
from tests.browser.conftest import OpenContext, Watch
from tests.browser.steps import choice, fields, fill, focused_name, open_filled, record, rule, typed
from tests.factories import ScreeningFactory
from tests.pages import CLEAR_FORM, NEW, address_of

pytestmark = [pytest.mark.browser, pytest.mark.look, pytest.mark.postgresql]

CHECK = "**/screenings/medications/"
LIST = "Metformin 500 mg bd\nPercocet 5/325, one at night\ntramadol 50 mg"
NOTHING = "No opioid recognised in this list; that does not show there is none."
UNCHECKED = "The list could not be checked; it will be checked when you record."
NAMES = "oxycodone (Percocet, line 2) and tramadol (line 3)"


@pytest.fixture
def form(page: Page) -> Page:
    """A new form."""
    page.goto(NEW)
    return page


@pytest.fixture
def without_scripts(open_context: OpenContext, clinician: User) -> Page:
    """A new form in a tab without scripts."""
    page = open_context(clinician, java_script_enabled=False).new_page()
    page.goto(NEW)
    return page


@pytest.fixture
def checks(page: Page) -> Iterator[list[str]]:
    """The bodies of the requests to check a list."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/screenings/medications/"):
            sent.append(request.post_data or "")

    page.on("request", note)
    yield sent
    page.remove_listener("request", note)


def box(page: Page) -> Locator:
    """The text area of the list."""
    return fields(page, "medications")


def found(page: Page) -> Locator:
    """The element that shows what the list names."""
    return page.locator("[data-listed=found]")


def ticket_on(page: Page) -> FormTicket | None:
    return FormTicket.read(fields(page, "form_ticket").input_value())


def check(page: Page) -> None:
    page.get_by_role("button", name="Check the list").click()


# While it is entered ------------------------------------------------------------------------------------------


def test_the_medicines_found_are_shown_and_the_text_is_not_changed(form: Page) -> None:
    box(form).press_sequentially(LIST)
    expect(found(form)).to_contain_text("2 lines contain an opioid.")
    expect(found(form).locator("mark")).to_have_text(["Percocet", "tramadol"])
    expect(box(form)).to_have_value(LIST)
    expect(box(form)).to_be_focused()


def test_lines_that_are_not_read_are_shown_while_the_list_is_entered(form: Page) -> None:
    box(form).fill("Metformin 500 mg\nЭналаприл 5 мг\nТрамал 50 мг")
    unread = found(form).locator(".sev-unresolved")
    expect(unread).to_contain_text("The list is not read completely: 1 line is not in Latin letters.")
    expect(unread.get_by_role("listitem")).to_have_text(["Line 2 Эналаприл 5 мг"])
    expect(found(form).locator("mark")).to_have_text(["Трамал"])
    expect(found(form)).not_to_contain_text("ecognised")
    box(form).fill("Metformin 500 mg")
    expect(unread).to_have_count(0)
    expect(found(form)).to_contain_text(NOTHING)


def test_fast_typing_sends_one_request_with_the_list_only(form: Page, checks: list[str]) -> None:
    fields(form, "patient_name").fill("Sample Patient")
    box(form).press_sequentially("Percocet 5/325")
    expect(found(form)).to_contain_text("1 line contains an opioid.")
    assert len(checks) == 1
    assert sorted(each.partition("=")[0] for each in checks[0].split("&")) == ["csrfmiddlewaretoken", "medications"]


def test_a_late_response_is_not_shown(form: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    form.route(CHECK, hold)
    with form.expect_request(CHECK):
        box(form).fill("tramadol 50 mg")
    form.unroute(CHECK, hold)
    box(form).fill("Metformin 500 mg")
    expect(found(form)).to_contain_text(NOTHING)
    for each in held:
        each.fulfill(status=200, body="<div data-listed=found>old</div><p data-says></p>", content_type="text/html")
    form.wait_for_timeout(200)
    expect(found(form)).not_to_contain_text("old")


def test_the_result_is_announced_in_a_sentence(form: Page) -> None:
    box(form).fill(LIST)
    expect(form.get_by_role("status")).to_have_text("2 lines contain an opioid.")


def test_clearing_the_list_clears_the_result(form: Page) -> None:
    box(form).fill(LIST)
    expect(found(form)).to_contain_text("2 lines")
    box(form).fill("")
    expect(found(form)).to_have_text("")
    expect(rule(form, "opioid-use")).not_to_contain_text("Found in the list")
    expect(form.get_by_role("status")).to_have_text("")


def test_a_list_without_an_opioid_shows_only_the_message(form: Page) -> None:
    box(form).fill("Metformin 500 mg")
    expect(found(form)).to_have_text(NOTHING)


def test_a_list_that_is_too_long_shows_a_message_without_a_request(form: Page, checks: list[str]) -> None:
    box(form).fill("x" * 20_001)
    expect(found(form)).to_contain_text("Use at most 20,000 characters; this has 20,001.")
    assert checks == []
    expect(box(form)).to_have_value("x" * 20_001)


def test_a_list_that_is_not_text_shows_a_message(form: Page, watch: Watch) -> None:
    box(form).fill("Perco\u0007cet")
    expect(found(form)).to_contain_text("Error: This is not text: line 1")
    watch.faults.clear()  # the response 422 is expected


def test_the_button_checks_at_once_and_stays_on_the_page(form: Page, checks: list[str]) -> None:
    box(form).fill(LIST)
    check(form)
    expect(found(form)).to_contain_text("2 lines")
    form.wait_for_timeout(600)
    assert len(checks) == 1
    assert form.url.endswith(NEW)


# What the question shows----------------------------------------------------------------------------------------


def test_the_question_shows_what_was_found_and_preselects_nothing(form: Page) -> None:
    box(form).fill(LIST)
    expect(rule(form, "opioid-use")).to_contain_text(f"Found in the list: {NAMES}.")
    assert typed(form) == {"medications": [LIST]}


def test_no_in_conflict_with_the_list_is_shown_and_announced(form: Page) -> None:
    box(form).fill(LIST)
    conflict = rule(form, "opioid-use").get_by_role("heading", name="“No” conflicts with the list")
    expect(rule(form, "opioid-use")).to_contain_text("Found in the list")
    expect(conflict).to_be_hidden()
    choice(form, "opioid-use", "no").check()
    expect(conflict).to_be_visible()
    expect(form.get_by_role("status")).to_contain_text("“No” conflicts with the list")
    choice(form, "opioid-use", "yes").check()
    expect(conflict).to_be_hidden()


def test_a_list_entered_after_the_answer_no_shows_the_conflict(form: Page) -> None:
    choice(form, "opioid-use", "no").check()
    box(form).fill(LIST)
    expect(rule(form, "opioid-use").get_by_role("heading", name="conflicts")).to_be_visible()
    expect(form.get_by_role("status")).to_have_text("2 lines contain an opioid. “No” conflicts with the list.")


def test_the_question_is_shown_as_flagged_whatever_the_answer(form: Page) -> None:
    box(form).fill(LIST)
    expect(rule(form, "opioid-use")).to_contain_text("Found in the list")
    for answer in ("yes", "no", "unknown"):
        choice(form, "opioid-use", answer).check()
        expect(rule(form, "opioid-use").locator(".rule-state:visible")).to_have_text("Flagged")


def test_a_form_with_a_list_is_recorded_with_its_flag(form: Page) -> None:
    fill(form, CLEAR_FORM | {"medications": LIST})
    record(form)
    expect(form.locator("main")).to_have_attribute("data-outcome", "contraindication_flagged")
    assert Screening.objects.get().listed.text == LIST


# Failures -----------------------------------------------------------------------------------------------------


def test_a_failed_check_shows_a_message_and_does_not_block_recording(page: Page, watch: Watch) -> None:
    open_filled(page)
    answers = iter([403, 404, 500, None])  # the last one is no network

    def fail(route: Route) -> None:
        status = next(answers)
        route.fulfill(status=status, body="x") if status else route.abort()

    page.route(CHECK, fail)
    for _ in range(4):
        box(page).fill("")
        expect(found(page)).to_have_text("")
        box(page).fill(LIST)
        expect(found(page)).to_have_text(UNCHECKED)
        expect(page.get_by_role("status")).to_have_text(UNCHECKED)
    assert next(answers, "all were used") == "all were used"
    watch.faults.clear()  # these faults are expected
    record(page)
    assert Screening.objects.get().listed.text == LIST


def test_a_check_after_the_sign_in_ended_shows_a_message_and_no_other_page(form: Page, watch: Watch) -> None:
    Session.objects.all().delete()
    box(form).fill(LIST)
    expect(found(form)).to_have_text(UNCHECKED)
    watch.faults.clear()


def test_a_successful_check_replaces_the_message(form: Page, watch: Watch) -> None:
    form.route(CHECK, lambda route: route.abort())
    box(form).fill(LIST)
    expect(found(form)).to_have_text(UNCHECKED)
    form.unroute(CHECK)
    watch.faults.clear()
    check(form)
    expect(found(form)).to_contain_text("2 lines")


def test_a_list_too_long_to_be_sent_shows_a_message_and_stays_in_the_form(page: Page) -> None:
    open_filled(page)
    box(page).evaluate("(each) => { each.value = 'oxycodone '.repeat(90_000) }")
    page.get_by_role("button", name="Record and show result").click()
    expect(found(page)).to_contain_text("Use at most 20,000 characters; this has 899,999.")
    expect(box(page)).to_be_focused()
    box(page).evaluate("(each) => { each.value = '' }")
    box(page).fill(LIST)
    record(page)
    assert Screening.objects.get().listed.text == LIST


# Keyboard -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_enter_in_a_text_field_records(open_context: OpenContext, clinician: User, scripts: bool) -> None:
    page = open_context(clinician, java_script_enabled=scripts).new_page()
    for name in ("patient_name", "indication"):
        open_filled(page, medications=LIST)
        with page.expect_navigation():
            fields(page, name).press("Enter")
        assert page.url.endswith(f"/screenings/{Screening.objects.latest('pk').uuid}/")


def test_tab_moves_from_the_list_to_its_button(form: Page) -> None:
    box(form).focus()
    form.keyboard.press("Tab")
    expect(form.get_by_role("button", name="Check the list")).to_be_focused()
    form.keyboard.press("Shift+Tab")
    assert focused_name(form) == "medications"


def test_enter_in_the_list_starts_a_new_line(form: Page) -> None:
    box(form).press_sequentially("aspirin\ntramadol")
    expect(box(form)).to_have_value("aspirin\ntramadol")
    assert not Screening.objects.exists()


# Without scripts ----------------------------------------------------------------------------------------------


def test_without_scriptss_the_button_shows_the_form_again_with_what_was_found(without_scripts: Page) -> None:
    page = without_scripts
    filled = CLEAR_FORM | {"opioid-use": "yes", "opioid-use.agent": "Percocet", "medications": LIST}
    fill(page, filled)
    ticket = ticket_on(page)
    with page.expect_navigation():
        check(page)
    expect(found(page)).to_be_focused()
    expect(found(page)).to_be_in_viewport()
    expect(found(page)).to_contain_text("2 lines contain an opioid.")
    assert {name: fields(page, name).first.input_value() for name in ("birth_date", "medications")} == {
        "birth_date": CLEAR_FORM["birth_date"],
        "medications": LIST,
    }
    expect(choice(page, "opioid-use", "yes")).to_be_checked()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert ticket_on(page) == ticket
    assert not Screening.objects.exists()
    record(page)
    assert Screening.objects.get().listed.text == LIST


def test_without_scriptss_no_in_conflict_with_the_list_shows_the_conflict(without_scripts: Page) -> None:
    page = without_scripts
    fill(page, {"medications": LIST})
    with page.expect_navigation():
        check(page)
    conflict = rule(page, "opioid-use").get_by_role("heading", name="“No” conflicts with the list")
    expect(conflict).to_be_hidden()
    choice(page, "opioid-use", "no").check()
    expect(conflict).to_be_visible()


def test_an_amendment_shows_the_earlier_list_and_what_it_names(page: Page, clinician: User) -> None:
    page.goto(address_of(ScreeningFactory(by=clinician, listed=LIST), "amend/"))
    expect(box(page)).to_have_value(LIST)
    expect(found(page)).to_contain_text("2 lines contain an opioid.")
    check(page)
    expect(found(page)).to_contain_text("2 lines contain an opioid.")
