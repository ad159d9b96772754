"""Each page that shows a patient is one event of the audit trail, and names the record."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from screening.models import AuditEvent, Edition, Screening, User
from tests.factories import PatientFactory, ScreeningFactory
from tests.pages import AMENDMENT, CLEAR_FORM, NEW, address_of, send

pytestmark = pytest.mark.django_db

PAGES = ["", "print/", "summary.pdf", "summary.txt", "amend/", "void/"]


@pytest.fixture
def screening(clinician: User, edition: Edition) -> Screening:
    """A record of the clinician, under the record number of the forms that are sent."""
    return ScreeningFactory(by=clinician, patient=PatientFactory(record_number="DEMO-0001"))


def looks() -> list[tuple[str, str]]:
    """Action and subject of every look that is on record, in their order."""
    shown = AuditEvent.objects.filter(action__in=["screening.read", "screening.printed", "screening.exported"])
    return list(shown.order_by("pk").values_list("action", "subject"))


def read(*screenings: Screening) -> list[tuple[str, str]]:
    """The looks of who read these records."""
    return [("screening.read", str(each.uuid)) for each in screenings]


@pytest.mark.parametrize("page", PAGES)
def test_opening_a_page_of_a_record_is_one_look_at_it(client: Client, screening: Screening, page: str) -> None:
    assert client.get(address_of(screening, page)).status_code == 200
    assert [subject for _, subject in looks()] == [str(screening.uuid)]


@pytest.mark.parametrize("page", PAGES)
def test_head_shows_nothing_and_writes_nothing(client: Client, screening: Screening, page: str) -> None:
    before = AuditEvent.objects.count()
    assert client.head(address_of(screening, page)).status_code == 200
    assert AuditEvent.objects.count() == before


def test_a_correction_that_comes_back_is_a_look_again(client: Client, screening: Screening) -> None:
    assert client.post(address_of(screening, "amend/"), {}).status_code == 422
    assert client.post(address_of(screening, "void/"), {}).status_code == 422
    assert looks() == read(screening, screening)


def test_a_correction_that_is_made_shows_nothing(client: Client, screening: Screening) -> None:
    assert client.post(address_of(screening, "amend/"), AMENDMENT).status_code == 302
    assert looks() == []


def test_checking_a_list_while_amending_is_a_look_at_the_record(client: Client, screening: Screening) -> None:
    assert client.post(address_of(screening, "amend/medications/"), AMENDMENT).status_code == 200
    assert looks() == read(screening)


def test_to_say_who_a_number_was_last_used_for_is_a_look_at_that_record(client: Client, screening: Screening) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0002"))
    assert send(client, CLEAR_FORM, patient_name="Another Person").status_code == 422
    assert looks() == read(screening)


def test_an_amendment_that_asks_about_its_own_record_is_one_look(client: Client, screening: Screening) -> None:
    changed = AMENDMENT | {"patient_name": "Another Person"}
    assert client.post(address_of(screening, "amend/"), changed).status_code == 422
    assert looks() == read(screening)


def test_an_amendment_that_lost_is_a_look_at_the_record_beside_whose_answers_it_stands(
    client: Client, screening: Screening
) -> None:
    later = ScreeningFactory(amends=screening)
    assert client.post(address_of(screening, "amend/"), AMENDMENT).status_code == 409
    assert looks() == read(later)


def test_a_form_that_asks_nothing_about_the_patient_is_no_look(client: Client, screening: Screening) -> None:
    assert send(client, CLEAR_FORM, pregnancy="").status_code == 422
    assert client.get(NEW).status_code == 200
    assert looks() == []


def test_a_page_that_only_says_that_a_record_was_superseded_is_no_look(client: Client, screening: Screening) -> None:
    ScreeningFactory(amends=screening)
    assert client.get(address_of(screening, "amend/")).status_code == 409
    assert client.get(address_of(screening, "void/")).status_code == 409
    assert looks() == []


def test_no_event_holds_a_word_about_the_patient(client: Client, screening: Screening) -> None:
    for page in PAGES:
        client.get(address_of(screening, page))
    send(client, CLEAR_FORM, patient_name="Another Person")
    kept = json.dumps(list(AuditEvent.objects.values_list("actor_name", "action", "subject", "details")))
    for word in ("Sample Patient", "Another", "1961", "DEMO-0001", "Fibromyalgia"):
        assert word not in kept
