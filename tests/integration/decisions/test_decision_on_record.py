"""A record shows the decision on page, print, PDF, plain text and list, and says when it no longer counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.text.dates import format_datetime
from screening.models import Decision, Screening, User
from screening.screenings import actions as screening_actions
from tests.decisions import decided
from tests.factories import NOT_KNOWN, TRAMADOL, VOID_REASON, ScreeningFactory
from tests.pages import address_of, listed, words
from tests.words import read

pytestmark = pytest.mark.django_db

COPIES = ["", "print/", "summary.txt", "summary.txt?charset=ascii"]
PRESCRIBE, DEFER, REFER = DecisionCode.PRESCRIBE, DecisionCode.DEFER, DecisionCode.REFER


@pytest.fixture
def screening(person: User) -> Screening:
    """One contraindicated flag and one unresolved answer."""
    return ScreeningFactory(given={"opioid-use": TRAMADOL, "severe-liver-disease": NOT_KNOWN})


def void(screening: Screening) -> None:
    """Mark a record as entered in error."""
    by, at = screening.screened_by, datetime.now(UTC)
    screening_actions.void_screening(screening, by=by, role=Role.CLINICIAN, at=at, reason=VOID_REASON)


def ascii_of(text: str) -> str:
    """Return a text with plain apostrophes, as old record systems get it."""
    return text.replace("’", "'")


@pytest.mark.parametrize("page", COPIES)
def test_a_copy_says_who_decided_what_when_and_why(
    client: Client, person: User, screening: Screening, page: str
) -> None:
    decision = decided(screening, REFER, by=person)
    text = ascii_of(words(client.get(address_of(screening, page))))
    for part in (
        "Refer",
        f"Sample Prescriber, prescriber, {format_datetime(decision.at_local)}",
        "Opioid use",
        "Severe liver disease",
        "Benefit outweighs the risk here. Talked it over with the patient.",
    ):
        assert part in text


@pytest.mark.pdftotext
def test_the_pdf_says_it_too_on_one_sheet(client: Client, person: User, screening: Screening) -> None:
    decided(screening, REFER, by=person)
    pdf = client.get(address_of(screening, "summary.pdf"))
    text = " ".join("".join(read(pdf.content)).split())
    assert "Prescriber’s decision: Refer" in text
    assert "Benefit outweighs the risk here. Talked it over with the patient." in text
    assert "Page 1 of 1" in text


@pytest.mark.parametrize("page", ["print/", "summary.txt"])
def test_a_copy_without_a_decision_has_lines_to_sign_and_says_so(
    client: Client, screening: Screening, page: str
) -> None:
    text = words(client.get(address_of(screening, page)))
    assert "Not yet decided when this was printed." in text
    assert "Signature" in text


@pytest.mark.parametrize("page", ["print/", "summary.txt"])
def test_a_copy_with_a_decision_has_no_lines_to_sign(
    client: Client, person: User, screening: Screening, page: str
) -> None:
    decided(screening, by=person)
    text = words(client.get(address_of(screening, page)))
    assert "Signature" not in text
    assert "Not yet decided" not in text


def test_the_result_asks_for_a_decision_until_there_is_one(
    client: Client, person: User, screening: Screening
) -> None:
    assert "Not yet decided" in words(client.get(address_of(screening)))
    decided(screening, by=person)
    assert "Not yet decided" not in words(client.get(address_of(screening)))


@pytest.mark.parametrize("page", ["", "print/"])
def test_the_main_element_names_the_decision(client: Client, person: User, screening: Screening, page: str) -> None:
    decided(screening, REFER, by=person)
    (main,) = html.fromstring(client.get(address_of(screening, page)).content.decode()).xpath("//main")
    assert main.get("data-decision") == "refer"


@pytest.mark.parametrize("page", COPIES)
def test_the_latest_decision_comes_first_and_all_are_listed(
    client: Client, person: User, other_person: User, screening: Screening, page: str
) -> None:
    decided(screening, DecisionCode.MORE_INFORMATION, by=other_person)
    decided(screening, REFER, by=person)
    text = words(client.get(address_of(screening, page)))
    assert "Latest of 2 decisions" in text
    assert 0 < text.index("Refer") < text.index("Need more information")
    assert "Other Person, prescriber" in text


def test_the_result_shows_the_reasons_of_earlier_decisions(
    client: Client, person: User, screening: Screening
) -> None:
    decided(screening, by=person, reason="need-more-info")
    decided(screening, by=person)
    assert "Waiting for a result or advice." in words(client.get(address_of(screening)))


def test_an_override_is_on_the_record(client: Client, person: User, screening: Screening) -> None:
    decided(screening, PRESCRIBE, by=person)
    assert "Override Confirmed by typing the record id." in words(client.get(address_of(screening)))


def test_a_label_that_changes_later_does_not_change_the_record(
    client: Client, person: User, screening: Screening
) -> None:
    decision = decided(screening, by=person)
    label = decision.reasons.all()[0].label
    assert label == "Benefit outweighs the risk here"
    assert label in words(client.get(address_of(screening)))


# Superseded or void -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", COPIES)
def test_amending_marks_the_decision_as_made_on_superseded_answers(
    client: Client, person: User, screening: Screening, page: str
) -> None:
    decided(screening, REFER, by=person)
    successor = ScreeningFactory(amends=screening)
    text = words(client.get(address_of(screening, page)))
    assert re.search("Decision made on superseded answers", text, re.IGNORECASE)
    assert "Do not act on this decision." in text
    assert f"The prescriber decides on record {successor.short_id}." in text


@pytest.mark.parametrize("page", COPIES)
def test_voiding_marks_the_decision_as_made_on_superseded_answers(
    client: Client, person: User, screening: Screening, page: str
) -> None:
    decided(screening, REFER, by=person)
    void(screening)
    text = words(client.get(address_of(screening, page)))
    assert re.search("Decision made on superseded answers", text, re.IGNORECASE)
    assert "Do not act on this decision." in text


@pytest.mark.pdftotext
def test_the_pdf_of_a_superseded_record_marks_the_decision(
    client: Client, person: User, screening: Screening
) -> None:
    decided(screening, REFER, by=person)
    ScreeningFactory(amends=screening)
    text = " ".join("".join(read(client.get(address_of(screening, "summary.pdf")).content)).split())
    assert "Decision made on superseded answers: Refer" in text


def test_the_amendment_waits_and_names_the_superseded_decision(
    client: Client, person: User, screening: Screening
) -> None:
    decided(screening, REFER, by=person)
    page = client.get(address_of(ScreeningFactory(amends=screening)))
    assert "Not yet decided" in words(page)
    assert f"on record {screening.short_id}" in words(page)


def test_an_amendment_of_an_undecided_amendment_names_the_superseded_decision_too(
    client: Client, person: User, screening: Screening
) -> None:
    decided(screening, REFER, by=person)
    last = ScreeningFactory(amends=ScreeningFactory(amends=screening))
    assert f"on record {screening.short_id}" in words(client.get(address_of(last)))


# How long answers hold ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", COPIES)
def test_a_copy_says_until_when_the_answers_hold(client: Client, screening: Screening, page: str) -> None:
    text = words(client.get(address_of(screening, page)))
    assert "Answers hold until" in text
    assert "(opioid use, pregnancy and breastfeeding)" in text


def test_expired_answers_are_to_be_asked_again_until_there_is_a_decision(client: Client, person: User) -> None:
    screening = ScreeningFactory(at=datetime.now(UTC) - timedelta(days=1))
    text = words(client.get(address_of(screening)))
    assert ", ended (opioid use, pregnancy and breastfeeding)" in text
    assert "Ask again before deciding." in text
    decided(screening, by=person)
    assert "Ask again before deciding." not in words(client.get(address_of(screening)))


# The list -----------------------------------------------------------------------------------------------------


@pytest.fixture
def by_decision(person: User) -> dict[str, Screening]:
    """A screening for each value of the filter."""
    made = {code.value: ScreeningFactory(taking_opioid=True) for code in DecisionCode}
    for code in DecisionCode:
        decided(made[code.value], DecisionCode.REFER, by=person)
        decided(made[code.value], code, by=person)
    superseded = ScreeningFactory()
    decided(superseded, by=person)
    ScreeningFactory(amends=superseded)
    voided = ScreeningFactory()
    decided(voided, by=person)
    void(voided)
    return made | {"superseded": superseded, "none": Screening.objects.get(supersedes=superseded)}


@pytest.mark.parametrize("value", ["none", *DecisionCode, "superseded"])
def test_the_list_is_filtered_by_decision(client: Client, by_decision: dict[str, Screening], value: str) -> None:
    assert listed(client.get("/screenings/", {"decision": value})) == [str(by_decision[value].uuid)]


def test_a_search_is_filtered_by_decision(client: Client, by_decision: dict[str, Screening]) -> None:
    found = client.post("/screenings/", {"q": "sample", "decision": "refer"})
    assert listed(found) == [str(by_decision["refer"].uuid)]


def test_an_unknown_decision_in_the_filter_is_422(client: Client, edition: object) -> None:
    assert client.get("/screenings/", {"decision": "approve"}).status_code == 422


def row(page: Any, screening: Screening) -> str:
    """The text of a row of the list."""
    return words(page, f"//tr[@data-screening='{screening.uuid}']")


def test_each_row_shows_its_decision(client: Client, by_decision: dict[str, Screening]) -> None:
    page = client.get("/screenings/")
    assert "Refer" in row(page, by_decision["refer"])
    assert "Defer until" in row(page, by_decision["defer"])
    assert "Not yet decided" in row(page, by_decision["none"])
    assert "Decision made on superseded answers" in row(page, by_decision["superseded"])


def test_a_page_of_decided_screenings_sends_one_statement_more(
    client: Client, person: User, count_statements: Callable[[str], int]
) -> None:
    screenings = [ScreeningFactory() for _ in range(3)]
    before = count_statements("/screenings/")
    for screening in screenings:
        decided(screening, by=person)
    assert count_statements("/screenings/") == before + 1
    assert Decision.objects.count() == 3
