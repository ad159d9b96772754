"""Accessibility of every page in every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.rules.definition import AnswerCode
from screening.editions import actions as edition_actions
from screening.models import Edition, Screening, User
from screening.screenings import actions as screening_actions
from screening.screenings.form_ticket import FormTicket
from tests.browser.access import barriers
from tests.browser.conftest import OpenContext
from tests.browser.steps import (
    LOGIN,
    RULES,
    answer_all,
    choice,
    fields,
    fill,
    open_filled,
    record,
    sign_in_through_the_page,
)
from tests.factories import (
    CURRENT_OPIOID,
    NALTREXONE,
    EditionFactory,
    PatientFactory,
    ScreeningFactory,
    UserFactory,
)
from tests.pages import AMENDMENT, CLEAR_FORM, NEW, OPIOID_FORM, address_of
from tests.rules import changed_rules, rules_with_two_more, shipped_rules

pytestmark = [pytest.mark.browser, pytest.mark.look]

# The states of the pages --------------------------------------------------------------------------------------

YES = Answer(AnswerCode.YES)
NOT_KNOWN = Answer(AnswerCode.UNKNOWN)
RESULTS: dict[str, dict[str, Any]] = {
    "clear": {},
    "open": {"given": {"severe-liver-disease": NOT_KNOWN, "pregnancy": NOT_KNOWN}},
    "avoid": {"given": {"pregnancy": YES}},
    "four flags": {"all_flagged": True},
    "a medication list": {"listed": f"{CURRENT_OPIOID}\n{NALTREXONE}\nAllergies: codeine {'x' * 200}"},
    "a list without an opioid": {"nothing_in_list": True},
}


def sign_in_refused(page: Page) -> None:
    page.goto(LOGIN)
    sign_in_through_the_page(page, "nobody", "something else")
    page.get_by_role("alert").wait_for()


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


def local_names(page: Page) -> None:
    for number, name in enumerate(("Zorbelan forte", "Own mixture", "Q" * 120)):
        page.goto("/editions/local-names/")
        fill(page, {"name": name, "ingredient": "oxycodone", "note": "Label of the hospital pharmacy"})
        with page.expect_navigation():
            page.get_by_role("button", name="Add the name").click()
        if not number:
            with page.expect_navigation():
                page.get_by_role("button", name="Retire").click()


def local_name_refused(page: Page) -> None:
    page.goto("/editions/local-names/")
    with page.expect_navigation():
        page.get_by_role("button", name="Add the name").click()


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


def result(kind: str, part: str = "") -> Callable[[Page], None]:
    def open_result(page: Page) -> None:
        page.goto(f"/screenings/{ScreeningFactory(**RESULTS[kind]).uuid}/{part}")

    return open_result


def own(**kind: Any) -> Screening:
    """Return a record of the clinician, with the record number of the forms."""
    clinician, patient = User.objects.get(username="clinician"), PatientFactory(record_number="DEMO-0001")
    return ScreeningFactory(by=clinician, patient=patient, **kind)


def own_page(part: str, **kind: Any) -> Callable[[Page], None]:
    """Open a page of the clinician's own record."""

    def open_part(page: Page) -> None:
        page.goto(address_of(own(**kind), part))

    return open_part


def amendment_without_a_reason(page: Page) -> None:
    own_page("amend/", all_flagged=True)(page)
    fill(page, {name: CLEAR_FORM[name] for name in RULES})
    record(page)


def amendment_in_conflict(page: Page) -> None:
    screening = own(all_flagged=True)
    page.goto(address_of(screening, "amend/"))
    fill(page, AMENDMENT)
    ScreeningFactory(amends=screening, liver_not_known=True)
    record(page)


def amendment_in_conflict_with_a_prescriber(page: Page) -> None:
    screening = own(all_flagged=True)
    page.goto(address_of(screening, "amend/"))
    fill(page, AMENDMENT)
    ScreeningFactory(amends=screening, by=UserFactory(role=Role.PRESCRIBER))
    EditionFactory(definition=rules_with_two_more(question="Could the patient be pregnant?"))
    record(page)


