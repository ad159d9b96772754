"""Every page, in every state, for people who see, hear or point differently."""

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


def list_with_what_stands_no_longer(page: Page) -> None:
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


def form_with_list(typed: str) -> Callable[[Page], None]:
    def open_form(page: Page) -> None:
        open_filled(page)
        fields(page, "medications").fill(typed)
        page.locator("[data-listed=found] > *").first.wait_for()

    return open_form


def form_with_a_list_that_is_refused(page: Page) -> None:
    open_filled(page, medications="x" * 20_001)
    record(page)


def local_names(page: Page) -> None:
    for number, name in enumerate(("Zorbelan forte", "House mixture", "Q" * 120)):
        page.goto("/editions/local-names/")
        fill(page, {"name": name, "ingredient": "oxycodone", "note": "Label of the house pharmacy"})
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


def form_begun_by_somebody_else(page: Page) -> None:
    other = UserFactory(first_name="Another", last_name="Person")
    ticket = FormTicket.issue(Edition.objects.get(), other.pk).signed()
    open_filled(page, birth_date="1961")
    fields(page, "form_ticket").evaluate_all("(all, kept) => all.forEach(each => { each.value = kept })", ticket)
    record(page)


def form_in_conflict(page: Page) -> None:
    page.goto(NEW)
    ticket = fields(page, "form_ticket").first.input_value()
    fill(page, CLEAR_FORM)
    record(page)
    open_filled(page, pregnancy="unknown")
    fields(page, "form_ticket").evaluate_all("(all, kept) => all.forEach(each => { each.value = kept })", ticket)
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
    """A record of the clinician who looks at it, with the record number that forms in these tests hold."""
    clinician, patient = User.objects.get(username="clinician"), PatientFactory(record_number="DEMO-0001")
    return ScreeningFactory(by=clinician, patient=patient, **kind)


def of_own(part: str, **kind: Any) -> Callable[[Page], None]:
    """A page of a record of one's own."""

    def open_part(page: Page) -> None:
        page.goto(address_of(own(**kind), part))

    return open_part


def amendment_without_a_reason(page: Page) -> None:
    of_own("amend/", all_flagged=True)(page)
    fill(page, {name: CLEAR_FORM[name] for name in RULES})
    record(page)


def amendment_overtaken(page: Page) -> None:
    screening = own(all_flagged=True)
    page.goto(address_of(screening, "amend/"))
    fill(page, AMENDMENT)
    ScreeningFactory(amends=screening, liver_not_known=True)
    record(page)


def amendment_lost_to_a_prescriber(page: Page) -> None:
    screening = own(all_flagged=True)
    page.goto(address_of(screening, "amend/"))
    fill(page, AMENDMENT)
    ScreeningFactory(amends=screening, by=UserFactory(role=Role.PRESCRIBER))
    EditionFactory(definition=rules_with_two_more(question="Could the patient be pregnant?"))
    record(page)


def amendment_overtaken_under_new_rules(page: Page) -> None:
    screening = own(all_flagged=True)
    page.goto(address_of(screening, "amend/"))
    fill(page, AMENDMENT)
    ScreeningFactory(amends=screening)
    EditionFactory(definition=rules_with_two_more(question="Could the patient be pregnant?"))
    record(page)


def amendment_of_what_was_voided(page: Page) -> None:
    screening = own()
    page.goto(address_of(screening, "amend/"))
    fill(page, AMENDMENT)
    by, role = screening.screened_by, Role.CLINICIAN
    screening_actions.void_screening(screening, by=by, role=role, at=datetime.now(UTC), reason="Wrong patient")
    record(page)


