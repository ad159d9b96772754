"""Recording a form, and submitting the same form twice."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client

from screening.clinical.evaluation.evaluate import evaluate
from screening.models import Answer, AuditEvent, Edition, Screening, User
from tests.concurrency import post_at_once
from tests.factories import PatientFactory, ScreeningFactory
from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM, box, messages, send, ticket, words

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]


def test_a_clear_form_is_recorded_and_redirects_to_its_result(client: Client, edition: Edition) -> None:
    response = send(client, CLEAR_FORM)
    screening = Screening.objects.get()
    assert response.status_code == 302
    assert response.headers["Location"] == f"/screenings/{screening.uuid}/"
    assert screening.outcome == "none_identified"


def test_the_record_has_the_edition_the_answers_and_the_findings(
    client: Client, clinician: User, edition: Edition
) -> None:
    send(client, OPIOID_FORM)
    screening = Screening.objects.get()
    record = screening.record()
    assert (screening.edition, screening.screened_by, screening.role) == (edition, clinician, "clinician")
    assert record.answers["opioid-use"].details["kind"] == ("short-acting",)
    on = screening.screened_at_local.date()
    assert record.evaluation == evaluate(edition.definition, record.answers, on)


def test_recording_logs_one_event_without_patient_data(client: Client, edition: Edition) -> None:
    send(client, OPIOID_FORM)
    event = AuditEvent.objects.get(action="screening.recorded")
    assert UUID(event.subject) == Screening.objects.get().uuid
    assert "Sample" not in str(event.details) + event.subject


def test_an_error_while_recording_rolls_everything_back(
    client: Client, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screening.screenings.actions.record_event", _raise)
    with pytest.raises(RuntimeError):
        send(client, CLEAR_FORM)
    assert not Screening.objects.exists()
    assert not Answer.objects.exists()


def _raise(*args: object, **kwargs: object) -> None:
    raise RuntimeError


def test_resubmitting_the_same_form_redirects_to_the_same_record(client: Client, edition: Edition) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    first, second = client.post(NEW, form), client.post(NEW, form)
    assert first.headers["Location"] == second.headers["Location"]
    assert Screening.objects.count() == 1


def test_resubmitting_a_form_with_another_answer_is_a_conflict_and_stores_nothing(
    client: Client, edition: Edition
) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    recorded = client.post(NEW, form).headers["Location"]
    response = client.post(NEW, form | {"pregnancy": "unknown"})
    assert response.status_code == 409
    assert recorded in response.content.decode()
    assert Screening.objects.get().outcome == "none_identified"


def test_a_form_without_its_ticket_is_recorded_under_the_current_edition(client: Client, edition: Edition) -> None:
    assert client.post(NEW, CLEAR_FORM).status_code == 302
    assert Screening.objects.get().edition == edition


def test_a_ticket_that_was_tampered_with_is_ignored(client: Client, edition: Edition) -> None:
    forged = ticket(client).replace("1", "2", 1)
    assert client.post(NEW, {"form_ticket": forged} | CLEAR_FORM).status_code == 302
    assert Screening.objects.get().edition.number == 1


@pytest.mark.django_db(transaction=True)
def test_eight_copies_at_once_make_one_record_and_all_redirect_to_it(client: Client, edition: Edition) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    responses = post_at_once(client, [(NEW, form)] * 8)
    locations = {(each.status_code, each.headers.get("Location")) for each in responses}
    assert locations == {(302, f"/screenings/{Screening.objects.get().uuid}/")}


@pytest.mark.parametrize("number", ["DEM\u041e-0001", "DEMO-000\u0391", "\u0410\u0392-1"])
def test_a_record_number_with_a_letter_of_another_script_is_refused(
    client: Client, edition: Edition, number: str
) -> None:
    response = send(client, CLEAR_FORM, record_number=number)
    assert response.status_code == 422
    assert "Letters of different scripts can look the same" in messages(response)[0]
    assert not Screening.objects.exists()


@pytest.mark.parametrize("number", ["DEMO-PC 0717", "DEMO\u2011PC 0717", "demo-pc0717", "ＤＥＭＯ－ＰＣ 0717"])
def test_a_record_number_is_the_same_whatever_its_case_spaces_and_dashes(
    client: Client, edition: Edition, number: str
) -> None:
    ScreeningFactory(patient=PatientFactory(name="Other Person", record_number="DEMO\u2013PC 0717"))
    response = send(client, CLEAR_FORM, record_number=number)
    assert "was last used for Other Person" in messages(response)[0]


def test_a_record_number_last_used_for_another_person_must_be_confirmed(client: Client, edition: Edition) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001", name="Other Person"))
    response = send(client, CLEAR_FORM)
    assert response.status_code == 422
    assert "was last used for Other Person, born 12 April 1961" in messages(response)[0]
    assert Screening.objects.count() == 1


def test_a_confirmed_patient_is_recorded(client: Client, edition: Edition) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001", name="Other Person"))
    confirmed = box(send(client, CLEAR_FORM), "confirm_patient")
    assert send(client, CLEAR_FORM, confirm_patient=confirmed).status_code == 302


def test_the_same_name_in_another_case_and_accents_needs_no_confirmation(client: Client, edition: Edition) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="demo-0001", name="SÁMPLE  patient"))
    assert send(client, CLEAR_FORM).status_code == 302


def test_without_an_edition_the_form_says_that_no_rules_are_published(client: Client) -> None:
    response = client.get(NEW)
    assert response.status_code == 503
    assert "No rules are published" in words(response)


@pytest.mark.as_owner
@pytest.mark.parametrize("model", [Edition, Screening, Answer, AuditEvent])
@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_or_delete_rows(edition: Edition, model: type[Model], change: str) -> None:
    from django.db import IntegrityError

    ScreeningFactory(edition=edition)
    table, key = model._meta.db_table, model._default_manager.values_list("pk", flat=True).first()
    statement = {
        "update": f"UPDATE {table} SET id = id WHERE id = %s",
        "delete": f"DELETE FROM {table} WHERE id = %s",
    }[change]
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(statement, [key])
