"""A record entered in error is marked VOID everywhere, belongs to no chart, and stays readable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.text.dates import format_datetime
from screening.models import AuditEvent, Edition, Screening, User, Void
from tests.factories import PatientFactory, ScreeningFactory, UserFactory
from tests.pages import CLEAR_FORM, address_of, beside, links, listed, messages, send, without_reference, words

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

PAGES = ["", "print/", "summary.txt"]
REASON = "The wrong patient was chosen"
UNKNOWN = "/screenings/00000000-0000-4000-8000-000000000000/void/"

ClientOf = Callable[[User], Client]


@pytest.fixture
def screening(edition: Edition, clinician: User) -> Screening:
    """A current record of the clinician of ``client``."""
    return ScreeningFactory(taking_opioid=True, by=clinician, patient=PatientFactory(record_number="DEMO-0001"))


def void(client: Client, screening: Screening, **changes: str) -> Any:
    """Submit the form that marks a record as entered in error."""
    form = {"void_reason": REASON, "confirmation": screening.short_id} | changes
    return client.post(address_of(screening, "void/"), form)


# The form -----------------------------------------------------------------------------------------------------


def test_the_form_shows_the_record_and_asks_for_a_reason_and_a_confirmation(
    client: Client, screening: Screening
) -> None:
    page = client.get(address_of(screening, "void/"))
    for text in (screening.short_id, "Sample Patient", "12 April 1961", "DEMO-0001", screening.headline):
        assert text in words(page)
    inputs = html.fromstring(page.content.decode()).xpath("//main//input[not(@type='hidden')]")
    assert {each.get("name"): each.get("value") for each in inputs} == {"void_reason": None, "confirmation": None}


def test_a_record_is_voided_and_the_result_is_shown(client: Client, clinician: User, screening: Screening) -> None:
    response = void(client, screening)
    assert (response.status_code, response.headers["Location"]) == (302, address_of(screening))
    made = Void.objects.get()
    assert (made.screening, made.reason, made.by, made.by_name, made.role) == (
        screening,
        REASON,
        clinician,
        "Sample Clinician",
        "clinician",
    )


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        pytest.param("", "Say in a sentence why the record was entered in error.", id="none"),
        pytest.param("  ", "Say in a sentence why the record was entered in error.", id="blank"),
        pytest.param("A" * 100_000, "Use at most 500 characters; this has 100000.", id="of 100,000 characters"),
        pytest.param("Wrong\u202e patient", "cannot be shown or printed", id="with a direction mark"),
    ],
)
def test_without_a_valid_reason_nothing_is_voided(
    client: Client, screening: Screening, reason: str, message: str
) -> None:
    response = void(client, screening, void_reason=reason)
    assert response.status_code == 422
    assert any(message in each for each in beside(response, "void_reason"))
    assert not Void.objects.exists()


@pytest.mark.parametrize("entered", ["", "yes", "0000-0000", "ldn", "A" * 100_000])
def test_without_the_number_of_the_record_nothing_is_voided(
    client: Client, screening: Screening, entered: str
) -> None:
    response = void(client, screening, confirmation=entered)
    assert response.status_code == 422
    assert len(beside(response, "confirmation")) == 1
    assert not Void.objects.exists()


def test_the_number_of_another_record_confirms_nothing(client: Client, screening: Screening) -> None:
    response = void(client, screening, confirmation=ScreeningFactory().short_id)
    assert response.status_code == 422
    assert messages(response) == [f"This is not the number of this record. Type {screening.short_id}."]


@pytest.mark.parametrize("name", ["reason", "patient_name", "opioid-use", "<b>"])
def test_an_unknown_field_is_refused(client: Client, screening: Screening, name: str) -> None:
    response = void(client, screening, **{name: "x"})
    assert response.status_code == 422
    assert messages(response) == [f"This form has no field “{name}”. Send only its own fields."]
    assert not Void.objects.exists()


@pytest.mark.parametrize("name", ["void_reason", "confirmation"])
@pytest.mark.parametrize("second", ["same", "other"])
def test_a_field_that_is_sent_twice_is_refused(client: Client, screening: Screening, name: str, second: str) -> None:
    form = {"void_reason": [REASON], "confirmation": [screening.short_id]}
    form[name] = [*form[name], form[name][0] if second == "same" else "Another"]
    response = client.post(address_of(screening, "void/"), form)
    assert response.status_code == 422
    assert any("This was sent twice. Give one answer." in each for each in beside(response, name))
    assert not Void.objects.exists()


def test_a_file_is_refused(client: Client, screening: Screening) -> None:
    file = SimpleUploadedFile("chart.txt", b"x")
    form = {"void_reason": REASON, "confirmation": screening.short_id, "chart": file}
    assert client.post(address_of(screening, "void/"), form).status_code == 422
    assert not Void.objects.exists()


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(str.upper, id="upper case"),
        pytest.param(lambda short: short.replace("-", ""), id="without a hyphen"),
        pytest.param(lambda short: f" {short} ", id="with spaces"),
        pytest.param(lambda short: short.replace("-", " "), id="a space for the hyphen"),
    ],
)
def test_the_number_may_have_any_case_and_spacing(
    client: Client, screening: Screening, written: Callable[[str], str]
) -> None:
    assert void(client, screening, confirmation=written(screening.short_id)).status_code == 302


def test_a_form_with_errors_keeps_the_entries(client: Client, screening: Screening) -> None:
    page = html.fromstring(void(client, screening, confirmation="0000-0000").content.decode())
    assert page.xpath("//input[@name='void_reason']/@value") == [REASON]
    assert page.xpath("//input[@name='confirmation']/@value") == ["0000-0000"]


# What a voided record shows -----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_a_voided_record_shows_void_by_whom_when_and_why(client: Client, screening: Screening, page: str) -> None:
    void(client, screening)
    made = Void.objects.get()
    text = words(client.get(address_of(screening, page))).replace("***", "").replace("  ", " ")
    assert (
        f"VOID Entered in error; marked on {format_datetime(made.at)}, by Sample Clinician, clinician. "
        f"Do not act on this page. Reason: {REASON}." in text
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_voided_record_keeps_its_own_words(client: Client, screening: Screening, page: str) -> None:
    void(client, screening)
    text = words(client.get(address_of(screening, page)), "//body")
    for part in (screening.headline, "Tramadol 50 mg, as needed", "Sample Patient"):
        assert part in text


@pytest.mark.parametrize("page", PAGES)
def test_a_voided_record_has_no_decision_to_fill_in(client: Client, edition: Edition, page: str) -> None:
    text = words(client.get(address_of(ScreeningFactory(voided=True), page)))
    assert "This record was entered in error. It must not be used." in text
    assert [each for each in ("Signature", "Defer until", "[ ]", "has lines for it") if each in text] == []


def test_a_voided_record_cannot_be_amended_or_voided(client: Client, screening: Screening) -> None:
    offered = {address_of(screening, "amend/"), address_of(screening, "void/")}
    assert offered <= set(links(client.get(address_of(screening))))
    void(client, screening)
    assert not offered & set(links(client.get(address_of(screening))))


# Where it is listed -------------------------------------------------------------------------------------------


def test_a_voided_record_is_in_no_list(client: Client, screening: Screening) -> None:
    current = ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001"))
    void(client, screening)
    assert listed(client.get("/screenings/")) == [str(current.uuid)]
    assert listed(client.get(f"/screenings/?outcome={screening.outcome}")) == []


@pytest.mark.parametrize("query", ["Sample Patient", "DEMO-0001"])
def test_a_voided_record_is_found_by_no_search(client: Client, screening: Screening, query: str) -> None:
    assert listed(client.post("/screenings/", {"q": query})) == [str(screening.uuid)]
    void(client, screening)
    assert listed(client.post("/screenings/", {"q": query})) == []


def test_a_voided_record_is_found_by_its_number_and_shows_void_in_the_list(
    client: Client, screening: Screening
) -> None:
    void(client, screening)
    page = client.get(f"/screenings/?id={screening.short_id}")
    assert listed(page) == [str(screening.uuid)]
    assert "VOID: entered in error" in words(page, "//tr[@data-screening]")


def test_a_voided_record_is_linked_from_no_other_of_its_record_number(client: Client, screening: Screening) -> None:
    other = ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001"))
    assert address_of(screening) in links(client.get(address_of(other)))
    void(client, screening)
    assert address_of(screening) not in links(client.get(address_of(other)))


def test_a_voided_record_links_to_no_other_of_its_record_number(client: Client, screening: Screening) -> None:
    other = ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001"))
    void(client, screening)
    page = client.get(address_of(screening))
    assert "Other screenings of this record number" not in words(page)
    assert address_of(other) not in links(page)


def test_a_voided_record_does_not_count_as_last_use_of_its_record_number(client: Client, edition: Edition) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001", name="Wrong Person"), voided=True)
    assert send(client, CLEAR_FORM).status_code == 302


# Only once ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("state", ["voided", "superseded"])
def test_a_record_that_is_no_longer_current_is_not_voided(
    client: Client, edition: Edition, clinician: User, method: str, state: str
) -> None:
    screening = ScreeningFactory(by=clinician, **{state: True})
    before = Void.objects.count()
    response = client.get(address_of(screening, "void/")) if method == "GET" else void(client, screening)
    assert response.status_code == 409
    current = Screening.objects.filter(supersedes=screening).first() or screening
    assert address_of(current) in links(response)
    assert Void.objects.count() == before


def test_a_record_is_voided_only_once(client: Client, screening: Screening) -> None:
    void(client, screening)
    assert void(client, screening, void_reason="Another reason").status_code == 409
    assert Void.objects.get().reason == REASON


def test_an_amendment_may_be_voided_and_the_earlier_record_stays_superseded(
    client: Client, screening: Screening
) -> None:
    later = ScreeningFactory(amends=screening)
    assert void(client, later).status_code == 302
    response = client.get(address_of(screening, "amend/"))
    assert response.status_code == 409
    assert f"Record {later.short_id} replaced it, but was entered in error" in words(response)


def test_voiding_is_logged_without_its_reason(client: Client, screening: Screening) -> None:
    void(client, screening)
    event = AuditEvent.objects.get(action="screening.voided")
    assert (UUID(event.subject), event.actor_name, event.actor_role) == (screening.uuid, "clinician", "clinician")
    assert event.details == {}


@pytest.mark.as_owner
@pytest.mark.parametrize("change", ["UPDATE {} SET reason = 'x' WHERE id = %s", "DELETE FROM {} WHERE id = %s"])
def test_the_database_refuses_to_change_or_delete_a_void(client: Client, screening: Screening, change: str) -> None:
    void(client, screening)
    statement = change.format(Void._meta.db_table)
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(statement, [Void.objects.get().pk])


# Permissions --------------------------------------------------------------------------------------------------


def test_another_clinician_may_not_void(client_of: ClientOf, screening: Screening) -> None:
    other = client_of(UserFactory(role=Role.CLINICIAN))
    assert (other.get(address_of(screening, "void/")).status_code, void(other, screening).status_code) == (403, 403)
    assert not Void.objects.exists()


def test_a_prescriber_may_void_the_record_of_a_clinician(client_of: ClientOf, screening: Screening) -> None:
    assert void(client_of(UserFactory(role=Role.PRESCRIBER)), screening).status_code == 302
    assert Void.objects.get().role == "prescriber"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EDITOR, Role.APPROVER, Role.ADMINISTRATOR])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_roles_get_the_same_refusal_for_known_and_unknown_records(
    client_of: ClientOf, screening: Screening, role: Role, method: str
) -> None:
    client = client_of(UserFactory(role=role))
    known, unknown = (client.generic(method, each) for each in (address_of(screening, "void/"), UNKNOWN))
    assert (known.status_code, unknown.status_code) == (403, 403)
    assert without_reference(known) == without_reference(unknown)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.PRESCRIBER])
def test_for_people_with_the_role_an_unknown_record_is_not_found(
    client_of: ClientOf, edition: Edition, role: Role
) -> None:
    client = client_of(UserFactory(role=role))
    assert (client.get(UNKNOWN).status_code, client.post(UNKNOWN).status_code) == (404, 404)
