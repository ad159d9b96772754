"""A medication list with its record: kept as given, never changed, and told on every page and copy."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.medications.lexicon import Product
from screening.clinical.medications.reader import NO_LIST, MedicationList
from screening.models import AuditEvent, Edition, ListOfMedicines, Screening
from screening.screenings import actions
from screening.screenings.actions import RecordedWithOtherContent
from screening.screenings.submission import Submission
from tests.factories import (
    CURRENT_OPIOID,
    NALTREXONE,
    NO,
    NO_OPIOID,
    NOT_KNOWN,
    TRAMADOL,
    EditionFactory,
    PatientFactory,
    ScreeningFactory,
    UserFactory,
)
from tests.integration.screenings.test_query_counts import counted
from tests.pages import address_of, words

pytestmark = pytest.mark.django_db

NOTHING = "No opioid recognised in this list; that does not show there is none."
OF_THE_LIST = "//*[@data-words='medications']"
HASH_WITHOUT_A_LIST = "d95c09517adb3c1312ddab981b4118cef4a21f6ac6091833c03e4f44df75e684"
PAGES = ["", "print/"]
COPIES = [*PAGES, "summary.txt"]


def answered(given: dict[str, Any] | None = None) -> dict[str, Any]:
    """Every question of the shipped rules answered no, but for what is given."""
    names = ("opioid-use", "severe-liver-disease", "pregnancy", "breastfeeding")
    return dict.fromkeys(names, NO) | (given or {})


# Kept ---------------------------------------------------------------------------------------------------------


def test_a_record_keeps_the_list_as_given_and_what_was_found(edition: Edition) -> None:
    text = "  Percocet 5/325\r\n\tcodeine – stopped 2019\nMetformin “500” mg\n"
    screening = ScreeningFactory(listed=text)
    recogniser = edition.recogniser()
    assert recogniser is not None
    for kept in (Screening.objects.get(), Screening.objects.complete().get(uuid=screening.uuid)):
        assert kept.record().listed == recogniser.read(text, screening.screened_at.date())
        assert kept.record().listed.text == text


def test_it_keeps_by_which_names_the_list_was_read(edition: Edition) -> None:
    local = Product(name="Schmerzex", ingredients=("codeine",), sources=("atc",))
    ScreeningFactory(listed="Schmerzex", local_names=(local,))
    row = ListOfMedicines.objects.get()
    assert row.lexicon == edition.definition.lexicon
    assert row.local_names == [{"name": "Schmerzex", "ingredients": ["codeine"]}]
    assert [each["product"] for each in row.found] == ["Schmerzex"]


def test_the_findings_are_those_of_the_answers_and_the_list(edition: Edition) -> None:
    screening = ScreeningFactory(listed=f"{CURRENT_OPIOID}\n{NALTREXONE}")
    record = Screening.objects.complete().get(uuid=screening.uuid).record()
    flagged = {each.link_id: each.answer.value for each in record.evaluation.findings if each.status == "flagged"}
    assert flagged == {"opioid-use": "no", "naltrexone-product": "yes"}
    assert screening.outcome == "contraindication_flagged"
    assert set(record.answers) == set(edition.definition.by_link_id)


def test_without_a_list_there_is_no_row_and_no_more_to_say(edition: Edition) -> None:
    screening = ScreeningFactory()
    assert not ListOfMedicines.objects.exists()
    assert Screening.objects.complete().get(uuid=screening.uuid).record().listed is NO_LIST


def test_the_audit_trail_holds_nothing_of_the_list(edition: Edition) -> None:
    ScreeningFactory(opioid_in_list=True)
    assert "Percocet" not in json.dumps(list(AuditEvent.objects.values("subject", "details")))


@pytest.mark.parametrize("change", ["UPDATE {} SET text = 'x'", "DELETE FROM {}"])
def test_a_list_is_never_changed_or_deleted(edition: Edition, change: str) -> None:
    ScreeningFactory(opioid_in_list=True)
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(change.format("screening_listofmedicines"))


def test_a_record_has_one_list(edition: Edition) -> None:
    screening = ScreeningFactory(opioid_in_list=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        ListOfMedicines.objects.create(screening=screening, text="another", found=[], lexicon="", local_names=[])


# The same form again ------------------------------------------------------------------------------------------


def submission(key: UUID | None = None, **changes: Any) -> Submission:
    """A clear form of one patient."""
    patient = PatientFactory(record_number="DEMO-0001")
    plain = Submission(key or uuid4(), patient, answered())
    return plain._replace(**changes)


def test_without_a_list_the_hash_of_a_form_is_what_it_was() -> None:
    assert submission().content_hash == HASH_WITHOUT_A_LIST


def test_a_list_is_part_of_what_was_filled_in() -> None:
    hashes = {submission(medications=MedicationList(text)).content_hash for text in ("", "codeine", "codeine ")}
    assert len(hashes) == 3


def test_what_is_found_in_it_is_not(edition: Edition) -> None:
    recogniser = edition.recogniser()
    assert recogniser is not None
    screening = ScreeningFactory()
    read = recogniser.read("codeine", screening.screened_at.date())
    assert submission(medications=read).content_hash == submission(medications=MedicationList("codeine")).content_hash


def test_the_same_form_with_another_list_is_a_conflict_and_stores_nothing(edition: Edition) -> None:
    by, key = UserFactory(), uuid4()

    def record(text: str) -> Screening:
        sent = submission(key, medications=MedicationList(text))
        at = edition.published_at
        return actions.record_screening(edition=edition, submission=sent, by=by, role=Role.CLINICIAN, at=at)

    first = record("Metformin")
    assert record("Metformin") == first
    with pytest.raises(RecordedWithOtherContent):
        record("Metformin 500 mg")
    assert ListOfMedicines.objects.get().text == "Metformin"


# Statements ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*COPIES, "summary.pdf"])
def test_a_list_costs_a_page_no_further_statement(client: Client, edition: Edition, page: str) -> None:
    sent = []
    for listed in ("", CURRENT_OPIOID):
        screening = ScreeningFactory(given={"opioid-use": TRAMADOL}, listed=listed)
        with counted() as of_page:
            assert client.get(address_of(screening, page)).status_code == 200
        sent.append(of_page.of_data)
    assert len(sent[0]) == len(sent[1])


def test_recording_a_list_costs_one_further_statement(edition: Edition) -> None:
    by, sent = UserFactory(), []
    for listed in (NO_LIST, MedicationList(CURRENT_OPIOID)):
        filled = submission(medications=listed)
        with CaptureQueriesContext(connection) as captured:
            actions.record_screening(
                edition=edition, submission=filled, by=by, role=Role.CLINICIAN, at=edition.published_at
            )
        sent.append(len(captured))
    assert sent[1] - sent[0] == 1


# Told ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("given", "label"), [(NO, "Conflict"), (NOT_KNOWN, "Evidence"), (TRAMADOL, "In the list")], ids=str
)
def test_a_flag_by_the_list_stands_under_the_answer_as_given(
    client: Client, edition: Edition, page: str, given: Any, label: str
) -> None:
    shown = client.get(address_of(ScreeningFactory(given={"opioid-use": given}, opioid_in_list=True), page))
    (element,) = html.fromstring(shown.content.decode()).xpath("//*[@data-rule='opioid-use']")
    assert (element.get("data-answer"), element.get("data-finding")) == (given.code.value, "flagged")
    assert f"{label} The" in words(shown, "//*[@data-rule='opioid-use']")
    assert "oxycodone (Percocet), agonist, short-acting, line 2 “Percocet”" in words(shown, "//main")


@pytest.mark.parametrize("page", PAGES)
def test_a_naltrexone_product_is_a_caution_of_its_own(client: Client, edition: Edition, page: str) -> None:
    shown = client.get(address_of(ScreeningFactory(naltrexone_in_list=True), page))
    (element,) = html.fromstring(shown.content.decode()).xpath("//*[@data-rule='naltrexone-product']")
    assert (element.get("data-answer"), element.get("data-finding")) == ("yes", "flagged")
    assert "In the list The list names a naltrexone product: naltrexone" in words(
        shown, "//*[@data-rule='naltrexone-product']"
    )
    (main,) = html.fromstring(shown.content.decode()).xpath("//main")
    assert main.get("data-outcome") == "caution_flagged"


@pytest.mark.parametrize("page", COPIES)
def test_a_list_without_a_hit_is_told_without_a_promise_and_whole(
    client: Client, edition: Edition, page: str
) -> None:
    said = words(client.get(address_of(ScreeningFactory(nothing_in_list=True), page)))
    assert NOTHING in said
    for line in NO_OPIOID.splitlines():
        assert line in said


@pytest.mark.parametrize("page", PAGES)
def test_nothing_in_the_part_of_the_list_is_a_tick(client: Client, edition: Edition, page: str) -> None:
    shown = client.get(address_of(ScreeningFactory(nothing_in_list=True), page))
    (part,) = html.fromstring(shown.content.decode()).xpath(OF_THE_LIST)
    assert part.xpath(".//svg | .//img") == []


@pytest.mark.parametrize("page", PAGES)
def test_without_a_list_there_is_no_part_of_it(client: Client, edition: Edition, page: str) -> None:
    shown = client.get(address_of(ScreeningFactory(), page))
    assert html.fromstring(shown.content.decode()).xpath(OF_THE_LIST) == []


@pytest.mark.parametrize("page", PAGES)
def test_the_list_stands_line_by_line_as_it_was_given(client: Client, edition: Edition, page: str) -> None:
    text = "<b>Percocet</b> & {{ uuid }}\n\n  Metformin  500 mg"
    shown = client.get(address_of(ScreeningFactory(listed=text), page))
    typed = html.fromstring(shown.content.decode()).xpath(f"{OF_THE_LIST}//ol/li")
    assert [each.text_content() for each in typed] == ["<b>Percocet</b> & {{ uuid }}", "", "  Metformin  500 mg"]
    assert "<b>Percocet" not in shown.content.decode()


def test_every_page_and_copy_says_the_same_of_a_list(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory(listed=f"{CURRENT_OPIOID}\n{NALTREXONE}")
    pages = [words(client.get(address_of(screening, page)), OF_THE_LIST) for page in PAGES]
    assert pages[0] == pages[1]
    text = words(client.get(address_of(screening, "summary.txt")))
    for said in ("1 line contains an opioid.", "Line 2", "Naltrexone products, counted as"):
        assert said in pages[0]
        assert said in text


def test_a_record_of_an_edition_without_names_says_that_its_list_was_not_read(client: Client) -> None:
    screening = ScreeningFactory(edition=EditionFactory(lexicon=None), listed="oxycodone")
    said = words(client.get(address_of(screening)), OF_THE_LIST)
    assert "This list was not searched: the edition holds no names of medicines." in said
    assert NOTHING not in said


def test_a_rules_page_names_what_a_list_raises(client: Client, edition: Edition) -> None:
    page = client.get("/editions/1/")
    said = words(page, "//*[@data-rule='naltrexone-product']")
    assert "Not asked: raised by a medication list" in said
    assert "Flagged by A naltrexone product in a medication list, counted as current" in said
    assert "The answer yes or an opioid in a medication list, counted as current" in words(page)
    assert edition.definition.lexicon[:12] in words(page)


@pytest.mark.parametrize(
    ("text", "named"), [("李 10 mg", "“李”"), ("Percocet \uf0b7", "U+F0B7")], ids=["Chinese", "a private character"]
)
def test_a_list_that_the_fonts_of_the_pdf_cannot_show_leads_to_the_print(
    client: Client, edition: Edition, text: str, named: str
) -> None:
    response = client.get(address_of(ScreeningFactory(listed=text), "summary.pdf"))
    assert response.status_code == 422
    assert named in words(response)
