"""Each page that shows a patient writes one audit event with the id of the record."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from screening.models import AuditEvent, Edition, Screening, User
from tests.factories import PatientFactory, ScreeningFactory
from tests.pages import AMENDMENT, CLEAR_FORM, NEW, address_of, send

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

PAGES = ["", "print/", "summary.pdf", "summary.txt", "amend/", "void/"]


@pytest.fixture
def screening(clinician: User, edition: Edition) -> Screening:
    """A record of the clinician, with the record number that the forms use."""
    return ScreeningFactory(by=clinician, patient=PatientFactory(record_number="DEMO-0001"))


def access_events() -> list[tuple[str, str]]:
    """Return action and subject of the events of access to records, oldest first."""
    shown = AuditEvent.objects.filter(action__in=["screening.read", "screening.printed", "screening.exported"])
    return list(shown.order_by("pk").values_list("action", "subject"))


def reads(*screenings: Screening) -> list[tuple[str, str]]:
    """Return the events of reading these records."""
    return [("screening.read", str(each.uuid)) for each in screenings]


@pytest.mark.parametrize("page", PAGES)
def test_opening_a_page_of_a_record_writes_one_event(client: Client, screening: Screening, page: str) -> None:
    assert client.get(address_of(screening, page)).status_code == 200
    assert [subject for _, subject in access_events()] == [str(screening.uuid)]


@pytest.mark.parametrize("page", PAGES)
def test_a_head_request_writes_no_event(client: Client, screening: Screening, page: str) -> None:
    before = AuditEvent.objects.count()
    assert client.head(address_of(screening, page)).status_code == 200
    assert AuditEvent.objects.count() == before


def test_a_correction_with_errors_writes_an_event(client: Client, screening: Screening) -> None:
    assert client.post(address_of(screening, "amend/"), {}).status_code == 422
    assert client.post(address_of(screening, "void/"), {}).status_code == 422
    assert access_events() == reads(screening, screening)


def test_a_recorded_correction_writes_no_read_event(client: Client, screening: Screening) -> None:
    assert client.post(address_of(screening, "amend/"), AMENDMENT).status_code == 302
    assert access_events() == []


def test_checking_a_list_while_amending_writes_an_event(client: Client, screening: Screening) -> None:
    assert client.post(address_of(screening, "amend/medications/"), AMENDMENT).status_code == 200
    assert access_events() == reads(screening)


def test_showing_who_a_record_number_was_last_used_for_writes_an_event(client: Client, screening: Screening) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0002"))
    assert send(client, CLEAR_FORM, patient_name="Another Person").status_code == 422
    assert access_events() == reads(screening)


def test_an_amendment_that_asks_about_its_own_record_writes_one_event(client: Client, screening: Screening) -> None:
    changed = AMENDMENT | {"patient_name": "Another Person"}
    assert client.post(address_of(screening, "amend/"), changed).status_code == 422
    assert access_events() == reads(screening)


def test_a_conflicting_amendment_writes_an_event_for_the_record_whose_answers_it_shows(
    client: Client, screening: Screening
) -> None:
    later = ScreeningFactory(amends=screening)
    assert client.post(address_of(screening, "amend/"), AMENDMENT).status_code == 409
    assert access_events() == reads(later)


def test_a_form_that_shows_no_other_record_writes_no_event(client: Client, screening: Screening) -> None:
    assert send(client, CLEAR_FORM, pregnancy="").status_code == 422
    assert client.get(NEW).status_code == 200
    assert access_events() == []


def test_a_page_that_only_reports_a_superseded_record_writes_no_event(client: Client, screening: Screening) -> None:
    ScreeningFactory(amends=screening)
    assert client.get(address_of(screening, "amend/")).status_code == 409
    assert client.get(address_of(screening, "void/")).status_code == 409
    assert access_events() == []


def test_audit_events_contain_no_patient_data(client: Client, screening: Screening) -> None:
    for page in PAGES:
        client.get(address_of(screening, page))
    send(client, CLEAR_FORM, patient_name="Another Person")
    stored = json.dumps(list(AuditEvent.objects.values_list("actor_name", "action", "subject", "details")))
    for word in ("Sample Patient", "Another", "1961-04", "Apr", "DEMO-0001", "Fibromyalgia"):
        assert word not in stored


NAMES = {
    "": "screening_result",
    "print/": "screening_print",
    "summary.pdf": "screening_pdf",
    "summary.txt": "screening_text",
    "amend/": "screening_amend",
    "void/": "screening_void",
}


@pytest.mark.parametrize("page", PAGES)
def test_an_event_of_access_names_the_page(client: Client, screening: Screening, page: str) -> None:
    client.get(address_of(screening, page))
    assert AuditEvent.objects.latest("pk").details["page"] == NAMES[page]
