"""The list of screenings, and the form in which a screening is recorded or transcribed."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.sessions.models import Session
from playwright.sync_api import Page

from screening.models import Edition
from screening.screenings.form_ticket import FormTicket
from tests.browser.states.results import RESULTS
from tests.browser.states.state import State, at, press, press_without_scripts
from tests.browser.steps import answer_all, choice, fields, fill, open_filled, record
from tests.factories import EditionFactory, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM, PAPER_FORM, TRANSCRIBE
from tests.rules import changed_rules, rules_with_two_more


def list_with_rows(page: Page) -> None:
    for kind in RESULTS.values():
        ScreeningFactory(**kind)
    ScreeningFactory(patient=PatientFactory(name="A" * 60, record_number="9" * 64))
    page.goto("/screenings/")


def list_with_a_superseded_record(page: Page) -> None:
    ScreeningFactory(superseded=True)
    page.goto("/screenings/")


def search_results(page: Page) -> None:
    ScreeningFactory()
    page.goto("/screenings/")
    page.get_by_role("textbox", name="Name or record number").fill("sample")
    with page.expect_navigation():
        page.get_by_role("button", name="Search").click()


def form_answered(answer: str) -> Callable[[Page], None]:
    def open_form(page: Page) -> None:
        page.goto(NEW)
        answer_all(page, answer)

    return open_form


def form_without_an_answer(page: Page) -> None:
    page.goto(NEW)
    record(page)


def form_with_errors_everywhere(page: Page) -> None:
    open_filled(page, OPIOID_FORM)
    fill(page, {"birth_date": "nonsense", "dose_mg": "1000", "opioid-use.last-dose": "1 Jan 2099"})
    choice(page, "opioid-use", "no").check()
    choice(page, "pregnancy", "not_applicable").check()
    record(page)


MEDICINES = (
    "Metformin 500 mg\nPercocet 5/325, one at night, for back pain\ntramadol 50 mg\n"
    "Naltrexone 50 mg tablets\nAllergies: codeine (rash)"
)


def form_with_list(text: str) -> Callable[[Page], None]:
    def open_form(page: Page) -> None:
        open_filled(page)
        fields(page, "medications").fill(text)
        page.locator("[data-listed=found] > *").first.wait_for()

    return open_form


def form_with_an_invalid_list(page: Page) -> None:
    open_filled(page, medications="x" * 20_001)
    record(page)


def form_of_changed_rules(page: Page) -> None:
    open_filled(page)
    EditionFactory(definition=rules_with_two_more(question="Could the patient be pregnant?"))
    record(page)


def form_of_another_user(page: Page) -> None:
    other = UserFactory(first_name="Another", last_name="Person")
    ticket = FormTicket.issue(Edition.objects.get(), other.pk).signed()
    open_filled(page, birth_date="1961")
    fields(page, "form_ticket").evaluate_all("(all, value) => all.forEach(each => { each.value = value })", ticket)
    record(page)


def form_in_conflict(page: Page) -> None:
    page.goto(NEW)
    ticket = fields(page, "form_ticket").first.input_value()
    fill(page, CLEAR_FORM)
    record(page)
    open_filled(page, pregnancy="unknown")
    fields(page, "form_ticket").evaluate_all("(all, value) => all.forEach(each => { each.value = value })", ticket)
    record(page)


def form_of_another_patient(page: Page) -> None:
    ScreeningFactory(patient=PatientFactory(name="Another Person", record_number=CLEAR_FORM["record_number"]))
    open_filled(page)
    record(page)


def sign_in_ended(page: Page) -> None:
    open_filled(page)
    Session.objects.all().delete()
    record(page)


def form_with_notes(page: Page) -> None:
    """Open a form with unlikely values."""
    page.goto(NEW)
    page.locator("[name='birth_date']").fill("12 Apr 1901")
    page.locator("[name='severe-liver-disease'][value='yes']").check()
    page.locator("[name='severe-liver-disease.transaminases-uln']").fill("240")


def list_checked_without_scripts(page: Page) -> None:
    open_filled(page, medications=MEDICINES)
    press_without_scripts(page, "Check the list")


def second_edition() -> None:
    """Publish an edition in which one question is another one."""
    EditionFactory(definition=changed_rules(pregnancy={"question": "Is the patient pregnant, or may she be?"}))


def paper_form(page: Page) -> None:
    second_edition()
    page.goto(TRANSCRIBE)


def older_paper_form(page: Page) -> None:
    second_edition()
    page.goto(TRANSCRIBE)
    fill(page, {"paper_edition": "1"})
    press(page, "Show these questions")


def paper_form_with_errors(page: Page) -> None:
    second_edition()
    page.goto(TRANSCRIBE)
    fill(page, {"paper_edition": "", "paper_completed_at": "20/11/2026 14:30"})
    record(page)


def paper_form_of_other_questions(page: Page) -> None:
    second_edition()
    page.goto(TRANSCRIBE)
    fill(page, PAPER_FORM)
    record(page)


def paper_list_checked_without_scripts(page: Page) -> None:
    page.goto(TRANSCRIBE)
    fill(page, PAPER_FORM | {"medications": MEDICINES})
    press_without_scripts(page, "Check the list")


LIST, FORM, PAPER = "screening:screening_list", "screening:screening_new", "screening:screening_transcribe"
STATES = {
    "list, empty": State(LIST, at("/screenings/")),
    "list": State(LIST, list_with_rows),
    "list, superseded": State(LIST, list_with_a_superseded_record),
    "list, searched": State(LIST, search_results),
    "list, filter error": State(LIST, at("/screenings/?from=nonsense&id=xyz")),
    "form": State(FORM, at(NEW)),
    "form, all yes": State(FORM, form_answered("yes")),
    "form, all unknown": State(FORM, form_answered("unknown")),
    "form, not applicable": State(FORM, form_answered("not_applicable")),
    "form, nothing answered": State(FORM, form_without_an_answer),
    "form, errors": State(FORM, form_with_errors_everywhere),
    "form, list with an opioid": State(FORM, form_with_list(MEDICINES)),
    "form, list without an opioid": State(FORM, form_with_list("Metformin 500 mg")),
    "form, list of one very long line": State(FORM, form_with_list("x" * 9_000 + " oxycodone " + "x" * 9_000)),
    "form, list checked without scripts": State("screening:new_medications", list_checked_without_scripts),
    "form, invalid list": State(FORM, form_with_an_invalid_list),
    "form, unlikely values": State(FORM, form_with_notes),
    "form, rules changed": State(FORM, form_of_changed_rules),
    "form, conflict": State(FORM, form_in_conflict),
    "form, another patient": State(FORM, form_of_another_patient),
    "form, of another user": State(FORM, form_of_another_user),
    "form, sign-in ended": State(FORM, sign_in_ended),
    "paper form": State(PAPER, paper_form),
    "paper form, older edition": State(PAPER, older_paper_form),
    "paper form, errors": State(PAPER, paper_form_with_errors),
    "paper form, other questions": State(PAPER, paper_form_of_other_questions),
    "paper form, list checked without scripts": State(
        "screening:transcribe_medications", paper_list_checked_without_scripts
    ),
}
