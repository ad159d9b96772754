"""The medication list is checked while it is typed, by its button, without a script; and nothing about it blocks."""

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
def without_script(open_context: OpenContext, clinician: User) -> Page:
    """A new form in a tab that runs no script."""
    page = open_context(clinician, java_script_enabled=False).new_page()
    page.goto(NEW)
    return page


@pytest.fixture
def checks(page: Page) -> Iterator[list[str]]:
    """The lists that were sent to be checked, each as it was sent."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/screenings/medications/"):
            sent.append(request.post_data or "")

    page.on("request", note)
    yield sent
    page.remove_listener("request", note)


def box(page: Page) -> Locator:
    """What the list is typed into."""
    return fields(page, "medications")


def found(page: Page) -> Locator:
    """Where it is told what the list names."""
    return page.locator("[data-listed=found]")


def ticket_on(page: Page) -> FormTicket | None:
    """The ticket of the form."""
    return FormTicket.read(fields(page, "form_ticket").input_value())


def check(page: Page) -> None:
    """Use the button."""
    page.get_by_role("button", name="Check the list").click()


# While it is typed --------------------------------------------------------------------------------------------


def test_what_the_list_names_is_shown_and_the_typed_text_is_left_alone(form: Page) -> None:
    box(form).press_sequentially(LIST)
    expect(found(form)).to_contain_text("2 lines contain an opioid.")
    expect(found(form).locator("mark")).to_have_text(["Percocet", "tramadol"])
    expect(box(form)).to_have_value(LIST)
    expect(box(form)).to_be_focused()


def test_lines_that_are_not_in_latin_letters_are_shown_while_it_is_typed(form: Page) -> None:
    box(form).fill("Metformin 500 mg\nЭналаприл 5 мг\nТрамал 50 мг")
    unread = found(form).locator(".sev-unresolved")
    expect(unread).to_contain_text("The list is not read completely: 1 line is not in Latin letters.")
    expect(unread.get_by_role("listitem")).to_have_text(["Line 2 Эналаприл 5 мг"])
    expect(found(form).locator("mark")).to_have_text(["Трамал"])
    expect(found(form)).not_to_contain_text("ecognised")
    box(form).fill("Metformin 500 mg")
    expect(unread).to_have_count(0)
    expect(found(form)).to_contain_text(NOTHING)


def test_typing_fast_asks_once_and_for_nothing_but_the_list(form: Page, checks: list[str]) -> None:
    fields(form, "patient_name").fill("Sample Patient")
    box(form).press_sequentially("Percocet 5/325")
    expect(found(form)).to_contain_text("1 line contains an opioid.")
    assert len(checks) == 1
    assert sorted(each.partition("=")[0] for each in checks[0].split("&")) == ["csrfmiddlewaretoken", "medications"]


def test_an_answer_that_comes_late_is_not_shown(form: Page) -> None:
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


def test_what_was_found_is_spoken_in_a_sentence(form: Page) -> None:
    box(form).fill(LIST)
    expect(form.get_by_role("status")).to_have_text("2 lines contain an opioid.")


def test_emptying_the_box_takes_everything_back(form: Page) -> None:
    box(form).fill(LIST)
    expect(found(form)).to_contain_text("2 lines")
    box(form).fill("")
    expect(found(form)).to_have_text("")
    expect(rule(form, "opioid-use")).not_to_contain_text("Found in the list")
    expect(form.get_by_role("status")).to_have_text("")


def test_a_list_without_an_opioid_gets_the_sentence_and_no_tick(form: Page) -> None:
    box(form).fill("Metformin 500 mg")
    expect(found(form)).to_have_text(NOTHING)


def test_a_list_too_long_is_told_so_without_asking(form: Page, checks: list[str]) -> None:
    box(form).fill("x" * 20_001)
    expect(found(form)).to_contain_text("Use at most 20,000 characters; this has 20,001.")
    assert checks == []
    expect(box(form)).to_have_value("x" * 20_001)


def test_a_list_that_is_no_text_is_told_so(form: Page, watch: Watch) -> None:
    box(form).fill("Perco\u0007cet")
    expect(found(form)).to_contain_text("Error: This is not text: line 1")
    watch.faults.clear()  # it was answered with 422, as it was meant to be


def test_the_button_checks_at_once_and_stays_on_the_page(form: Page, checks: list[str]) -> None:
    box(form).fill(LIST)
    check(form)
    expect(found(form)).to_contain_text("2 lines")
    form.wait_for_timeout(600)
    assert len(checks) == 1
    assert form.url.endswith(NEW)


# To the question ----------------------------------------------------------------------------------------------


def test_the_question_says_what_was_found_and_nothing_is_chosen(form: Page) -> None:
    box(form).fill(LIST)
    expect(rule(form, "opioid-use")).to_contain_text(f"Found in the list: {NAMES}.")
    assert typed(form) == {"medications": [LIST]}


def test_no_against_the_list_is_told_and_spoken_to_be_a_conflict(form: Page) -> None:
    box(form).fill(LIST)
    conflict = rule(form, "opioid-use").get_by_role("heading", name="“No” conflicts with the list")
    expect(rule(form, "opioid-use")).to_contain_text("Found in the list")
    expect(conflict).to_be_hidden()
    choice(form, "opioid-use", "no").check()
    expect(conflict).to_be_visible()
    expect(form.get_by_role("status")).to_contain_text("“No” conflicts with the list")
    choice(form, "opioid-use", "yes").check()
    expect(conflict).to_be_hidden()


def test_a_list_typed_after_the_answer_no_is_told_to_conflict_with_it(form: Page) -> None:
    choice(form, "opioid-use", "no").check()
    box(form).fill(LIST)
    expect(rule(form, "opioid-use").get_by_role("heading", name="conflicts")).to_be_visible()
    expect(form.get_by_role("status")).to_have_text("2 lines contain an opioid. “No” conflicts with the list.")


def test_the_question_stands_flagged_whatever_is_answered(form: Page) -> None:
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


# What goes wrong ----------------------------------------------------------------------------------------------


def test_a_check_that_fails_is_told_and_blocks_nothing(page: Page, watch: Watch) -> None:
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
    assert next(answers, "all were given") == "all were given"
    watch.faults.clear()  # the faults were made on purpose
    record(page)
    assert Screening.objects.get().listed.text == LIST


def test_a_check_after_the_sign_in_ended_is_told_and_shows_no_other_page(form: Page, watch: Watch) -> None:
    Session.objects.all().delete()
    box(form).fill(LIST)
    expect(found(form)).to_have_text(UNCHECKED)
    watch.faults.clear()


def test_a_check_that_works_again_takes_the_fault_back(form: Page, watch: Watch) -> None:
    form.route(CHECK, lambda route: route.abort())
    box(form).fill(LIST)
    expect(found(form)).to_have_text(UNCHECKED)
    form.unroute(CHECK)
    watch.faults.clear()
    check(form)
    expect(found(form)).to_contain_text("2 lines")


def test_a_list_too_long_to_be_sent_at_all_is_told_so_and_stays_in_the_form(page: Page) -> None:
    open_filled(page)
    box(page).evaluate("(each) => { each.value = 'oxycodone '.repeat(90_000) }")
    page.get_by_role("button", name="Record and show result").click()
    expect(found(page)).to_contain_text("Use at most 20,000 characters; this has 899,999.")
    expect(box(page)).to_be_focused()
    box(page).evaluate("(each) => { each.value = '' }")
    box(page).fill(LIST)
    record(page)
    assert Screening.objects.get().listed.text == LIST


# By keyboard --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_enter_in_a_text_records(open_context: OpenContext, clinician: User, scripts: bool) -> None:
    page = open_context(clinician, java_script_enabled=scripts).new_page()
    for name in ("patient_name", "indication"):
        open_filled(page, medications=LIST)
        with page.expect_navigation():
            fields(page, name).press("Enter")
        assert page.url.endswith(f"/screenings/{Screening.objects.latest('pk').uuid}/")


def test_tab_leads_from_the_list_to_its_button_and_on(form: Page) -> None:
    box(form).focus()
    form.keyboard.press("Tab")
    expect(form.get_by_role("button", name="Check the list")).to_be_focused()
    form.keyboard.press("Shift+Tab")
    assert focused_name(form) == "medications"


def test_enter_in_the_list_begins_a_line(form: Page) -> None:
    box(form).press_sequentially("aspirin\ntramadol")
    expect(box(form)).to_have_value("aspirin\ntramadol")
    assert not Screening.objects.exists()


# Without a script ---------------------------------------------------------------------------------------------


def test_without_a_script_the_button_brings_the_form_back_with_what_was_found(without_script: Page) -> None:
    page = without_script
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


def test_without_a_script_a_no_against_the_list_is_told_to_be_a_conflict(without_script: Page) -> None:
    page = without_script
    fill(page, {"medications": LIST})
    with page.expect_navigation():
        check(page)
    conflict = rule(page, "opioid-use").get_by_role("heading", name="“No” conflicts with the list")
    expect(conflict).to_be_hidden()
    choice(page, "opioid-use", "no").check()
    expect(conflict).to_be_visible()


def test_an_amendment_shows_the_earlier_list_and_what_it_says(page: Page, clinician: User) -> None:
    page.goto(address_of(ScreeningFactory(by=clinician, listed=LIST), "amend/"))
    expect(box(page)).to_have_value(LIST)
    expect(found(page)).to_contain_text("2 lines contain an opioid.")
    check(page)
    expect(found(page)).to_contain_text("2 lines contain an opioid.")
