"""Deciding on what has changed: decided meanwhile, superseded, voided, sent twice, or with answers that expired."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.models import Decision, Screening, User, Void, WorklistEntry
from screening.screenings import actions as screening_actions
from tests.concurrency import post_at_once
from tests.decisions import decide, decided, decision_page, hidden_fields, reasons, refusals
from tests.factories import NOT_KNOWN, TRAMADOL, VOID_REASON, EditionFactory, ScreeningFactory
from tests.pages import AMENDMENT, address_of, links, messages, ticket, words
from tests.rules import changed_rules

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]


@pytest.fixture
def screening(person: User) -> Screening:
    """One contraindicated flag and one unresolved answer."""
    return ScreeningFactory(given={"opioid-use": TRAMADOL, "severe-liver-disease": NOT_KNOWN})


def filled(client: Client, screening: Screening, decision: str = "refer") -> dict[str, Any]:
    """Open the page and fill in the form."""
    return hidden_fields(client.get(decision_page(screening))) | reasons(screening) | {"decision": decision}


# Decided meanwhile --------------------------------------------------------------------------------------------


def test_sending_the_same_form_twice_records_one_decision(prescriber: Client, screening: Screening) -> None:
    form = filled(prescriber, screening)
    first, second = (prescriber.post(decision_page(screening), form) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] == second.headers["Location"]
    assert Decision.objects.count() == 1
    assert refusals(screening) == []


def test_the_same_form_with_another_decision_is_409_and_nothing_is_stored(
    prescriber: Client, screening: Screening
) -> None:
    form = filled(prescriber, screening)
    prescriber.post(decision_page(screening), form)
    response = prescriber.post(decision_page(screening), form | {"decision": "do-not-prescribe"})
    assert response.status_code == 409
    assert Decision.objects.get().code == "refer"
    assert refusals(screening) == [{"why": "decided-meanwhile"}]


def test_the_second_of_two_prescribers_sees_the_first_decision_and_what_they_entered(
    prescriber: Client, other_prescriber: Client, screening: Screening
) -> None:
    mine, theirs = filled(prescriber, screening), filled(other_prescriber, screening, "do-not-prescribe")
    other_prescriber.post(decision_page(screening), theirs)
    response = prescriber.post(decision_page(screening), mine | {"opioid-use.reason-text": "Clinic called"})
    assert response.status_code == 409
    assert "Other Person decided while this page was open" in words(response)
    assert "Do not prescribe" in words(response, "//*[contains(@class,'errors')]")
    page = html.fromstring(response.content.decode())
    assert page.xpath("//input[@name='opioid-use.reason-text']/@value") == ["Clinic called"]
    assert page.xpath("//input[@name='decision'][@checked]/@value") == ["refer"]


def test_after_a_conflict_the_form_sent_again_supersedes_the_other_decision(
    prescriber: Client, other_prescriber: Client, screening: Screening
) -> None:
    mine = filled(prescriber, screening)
    decide(other_prescriber, screening, "do-not-prescribe")
    conflict = prescriber.post(decision_page(screening), mine)
    assert prescriber.post(decision_page(screening), mine | hidden_fields(conflict)).status_code == 302
    assert list(Decision.objects.order_by("number").values_list("code", flat=True)) == ["do-not-prescribe", "refer"]


def test_the_same_decision_of_another_person_is_a_conflict(
    prescriber: Client, other_prescriber: Client, screening: Screening
) -> None:
    form = filled(prescriber, screening)
    prescriber.post(decision_page(screening), form)
    assert other_prescriber.post(decision_page(screening), form).status_code == 409


@pytest.mark.parametrize("seen", [None, "", "x", "-1", "1e3", "٣", "99999999999"])
def test_a_client_that_did_not_see_the_decision_cannot_supersede_it(
    prescriber: Client, screening: Screening, seen: str | None
) -> None:
    decide(prescriber, screening, "do-not-prescribe")
    assert decide(prescriber, screening, "refer", seen=seen).status_code == 409
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_prescribers_at_once_one_decides_and_the_other_gets_409(
    prescriber: Client, other_prescriber: Client, screening: Screening
) -> None:
    clients, barrier = (prescriber, other_prescriber), Barrier(2)
    forms = [filled(client, screening, code) for client, code in zip(clients, ("refer", "defer"), strict=True)]
    forms[1]["defer_until"] = "1 Jan 2030"

    def send(client: Client, form: dict[str, Any]) -> int:
        barrier.wait()
        try:
            return client.post(decision_page(screening), form).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, clients, forms)) == [302, 409]
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(4))
def test_an_amendment_and_a_decision_at_once_leave_a_record_in_which_one_follows_the_other(
    prescriber: Client, screening: Screening, round_: int
) -> None:
    amend = address_of(screening, "amend/")
    corrected = AMENDMENT | {"form_ticket": ticket(prescriber, amend), "record_number": screening.record_number}
    decision = (decision_page(screening), filled(prescriber, screening))
    amended, decided_on = post_at_once(prescriber, [(amend, corrected), decision])
    entry, made = WorklistEntry.objects.get(), Decision.objects.first()
    assert (amended.status_code, decided_on.status_code) == (302, 302 if made else 409)
    assert entry.screening.supersedes == screening
    assert (entry.due_on, entry.superseded_decision) == (None, made)


def test_an_edition_that_is_published_meanwhile_does_not_disturb(prescriber: Client, screening: Screening) -> None:
    form = filled(prescriber, screening)
    EditionFactory(definition=changed_rules(pregnancy={"question": "Is the patient pregnant, or may she be?"}))
    assert prescriber.post(decision_page(screening), form).status_code == 302
    assert "Edition 1" in words(prescriber.get(address_of(screening)))


# Superseded or void -------------------------------------------------------------------------------------------


def test_a_superseded_record_is_not_decided_on(prescriber: Client, screening: Screening) -> None:
    form = filled(prescriber, screening)
    successor = ScreeningFactory(amends=screening)
    assert prescriber.get(decision_page(screening)).status_code == 409
    response = prescriber.post(decision_page(screening), form | {"opioid-use.reason-text": "Clinic called"})
    assert response.status_code == 409
    assert address_of(successor) in links(response)
    assert "Clinic called" in words(response)
    assert Decision.objects.count() == 0
    assert refusals(screening) == [{"why": "not-current"}]


def test_a_voided_record_is_not_decided_on(prescriber: Client, screening: Screening) -> None:
    form = filled(prescriber, screening)
    by = screening.screened_by
    screening_actions.void_screening(screening, by=by, role=Role.CLINICIAN, at=datetime.now(UTC), reason=VOID_REASON)
    assert Void._default_manager.count() == 1
    assert prescriber.get(decision_page(screening)).status_code == 409
    assert prescriber.post(decision_page(screening), form).status_code == 409
    assert Decision.objects.count() == 0


def test_an_incomplete_decision_on_a_superseded_record_is_409(prescriber: Client, screening: Screening) -> None:
    ScreeningFactory(amends=screening)
    assert prescriber.post(decision_page(screening), {}).status_code == 409


# Answers that no longer hold ----------------------------------------------------------------------------------


@pytest.fixture
def yesterdays(person: User) -> Screening:
    """A screening of yesterday: one flag, one answer not known, and two answers of no."""
    at = datetime.now(UTC) - timedelta(days=1)
    return ScreeningFactory(given={"opioid-use": TRAMADOL, "breastfeeding": NOT_KNOWN}, at=at)


TICKS = {"opioid-use.reconfirmed": "unchanged", "pregnancy.reconfirmed": "unchanged"}


def test_the_page_asks_again_only_what_expired(prescriber: Client, yesterdays: Screening) -> None:
    page = html.fromstring(prescriber.get(decision_page(yesterdays)).content.decode())
    assert page.xpath("//input[@type='checkbox']/@name") == list(TICKS)
    assert "2 answers no longer hold" in words(prescriber.get(decision_page(yesterdays)))


def test_on_the_same_day_nothing_is_asked_again(prescriber: Client, screening: Screening) -> None:
    page = html.fromstring(prescriber.get(decision_page(screening)).content.decode())
    assert page.xpath("//input[@type='checkbox']") == []


def test_a_decision_without_asking_again_is_refused(prescriber: Client, yesterdays: Screening) -> None:
    response = decide(prescriber, yesterdays)
    assert response.status_code == 422
    assert len([each for each in messages(response) if "Ask the patient again" in each]) == 2
    assert Decision.objects.count() == 0
    assert refusals(yesterdays) == [{"why": "opioid-use not-asked-again, pregnancy not-asked-again"}]


@pytest.mark.parametrize("value", ["", "on", "true", "1", "Unchanged", "changed"])
def test_a_tick_counts_only_with_its_value(prescriber: Client, yesterdays: Screening, value: str) -> None:
    assert decide(prescriber, yesterdays, **TICKS | {"pregnancy.reconfirmed": value}).status_code == 422
    assert Decision.objects.count() == 0


def test_what_was_asked_again_is_on_the_record_by_name_and_time(prescriber: Client, yesterdays: Screening) -> None:
    assert decide(prescriber, yesterdays, **TICKS).status_code == 302
    assert Decision.objects.get().asked_again == ["opioid-use", "pregnancy"]
    page = words(prescriber.get(address_of(yesterdays)))
    assert "Opioid use: yes; Pregnancy: no. Unchanged on" in page


def test_an_answer_asked_again_today_is_not_asked_a_third_time_today(
    prescriber: Client, yesterdays: Screening
) -> None:
    decide(prescriber, yesterdays, **TICKS)
    assert decide(prescriber, yesterdays, "refer").status_code == 302


def test_an_answer_asked_again_expires_again(prescriber: Client, person: User, edition: object) -> None:
    three_days, two_days = (datetime.now(UTC) - timedelta(days=days) for days in (3, 2))
    screening = ScreeningFactory(given={"opioid-use": TRAMADOL}, at=three_days)
    decided(screening, by=person, at=two_days)
    response = decide(prescriber, screening)
    assert len([each for each in messages(response) if "Ask the patient again" in each]) == 3


def test_an_answer_that_holds_for_days_is_asked_again_only_after_them(prescriber: Client, person: User) -> None:
    screening = ScreeningFactory(at=datetime.now(UTC) - timedelta(days=31))
    page = html.fromstring(prescriber.get(decision_page(screening)).content.decode())
    assert "severe-liver-disease.reconfirmed" in page.xpath("//input[@type='checkbox']/@name")
    screening = ScreeningFactory(at=datetime.now(UTC) - timedelta(days=30))
    page = html.fromstring(prescriber.get(decision_page(screening)).content.decode())
    assert "severe-liver-disease.reconfirmed" not in page.xpath("//input[@type='checkbox']/@name")


def test_a_form_opened_before_midnight_comes_back_with_the_ticks_and_what_was_entered(
    person: User, client_of: Any, edition: object
) -> None:
    evening = datetime(2030, 3, 4, 23, 58, tzinfo=UTC)
    with time_machine.travel(evening) as clock:
        screening = ScreeningFactory(given={"opioid-use": TRAMADOL}, at=evening)
        client = client_of(person)
        form = filled(client, screening) | {"opioid-use.reason-text": "Clinic called"}
        clock.shift(timedelta(minutes=5))
        response = client.post(decision_page(screening), form)
    assert response.status_code == 422
    page = html.fromstring(response.content.decode())
    assert len(page.xpath("//input[@type='checkbox']")) == 3
    assert page.xpath("//input[@name='opioid-use.reason-text']/@value") == ["Clinic called"]


def test_a_refused_decision_leaves_the_screening_on_the_worklist(prescriber: Client, yesterdays: Screening) -> None:
    decide(prescriber, yesterdays)
    assert WorklistEntry.objects.filter(screening=yesterdays, due_on=None).exists()
