"""The blank form: every request gets its own CSRF token and form ticket."""

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
OWNER_AND_TIME = re.compile(r'(?<=name="form_owner" value=")[^"]+(?=")|(?<=data-seconds=")\d+(?=")')
ACCEPTS_GZIP = {"accept-encoding": "gzip, deflate, br"}


def text_of(response: Any) -> str:
    """Return the page as text, decompressed if necessary."""
    content = response.content
    if response.headers.get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    return str(content.decode())


def without_token_and_ticket(page: str) -> str:
    """Return a page without its CSRF token, form ticket, owner and the time until the session ends."""
    return OWNER_AND_TIME.sub("", TICKET.sub("", TOKEN.sub("", page)))


def one(pattern: re.Pattern[str], page: str) -> str:
    """Return the one value that a pattern finds, once or several times."""
    (found,) = set(pattern.findall(page))
    return str(found)


# Token and ticket ---------------------------------------------------------------------------------------------


def test_two_requests_differ_only_in_token_and_ticket(client: Client, edition: Edition) -> None:
    first, second = (text_of(client.get(NEW)) for _ in range(2))
    assert one(TOKEN, first) != one(TOKEN, second)
    assert one(TICKET, first) != one(TICKET, second)
    assert without_token_and_ticket(first) == without_token_and_ticket(second)


def test_each_form_of_the_page_has_a_token(client: Client, edition: Edition) -> None:
    page = html.fromstring(text_of(client.get(NEW)))
    forms = page.xpath("//form[@method='post']")
    assert len(forms) == 2
    assert [each.xpath("count(.//input[@name='csrfmiddlewaretoken'])") for each in forms] == [1, 1]


def test_the_ticket_has_the_edition_number_and_a_new_key(client: Client, edition: Edition) -> None:
    tickets = [FormTicket.read(form_on(client.get(NEW)).ticket) for _ in range(3)]
    assert [each.edition_number for each in tickets if each] == [1, 1, 1]
    assert len({each.key for each in tickets if each}) == 3


def test_two_forms_create_two_records(client: Client, edition: Edition) -> None:
    assert {send(client, CLEAR_FORM).status_code for _ in range(2)} == {302}
    assert Screening.objects.count() == 2


def test_a_blank_form_has_no_input_of_an_earlier_form(client: Client, edition: Edition) -> None:
    before = without_token_and_ticket(text_of(client.get(NEW)))
    entered = CLEAR_FORM | {"patient_name": "Invented Name", "birth_date": "nonsense", "pregnancy": "yes"}
    assert send(client, entered).status_code == 422
    assert without_token_and_ticket(text_of(client.get(NEW))) == before


def test_the_blank_form_has_the_same_labels_as_a_form_with_errors(client: Client, edition: Edition) -> None:
    questions = "//form[@data-screening-form]//legend | //form[@data-screening-form]//label"
    opened = client.get(NEW)
    assert words(opened, questions) == words(send(client, CLEAR_FORM, birth_date=""), questions)


# Compression --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8, *;q=0.1"])
def test_the_page_is_compressed_if_the_browser_accepts_gzip(client: Client, edition: Edition, accepted: str) -> None:
    response = client.get(NEW, headers={"accept-encoding": accepted})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content).startswith(b"\n<!doctype html>")


@pytest.mark.parametrize("headers", [{}, {"accept-encoding": ""}, {"accept-encoding": "br, deflate, identity"}])
def test_the_page_is_not_compressed_if_the_browser_does_not_accept_gzip(
    client: Client, edition: Edition, headers: dict[str, str]
) -> None:
    response = client.get(NEW, headers=headers)
    assert "Content-Encoding" not in response.headers
    assert b"<!doctype html>" in response.content


@pytest.mark.parametrize("headers", [{}, ACCEPTS_GZIP], ids=["plain", "gzip"])
def test_the_vary_header_names_accept_encoding_and_cookie(
    client: Client, edition: Edition, headers: dict[str, str]
) -> None:
    varies = client.get(NEW, headers=headers).headers["Vary"].lower()
    assert {"accept-encoding", "cookie"} <= {each.strip() for each in varies.split(",")}


def test_the_compressed_page_has_the_same_content(client: Client, edition: Edition) -> None:
    plain, zipped = client.get(NEW), client.get(NEW, headers=ACCEPTS_GZIP)
    assert without_token_and_ticket(text_of(zipped)) == without_token_and_ticket(text_of(plain))


def test_the_content_length_is_the_number_of_bytes_sent(client: Client, edition: Edition) -> None:
    for headers in ({}, ACCEPTS_GZIP):
        response = client.get(NEW, headers=headers)
        assert int(response.headers["Content-Length"]) == len(response.content)


