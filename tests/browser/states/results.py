"""A stored screening: its result, its copies, and the pages that amend or void it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.rules.definition import AnswerCode
from screening.models import Edition, Screening, User
from screening.screenings import actions as screening_actions
from tests.browser.states.state import State, press_without_scripts
from tests.browser.steps import RULES, fill, record
from tests.factories import (
    CURRENT_OPIOID,
    NALTREXONE,
    EditionFactory,
    PaperFormFactory,
    PatientFactory,
    ScreeningFactory,
    UserFactory,
)
from tests.pages import AMENDMENT, CLEAR_FORM, address_of
from tests.rules import changed_rules, rules_with_two_more

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


def amendment_entered_in_error(page: Page) -> None:
    """Open the result of a record whose amendment was voided."""
    screening = own(taking_opioid=True)
    ScreeningFactory(amends=screening, voided=True)
    page.goto(address_of(screening))


def pdf_with_a_missing_character(page: Page) -> None:
    page.goto(address_of(ScreeningFactory(patient=PatientFactory(name="Sample 李明")), "summary.pdf"))


def amendment_with_its_list_checked(page: Page) -> None:
    page.goto(address_of(own(all_flagged=True), "amend/"))
    fill(page, AMENDMENT | {"medications": CURRENT_OPIOID})
    press_without_scripts(page, "Check the list")


def transcribed(page: Page) -> None:
    """Open the result of a paper form of an earlier edition."""
    EditionFactory(definition=changed_rules(pregnancy={"question": "Is the patient pregnant, or may she be?"}))
    screening = ScreeningFactory(edition=Edition.objects.get(number=1), paper=PaperFormFactory(edition=1))
    page.goto(address_of(screening))


RESULT, PRINT, AMEND = "screening:screening_result", "screening:screening_print", "screening:screening_amend"
VOID, OTHERS = "screening:screening_void", "screening:screening_others"
STATES = {
    "result, clear": State(RESULT, result("clear")),
    "result, open": State(RESULT, result("open")),
    "result, avoid": State(RESULT, result("avoid")),
    "result, four flags": State(RESULT, result("four flags")),
    "result, a medication list": State(RESULT, result("a medication list")),
    "result, a list without an opioid": State(RESULT, result("a list without an opioid")),
    "result, superseded": State(RESULT, own_page("", taking_opioid=True, superseded=True)),
    "result, voided": State(RESULT, own_page("", all_flagged=True, voided=True)),
    "result, amended": State(RESULT, others_superseded),
    "result, no current record": State(RESULT, amendment_entered_in_error),
    "result, more records than are shown": State(RESULT, more_records_than_are_shown("")),
    "result, transcribed": State(RESULT, transcribed),
    "others": State(OTHERS, more_records_than_are_shown("others/")),
    "text in another charset": State("screening:screening_text", own_page("summary.txt?charset=x")),
    "print, four flags": State(PRINT, result("four flags", "print/")),
    "print, superseded": State(PRINT, own_page("print/", taking_opioid=True, superseded=True)),
    "print, voided": State(PRINT, own_page("print/", voided=True)),
    "PDF on an unsupported paper size": State("screening:screening_pdf", own_page("summary.pdf?paper=a5")),
    "PDF with a missing character": State("screening:screening_pdf", pdf_with_a_missing_character),
    "amending": State(AMEND, own_page("amend/", all_flagged=True)),
    "amending without a reason": State(AMEND, amendment_without_a_reason),
    "amending in conflict": State(AMEND, amendment_in_conflict),
    "amending in conflict with new rules": State(AMEND, amendment_in_conflict_with_new_rules),
    "amending in conflict with a prescriber": State(AMEND, amendment_in_conflict_with_a_prescriber),
    "amending a voided record": State(AMEND, amendment_of_a_voided_record),
    "amending a superseded record": State(AMEND, own_page("amend/", superseded=True)),
    "amending, list checked without scripts": State("screening:amend_medications", amendment_with_its_list_checked),
    "voiding": State(VOID, own_page("void/", taking_opioid=True)),
    "voiding without input": State(VOID, void_without_input),
    "voiding a voided record": State(VOID, own_page("void/", voided=True)),
}