def amendment_in_conflict_with_new_rules(page: Page) -> None:
    screening = own(all_flagged=True)
    page.goto(address_of(screening, "amend/"))
    fill(page, AMENDMENT)
    ScreeningFactory(amends=screening)
    EditionFactory(definition=rules_with_two_more(question="Could the patient be pregnant?"))
    record(page)


def amendment_of_a_voided_record(page: Page) -> None:
    screening = own()
    page.goto(address_of(screening, "amend/"))
    fill(page, AMENDMENT)
    by, role = screening.screened_by, Role.CLINICIAN
    screening_actions.void_screening(screening, by=by, role=role, at=datetime.now(UTC), reason="Wrong patient")
    record(page)


def void_without_input(page: Page) -> None:
    own_page("void/", taking_opioid=True)(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Mark as entered in error").click()


def others_superseded(page: Page) -> None:
    """Open a result with a superseded record beside it."""
    page.goto(address_of(ScreeningFactory(amends=own(taking_opioid=True))))


def more_records_than_are_shown(page_of_record: str) -> Callable[[Page], None]:
    """Open a page of a record whose record number has more records than the result shows."""

    def open_page(page: Page) -> None:
        patient = PatientFactory()
        for _ in range(26):
            screening = ScreeningFactory(patient=patient)
        ScreeningFactory(patient=patient, taking_opioid=True, superseded=True)
        page.goto(address_of(screening, page_of_record))

    return open_page


def form_with_notes(page: Page) -> None:
    """Open a form with unlikely values."""
    page.goto(NEW)
    page.locator("[name='birth_date']").fill("12 Apr 1901")
    page.locator("[name='severe-liver-disease'][value='yes']").check()
    page.locator("[name='severe-liver-disease.transaminases-uln']").fill("240")


def amendment_entered_in_error(page: Page) -> None:
    """Open the result of a record whose amendment was voided."""
    screening = own(taking_opioid=True)
    ScreeningFactory(amends=screening, voided=True)
    page.goto(address_of(screening))


def pdf_with_a_missing_character(page: Page) -> None:
    page.goto(address_of(ScreeningFactory(patient=PatientFactory(name="Sample 李明")), "summary.pdf"))


def editions(page: Page) -> None:
    EditionFactory(definition=rules_with_two_more(), change_note="Two more rules")
    page.goto("/editions/")


def rules_to_review(page: Page) -> None:
    """Open the review page of an edition with one overdue and one confirmed rule."""
    edition = EditionFactory(definition=changed_rules(pregnancy={"next_review": "2020-11-01"}))
    by, until = UserFactory(first_name="A" * 60), date(2099, 11, 1)
    review: dict[str, Any] = {"by": by, "role": Role.CLINICIAN, "at": datetime.now(UTC), "next_review": until}
    edition_actions.confirm_review(edition, ["opioid-use"], **review)
    page.goto(f"/editions/{edition.number}/review/")


def review_without_input(page: Page) -> None:
    rules_to_review(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Confirm the ticked rules").click()


def review_of_a_superseded_edition(page: Page) -> None:
    rules_to_review(page)
    page.goto("/editions/1/review/")


def result_with_an_overdue_rule(page: Page) -> None:
    rules_to_review(page)
    result("four flags")(page)


def at(address: str) -> Callable[[Page], None]:
    def open_address(page: Page) -> None:
        page.goto(address)

    return open_address


STATES: dict[str, Callable[[Page], None]] = {
    "sign-in": at(LOGIN),
    "sign-in refused": sign_in_refused,
    "list, empty": at("/screenings/"),
    "list": list_with_rows,
    "list, superseded": list_with_a_superseded_record,
    "list, searched": search_results,
    "list, filter error": at("/screenings/?from=nonsense&id=xyz"),
    "form": at(NEW),
    "form, all yes": form_answered("yes"),
    "form, all unknown": form_answered("unknown"),
    "form, not applicable": form_answered("not_applicable"),
    "form, nothing answered": form_without_an_answer,
    "form, errors": form_with_errors_everywhere,
    "form, list with an opioid": form_with_list(MEDICINES),
    "form, list without an opioid": form_with_list("Metformin 500 mg"),
    "form, list of one very long line": form_with_list("x" * 9_000 + " oxycodone " + "x" * 9_000),
    "form, invalid list": form_with_an_invalid_list,
    "form, unlikely values": form_with_notes,
    "form, rules changed": form_of_changed_rules,
    "form, conflict": form_in_conflict,
    "form, another patient": form_of_another_patient,
    "form, of another user": form_of_another_user,
    "form, sign-in ended": sign_in_ended,
    "result, clear": result("clear"),
    "result, open": result("open"),
    "result, four flags": result("four flags"),
    "print, four flags": result("four flags", "print/"),
    "result, superseded": own_page("", taking_opioid=True, superseded=True),
    "result, voided": own_page("", all_flagged=True, voided=True),
    "result, amended": others_superseded,
    "result, no current record": amendment_entered_in_error,
    "result, more records than are shown": more_records_than_are_shown(""),
    "others": more_records_than_are_shown("others/"),
    "text in another charset": own_page("summary.txt?charset=x"),
    "print, superseded": own_page("print/", taking_opioid=True, superseded=True),
    "print, voided": own_page("print/", voided=True),
    "form, amending": own_page("amend/", all_flagged=True),
    "form, amending without a reason": amendment_without_a_reason,
    "form, amending in conflict": amendment_in_conflict,
    "form, amending in conflict with new rules": amendment_in_conflict_with_new_rules,
    "form, amending in conflict with a prescriber": amendment_in_conflict_with_a_prescriber,
    "form, amending a voided record": amendment_of_a_voided_record,
    "form, voiding": own_page("void/", taking_opioid=True),
    "form, voiding without input": void_without_input,
    "form, reviewing": rules_to_review,
    "form, reviewing without input": review_without_input,
    "reviewing a superseded edition": review_of_a_superseded_edition,
    "result, a rule overdue": result_with_an_overdue_rule,
    "amending a superseded record": own_page("amend/", superseded=True),
    "voiding a voided record": own_page("void/", voided=True),
    "PDF on an unsupported paper size": own_page("summary.pdf?paper=a5"),
    "PDF with a missing character": pdf_with_a_missing_character,
    "editions": editions,
    "edition": at("/editions/1/"),
    "local names": local_names,
    "local names, refused": local_name_refused,
    "local names, read": at("/editions/local-names/"),
    "not allowed": at(NEW),
    "not found": at(f"/screenings/{uuid4()}/"),
}
OPENED_BY_AN_EDITOR = {"not allowed", "local names", "local names, refused"}
SIGNED_OUT = {"sign-in", "sign-in refused"}
WITH_AN_ERROR_SUMMARY = {
    "form, nothing answered",
    "form, rules changed",
    "form, amending without a reason",
    "form, amending in conflict with new rules",
    "form, voiding without input",
    "form, reviewing without input",
}
WITH_EVERY_QUESTION = {"form, not applicable", "form, amending"}


@pytest.fixture
def person(request: pytest.FixtureRequest, clinician: User) -> User | None:
    """The user who opens the page of a state."""
    state = request.getfixturevalue("state")
    if state in SIGNED_OUT:
        return None
    return UserFactory(role=Role.EDITOR) if state in OPENED_BY_AN_EDITOR else clinician


@pytest.fixture
def opened(open_context: OpenContext, person: User | None, state: str) -> Page:
    """A page in the given state."""
    page = open_context(person).new_page()
    STATES[state](page)
    return page


@pytest.mark.parametrize("state", STATES)
def test_every_page_is_accessible_on_desktop_and_phone_and_in_both_colour_schemes(opened: Page, state: str) -> None:
    if state in WITH_AN_ERROR_SUMMARY:
        assert opened.get_by_role("alert").get_by_role("link").count() > 0
    if state in WITH_EVERY_QUESTION:
        for item in shipped_rules().items:
            group = opened.get_by_role("group", name=item.question).filter(has=fields(opened, item.link_id))
            assert group.count() == 1
    assert barriers(opened) == {}
