"""A record is the same whatever the language of the person who makes it, and copies of it too."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import translation

from screening.clinical.text.wording import TITLE
from screening.models import Answer, AuditEvent, ListOfMedicines, Screening, User, WorklistEntry
from tests.factories import PatientFactory, ScreeningFactory
from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM, PAPER_FORM, TRANSCRIBE, address_of, box, messages, send, ticket

pytestmark = pytest.mark.django_db

LISTED = "Percocet 5/325, one at night\nNaltrexone 50 mg daily\nNo tramadol since May"
FORMS: dict[str, dict[str, Any]] = {
    "clear": CLEAR_FORM,
    "flagged": OPIOID_FORM,
    "not-known": CLEAR_FORM | {"pregnancy": "unknown", "pregnancy.unknown-reason": "asked-declined"},
    "list": CLEAR_FORM | {"medications": LISTED, "dose_mg": "50"},
    "all-flagged": OPIOID_FORM | dict.fromkeys(("severe-liver-disease", "pregnancy", "breastfeeding"), "yes"),
}
DIFFERENT = {"id", "uuid", "submission", "content_hash", "screened_at", "screening", "at", "subject", "request_id"}
"""Columns that differ between any two records."""


@pytest.fixture(autouse=True)
def _demonstration(settings: Any) -> None:
    """Offer Spanish, which is not reviewed yet."""
    settings.DEMO = True


def read_in(language: str, person: User) -> None:
    """Choose the language of an account."""
    person.language = language
    person.save(update_fields=["language"])


def columns(row: Model) -> dict[str, object]:
    """Return what a row stores, without what differs between any two records."""
    values = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}
    return {name: value for name, value in values.items() if name not in DIFFERENT}


def stored(screening: Screening) -> list[dict[str, object]]:
    """Return all that is stored with a screening, and its audit event."""
    rows: list[Model] = [screening, *Answer.objects.filter(screening=screening).order_by("position")]
    rows += [*ListOfMedicines.objects.filter(screening=screening), WorklistEntry.objects.get(screening=screening)]
    return [
        columns(row) for row in (*rows, AuditEvent.objects.get(subject=screening.uuid, action="screening.recorded"))
    ]


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.usefixtures("edition")
def test_a_record_made_in_spanish_is_stored_as_one_made_in_english(
    client: Client, clinician: User, name: str
) -> None:
    send(client, FORMS[name])
    read_in("es", clinician)
    send(client, FORMS[name])
    english, spanish = Screening.objects.order_by("pk")
    assert stored(spanish) == stored(english)


@pytest.mark.usefixtures("edition")
def test_a_form_sent_again_in_another_language_is_the_same_form(client: Client, clinician: User) -> None:
    form = {"form_ticket": ticket(client)} | OPIOID_FORM
    first = client.post(NEW, form)
    read_in("es", clinician)
    second = client.post(NEW, form | {"birth_date": "12 abr 1961"})
    assert (second.status_code, second.headers["Location"]) == (302, first.headers["Location"])
    assert Screening.objects.count() == 1


@pytest.mark.usefixtures("edition")
def test_a_confirmation_holds_in_another_language(client: Client, clinician: User) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001", name="Another Person"))
    asked = send(client, CLEAR_FORM)
    read_in("es", clinician)
    response = send(client, CLEAR_FORM | {"confirm_patient": box(asked, "confirm_patient")})
    assert response.status_code == 302


@pytest.mark.parametrize("typed", ["12 abr 1961", "12 abril 1961", "12 Apr 1961", "1961-04-12"])
@pytest.mark.usefixtures("edition")
def test_months_are_read_in_spanish_and_in_english(client: Client, clinician: User, typed: str) -> None:
    read_in("es", clinician)
    send(client, OPIOID_FORM | {"birth_date": typed, "opioid-use.last-dose": "19 Nov 2026"})
    assert Screening.objects.get().birth_date == "1961-04-12"


@pytest.mark.usefixtures("edition")
def test_a_detail_with_a_spanish_month_is_stored_as_a_date(client: Client, clinician: User) -> None:
    read_in("es", clinician)
    send(client, OPIOID_FORM | {"opioid-use.last-dose": "5 agosto 2026"})
    details = Answer.objects.get(link_id="opioid-use").details
    assert details["last-dose"] == "2026-08-05"


@pytest.mark.usefixtures("edition")
def test_the_time_on_a_paper_is_read_with_a_spanish_month(client: Client, clinician: User) -> None:
    read_in("es", clinician)
    send(client, PAPER_FORM | {"paper_completed_at": "20 nov 2026 14:30"}, TRANSCRIBE)
    assert Screening.objects.get().screened_at_local.isoformat()[:16] == "2026-11-20T14:30"


@pytest.mark.parametrize("typed", ["12 abc 1961", "12 ma 1961", "12/04/1961"])
@pytest.mark.usefixtures("edition")
def test_an_unknown_or_ambiguous_month_is_refused_with_a_spanish_sentence(
    client: Client, clinician: User, typed: str
) -> None:
    read_in("es", clinician)
    response = send(client, CLEAR_FORM | {"birth_date": typed})
    assert response.status_code == 422
    (message,) = messages(response)
    assert re.search(r"Escriba|no existe|Compruebe", message)
    assert not Screening.objects.exists()


def test_a_birth_date_is_filled_in_with_its_month_in_the_language(client: Client, clinician: User) -> None:
    screening = ScreeningFactory(by=clinician)
    read_in("es", clinician)
    page = client.get(address_of(screening, "amend/")).content.decode()
    assert 'value="12 abr 1961"' in page


@pytest.mark.parametrize("page", ["print/", "summary.txt", "summary.txt?charset=ascii"])
def test_copies_for_the_chart_are_in_the_language_of_the_edition(client: Client, clinician: User, page: str) -> None:
    screening = ScreeningFactory(by=clinician, taking_opioid=True)
    read_in("es", clinician)
    copy = client.get(address_of(screening, page)).content.decode()
    assert TITLE in copy
    assert "Contraindicación" not in copy
    assert "Alerta" not in copy


def test_the_print_page_says_in_which_language_it_is(client: Client, clinician: User) -> None:
    screening = ScreeningFactory(by=clinician)
    read_in("es", clinician)
    assert '<html lang="en"' in client.get(address_of(screening, "print/")).content.decode()


def test_the_pdf_is_made_in_the_language_of_the_edition(
    client: Client, clinician: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screening.web.pdf.render", lambda *_: translation.get_language().encode())
    screening = ScreeningFactory(by=clinician)
    read_in("es", clinician)
    assert client.get(address_of(screening, "summary.pdf")).content == b"en"


def test_a_list_shows_stored_words_in_the_language_of_the_reader(client: Client, clinician: User) -> None:
    ScreeningFactory(by=clinician, taking_opioid=True)
    ScreeningFactory(by=clinician, liver_not_known=True)
    read_in("es", clinician)
    page = client.get("/screenings/").content.decode()
    assert 'Contraindicación señalada: <span lang="en">opioid use</span>' in page
    assert "No se puede concluir: no se sabe 1 respuesta" in page
    assert "1 contraindicado, 3 respondido no" in page


@pytest.mark.usefixtures("edition")
def test_rule_text_is_marked_as_english_on_a_spanish_form_only(client: Client, clinician: User) -> None:
    assert client.get(NEW).content.decode().count('lang="en"') == 1  # of the page itself
    read_in("es", clinician)
    page = client.get(NEW).content.decode()
    assert '<legend lang="en">' in page
    assert '<option value="none" lang="en">' in page
    assert '<option value="" lang' not in page
