"""Error pages say what happened and what to do, with the id under which the log names the request."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from lxml import html

from ldn_screen.logs import WithoutValues, WithRequestId
from screening.accounts.permissions import Role
from screening.models import Edition, RuleSet, User
from tests.accounts import change, page_of, shown
from tests.decisions import decide, decided
from tests.edit_pages import form_data_of
from tests.factories import EditionFactory, ScreeningFactory, UserFactory
from tests.pages import CLEAR_FORM, NEW, address_of, ticket, words
from tests.rules import changed_rules

pytestmark = pytest.mark.django_db

URLENCODED = "application/x-www-form-urlencoded"
PATIENT = "Sample Patient"
LOGIN = "/accounts/login/"
LOGGING: Any = settings.LOGGING
PLAIN = LOGGING["formatters"]["plain"]


def fails(*args: object, **kwargs: object) -> Any:
    raise ZeroDivisionError(PATIENT)


def database_is_away(*args: object, **kwargs: object) -> None:
    raise OperationalError(PATIENT)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return a function that returns the lines of the log, as they are written."""
    caplog.handler.addFilter(WithRequestId())
    formatter = WithoutValues(PLAIN["format"], style="{")
    return lambda: [formatter.format(record) for record in caplog.records]


def post(client: Client, address: str, body: str = "a=b", content_type: str = URLENCODED) -> Any:
    return client.generic("POST", address, body, content_type)


def sign_in_too_often(client: Client) -> Any:
    person = {"login": "nobody", "password": "something else"}
    return next(page for page in (client.post(LOGIN, person) for _ in range(100)) if page.status_code == 429)


REFUSALS: dict[int, Callable[[Client], Any]] = {
    400: lambda client: post(client, NEW, "no boundary", "multipart/form-data"),
    403: lambda client: client.get("/audit/"),
    404: lambda client: client.get("/nowhere/"),
    405: lambda client: post(client, "/livez"),
    413: lambda client: post(client, NEW, "a=" + "A" * 9_000_000),
    415: lambda client: post(client, NEW, "{}", "application/json"),
}


def page_faults(response: Any, status: int, lines: list[str]) -> list[str]:
    """Name what is wrong with a page that is shown instead of what was asked for, or with its line in the log."""
    page = html.fromstring(response.content.decode())
    references = page.xpath("//*[contains(@class, 'reference')]/strong/text()")
    is_right = {
        "status": response.status_code == status,
        "length": int(response.headers.get("Content-Length", len(response.content))) == len(response.content),
        "reference": references == [response.headers["X-Request-ID"]],
        "log": any(f" {response.headers['X-Request-ID']} " in line for line in lines),
        "heading": len(page.xpath("//h1")) == 1,
        "way on": bool(page.xpath("//main//*[self::p or self::li]/a[@href]")),
        "patient in the log": not any("Sample" in line for line in lines),
    }
    return [name for name, holds in is_right.items() if not holds]


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_has_a_page_with_the_reference_that_is_in_the_log(
    client: Client, edition: Edition, lines: Callable[[], list[str]], status: int
) -> None:
    assert page_faults(REFUSALS[status](client), status, lines()) == []


def test_too_many_attempts_have_a_page_with_the_reference(db: None, lines: Callable[[], list[str]]) -> None:
    assert page_faults(sign_in_too_often(Client()), 429, lines()) == []


# Conflicts (409) ----------------------------------------------------------------------------------------------


def amends_a_superseded_record(client: Client, person: User) -> Any:
    return client.get(address_of(ScreeningFactory(by=person, superseded=True), "amend/"))


def sends_one_form_twice_with_other_answers(client: Client, person: User) -> Any:
    form = {"form_ticket": ticket(client)}
    client.post(NEW, form | CLEAR_FORM)
    return client.post(NEW, form | CLEAR_FORM | {"pregnancy": "yes"})


def sends_a_form_of_an_earlier_edition(client: Client, person: User) -> Any:
    form = {"form_ticket": ticket(client)}
    EditionFactory(definition=changed_rules(pregnancy={"question": "Is another question asked now?"}))
    return client.post(NEW, form | CLEAR_FORM)


def reviews_an_earlier_edition(client: Client, person: User) -> Any:
    EditionFactory(definition=changed_rules(pregnancy={"question": "Is another question asked now?"}))
    return client.get("/editions/1/review/")


