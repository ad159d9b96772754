"""From the filled form to the record, and what happens when the same form comes twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client

from screening.clinical.evaluation.evaluate import evaluate
from screening.models import Answer, AuditEvent, Edition, Screening, User
from tests.factories import PatientFactory, ScreeningFactory
from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM, box, messages, send, ticket, words

pytestmark = pytest.mark.django_db


def test_a_clear_form_is_recorded_and_lands_on_its_result(client: Client, edition: Edition) -> None:
    response = send(client, CLEAR_FORM)
    screening = Screening.objects.get()
    assert response.status_code == 302
    assert response.headers["Location"] == f"/screenings/{screening.uuid}/"
    assert screening.outcome == "none_identified"


def test_the_record_keeps_what_was_asked_answered_and_found(
    client: Client, clinician: User, edition: Edition
) -> None:
    send(client, OPIOID_FORM)
    screening = Screening.objects.get()
    record = screening.record()
    assert (screening.edition, screening.screened_by, screening.role) == (edition, clinician, "clinician")
    assert record.answers["opioid-use"].details["kind"] == ("short-acting",)
    on = screening.screened_at_local.date()
    assert record.evaluation == evaluate(edition.definition, record.answers, on)


def test_recording_puts_one_event_on_record_without_patient_data(client: Client, edition: Edition) -> None:
    send(client, OPIOID_FORM)
    event = AuditEvent.objects.get(action="screening.recorded")
    assert UUID(event.subject) == Screening.objects.get().uuid
    assert "Sample" not in str(event.details) + event.subject


def test_a_fault_while_answers_are_written_leaves_nothing_behind(
    client: Client, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screening.screenings.actions.record_event", _fail)
    with pytest.raises(RuntimeError):
        send(client, CLEAR_FORM)
    assert not Screening.objects.exists()
    assert not Answer.objects.exists()


def _fail(*args: object, **kwargs: object) -> None:
    raise RuntimeError


def test_the_same_form_sent_again_lands_on_the_same_record(client: Client, edition: Edition) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    first, second = client.post(NEW, form), client.post(NEW, form)
    assert first.headers["Location"] == second.headers["Location"]
    assert Screening.objects.count() == 1


def test_the_same_form_with_another_answer_is_a_conflict_and_stores_nothing(client: Client, edition: Edition) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    recorded = client.post(NEW, form).headers["Location"]
    response = client.post(NEW, form | {"pregnancy": "unknown"})
    assert response.status_code == 409
    assert recorded in response.content.decode()
    assert Screening.objects.get().outcome == "none_identified"


def test_a_form_without_its_ticket_is_recorded_under_the_current_edition(client: Client, edition: Edition) -> None:
    assert client.post(NEW, CLEAR_FORM).status_code == 302
    assert Screening.objects.get().edition == edition


def test_a_ticket_that_was_tampered_with_is_not_believed(client: Client, edition: Edition) -> None:
    forged = ticket(client).replace("1", "2", 1)
    assert client.post(NEW, {"form_ticket": forged} | CLEAR_FORM).status_code == 302
    assert Screening.objects.get().edition.number == 1


@pytest.mark.django_db(transaction=True)
def test_eight_copies_at_once_make_one_record_and_all_land_on_it(client: Client, edition: Edition) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM

    def send_copy(_: int) -> tuple[int, str]:
        copy = Client()
        copy.cookies = client.cookies
        try:
            response = copy.post(NEW, form)
            return response.status_code, response.headers.get("Location", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send_copy, range(8)))
    assert answers == {(302, f"/screenings/{Screening.objects.get().uuid}/")}


@pytest.mark.parametrize("number", ["DEM\u041e-0001", "DEMO-000\u0391", "\u0410\u0392-1"])
def test_a_record_number_with_a_letter_of_another_script_is_refused(
    client: Client, edition: Edition, number: str
) -> None:
    response = send(client, CLEAR_FORM, record_number=number)
    assert response.status_code == 422
    assert "Letters of different scripts can look the same" in messages(response)[0]
    assert not Screening.objects.exists()


@pytest.mark.parametrize("number", ["DEMO-PC 0717", "DEMO\u2011PC 0717", "demo-pc0717", "ＤＥＭＯ－ＰＣ 0717"])
def test_a_record_number_is_one_number_however_it_is_typed(client: Client, edition: Edition, number: str) -> None:
    ScreeningFactory(patient=PatientFactory(name="Other Person", record_number="DEMO\u2013PC 0717"))
    response = send(client, CLEAR_FORM, record_number=number)
    assert "was last used for Other Person" in messages(response)[0]


def test_a_record_number_last_used_for_another_person_asks_for_confirmation(client: Client, edition: Edition) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001", name="Other Person"))
    response = send(client, CLEAR_FORM)
    assert response.status_code == 422
    assert "was last used for Other Person, born 12 April 1961" in messages(response)[0]
    assert Screening.objects.count() == 1


def test_a_confirmed_patient_goes_on(client: Client, edition: Edition) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001", name="Other Person"))
    confirmed = box(send(client, CLEAR_FORM), "confirm_patient")
    assert send(client, CLEAR_FORM, confirm_patient=confirmed).status_code == 302


def test_the_same_person_written_otherwise_needs_no_confirmation(client: Client, edition: Edition) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="demo-0001", name="SÁMPLE  patient"))
    assert send(client, CLEAR_FORM).status_code == 302


def test_without_an_edition_the_form_says_so(client: Client) -> None:
    response = client.get(NEW)
    assert response.status_code == 503
    assert "No rules are published" in words(response)


@pytest.mark.parametrize("model", [Edition, Screening, Answer, AuditEvent])
@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_or_delete(edition: Edition, model: type[Model], change: str) -> None:
    from django.db import IntegrityError

    ScreeningFactory(edition=edition)
    table, key = model._meta.db_table, model._default_manager.values_list("pk", flat=True).first()
    statement = {
        "update": f"UPDATE {table} SET id = id WHERE id = %s",
        "delete": f"DELETE FROM {table} WHERE id = %s",
    }[change]
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(statement, [key])
