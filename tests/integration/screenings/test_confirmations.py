"""Confirmations are valid only for exactly what was asked: the patient of a record number, and a takeover."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.models import AuditEvent, Edition, Screening, User
from tests.charts import record_two_charts
from tests.factories import PatientFactory, ScreeningFactory, UserFactory
from tests.pages import AMENDMENT, CLEAR_FORM, NEW, address_of, beside, box, form_on, messages, send, ticket, words

ClientOf = Callable[[User], Client]

pytestmark = pytest.mark.django_db


# The patient of a record number---------------------------------------------------------------------------------


@pytest.fixture
def two_charts(edition: Edition) -> None:
    """DEMO-000A belongs to Person A, DEMO-000B to Person B."""
    record_two_charts()


def send_with_number_of_a(client: Client, **changes: Any) -> Any:
    """Submit the form of a third person with the record number of Person A."""
    return send(client, CLEAR_FORM, record_number="DEMO-000A", **changes)


def test_a_confirmation_of_one_number_is_not_valid_for_another(client: Client, two_charts: None) -> None:
    confirmed = box(send_with_number_of_a(client), "confirm_patient")
    back = send_with_number_of_a(client, confirm_patient=confirmed, pregnancy="")
    assert form_on(back).fields["confirm_patient"] == [confirmed]
    response = client.post(NEW, form_on(back).fields | {"record_number": "DEMO-000B", "pregnancy": "no"})
    assert response.status_code == 422
    assert "DEMO-000B was last used for Person B" in messages(response)[0]
    assert Screening.objects.count() == 2


@pytest.mark.parametrize("change", [{"patient_name": "Fourth Person"}, {"birth_date": "13 Apr 1961"}], ids=str)
def test_a_confirmation_is_no_longer_valid_after_a_change(
    client: Client, two_charts: None, change: dict[str, str]
) -> None:
    confirmed = box(send_with_number_of_a(client), "confirm_patient")
    response = send_with_number_of_a(client, confirm_patient=confirmed, **change)
    assert response.status_code == 422
    assert box(response, "confirm_patient") != confirmed


def test_a_confirmed_patient_is_recorded_once_the_form_is_complete(client: Client, two_charts: None) -> None:
    confirmed = box(send_with_number_of_a(client), "confirm_patient")
    back = send_with_number_of_a(client, confirm_patient=confirmed, pregnancy="")
    response = client.post(NEW, form_on(back).fields | {"form_ticket": form_on(back).ticket, "pregnancy": "no"})
    assert response.status_code == 302


def test_a_bare_tick_does_not_confirm_the_patient(client: Client, two_charts: None) -> None:
    assert send_with_number_of_a(client, confirm_patient="on").status_code == 422


def test_the_label_of_the_box_names_the_patient(client: Client, two_charts: None) -> None:
    text = words(send_with_number_of_a(client), "//label[@for='id_confirm_patient']")
    assert text == "Record number DEMO-000A belongs to Sample Patient, born 12 April 1961"


# Taking over a form -------------------------------------------------------------------------------------------


@pytest.fixture
def begun(client: Client, edition: Edition) -> dict[str, Any]:
    """A form that the clinician opened and completed, but has not sent."""
    return {"form_ticket": ticket(client)} | CLEAR_FORM


@pytest.fixture
def second(client_of: ClientOf) -> Client:
    """A client on which a second person is signed in."""
    person = UserFactory(username="second", first_name="Second", last_name="Person", role=Role.PRESCRIBER)
    return client_of(person)


def taken_over(begun: dict[str, Any], response: Any) -> dict[str, Any]:
    """Return the form with the box ticked that confirms the takeover."""
    return begun | {"confirm_takeover": box(response, "confirm_takeover")}


def test_a_form_begun_by_somebody_else_is_not_recorded_without_confirmation(
    second: Client, begun: dict[str, Any]
) -> None:
    response = second.post(NEW, begun)
    assert response.status_code == 422
    assert "This form was begun by Sample Clinician. Confirm that you take it over" in messages(response)[0]
    assert "begun by Sample Clinician" in " ".join(beside(response, "confirm_takeover"))
    assert Screening.objects.count() == 0


def test_the_record_of_a_form_that_was_taken_over_names_both_people(second: Client, begun: dict[str, Any]) -> None:
    second.post(NEW, taken_over(begun, second.post(NEW, begun)))
    screening = Screening.objects.get()
    assert (screening.screened_by_name, screening.begun_by_name) == ("Second Person", "Sample Clinician")
    for page in ("", "print/", "summary.txt"):
        text = words(second.get(address_of(screening, page)), "//body")
        assert "Second Person, prescriber" in text
        assert "Form begun by" in text
        assert "Sample Clinician" in text


def test_a_takeover_is_in_the_audit_trail(second: Client, begun: dict[str, Any]) -> None:
    second.post(NEW, taken_over(begun, second.post(NEW, begun)))
    event = AuditEvent.objects.get(action="screening.recorded")
    assert (event.actor_name, event.details) == ("second", {"begun_by": "clinician"})


def test_the_person_who_takes_over_sees_the_entries(second: Client, begun: dict[str, Any]) -> None:
    back = form_on(second.post(NEW, begun))
    assert {name: values[0] for name, values in back.fields.items()} == CLEAR_FORM


@pytest.mark.parametrize("bare", ["on", "true", "1"])
def test_a_bare_tick_does_not_confirm_a_takeover(second: Client, begun: dict[str, Any], bare: str) -> None:
    assert second.post(NEW, begun | {"confirm_takeover": bare}).status_code == 422


def test_a_third_person_cannot_use_the_confirmation_of_the_second(
    client_of: ClientOf, second: Client, begun: dict[str, Any]
) -> None:
    third = client_of(UserFactory(username="third"))
    assert third.post(NEW, taken_over(begun, second.post(NEW, begun))).status_code == 422


def test_a_takeover_is_valid_for_one_form_only(client: Client, second: Client, begun: dict[str, Any]) -> None:
    ticked = taken_over(begun, second.post(NEW, begun))
    assert second.post(NEW, ticked | {"form_ticket": ticket(client)}).status_code == 422


def test_the_person_who_began_the_form_needs_no_confirmation(client: Client, begun: dict[str, Any]) -> None:
    assert client.post(NEW, begun).status_code == 302
    assert Screening.objects.get().begun_by is None


def test_a_form_without_a_ticket_needs_no_takeover(second: Client, edition: Edition) -> None:
    assert second.post(NEW, CLEAR_FORM).status_code == 302


def test_an_amendment_begun_by_somebody_else_must_be_confirmed_too(
    client: Client, second: Client, clinician: User, edition: Edition
) -> None:
    earlier = ScreeningFactory(by=clinician, patient=PatientFactory(record_number="DEMO-0001"))
    address = address_of(earlier, "amend/")
    begun = {"form_ticket": ticket(client, address)} | AMENDMENT
    asked = second.post(address, begun)
    assert asked.status_code == 422
    assert second.post(address, taken_over(begun, asked)).status_code == 302
    assert Screening.objects.get(supersedes=earlier).begun_by == clinician


def test_checking_the_list_does_not_take_the_form_over(second: Client, begun: dict[str, Any]) -> None:
    checked = second.post("/screenings/new/medications/", begun | {"medications": "Tramadol 50 mg"})
    assert checked.status_code == 200
    sent = form_on(checked).fields | {"form_ticket": form_on(checked).ticket}
    assert second.post(NEW, sent).status_code == 422
    assert second.post(NEW, sent | {"confirm_takeover": box(checked, "confirm_takeover")}).status_code == 302
