"""The blank form: each who opens it gets a token and a ticket of their own."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.models import Edition, Screening, User
from screening.screenings.form_ticket import FormTicket
from tests.factories import EditionFactory, UserFactory
from tests.pages import CLEAR_FORM, NEW, form_on, links, send, words
from tests.rules import changed_rules

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]

TOKEN = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[A-Za-z0-9]{64}(?=")')
TICKET = re.compile(r'(?<=name="form_ticket" value=")[^"]+(?=")')
ZIPPED = {"accept-encoding": "gzip, deflate, br"}


def text_of(response: Any) -> str:
    """A page as the browser reads it."""
    content = response.content
    if response.headers.get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    return str(content.decode())


def without_what_is_ones_own(page: str) -> str:
    """A page without its token and its ticket."""
    return TICKET.sub("", TOKEN.sub("", page))


def one(pattern: re.Pattern[str], page: str) -> str:
    """What stands in a page at one place, or at several in the same words."""
    (found,) = set(pattern.findall(page))
    return str(found)


# The same each time but for token and ticket ------------------------------------------------------------------


def test_two_openings_differ_in_token_and_ticket_only(client: Client, edition: Edition) -> None:
    first, second = (text_of(client.get(NEW)) for _ in range(2))
    assert one(TOKEN, first) != one(TOKEN, second)
    assert one(TICKET, first) != one(TICKET, second)
    assert without_what_is_ones_own(first) == without_what_is_ones_own(second)


def test_the_page_has_a_token_for_each_of_its_forms(client: Client, edition: Edition) -> None:
    page = html.fromstring(text_of(client.get(NEW)))
    forms = page.xpath("//form[@method='post']")
    assert len(forms) == 2
    assert [each.xpath("count(.//input[@name='csrfmiddlewaretoken'])") for each in forms] == [1, 1]


def test_the_ticket_of_the_page_is_of_the_edition_and_new_each_time(client: Client, edition: Edition) -> None:
    tickets = [FormTicket.read(form_on(client.get(NEW)).ticket) for _ in range(3)]
    assert [each.edition_number for each in tickets if each] == [1, 1, 1]
    assert len({each.key for each in tickets if each}) == 3


def test_two_forms_make_two_records(client: Client, edition: Edition) -> None:
    assert {send(client, CLEAR_FORM).status_code for _ in range(2)} == {302}
    assert Screening.objects.count() == 2


def test_nothing_that_was_typed_into_an_earlier_form_stands_in_the_next(client: Client, edition: Edition) -> None:
    before = without_what_is_ones_own(text_of(client.get(NEW)))
    typed = CLEAR_FORM | {"patient_name": "Invented Name", "birth_date": "nonsense", "pregnancy": "yes"}
    assert send(client, typed).status_code == 422
    assert without_what_is_ones_own(text_of(client.get(NEW))) == before


def test_the_blank_form_says_what_a_form_that_came_back_says_before_anything_is_filled_in(
    client: Client, edition: Edition
) -> None:
    questions = "//form[@data-screening-form]//legend | //form[@data-screening-form]//label"
    opened = client.get(NEW)
    assert words(opened, questions) == words(send(client, CLEAR_FORM, birth_date=""), questions)


# Compressed where the browser takes it ------------------------------------------------------------------------


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8, *;q=0.1"])
def test_the_page_is_zipped_where_the_browser_takes_it(client: Client, edition: Edition, accepted: str) -> None:
    response = client.get(NEW, headers={"accept-encoding": accepted})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content).startswith(b"\n<!doctype html>")


@pytest.mark.parametrize("headers", [{}, {"accept-encoding": ""}, {"accept-encoding": "br, deflate, identity"}])
def test_the_page_is_plain_where_the_browser_does_not_take_it(
    client: Client, edition: Edition, headers: dict[str, str]
) -> None:
    response = client.get(NEW, headers=headers)
    assert "Content-Encoding" not in response.headers
    assert b"<!doctype html>" in response.content


@pytest.mark.parametrize("headers", [{}, ZIPPED], ids=["plain", "zipped"])
def test_caches_are_told_that_the_page_depends_on_what_the_browser_takes(
    client: Client, edition: Edition, headers: dict[str, str]
) -> None:
    varies = client.get(NEW, headers=headers).headers["Vary"].lower()
    assert {"accept-encoding", "cookie"} <= {each.strip() for each in varies.split(",")}


def test_unzipped_the_page_is_the_plain_one(client: Client, edition: Edition) -> None:
    plain, zipped = client.get(NEW), client.get(NEW, headers=ZIPPED)
    assert without_what_is_ones_own(text_of(zipped)) == without_what_is_ones_own(text_of(plain))


def test_the_length_that_is_told_is_that_of_what_is_sent(client: Client, edition: Edition) -> None:
    for headers in ({}, ZIPPED):
        response = client.get(NEW, headers=headers)
        assert int(response.headers["Content-Length"]) == len(response.content)


def test_a_zipped_page_is_guarded_and_never_stored_too(client: Client, edition: Edition) -> None:
    headers = client.get(NEW, headers=ZIPPED).headers
    assert "no-store" in headers["Cache-Control"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_form_that_came_back_with_what_was_typed_is_never_zipped(client: Client, edition: Edition) -> None:
    response = client.post(NEW, CLEAR_FORM | {"birth_date": ""}, headers=ZIPPED)
    assert response.status_code == 422
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize("headers", [{}, ZIPPED], ids=["plain", "zipped"])
def test_the_head_of_the_page_can_be_asked_for_alone(
    client: Client, edition: Edition, headers: dict[str, str]
) -> None:
    whole, head = client.get(NEW, headers=headers), client.head(NEW, headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]
    assert head.headers.get("Content-Encoding") == whole.headers.get("Content-Encoding")


# For each person their own ------------------------------------------------------------------------------------


def test_another_person_sees_her_own_name_and_never_the_first_ones(
    client: Client, client_of: ClientOf, edition: Edition
) -> None:
    other = client_of(UserFactory(first_name="Ada", last_name="Example"))
    seen = [words(each.get(NEW), "//header") for each in (client, other, client)]
    assert ["Sample Clinician" in each for each in seen] == [True, False, True]
    assert ["Ada Example" in each for each in seen] == [False, True, False]


def test_two_people_of_one_name_are_told_their_own_roles(client_of: ClientOf, edition: Edition) -> None:
    people = [UserFactory(role=role, last_name="Person") for role in (Role.CLINICIAN, Role.PRESCRIBER)]
    seen = [words(client_of(person).get(NEW), "//*[@class='who']") for person in people]
    assert seen == ["Sample Person · clinician Sign out", "Sample Person · prescriber Sign out"]


def test_a_name_that_changed_is_told_at_once(client: Client, clinician: User, edition: Edition) -> None:
    client.get(NEW)
    clinician.last_name = "Newname"
    clinician.save()
    assert "Sample Newname · clinician" in words(client.get(NEW), "//header")


@pytest.mark.parametrize("name", ["<b>Bold</b>", "{{ ticket }}{% now 'Y' %}", "O’Brien & “Šmíd”", "\\1 \\g<0> $1"])
def test_any_name_stands_on_the_page_as_it_is(client_of: ClientOf, edition: Edition, name: str) -> None:
    person = client_of(UserFactory(first_name="", last_name=name))
    for _ in range(2):
        assert f"{name} · clinician" in words(person.get(NEW), "//header")


def test_who_is_not_signed_in_gets_no_page_of_anybody(client: Client, edition: Edition) -> None:
    client.get(NEW)
    response = Client().get(NEW)
    assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/login/?next={NEW}")


def test_who_may_not_screen_gets_no_page_of_anybody(client: Client, client_of: ClientOf, edition: Edition) -> None:
    client.get(NEW)
    assert client_of(UserFactory(role=Role.EDITOR)).get(NEW).status_code == 403


# For each edition its own -------------------------------------------------------------------------------------


def test_another_edition_is_another_form(client: Client, edition: Edition) -> None:
    before = words(client.get(NEW))
    EditionFactory(definition=changed_rules(pregnancy={"question": "Could the patient be pregnant now?"}))
    after = client.get(NEW)
    assert "Could the patient be pregnant now?" in words(after)
    assert "Could the patient be pregnant now?" not in before
    assert "/editions/2/" in links(after)


def test_an_edition_of_the_same_rules_has_a_form_under_its_own_number(client: Client, edition: Edition) -> None:
    assert "/editions/1/" in links(client.get(NEW))
    EditionFactory()
    page = client.get(NEW)
    opened = FormTicket.read(form_on(page).ticket)
    assert "/editions/2/" in links(page)
    assert "/editions/1/" not in links(page)
    assert opened is not None
    assert opened.edition_number == 2


@pytest.mark.parametrize("first", [True, False])
def test_a_demonstration_says_so_and_nothing_else_does(
    client: Client, edition: Edition, settings: Any, first: bool
) -> None:
    for demo in (first, not first):
        settings.DEMO = demo
        page = client.get(NEW)
        assert html.fromstring(text_of(page)).xpath("boolean(//body/@data-demo)") is demo
        assert ("Demonstration, not for real patients" in words(page, "//body")) is demo


# Its token ----------------------------------------------------------------------------------------------------


@pytest.fixture
def strict(clinician: User) -> Client:
    """A test client that sends a form only with a token, as a browser would."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(clinician)
    return client


