"""The clock of the server is set back three days, or was three days ahead, while people work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from screening.accounts.permissions import Role
from screening.accounts.sessions import actions as session_actions
from screening.audit.background import seal_if_due
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.labels import DECISION_WORDS
from screening.models import AuditEvent, Decision, Edition, Screening, Seal, UnsentForm, User
from tests.audit import run
from tests.decisions import WORKLIST, decide, decided, decision_page
from tests.factories import PASSWORD, EditionFactory, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import (
    AMENDMENT,
    CLEAR_FORM,
    NEW,
    OPIOID_FORM,
    address_of,
    beside,
    listed,
    owner,
    send,
    ticket,
    words,
)
from tests.rules import changed_rules
from tests.safety import SAFETY, columns
from tests.trail import TRAIL, actions_on

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]

NOW = datetime(2026, 11, 23, 15, 20, tzinfo=UTC)
THREE_DAYS = timedelta(days=3)
MINUTE = timedelta(minutes=1)
LIST, LEFT = "/screenings/", "/accounts/session/left/"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that a test sets."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def edition(clock: time_machine.Traveller, db: None) -> Edition:
    """Edition 1, in use for a month."""
    clock.shift(-timedelta(days=30))
    made = EditionFactory(at=timezone.now())
    clock.move_to(NOW, tick=False)
    return made


@pytest.fixture
def client(edition: Edition, clinician: User, client_of: ClientOf) -> Client:
    """A test client with a clinician who signed in before the clock was set."""
    return client_of(clinician)


@pytest.fixture
def prescriber(edition: Edition) -> User:
    """A prescriber."""
    return UserFactory(role=Role.PRESCRIBER)


# Screenings -----------------------------------------------------------------------------------------------------


def test_a_screening_is_recorded_with_the_time_of_the_clock(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    ScreeningFactory(at=NOW)
    clock.shift(-THREE_DAYS)
    assert send(client_of(clinician), CLEAR_FORM).status_code == 302
    assert Screening.objects.latest("pk").screened_at == NOW - THREE_DAYS


def test_an_amendment_dated_before_the_record_that_it_amends_supersedes_it(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    patient = PatientFactory(record_number=AMENDMENT["record_number"])
    earlier = ScreeningFactory(patient=patient, at=NOW, by=clinician, taking_opioid=True)
    clock.shift(-THREE_DAYS)
    client = client_of(clinician)
    assert send(client, AMENDMENT, address_of(earlier, "amend/")).status_code == 302
    assert "superseded on 20 november 2026, 15:20 utc" in words(client.get(address_of(earlier))).lower()
    assert listed(client.get(WORKLIST)) == [str(Screening.objects.latest("pk").uuid)]


def test_the_list_is_in_the_order_of_time_and_its_pages_lose_nothing(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    by_uuid = {
        str(ScreeningFactory(by=clinician, at=NOW - days * THREE_DAYS + number * MINUTE).uuid)
        for days in (0, 1)
        for number in range(15)
    }
    clock.shift(-THREE_DAYS)
    client = client_of(clinician)
    first = listed(client.get(LIST))
    second = listed(client.get(LIST, {"after": first[-1]}))
    assert (len(first), len(second)) == (25, 5)
    assert {*first, *second} == by_uuid


def test_the_worklist_continues_behind_a_row_that_is_dated_after_today(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    ahead = ScreeningFactory(by=clinician, at=NOW)
    clock.shift(-THREE_DAYS)
    now = ScreeningFactory(by=clinician, at=timezone.now())
    client = client_of(clinician)
    assert listed(client.get(WORKLIST)) == [str(now.uuid), str(ahead.uuid)]
    assert listed(client.get(WORKLIST, {"after": now.uuid})) == [str(ahead.uuid)]


@pytest.mark.parametrize("name", ["birth_date", "opioid-use.last-dose"])
def test_a_day_that_the_clock_has_not_reached_is_refused_with_the_day_of_the_clock(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller, name: str
) -> None:
    clock.shift(-THREE_DAYS)
    response = send(client_of(clinician), OPIOID_FORM, **{name: "21 Nov 2026"})
    assert response.status_code == 422
    assert "This date is in the future. Enter 20 November 2026 or earlier." in " ".join(beside(response, name))


def test_a_form_opened_before_is_recorded_and_sent_again_is_the_same_record(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    form = CLEAR_FORM | {"form_ticket": ticket(client_of(clinician))}
    clock.shift(-THREE_DAYS)
    client = client_of(clinician)
    first = client.post(NEW, form)
    clock.move_to(NOW + MINUTE, tick=False)
    again = client_of(clinician).post(NEW, form)
    assert (first.status_code, again.headers["Location"]) == (302, first.headers["Location"])
    assert Screening.objects.count() == 1


@pytest.mark.parametrize("page", ["", "print/", "summary.txt"])
def test_a_record_dated_after_today_says_so_on_every_copy(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller, page: str
) -> None:
    screening = ScreeningFactory(at=NOW, by=clinician)
    sentence = "This record is dated after today: the clock or the time zone of the server was changed."
    before = words(client_of(clinician).get(address_of(screening, page)), "//body")
    clock.shift(-THREE_DAYS)
    after = words(client_of(clinician).get(address_of(screening, page)), "//body")
    assert (sentence in before, sentence in after) == (False, True)
    assert "Ask again before deciding." in after


# Decisions ------------------------------------------------------------------------------------------------------


def test_answers_dated_after_today_are_asked_again_before_deciding(
    client_of: ClientOf, prescriber: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    screening = ScreeningFactory(at=NOW)
    clock.shift(-THREE_DAYS)
    client = client_of(prescriber)
    refused = decide(client, screening, "do-not-prescribe")
    assert refused.status_code == 422
    assert "Dated 23 November 2026, which is after today." in words(refused)
    ticks = {f"{item.link_id}.reconfirmed": "unchanged" for item in edition.definition.items}
    assert decide(client, screening, "do-not-prescribe", **ticks).status_code == 302


def test_after_asking_again_the_answers_hold_from_that_day(
    client_of: ClientOf, prescriber: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    screening = ScreeningFactory(at=NOW)
    clock.shift(-THREE_DAYS)
    decided(screening, by=prescriber, at=timezone.now())
    assert decide(client_of(prescriber), screening, "refer").status_code == 302


def test_a_decision_dated_before_an_earlier_one_is_the_latest(
    client_of: ClientOf, prescriber: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    screening = ScreeningFactory(at=NOW)
    decided(screening, DecisionCode.REFER, by=prescriber, at=NOW)
    clock.shift(-THREE_DAYS)
    decided(screening, DecisionCode.MORE_INFORMATION, by=prescriber, at=timezone.now())
    assert Screening.objects.with_is_decided().get().latest_decision == Decision.objects.get(number=2)
    page = words(client_of(prescriber).get(address_of(screening)))
    assert page.index(DECISION_WORDS[DecisionCode.MORE_INFORMATION]) < page.index(DECISION_WORDS[DecisionCode.REFER])


def test_a_deferred_screening_is_due_again_when_the_clock_reaches_its_day(
    client_of: ClientOf, prescriber: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    screening = ScreeningFactory(at=NOW - timedelta(days=2))
    decided(screening, DecisionCode.DEFER, by=prescriber, at=NOW - timedelta(days=2), days=1)
    due = listed(client_of(prescriber).get(WORKLIST))
    clock.shift(-THREE_DAYS)
    waits = listed(client_of(prescriber).get(WORKLIST))
    clock.move_to(NOW + MINUTE, tick=False)
    assert (due, waits) == ([str(screening.uuid)], [])
    assert listed(client_of(prescriber).get(WORKLIST)) == due


def test_a_record_dated_after_today_can_be_voided(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    screening = ScreeningFactory(at=NOW, by=clinician)
    clock.shift(-THREE_DAYS)
    client, form = client_of(clinician), {"void_reason": "Wrong patient", "confirmation": screening.short_id}
    response = client.post(address_of(screening, "void/"), form)
    assert response.status_code == 302, words(response)
    assert Screening.objects.with_status().get().is_void


def test_a_decision_dated_before_its_screening_counts_as_the_same_day_and_is_named(
    client_of: ClientOf, prescriber: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    screening = ScreeningFactory(at=NOW, taking_opioid=True)
    clock.shift(-THREE_DAYS)
    decided(screening, by=prescriber, at=timezone.now())
    page = client_of(UserFactory(role=Role.AUDITOR)).get(SAFETY)
    assert columns(page)["Same day"] == "1"
    assert "1 decision is dated before its screening, because a clock was set back" in words(page)


# Sessions -------------------------------------------------------------------------------------------------------


def test_a_session_from_before_ends_and_the_trail_says_why(
    client: Client, edition: Edition, clock: time_machine.Traveller
) -> None:
    assert client.get(LIST).status_code == 200
    clock.shift(-THREE_DAYS)
    assert client.get(LEFT).json() == {"seconds": 0, "may_stay": False}
    assert client.get(LIST).headers["Location"].startswith("/accounts/login/")
    assert AuditEvent.objects.get(action="account.session_ended").details == {"reason": "clock set back"}


def test_a_form_sent_in_such_a_session_is_stored_for_its_owner(
    client: Client, clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    own = owner(client)
    clock.shift(-THREE_DAYS)
    assert client.post(NEW, CLEAR_FORM | own).status_code == 403
    assert UnsentForm.objects.get().user == clinician


@pytest.mark.parametrize("seconds", [1, 30, 60])
def test_clocks_that_differ_by_up_to_a_minute_end_no_session(
    client: Client, edition: Edition, clock: time_machine.Traveller, seconds: int
) -> None:
    client.get(LIST)
    clock.shift(-timedelta(seconds=seconds))
    assert client.get(LIST).status_code == 200


def test_a_session_begun_afterwards_lasts_as_long_as_any(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    clock.shift(-THREE_DAYS)
    client = client_of(clinician)
    assert client.get(LEFT).json()["seconds"] == 900
    clock.shift(timedelta(minutes=15))
    assert client.get(LIST).status_code == 302


def test_the_form_just_stored_is_kept_although_five_seem_to_be_younger(
    clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    def store(name: str) -> UnsentForm:
        return session_actions.store_form(
            clinician.pk, session_actions.SentForm(NEW, "New screening", [("indication", [name])])
        )

    for number in range(5):
        store(f"before {number}")
        clock.shift(MINUTE)
    clock.shift(-THREE_DAYS)
    stored = store("after")
    assert UnsentForm.objects.filter(pk=stored.pk).exists()
    assert UnsentForm.objects.count() == 5


# Signing in -----------------------------------------------------------------------------------------------------


def test_clearing_the_cache_lets_those_sign_in_whose_wrong_tries_lie_in_the_future(
    clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    for _ in range(10):
        try_password("a wrong password of some length")
    clock.shift(-THREE_DAYS)
    assert try_password(PASSWORD) == 429
    cache.clear()
    assert try_password(PASSWORD) == 302


def try_password(password: str) -> int:
    """Sign in as the clinician and return the status of the response."""
    return Client().post("/accounts/login/", {"login": "clinician", "password": password}).status_code


# The audit trail ------------------------------------------------------------------------------------------------


def test_events_dated_after_today_are_sealed_with_those_that_follow_and_verify(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    client_of(clinician).get(LIST)
    clock.shift(-THREE_DAYS)
    client_of(clinician).get(LIST)
    clock.shift(2 * MINUTE)
    seal_if_due(timedelta(minutes=5))
    assert Seal.objects.get().last_event == AuditEvent.objects.latest("pk").pk
    assert " as sealed." in run("verify_audit")


def test_a_seal_dated_after_today_does_not_hold_back_the_next(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    client_of(clinician).get(LIST)
    clock.shift(2 * MINUTE)
    seal_if_due(timedelta(minutes=5))
    clock.shift(-THREE_DAYS)
    client_of(clinician).get(LIST)
    clock.shift(2 * MINUTE)
    seal_if_due(timedelta(minutes=5))
    assert Seal.objects.count() == 2


def test_a_clock_that_jumped_ahead_and_back_leaves_a_trail_that_verifies(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    for moved in (THREE_DAYS, -THREE_DAYS, 2 * MINUTE):
        client_of(clinician).get(LIST)
        clock.shift(moved)
        seal_if_due(timedelta(minutes=5))
    assert f"{AuditEvent.objects.count()} events as sealed." in run("verify_audit")


@pytest.mark.parametrize("days", [{}, {"from": "2026-11-20"}], ids=["all", "since a day"])
def test_the_trail_shows_events_dated_after_today(
    client_of: ClientOf, clinician: User, edition: Edition, clock: time_machine.Traveller, days: dict[str, Any]
) -> None:
    client_of(clinician).get(LIST)
    clock.shift(-THREE_DAYS)
    found = actions_on(client_of(UserFactory(role=Role.AUDITOR)).get(TRAIL, days))
    assert "screenings.listed" in found


# Rules ----------------------------------------------------------------------------------------------------------


def test_a_review_is_overdue_by_the_day_of_the_clock(
    client_of: ClientOf, clinician: User, clock: time_machine.Traveller
) -> None:
    due = date(2026, 11, 21)
    EditionFactory(definition=changed_rules(pregnancy={"next_review": due.isoformat()}), at=NOW - 10 * THREE_DAYS)
    overdue = words(client_of(clinician).get(NEW))
    clock.shift(-THREE_DAYS)
    assert ("overdue" in overdue, "overdue" in words(client_of(clinician).get(NEW))) == (True, False)


def test_a_record_dated_after_today_replays_the_same(edition: Edition, clock: time_machine.Traveller) -> None:
    ScreeningFactory(at=NOW, taking_opioid=True)
    clock.shift(-THREE_DAYS)
    assert "1 screening" in run("replay_screenings")


def test_the_page_to_decide_names_the_day_after_which_a_deferral_lies(
    client_of: ClientOf, prescriber: User, edition: Edition, clock: time_machine.Traveller
) -> None:
    screening = ScreeningFactory(at=NOW - 2 * THREE_DAYS)
    clock.shift(-THREE_DAYS)
    client = client_of(prescriber)
    assert client.get(decision_page(screening)).status_code == 200
    response = decide(client, screening, "defer", defer_until="20 Nov 2026")
    assert "Enter a day after today, 20 November 2026." in " ".join(beside(response, "defer_until"))