def test_a_compressed_page_has_the_security_headers(client: Client, edition: Edition) -> None:
    headers = client.get(NEW, headers=ACCEPTS_GZIP).headers
    assert "no-store" in headers["Cache-Control"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_form_with_errors_is_never_compressed(client: Client, edition: Edition) -> None:
    response = client.post(NEW, CLEAR_FORM | {"birth_date": ""}, headers=ACCEPTS_GZIP)
    assert response.status_code == 422
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize("headers", [{}, ACCEPTS_GZIP], ids=["plain", "gzip"])
def test_head_returns_the_same_headers_without_content(
    client: Client, edition: Edition, headers: dict[str, str]
) -> None:
    whole, head = client.get(NEW, headers=headers), client.head(NEW, headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]
    assert head.headers.get("Content-Encoding") == whole.headers.get("Content-Encoding")


# Users --------------------------------------------------------------------------------------------------------


def test_each_user_sees_only_their_own_name(client: Client, client_of: ClientOf, edition: Edition) -> None:
    other = client_of(UserFactory(first_name="Ada", last_name="Example"))
    seen = [words(each.get(NEW), "//header") for each in (client, other, client)]
    assert ["Sample Clinician" in each for each in seen] == [True, False, True]
    assert ["Ada Example" in each for each in seen] == [False, True, False]


def test_two_users_with_the_same_name_see_their_own_roles(client_of: ClientOf, edition: Edition) -> None:
    people = [UserFactory(role=role, last_name="Person") for role in (Role.CLINICIAN, Role.PRESCRIBER)]
    seen = [words(client_of(person).get(NEW), "//*[@class='who']") for person in people]
    assert seen == [
        "Your account: Sample Person · clinician Sign out",
        "Your account: Sample Person · prescriber Sign out",
    ]


def test_a_changed_name_is_shown_immediately(client: Client, clinician: User, edition: Edition) -> None:
    client.get(NEW)
    clinician.last_name = "Newname"
    clinician.save()
    assert "Sample Newname · clinician" in words(client.get(NEW), "//header")


@pytest.mark.parametrize("name", ["<b>Bold</b>", "{{ ticket }}{% now 'Y' %}", "O’Brien & “Šmíd”", "\\1 \\g<0> $1"])
def test_any_name_is_shown_literally(client_of: ClientOf, edition: Edition, name: str) -> None:
    person = client_of(UserFactory(first_name="", last_name=name))
    for _ in range(2):
        assert f"{name} · clinician" in words(person.get(NEW), "//header")


def test_an_anonymous_user_never_gets_a_cached_page(client: Client, edition: Edition) -> None:
    client.get(NEW)
    response = Client().get(NEW)
    assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/login/?next={NEW}")


def test_a_user_without_permission_never_gets_a_cached_page(
    client: Client, client_of: ClientOf, edition: Edition
) -> None:
    client.get(NEW)
    assert client_of(UserFactory(role=Role.EDITOR)).get(NEW).status_code == 403


# Editions -----------------------------------------------------------------------------------------------------


def test_a_new_edition_gives_a_new_form(client: Client, edition: Edition) -> None:
    before = words(client.get(NEW))
    EditionFactory(definition=changed_rules(pregnancy={"question": "Could the patient be pregnant now?"}))
    after = client.get(NEW)
    assert "Could the patient be pregnant now?" in words(after)
    assert "Could the patient be pregnant now?" not in before
    assert "/editions/2/" in links(after)


def test_a_new_edition_of_the_same_rules_gives_a_form_with_its_own_number(client: Client, edition: Edition) -> None:
    assert "/editions/1/" in links(client.get(NEW))
    EditionFactory()
    page = client.get(NEW)
    opened = FormTicket.read(form_on(page).ticket)
    assert "/editions/2/" in links(page)
    assert "/editions/1/" not in links(page)
    assert opened is not None
    assert opened.edition_number == 2


@pytest.mark.parametrize("first", [True, False])
def test_only_a_demonstration_is_marked_as_one(client: Client, edition: Edition, settings: Any, first: bool) -> None:
    for demo in (first, not first):
        settings.DEMO = demo
        page = client.get(NEW)
        assert html.fromstring(text_of(page)).xpath("boolean(//body/@data-demo)") is demo
        assert ("Demonstration, not for real patients" in words(page, "//body")) is demo


# CSRF protection ----------------------------------------------------------------------------------------------


@pytest.fixture
def strict(clinician: User) -> Client:
    """A test client with CSRF checks."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(clinician)
    return client


@pytest.mark.parametrize("headers", [{}, ACCEPTS_GZIP], ids=["plain", "gzip"])
def test_the_token_of_the_page_is_accepted(strict: Client, edition: Edition, headers: dict[str, str]) -> None:
    for _ in range(2):
        page = text_of(strict.get(NEW, headers=headers))
        own = {"csrfmiddlewaretoken": one(TOKEN, page), "form_ticket": one(TICKET, page)}
        assert strict.post(NEW, CLEAR_FORM | own).status_code == 302
    assert Screening.objects.count() == 2


def test_the_token_of_the_page_is_accepted_for_signing_out(strict: Client, edition: Edition) -> None:
    token = one(TOKEN, text_of(strict.get(NEW)))
    assert strict.post("/accounts/logout/", {"csrfmiddlewaretoken": token}).status_code == 302
    assert strict.get(NEW).status_code == 302


def test_the_token_of_another_users_page_is_refused(strict: Client, client_of: ClientOf, edition: Edition) -> None:
    other = text_of(client_of(UserFactory()).get(NEW))
    strict.get(NEW)
    own = {"csrfmiddlewaretoken": one(TOKEN, other), "form_ticket": one(TICKET, other)}
    assert strict.post(NEW, CLEAR_FORM | own).status_code == 403
    assert not Screening.objects.exists()


@pytest.mark.parametrize("token", ["", "a" * 64])
def test_an_invalid_token_is_refused(strict: Client, edition: Edition, token: str) -> None:
    strict.get(NEW)
    assert strict.post(NEW, CLEAR_FORM | {"csrfmiddlewaretoken": token}).status_code == 403
    assert not Screening.objects.exists()
