"""The medication list of a record: stored as entered, never changed, and shown on every page and copy."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
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
from tests.pages import address_of, words
from tests.queries import capture_queries

pytestmark = pytest.mark.django_db

NOTHING = "No opioid recognised in this list; that does not show there is none."
SECTION = "//*[@data-words='medications']"
HASH_WITHOUT_A_LIST = "d95c09517adb3c1312ddab981b4118cef4a21f6ac6091833c03e4f44df75e684"
PAGES = ["", "print/"]
COPIES = [*PAGES, "summary.txt"]


def answered(given: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the answer no to every question of the shipped rules, with other answers where given."""
    names = ("opioid-use", "severe-liver-disease", "pregnancy", "breastfeeding")
    return dict.fromkeys(names, NO) | (given or {})


# Stored -------------------------------------------------------------------------------------------------------


def test_a_record_stores_the_list_as_entered_and_what_was_found(edition: Edition) -> None:
    text = "  Percocet 5/325\r\n\tcodeine – stopped 2019\nMetformin “500” mg\n"
    screening = ScreeningFactory(listed=text)
    recogniser = edition.recogniser()
    assert recogniser is not None
    for stored in (Screening.objects.get(), Screening.objects.complete().get(uuid=screening.uuid)):
        assert stored.record().listed == recogniser.read(text, screening.screened_at.date())
        assert stored.record().listed.text == text


def test_a_record_stores_the_names_that_the_list_was_read_with(edition: Edition) -> None:
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


def test_a_record_without_a_list_has_no_row_for_one(edition: Edition) -> None:
    screening = ScreeningFactory()
    assert not ListOfMedicines.objects.exists()
    assert Screening.objects.complete().get(uuid=screening.uuid).record().listed is NO_LIST


def test_the_audit_trail_has_nothing_of_the_list(edition: Edition) -> None:
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


# Resubmission -------------------------------------------------------------------------------------------------


def submission(key: UUID | None = None, **changes: Any) -> Submission:
    """Return a form of one patient with every question answered no."""
    patient = PatientFactory(record_number="DEMO-0001")
    return Submission(key or uuid4(), patient, answered())._replace(**changes)


def test_the_hash_of_a_form_without_a_list_has_not_changed() -> None:
    assert submission().content_hash == HASH_WITHOUT_A_LIST


def test_the_text_of_a_list_is_part_of_the_hash() -> None:
    hashes = {submission(medications=MedicationList(text)).content_hash for text in ("", "codeine", "codeine ")}
    assert len(hashes) == 3


def test_the_medicines_found_in_a_list_are_not_part_of_the_hash(edition: Edition) -> None:
    recogniser = edition.recogniser()
    assert recogniser is not None
    screening = ScreeningFactory()
    read = recogniser.read("codeine", screening.screened_at.date())
    assert submission(medications=read).content_hash == submission(medications=MedicationList("codeine")).content_hash


def test_resubmitting_a_form_with_another_list_is_a_conflict_and_stores_nothing(edition: Edition) -> None:
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


# Queries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*COPIES, "summary.pdf"])
def test_a_list_adds_no_query_to_a_page(client: Client, edition: Edition, page: str) -> None:
    counts = []
    for listed in ("", CURRENT_OPIOID):
        screening = ScreeningFactory(given={"opioid-use": TRAMADOL}, listed=listed)
        with capture_queries() as captured:
            assert client.get(address_of(screening, page)).status_code == 200
        counts.append(len(captured.on_data))
    assert counts[0] == counts[1]


def test_recording_a_list_adds_one_query(edition: Edition) -> None:
    by, counts = UserFactory(), []
    for listed in (NO_LIST, MedicationList(CURRENT_OPIOID)):
        form = submission(medications=listed)
        with capture_queries() as captured:
            actions.record_screening(
                edition=edition, submission=form, by=by, role=Role.CLINICIAN, at=edition.published_at
            )
        counts.append(len(captured.all))
    assert counts[1] - counts[0] == 1


# Shown --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("given", "label"), [(NO, "Conflict"), (NOT_KNOWN, "Evidence"), (TRAMADOL, "In the list")], ids=str
)
def test_a_rule_flagged_by_the_list_shows_the_answer_unchanged(
    client: Client, edition: Edition, page: str, given: Any, label: str
) -> None:
    shown = client.get(address_of(ScreeningFactory(given={"opioid-use": given}, opioid_in_list=True), page))
    (element,) = html.fromstring(shown.content.decode()).xpath("//*[@data-rule='opioid-use']")
    assert (element.get("data-answer"), element.get("data-finding")) == (given.code.value, "flagged")
    assert f"{label} The" in words(shown, "//*[@data-rule='opioid-use']")
    assert "oxycodone (Percocet), agonist, short-acting, line 2 “Percocet”" in words(shown, "//main")


