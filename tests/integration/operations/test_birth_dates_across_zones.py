"""Birth dates in clinics far east and far west of UTC: today is the clinic's today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from screening.models import Edition, Screening, User
from tests.factories import EditionFactory
from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM, address_of, beside, send, words

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]

FAR_EAST = ("Pacific/Kiritimati", datetime(2026, 11, 20, 10, 30, tzinfo=UTC), "21 Nov 2026", "22 Nov 2026")
EAST = ("Pacific/Auckland", datetime(2026, 11, 20, 12, 30, tzinfo=UTC), "21 Nov 2026", "22 Nov 2026")
FAR_WEST = ("Pacific/Pago_Pago", datetime(2026, 11, 21, 10, 30, tzinfo=UTC), "20 Nov 2026", "21 Nov 2026")
CLINICS = [
    pytest.param(*FAR_EAST, id="Kiritimati"),
    pytest.param(*EAST, id="Auckland"),
    pytest.param(*FAR_WEST, id="Pago Pago"),
]
"""A zone, a moment whose day in UTC is another one, the day there, and the day after."""


@pytest.fixture
def edition(db: None) -> Edition:
    """Edition 1, in use since 2020."""
    return EditionFactory(at=datetime(2020, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("zone", "now", "today", "tomorrow"), CLINICS)
def test_a_child_born_today_in_the_clinic_is_accepted_and_is_0_years_old(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any,
    zone: str, now: datetime, today: str, tomorrow: str,
) -> None:  # fmt: skip
    settings.TIME_ZONE = zone
    with time_machine.travel(now, tick=False):
        client = client_of(clinician)
        assert send(client, CLEAR_FORM, birth_date=today).status_code == 302
        assert f"{today.replace('Nov', 'November')} (0)" in words(
            client.get(address_of(Screening.objects.get())), "//body"
        )


@pytest.mark.parametrize("name", ["birth_date", "opioid-use.last-dose"])
@pytest.mark.parametrize(("zone", "now", "today", "tomorrow"), CLINICS)
def test_tomorrow_in_the_clinic_is_refused(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any,
    zone: str, now: datetime, today: str, tomorrow: str, name: str,
) -> None:  # fmt: skip
    settings.TIME_ZONE = zone
    with time_machine.travel(now, tick=False):
        response = send(client_of(clinician), OPIOID_FORM, **{name: tomorrow})
    assert response.status_code == 422
    assert f"Enter {today.replace('Nov', 'November')} or earlier." in " ".join(beside(response, name))


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Pacific/Kiritimati", datetime(2026, 11, 20, 10, 0, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2026, 11, 21, 11, 0, tzinfo=UTC)),
    ],
)
def test_the_age_changes_at_midnight_in_the_clinic(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any, zone: str, midnight: datetime
) -> None:
    settings.TIME_ZONE = zone
    ages = []
    for number, at in enumerate((midnight - timedelta(seconds=1), midnight)):
        with time_machine.travel(at, tick=False):
            client = client_of(clinician)
            send(client, CLEAR_FORM, birth_date="21 Nov 1961", record_number=f"DEMO-{number}")
            ages.append("(65)" in words(client.get(address_of(Screening.objects.latest("pk"))), "//body"))
    assert ages == [False, True]


@pytest.mark.parametrize(
    ("day", "age"), [(datetime(2026, 2, 28, 12, tzinfo=UTC), 61), (datetime(2026, 3, 1, 12, tzinfo=UTC), 62)]
)
def test_who_was_born_on_29_february_is_a_year_older_on_1_march(
    client_of: ClientOf, clinician: User, edition: Edition, day: datetime, age: int
) -> None:
    with time_machine.travel(day, tick=False):
        client = client_of(clinician)
        send(client, CLEAR_FORM, birth_date="29 Feb 1964")
        assert f"29 February 1964 ({age})" in words(client.get(address_of(Screening.objects.get())), "//body")


@pytest.mark.parametrize(("entered", "is_accepted"), [("Jan 2027", True), ("2027", True), ("Feb 2027", False)])
def test_a_partial_birth_date_may_be_in_the_month_or_year_that_has_begun_in_the_clinic(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any, entered: str, is_accepted: bool
) -> None:
    settings.TIME_ZONE = "Pacific/Kiritimati"
    with time_machine.travel(datetime(2026, 12, 31, 10, 30, tzinfo=UTC), tick=False):
        response = send(client_of(clinician), CLEAR_FORM, birth_date=entered)
    assert (response.status_code == 302) is is_accepted


@pytest.mark.parametrize(
    ("entered", "is_accepted"), [("31 Dec 1899", False), ("1 Jan 1900", True), ("31 Dec 9999", False)]
)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_limits_of_a_birth_date_are_the_same_in_every_zone(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any, zone: str, entered: str, is_accepted: bool
) -> None:
    settings.TIME_ZONE = zone
    assert (send(client_of(clinician), CLEAR_FORM, birth_date=entered).status_code == 302) is is_accepted


def test_a_patient_of_two_zones_is_the_same_patient(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any
) -> None:
    zone, now, today, _ = FAR_EAST
    settings.TIME_ZONE = zone
    with time_machine.travel(now, tick=False):
        send(client_of(clinician), CLEAR_FORM, birth_date=today)
    settings.TIME_ZONE = "Pacific/Pago_Pago"
    with time_machine.travel(now + timedelta(days=2), tick=False):
        response = send(client_of(clinician), CLEAR_FORM, NEW, birth_date=today)
    assert response.status_code == 302


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("day", ["1900-01-01", "9998-12-31"])
def test_the_earliest_and_latest_days_of_a_filter_are_accepted_in_every_zone(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any, zone: str, day: str
) -> None:
    settings.TIME_ZONE = zone
    assert client_of(clinician).get("/screenings/", {"from": day, "to": day}).status_code == 200


def test_the_last_minute_of_the_year_is_that_of_the_clinic(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any
) -> None:
    settings.TIME_ZONE = "Pacific/Pago_Pago"
    with time_machine.travel(datetime(2027, 1, 1, 10, 59, tzinfo=UTC), tick=False):
        client = client_of(clinician)
        send(client, CLEAR_FORM)
        assert "31 December 2026, 23:59 SST" in words(client.get(address_of(Screening.objects.get())), "//body")
