"""The result page: each record and each person gets only what belongs to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.rules.definition import AnswerCode
from screening.models import Edition, Screening, User
from tests.factories import NOT_KNOWN, TRAMADOL, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import address_of, links, words

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]

KINDS: dict[str, dict[str, Any]] = {
    "clear": {},
    "flagged": {"taking_opioid": True},
    "flagged and unresolved": {"given": {"opioid-use": TRAMADOL, "pregnancy": NOT_KNOWN}},
    "superseded": {"taking_opioid": True, "superseded": True},
    "voided": {"taking_opioid": True, "voided": True},
    "flagged by a list": {"given": {}, "opioid_in_list": True},
    "a list without an opioid": {"nothing_in_list": True},
}
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_the_pages_of_two_similar_records_show_only_their_own_data(
    client: Client, edition: Edition, kind: str
) -> None:
    names = ("First Person", "Second Person")
    made = [ScreeningFactory(patient=PatientFactory(name=name), **KINDS[kind]) for name in names]
    pages = [client.get(address_of(each)) for each in made]
    for page, own, other in zip(pages, made, reversed(made), strict=True):
        text, addresses = page.content.decode(), links(page)
        assert (own.patient_name in text, other.patient_name in text) == (True, False)
        assert (own.record_number in text, other.record_number in text) == (True, False)
        assert (str(own.uuid) in text, str(other.uuid) in text) == (True, False)
        assert {address_of(own, each) for each in ("print/", "summary.pdf", "summary.txt")} <= set(addresses)
        assert not any(str(other.uuid) in each for each in addresses)


@every_kind
def test_a_page_does_not_change_when_it_is_opened_again(client: Client, edition: Edition, kind: str) -> None:
    screening = ScreeningFactory(**KINDS[kind])
    for each in KINDS.values():
        client.get(address_of(ScreeningFactory(**each)))
    first, second = (words(client.get(address_of(screening)), "//body") for _ in range(2))
    assert first == second


def test_records_with_the_same_flag_show_their_own_details(client: Client, edition: Edition) -> None:
    agents = ("Tramadol", "Oxycodone", "Tramadol")
    pages = [
        words(
            client.get(
                address_of(ScreeningFactory(given={"opioid-use": Answer(AnswerCode.YES, details={"agent": each})}))
            )
        )
        for each in agents
    ]
    assert ["Oxycodone" in each for each in pages] == [False, True, False]


@pytest.mark.parametrize("name", ["<b>Bold</b>", "O’Brien & “Šmíd”", "csrf_token", "{{ uuid }}{% now 'Y' %}", "uuid"])
def test_a_name_is_escaped_and_shown_as_entered(client: Client, edition: Edition, name: str) -> None:
    page = client.get(address_of(ScreeningFactory(patient=PatientFactory(name=name))))
    assert words(page, "//*[@aria-label='Patient']//dl/div[1]/dd") == name
    assert html.fromstring(page.content.decode()).xpath("//main//b | //section//b") == []


@pytest.mark.parametrize("page", ["", "print/"])
@pytest.mark.parametrize("text", ["<b>Bold</b>", "a & b", "{{ uuid }}"])
def test_details_and_reasons_are_escaped_and_shown_as_entered(
    client: Client, edition: Edition, page: str, text: str
) -> None:
    given = {"opioid-use": Answer(AnswerCode.YES, details={"agent": text})}
    amendment = ScreeningFactory(amends=ScreeningFactory(given=given), given=given, amendment_reason=text)
    for each in (amendment, amendment.supersedes):
        response = client.get(address_of(each, page))
        assert words(response, "//body").count(text) >= 2
        assert "<b>Bold" not in response.content.decode()


def test_each_person_sees_their_own_name_and_permitted_actions(
    client: Client, client_of: ClientOf, clinician: User, edition: Edition
) -> None:
    screening = ScreeningFactory(by=clinician)
    people = {
        "recorded it": client,
        "another clinician": client_of(UserFactory(last_name="Colleague")),
        "prescriber": client_of(UserFactory(role=Role.PRESCRIBER)),
        "auditor": client_of(UserFactory(role=Role.AUDITOR)),
    }
    for _ in range(2):
        pages = {who: person.get(address_of(screening)) for who, person in people.items()}
        assert {who: address_of(screening, "amend/") in links(page) for who, page in pages.items()} == {
            "recorded it": True,
            "another clinician": False,
            "prescriber": True,
            "auditor": False,
        }
        assert "Sample Colleague · clinician" in words(pages["another clinician"], "//header")
        assert "Sample Auditor · auditor" in words(pages["auditor"], "//header")


@pytest.mark.parametrize("first", [True, False])
def test_only_a_demonstration_is_marked_as_one(client: Client, edition: Edition, settings: Any, first: bool) -> None:
    screening = ScreeningFactory()
    for demo in (first, not first):
        settings.DEMO = demo
        page = html.fromstring(client.get(address_of(screening)).content.decode())
        assert page.xpath("boolean(//body/@data-demo)") is demo


def test_the_token_of_the_page_signs_out(clinician: User, edition: Edition) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clinician)
    address = address_of(ScreeningFactory())
    strict.get(address)
    page = html.fromstring(strict.get(address).content.decode())
    (token,) = page.xpath("//form[@id='sign-out']//input[@name='csrfmiddlewaretoken']/@value")
    assert strict.post("/accounts/logout/", {"csrfmiddlewaretoken": token}).status_code == 302
    assert strict.get(address).status_code == 302


def test_a_result_shows_at_once_that_the_record_was_superseded(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    before = words(client.get(address_of(screening)))
    later = ScreeningFactory(amends=screening)
    after = words(client.get(address_of(screening)))
    assert ("SUPERSEDED" in before, "SUPERSEDED" in after) == (False, True)
    assert f"Open record {later.short_id}, which replaces this one" in after
    assert Screening.objects.count() == 2