@pytest.mark.parametrize(
    "conflict",
    [
        amends_a_superseded_record,
        sends_one_form_twice_with_other_answers,
        sends_a_form_of_an_earlier_edition,
        reviews_an_earlier_edition,
    ],
)
def test_a_conflict_has_a_page_with_the_reference(
    client: Client, clinician: User, edition: Edition, lines: Callable[[], list[str]], conflict: Any
) -> None:
    assert page_faults(conflict(client, clinician), 409, lines()) == []


def test_a_decision_made_meanwhile_has_a_page_with_the_reference(
    client: Client, edition: Edition, lines: Callable[[], list[str]]
) -> None:
    client.force_login(UserFactory(role=Role.PRESCRIBER))
    screening = ScreeningFactory(taking_opioid=True)
    decided(screening, by=UserFactory())
    assert page_faults(decide(client, screening, seen="0"), 409, lines()) == []


def test_a_text_that_another_editor_changed_has_a_page_with_the_reference(
    editor: Client, second: Client, draft: RuleSet, lines: Callable[[], list[str]]
) -> None:
    page = "/draft/rules/pregnancy/"
    first, other = (form_data_of(each.get(page)) for each in (editor, second))
    second.post(page, other | {"why": ["The text of the other editor."]})
    assert page_faults(editor.post(page, first | {"why": ["The text of the first editor."]}), 409, lines()) == []


def test_an_account_that_another_administrator_changed_has_a_page_with_the_reference(
    client: Client, lines: Callable[[], list[str]]
) -> None:
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    account = UserFactory(username="kim.roe")
    form = shown(client.get(page_of(account)))
    change(client, account, first_name=["Kim"])
    response = client.post(page_of(account), form | {"last_name": ["Doe"]})
    assert response.status_code == 409
    assert response.headers["X-Request-ID"] in words(response, "//*[contains(@class, 'reference')]")
    assert any(response.headers["X-Request-ID"] in line for line in lines())


# Failures (500, 503) ------------------------------------------------------------------------------------------

PLACES = {
    "view": "screening.screenings.views.screening_list.SearchForm.is_valid",
    "middleware": "django.contrib.auth.middleware.AuthenticationMiddleware.process_request",
    "template": "screening.models.Screening.headline",
    "context processor": "screening.accounts.context_processors.roles_of",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_failure_anywhere_has_a_page_with_the_reference(
    client: Client, edition: Edition, lines: Callable[[], list[str]], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ScreeningFactory()
    client.raise_request_exception = False
    monkeypatch.setattr(PLACES[place], property(fails) if place == "template" else fails)
    response = client.get("/screenings/")
    assert page_faults(response, 500, lines()) == []
    assert "Sample" not in response.content.decode()


def test_the_page_of_a_failure_needs_no_database_and_no_session(
    client: Client, edition: Edition, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request", fails)
    with django_assert_num_queries(0):
        assert client.get("/screenings/").status_code == 500


def test_a_failure_of_every_template_still_gives_the_reference(
    client: Client, edition: Edition, lines: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("django.template.base.Template.render", fails)
    response = client.get("/screenings/")
    assert response.status_code == 500
    assert response.headers["X-Request-ID"] in response.content.decode()
    assert any(response.headers["X-Request-ID"] in line for line in lines())


def test_a_database_that_is_away_has_a_page_with_the_reference(
    client: Client, edition: Edition, lines: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", database_is_away)
    assert page_faults(client.get("/screenings/"), 503, lines()) == []


# The id -------------------------------------------------------------------------------------------------------


def test_each_request_has_another_id_whatever_the_client_sends(client: Client, edition: Edition) -> None:
    ids = {
        client.get("/livez", headers={"x-request-id": "1111-2222-3333"}).headers["X-Request-ID"] for _ in range(20)
    }
    assert len(ids) == 20
    assert "1111-2222-3333" not in ids


def test_a_line_of_the_log_outside_a_request_says_so() -> None:
    record = logging.makeLogRecord({"msg": "sealed", "levelname": "WARNING"})
    assert WithRequestId().filter(record)
    assert re.fullmatch(r"-|[0-9a-f]{4}(-[0-9a-f]{4}){2}", record.request_id)  # type: ignore[attr-defined]