@pytest.mark.parametrize("headers", [{}, ZIPPED], ids=["plain", "zipped"])
def test_the_token_of_the_page_is_accepted(strict: Client, edition: Edition, headers: dict[str, str]) -> None:
    for _ in range(2):
        page = text_of(strict.get(NEW, headers=headers))
        own = {"csrfmiddlewaretoken": one(TOKEN, page), "form_ticket": one(TICKET, page)}
        assert strict.post(NEW, CLEAR_FORM | own).status_code == 302
    assert Screening.objects.count() == 2


def test_the_token_of_the_page_signs_out_too(strict: Client, edition: Edition) -> None:
    token = one(TOKEN, text_of(strict.get(NEW)))
    assert strict.post("/accounts/logout/", {"csrfmiddlewaretoken": token}).status_code == 302
    assert strict.get(NEW).status_code == 302


def test_the_token_of_another_persons_page_is_not_accepted(
    strict: Client, client_of: ClientOf, edition: Edition
) -> None:
    other = text_of(client_of(UserFactory()).get(NEW))
    strict.get(NEW)
    own = {"csrfmiddlewaretoken": one(TOKEN, other), "form_ticket": one(TICKET, other)}
    assert strict.post(NEW, CLEAR_FORM | own).status_code == 403
    assert not Screening.objects.exists()


@pytest.mark.parametrize("token", ["", "a" * 64])
def test_no_other_token_is_accepted(strict: Client, edition: Edition, token: str) -> None:
    strict.get(NEW)
    assert strict.post(NEW, CLEAR_FORM | {"csrfmiddlewaretoken": token}).status_code == 403
    assert not Screening.objects.exists()