@pytest.mark.parametrize("page", PAGES)
def test_a_naltrexone_product_is_a_separate_caution(client: Client, edition: Edition, page: str) -> None:
    shown = client.get(address_of(ScreeningFactory(naltrexone_in_list=True), page))
    (element,) = html.fromstring(shown.content.decode()).xpath("//*[@data-rule='naltrexone-product']")
    assert (element.get("data-answer"), element.get("data-finding")) == ("yes", "flagged")
    assert "In the list The list names a naltrexone product: naltrexone" in words(
        shown, "//*[@data-rule='naltrexone-product']"
    )
    (main,) = html.fromstring(shown.content.decode()).xpath("//main")
    assert main.get("data-outcome") == "caution_flagged"


@pytest.mark.parametrize("page", COPIES)
def test_a_list_without_an_opioid_is_shown_whole_and_with_a_reservation(
    client: Client, edition: Edition, page: str
) -> None:
    text = words(client.get(address_of(ScreeningFactory(nothing_in_list=True), page)))
    assert NOTHING in text
    for line in NO_OPIOID.splitlines():
        assert line in text


@pytest.mark.parametrize("page", PAGES)
def test_the_section_on_the_list_has_no_tick(client: Client, edition: Edition, page: str) -> None:
    shown = client.get(address_of(ScreeningFactory(nothing_in_list=True), page))
    (part,) = html.fromstring(shown.content.decode()).xpath(SECTION)
    assert part.xpath(".//svg | .//img") == []


@pytest.mark.parametrize("page", PAGES)
def test_without_a_list_there_is_no_section_on_it(client: Client, edition: Edition, page: str) -> None:
    shown = client.get(address_of(ScreeningFactory(), page))
    assert html.fromstring(shown.content.decode()).xpath(SECTION) == []


@pytest.mark.parametrize("page", PAGES)
def test_the_list_is_shown_line_by_line_as_entered(client: Client, edition: Edition, page: str) -> None:
    text = "<b>Percocet</b> & {{ uuid }}\n\n  Metformin  500 mg"
    shown = client.get(address_of(ScreeningFactory(listed=text), page))
    lines = html.fromstring(shown.content.decode()).xpath(f"{SECTION}//ol/li")
    assert [each.text_content() for each in lines] == ["<b>Percocet</b> & {{ uuid }}", "", "  Metformin  500 mg"]
    assert "<b>Percocet" not in shown.content.decode()


def test_every_page_and_copy_has_the_same_words_on_a_list(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory(listed=f"{CURRENT_OPIOID}\n{NALTREXONE}")
    pages = [words(client.get(address_of(screening, page)), SECTION) for page in PAGES]
    assert pages[0] == pages[1]
    text = words(client.get(address_of(screening, "summary.txt")))
    for text in ("1 line contains an opioid.", "Line 2", "Naltrexone products, counted as"):
        assert text in pages[0]
        assert text in text


def test_a_record_of_an_edition_without_names_says_that_its_list_was_not_read(client: Client) -> None:
    screening = ScreeningFactory(edition=EditionFactory(lexicon=None), listed="oxycodone")
    text = words(client.get(address_of(screening)), SECTION)
    assert "This list was not searched: the edition holds no names of medicines." in text
    assert NOTHING not in text


def test_the_page_of_an_edition_names_the_rules_that_a_list_flags(client: Client, edition: Edition) -> None:
    page = client.get("/editions/1/")
    text = words(page, "//*[@data-rule='naltrexone-product']")
    assert "Not asked: raised by a medication list" in text
    assert "Flagged by A naltrexone product in a medication list, counted as current" in text
    assert "The answer yes or an opioid in a medication list, counted as current" in words(page)
    assert edition.definition.lexicon[:12] in words(page)


@pytest.mark.parametrize(
    ("text", "named"), [("李 10 mg", "“李”"), ("Percocet \uf0b7", "U+F0B7")], ids=["Chinese", "a private character"]
)
def test_a_list_that_the_fonts_of_the_pdf_cannot_show_is_refused_as_a_pdf(
    client: Client, edition: Edition, text: str, named: str
) -> None:
    response = client.get(address_of(ScreeningFactory(listed=text), "summary.pdf"))
    assert response.status_code == 422
    assert named in words(response)
