"""How long a session lasts: idle and longest limit, renewal, the end in the audit trail, and expired rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from screening.models import AuditEvent, User
from tests.factories import PASSWORD, UserFactory
from tests.queries import capture_queries

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

LEFT, STAY, PAGE = "/accounts/session/left/", "/accounts/session/stay/", "/editions/"
IDLE = timedelta(minutes=15)
SECOND = timedelta(seconds=1)


@pytest.fixture
def began() -> datetime:
    """When the session begins."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def clock(began: datetime) -> Iterator[time_machine.Traveller]:
    """A clock that stands still until a test moves it."""
    with time_machine.travel(began, tick=False) as clock:
        yield clock


@pytest.fixture
def signed_in(clock: time_machine.Traveller, client: Client, edition: object) -> Client:
    """A client that signs in when the clock starts."""
    return client


def is_signed_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def ends() -> list[tuple[str, str]]:
    found = AuditEvent.objects.filter(action="account.session_ended").order_by("pk")
    return [(event.actor_name, event.details["reason"]) for event in found]


# Idle limit -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unused", "goes_on"), [(IDLE - SECOND, True), (IDLE, False), (IDLE + SECOND, False)])
def test_a_session_ends_when_it_was_not_used_for_fifteen_minutes(
    signed_in: Client, clock: time_machine.Traveller, unused: timedelta, goes_on: bool
) -> None:
    clock.shift(unused)
    assert is_signed_in(signed_in) is goes_on


def test_using_a_session_puts_its_end_off(signed_in: Client, clock: time_machine.Traveller) -> None:
    for _ in range(6):
        clock.shift(timedelta(minutes=14))
        assert is_signed_in(signed_in)


def test_the_end_is_at_most_a_minute_earlier_than_promised(signed_in: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(seconds=59))
    assert is_signed_in(signed_in)
    clock.shift(IDLE - timedelta(minutes=1))
    assert is_signed_in(signed_in)


def test_within_a_minute_a_page_needs_no_statement_to_renew(signed_in: Client, clock: time_machine.Traveller) -> None:
    signed_in.get(PAGE)
    clock.shift(timedelta(seconds=59))
    with capture_queries() as within:
        signed_in.get(PAGE)
    clock.shift(timedelta(seconds=1))
    with capture_queries() as later:
        signed_in.get(PAGE)
    assert [each for each in within.on_data if "UPDATE" in each] == []
    assert len([each for each in later.on_data if "UPDATE" in each]) == 1