def void_without_anything(page: Page) -> None:
    of_own("void/", taking_opioid=True)(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Mark as entered in error").click()


def others_superseded(page: Page) -> None:
    """A result beside whose record another one was superseded."""
    page.goto(address_of(ScreeningFactory(amends=own(taking_opioid=True))))


def more_others_than_are_shown(page_of_record: str) -> Callable[[Page], None]:
    """A page of a record beside which more of its record number were made than its result shows."""

    def open_page(page: Page) -> None:
        patient = PatientFactory()
        for _ in range(26):
            screening = ScreeningFactory(patient=patient)
        ScreeningFactory(patient=patient, taking_opioid=True, superseded=True)
        page.goto(address_of(screening, page_of_record))

    return open_page


def form_with_notes(page: Page) -> None:
    """A form with unlikely values."""
    page.goto(NEW)
    page.locator("[name='birth_date']").fill("12 Apr 1901")
    page.locator("[name='severe-liver-disease'][value='yes']").check()
    page.locator("[name='severe-liver-disease.transaminases-uln']").fill("240")


def amendment_entered_in_error(page: Page) -> None:
    """The result of a record after which nothing stands."""
    screening = own(taking_opioid=True)
    ScreeningFactory(amends=screening, voided=True)
    page.goto(address_of(screening))


def pdf_with_a_character_missing(page: Page) -> None:
    page.goto(address_of(ScreeningFactory(patient=PatientFactory(name="Sample 李明")), "summary.pdf"))


def editions(page: Page) -> None:
    EditionFactory(definition=rules_with_two_more(), change_note="Two more rules")
    page.goto("/editions/")


def rules_to_review(page: Page) -> None:
    """The review of an edition in which that of one rule is overdue and another one was signed."""
    edition = EditionFactory(definition=changed_rules(pregnancy={"next_review": "2020-11-01"}))
    by, until = UserFactory(first_name="A" * 60), date(2099, 11, 1)
    signature: dict[str, Any] = {"by": by, "role": Role.CLINICIAN, "at": datetime.now(UTC), "next_review": until}
    edition_actions.sign_review(edition, ["opioid-use"], **signature)
    page.goto(f"/editions/{edition.number}/review/")


def review_without_anything(page: Page) -> None:
    rules_to_review(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign the ticked rules").click()


def reviewed_no_longer(page: Page) -> None:
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
    "list, superseded": list_with_what_stands_no_longer,
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
    "form, list of one endless line": form_with_list("x" * 9_000 + " oxycodone " + "x" * 9_000),
    "form, list refused": form_with_a_list_that_is_refused,
    "form, unlikely values": form_with_notes,
    "form, rules changed": form_of_changed_rules,
    "form, conflict": form_in_conflict,
    "form, another patient": form_of_another_patient,
    "form, begun by somebody else": form_begun_by_somebody_else,
    "form, sign-in ended": sign_in_ended,
    "result, clear": result("clear"),
    "result, open": result("open"),
    "result, four flags": result("four flags"),
    "print, four flags": result("four flags", "print/"),
    "result, superseded": of_own("", taking_opioid=True, superseded=True),
    "result, voided": of_own("", all_flagged=True, voided=True),
    "result, amended": others_superseded,
    "result, nothing stands": amendment_entered_in_error,
    "result, more others than are shown": more_others_than_are_shown(""),
    "others": more_others_than_are_shown("others/"),
    "text in another charset": of_own("summary.txt?charset=x"),
    "print, superseded": of_own("print/", taking_opioid=True, superseded=True),
    "print, voided": of_own("print/", voided=True),
    "form, amending": of_own("amend/", all_flagged=True),
    "form, amending without a reason": amendment_without_a_reason,
    "form, amending overtaken": amendment_overtaken,
    "form, amending overtaken under new rules": amendment_overtaken_under_new_rules,
    "form, amending lost to a prescriber": amendment_lost_to_a_prescriber,
    "form, amending what was voided": amendment_of_what_was_voided,
    "form, voiding": of_own("void/", taking_opioid=True),
    "form, voiding without anything": void_without_anything,
    "form, reviewing": rules_to_review,
    "form, reviewing without anything": review_without_anything,
    "reviewing what is no longer in use": reviewed_no_longer,
    "result, a rule overdue": result_with_an_overdue_rule,
    "amending what stands no longer": of_own("amend/", superseded=True),
    "voiding what stands no longer": of_own("void/", voided=True),
    "PDF on no paper": of_own("summary.pdf?paper=a5"),
    "PDF with a character missing": pdf_with_a_character_missing,
    "editions": editions,
    "edition": at("/editions/1/"),
    "local names": local_names,
    "local names, refused": local_name_refused,
    "local names, read": at("/editions/local-names/"),
    "not allowed": at(NEW),
    "not found": at(f"/screenings/{uuid4()}/"),
}
OF_THE_EDITOR = {"not allowed", "local names", "local names, refused"}
SIGNED_OUT = {"sign-in", "sign-in refused"}
WITH_A_SUMMARY = {
    "form, nothing answered",
    "form, rules changed",
    "form, amending without a reason",
    "form, amending overtaken under new rules",
    "form, voiding without anything",
    "form, reviewing without anything",
}
ASKING_EVERY_QUESTION = {"form, not applicable", "form, amending"}


@pytest.fixture
def person(request: pytest.FixtureRequest, clinician: User) -> User | None:
    """Who opens the page of a state."""
    state = request.getfixturevalue("state")
    if state in SIGNED_OUT:
        return None
    return UserFactory(role=Role.EDITOR) if state in OF_THE_EDITOR else clinician


@pytest.fixture
def opened(open_context: OpenContext, person: User | None, state: str) -> Page:
    """A page in one of its states."""
    page = open_context(person).new_page()
    STATES[state](page)
    return page


@pytest.mark.parametrize("state", STATES)
def test_nothing_stands_in_the_way_of_anyone_at_any_width_and_in_any_colours(opened: Page, state: str) -> None:
    if state in WITH_A_SUMMARY:
        assert opened.get_by_role("alert").get_by_role("link").count() > 0
    if state in ASKING_EVERY_QUESTION:
        for item in shipped_rules().items:
            group = opened.get_by_role("group", name=item.question).filter(has=fields(opened, item.link_id))
            assert group.count() == 1
    assert barriers(opened) == {}
