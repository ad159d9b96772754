"""A birth date with an unknown part is stored, shown and compared with its known parts."""

from __future__ import annotations

import pytest
from django.test import Client

from screening.clinical.text.birth_dates import BirthDate
from screening.models import Edition, Screening, User
from tests.factories import PatientFactory, ScreeningFactory
from tests.pages import AMENDMENT, CLEAR_FORM, address_of, beside, form_on, send, words

pytestmark = pytest.mark.django_db

PARTIAL = [
    pytest.param("1961", "1961, day and month not known", id="a year"),
    pytest.param("Apr 1961", "April 1961, day not known", id="month and year"),
    pytest.param("1961-04", "April 1961, day not known", id="month and year in figures"),
]


@pytest.mark.parametrize(("entered", "shown"), PARTIAL)
@pytest.mark.parametrize("page", ["", "print/", "summary.txt", "void/"])
def test_every_page_says_which_part_is_not_known(
    client: Client, edition: Edition, entered: str, shown: str, page: str
) -> None:
    response = send(client, CLEAR_FORM, birth_date=entered)
    assert response.status_code == 302
    assert shown in words(client.get(f"{response.url}{page}"), "//body")


def test_the_list_says_which_part_is_not_known(client: Client, edition: Edition) -> None:
    send(client, CLEAR_FORM, birth_date="Apr 1961")
    assert "Apr 1961, day not known" in words(client.get("/screenings/"))


def test_the_age_is_a_range(client: Client, edition: Edition) -> None:
    at = send(client, CLEAR_FORM, birth_date="1961").url
    screened = Screening.objects.get().screened_at_local.year
    ages = (f"({screened - 1962} or {screened - 1961})", f"({screened - 1961})")  # the latter on 31 December
    assert any(age in words(client.get(at), "//body") for age in ages)


@pytest.mark.parametrize(("entered", "filled_in"), [("1961", "1961"), ("april 1961", "Apr 1961")])
def test_an_amendment_fills_in_the_known_parts(
    client: Client, edition: Edition, entered: str, filled_in: str
) -> None:
    send(client, CLEAR_FORM, birth_date=entered)
    page = client.get(address_of(Screening.objects.get(), "amend/"))
    assert form_on(page).fields["birth_date"] == [filled_in]


def test_adding_the_rest_of_a_birth_date_needs_no_confirmation(
    client: Client, clinician: User, edition: Edition
) -> None:
    earlier = ScreeningFactory(
        by=clinician, patient=PatientFactory(record_number="DEMO-0001", birth_date=BirthDate(1961))
    )
    assert client.post(address_of(earlier, "amend/"), AMENDMENT).status_code == 302


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        ("1899", "before 1 January 1900"),
        ("Dec 1899", "before 1 January 1900"),
        ("2999", "in the future"),
        ("Jan 2999", "in the future"),
        ("61", "year with four digits"),
        ("04/1961", "month in letters"),
        ("1961-13", "no such month"),
    ],
)
def test_an_invalid_birth_date_gets_an_error_beside_the_field(
    client: Client, edition: Edition, entered: str, message: str
) -> None:
    response = send(client, CLEAR_FORM, birth_date=entered)
    assert response.status_code == 422
    assert message in " ".join(beside(response, "birth_date"))
    assert form_on(response).fields["birth_date"] == [entered]


def test_the_current_year_is_a_valid_year_of_birth(client: Client, edition: Edition) -> None:
    year = ScreeningFactory().screened_at_local.year
    assert send(client, CLEAR_FORM, birth_date=str(year)).status_code == 302


@pytest.mark.parametrize(("entered", "status"), [("1961", 302), ("Apr 1961", 302), ("1962", 422), ("May 1961", 422)])
def test_only_a_different_known_part_must_be_confirmed(
    client: Client, edition: Edition, entered: str, status: int
) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001"))
    assert send(client, CLEAR_FORM, birth_date=entered).status_code == status