def test_other_limits_are_settings(signed_in: Client, clock: time_machine.Traveller, settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = 120
    clock.shift(timedelta(minutes=2))
    assert is_signed_in(signed_in)
    clock.shift(timedelta(minutes=2))
    assert not is_signed_in(signed_in)


def test_a_session_of_an_earlier_release_gets_the_limits(
    signed_in: Client, clock: time_machine.Traveller, settings: Any
) -> None:
    session = signed_in.session
    del session["session_began"], session["session_renewed"]
    session.save()
    assert is_signed_in(signed_in)
    assert signed_in.get(LEFT).json() == {"seconds": 900, "may_stay": True}


# Longest limit --------------------------------------------------------------------------------------------------


def use_until(client: Client, clock: time_machine.Traveller, end: datetime) -> None:
    """Use a session every ten minutes up to a time."""
    while timezone.now() + timedelta(minutes=10) < end:
        clock.shift(timedelta(minutes=10))
        assert is_signed_in(client)
    clock.move_to(end, tick=False)


def test_a_session_that_is_used_ends_at_the_longest_limit(
    signed_in: Client, clock: time_machine.Traveller, began: datetime, settings: Any
) -> None:
    settings.SESSION_LONGEST = timedelta(hours=1)
    use_until(signed_in, clock, began + timedelta(hours=1) - SECOND)
    assert is_signed_in(signed_in)
    clock.shift(SECOND)
    assert not is_signed_in(signed_in)
    assert not Session.objects.exists()


def test_staying_signed_in_does_not_pass_the_longest_limit(
    signed_in: Client, clock: time_machine.Traveller, began: datetime, settings: Any
) -> None:
    settings.SESSION_LONGEST = timedelta(hours=1)
    use_until(signed_in, clock, began + timedelta(minutes=55))
    assert signed_in.post(STAY).json() == {"seconds": 300, "may_stay": False}
    clock.shift(timedelta(minutes=5))
    assert signed_in.post(STAY).status_code == 302
    assert signed_in.get(LEFT).json() == {"seconds": 0, "may_stay": False}


def test_the_longest_limit_holds_when_the_session_is_never_idle_at_the_sign_in_page(
    signed_in: Client, clock: time_machine.Traveller, began: datetime, settings: Any
) -> None:
    settings.SESSION_LONGEST = timedelta(hours=1)
    use_until(signed_in, clock, began + timedelta(hours=1))
    response = signed_in.get(f"/accounts/login/?next={PAGE}", follow=True)
    assert b'name="password"' in response.content


# How long is left -----------------------------------------------------------------------------------------------


def test_asking_how_long_is_left_does_not_renew(signed_in: Client, clock: time_machine.Traveller) -> None:
    for minutes in range(1, 15):
        clock.shift(timedelta(minutes=1))
        assert signed_in.get(LEFT).json() == {"seconds": 900 - 60 * minutes, "may_stay": True}
    clock.shift(timedelta(minutes=1))
    assert signed_in.get(LEFT).json() == {"seconds": 0, "may_stay": False}
    assert not is_signed_in(signed_in)


def test_staying_signed_in_renews_at_once(signed_in: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(seconds=30))
    assert signed_in.post(STAY).json() == {"seconds": 900, "may_stay": True}
    assert signed_in.get(LEFT).json()["seconds"] == 900


def test_nothing_is_left_for_somebody_who_is_not_signed_in() -> None:
    assert Client().get(LEFT).json() == {"seconds": 0, "may_stay": False}
    assert Client().post(STAY).status_code == 302


# Expired rows and the audit trail -------------------------------------------------------------------------------


def test_the_next_request_records_the_end_of_an_idle_session_once(
    signed_in: Client, clock: time_machine.Traveller, began: datetime
) -> None:
    clock.shift(IDLE)
    for _ in range(2):
        signed_in.get(PAGE)
    assert ends() == [("clinician", "not used")]
    (event,) = AuditEvent.objects.filter(action="account.session_ended")
    assert event.details["ended"] == f"{began + IDLE:%Y-%m-%d %H:%M} UTC"
    assert event.address is None


def test_the_longest_limit_is_recorded_once(
    signed_in: Client, clock: time_machine.Traveller, began: datetime, settings: Any
) -> None:
    settings.SESSION_LONGEST = timedelta(hours=1)
    use_until(signed_in, clock, began + timedelta(hours=1))
    for _ in range(2):
        signed_in.get(PAGE)
    assert ends() == [("clinician", "longest time reached")]


def test_a_sign_in_clears_expired_sessions_and_records_their_end(
    signed_in: Client, clock: time_machine.Traveller, clinician: User
) -> None:
    person = UserFactory(username="second")
    clock.shift(IDLE)
    response = Client().post("/accounts/login/", {"login": "second", "password": PASSWORD})
    assert response.status_code == 302
    assert Session.objects.count() == 1
    assert ends() == [("clinician", "not used")]
    assert person.is_active


def test_a_sign_in_clears_no_session_that_goes_on(signed_in: Client, clock: time_machine.Traveller) -> None:
    clock.shift(IDLE - SECOND)
    Client().force_login(UserFactory())
    assert is_signed_in(signed_in)
    assert ends() == []


def test_a_request_without_a_session_clears_nothing(signed_in: Client, clock: time_machine.Traveller) -> None:
    clock.shift(IDLE)
    Client().get(PAGE)
    assert Session.objects.count() == 1


def test_the_command_of_django_clears_expired_sessions(signed_in: Client, clock: time_machine.Traveller) -> None:
    clock.shift(IDLE + SECOND)
    call_command("clearsessions")
    assert not Session.objects.exists()


def test_signing_out_clears_what_the_browser_stored(signed_in: Client) -> None:
    response = signed_in.post("/accounts/logout/")
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert response.headers["Location"] == "/accounts/login/"
    assert ends() == []


def test_signing_out_of_the_accounts_clears_what_the_browser_stored(admin: Client) -> None:
    assert admin.post("/admin/logout/").headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
