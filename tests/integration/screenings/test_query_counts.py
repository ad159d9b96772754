"""How many statements the busiest pages send to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from screening.models import Edition, Screening, User
from tests.factories import PatientFactory, ScreeningFactory
from tests.pages import AMENDMENT, CLEAR_FORM, NEW, OPIOID_FORM, address_of, listed, ticket

pytestmark = pytest.mark.django_db

OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Sent:
    """What is sent to the database meanwhile."""

    def __init__(self, captured: CaptureQueriesContext) -> None:
        self._captured = captured

    @property
    def all(self) -> list[str]:
        """Every statement."""
        return [str(each["sql"]) for each in self._captured.captured_queries]

    @property
    def of_data(self) -> list[str]:
        """Those that read or write rows."""
        return [each for each in self.all if not each.startswith(OF_TRANSACTIONS)]


@contextmanager
def counted() -> Iterator[Sent]:
    """Count what is sent to the database."""
    with CaptureQueriesContext(connection) as captured:
        yield Sent(captured)


def in_chart(**kind: Any) -> Screening:
    """A record of the record number that forms in these tests hold."""
    return ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001"), **kind)


def chart(clinician: User, kind: str) -> Screening:
    """A record in a chart of a kind, by the clinician of ``client``."""
    for _ in range({"with others": 5, "with more others than are shown": 11}.get(kind, 0)):
        in_chart()
        in_chart(superseded=True)
    given = {"all_flagged": True} if kind == "all flagged" else {"taking_opioid": True}
    screening = in_chart(by=clinician, **given)
    return ScreeningFactory(amends=screening) if kind == "an amendment" else screening


CHARTS = ["alone", "all flagged", "with others", "with more others than are shown", "an amendment"]


class Limit(NamedTuple):
    """A page of a record, and how many statements it may send."""

    page: str
    statements: int


@pytest.mark.parametrize("kind", CHARTS)
@pytest.mark.parametrize(
    "limit",
    [Limit(page, 10) for page in ("", "print/", "summary.txt", "summary.pdf", "others/", "amend/")],
    ids=lambda limit: limit.page or "result",
)
def test_a_page_of_a_record_sends_at_most_ten(
    client: Client, clinician: User, edition: Edition, kind: str, limit: Limit
) -> None:
    screening = chart(clinician, kind)
    with counted() as sent:
        response = client.get(address_of(screening, limit.page))
    assert response.status_code == 200
    assert len(sent.of_data) <= limit.statements, sent.of_data


def test_opening_the_form_sends_at_most_five(client: Client, edition: Edition) -> None:
    with counted() as sent:
        assert client.get(NEW).status_code == 200
    assert len(sent.of_data) <= 5, sent.of_data


@pytest.mark.parametrize("form", [CLEAR_FORM, OPIOID_FORM], ids=["clear", "opioid"])
@pytest.mark.parametrize("others", [0, 3])
def test_recording_sends_at_most_ten(client: Client, edition: Edition, form: dict[str, Any], others: int) -> None:
    for _ in range(others):
        in_chart()
    filled = {"form_ticket": ticket(client)} | form
    with counted() as sent:
        assert client.post(NEW, filled).status_code == 302
    assert len(sent.of_data) <= 10, sent.of_data


def test_amending_sends_at_most_fourteen(client: Client, clinician: User, edition: Edition) -> None:
    address = address_of(chart(clinician, "with others"), "amend/")
    filled = {"form_ticket": ticket(client, address)} | AMENDMENT
    with counted() as sent:
        assert client.post(address, filled).status_code == 302
    assert len(sent.of_data) <= 14, sent.of_data


def chain_of(clinician: User, amendments: int) -> list[Screening]:
    """A record and so many amendments, each of the one before."""
    chain = [in_chart(by=clinician)]
    for _ in range(amendments):
        chain.append(ScreeningFactory(amends=chain[-1]))
    return chain


@pytest.mark.parametrize("place", [0, 5, 10], ids=["the first", "one between", "the last"])
def test_a_result_in_a_chain_of_ten_amendments_sends_at_most_twelve(
    client: Client, clinician: User, edition: Edition, place: int
) -> None:
    screening = chain_of(clinician, 10)[place]
    with counted() as sent:
        assert client.get(address_of(screening)).status_code == 200
    assert len(sent.of_data) <= 12, sent.of_data


@pytest.mark.parametrize(("place", "status"), [(0, 409), (5, 409), (10, 302)])
def test_amending_in_a_chain_of_ten_amendments_sends_at_most_eighteen(
    client: Client, clinician: User, edition: Edition, place: int, status: int
) -> None:
    address = address_of(chain_of(clinician, 10)[place], "amend/")
    filled = {"form_ticket": ticket(client)} | AMENDMENT
    with counted() as sent:
        assert client.post(address, filled).status_code == status
    assert len(sent.of_data) <= 18, sent.of_data


def test_voiding_sends_at_most_ten(client: Client, clinician: User, edition: Edition) -> None:
    screening = chart(clinician, "with others")
    filled = {"void_reason": "Wrong patient", "confirmation": screening.short_id}
    with counted() as sent:
        assert client.post(address_of(screening, "void/"), filled).status_code == 302
    assert len(sent.of_data) <= 10, sent.of_data


@pytest.mark.parametrize("query", ["", "?outcome=contraindication_flagged", "?from=2020-01-01"])
def test_a_full_page_of_the_list_sends_at_most_five(client: Client, edition: Edition, query: str) -> None:
    for _ in range(10):
        ScreeningFactory(taking_opioid=True, superseded=True)
    for _ in range(20):
        ScreeningFactory(taking_opioid=True)
    with counted() as sent:
        page = client.get(f"/screenings/{query}")
    assert len(listed(page)) == 25
    assert len(sent.of_data) <= 5, sent.of_data


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", ["", "amend/", "void/"])
def test_whatever_is_recorded_is_committed_once(client: Client, clinician: User, edition: Edition, page: str) -> None:
    screening = chart(clinician, "alone")
    address = address_of(screening, page) if page else NEW
    filled = {
        "": lambda: {"form_ticket": ticket(client)} | CLEAR_FORM,
        "amend/": lambda: {"form_ticket": ticket(client, address)} | AMENDMENT,
        "void/": lambda: {"void_reason": "Wrong patient", "confirmation": screening.short_id},
    }[page]()
    with counted() as sent:
        assert client.post(address, filled).status_code == 302
    assert [each for each in sent.all if each.startswith(("COMMIT", "ROLLBACK"))] == ["COMMIT"]
    assert len([each for each in sent.all if each.startswith("BEGIN")]) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", ["", "print/", "summary.txt"])
def test_reading_a_record_writes_one_event_and_nothing_else(client: Client, edition: Edition, page: str) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    with counted() as sent:
        client.get(address_of(screening, page))
    written = [each for each in sent.of_data if not each.startswith("SELECT")]
    assert [each.split('"')[1] for each in written] == ["screening_auditevent"]


@pytest.mark.django_db(transaction=True)
def test_opening_the_form_writes_nothing(client: Client, edition: Edition) -> None:
    with counted() as sent:
        client.get(NEW)
    assert [each for each in sent.all if not each.startswith("SELECT")] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_page_of_the_list_writes_one_event_and_nothing_else(client: Client, edition: Edition, method: str) -> None:
    ScreeningFactory()
    with counted() as sent:
        getattr(client, method)("/screenings/", {"q": "sample"} if method == "post" else {})
    written = [each for each in sent.of_data if not each.startswith(("SELECT", "SET LOCAL"))]
    assert [each.split('"')[1] for each in written] == ["screening_auditevent"]


@pytest.mark.parametrize("query", ["sample", "absent name", "DEMO-0001"])
def test_a_search_sends_at_most_nine(client: Client, edition: Edition, query: str) -> None:
    for number in range(30):
        ScreeningFactory(superseded=number < 10)
    with counted() as sent:
        client.post("/screenings/", {"q": query, "from": "2020-01-01"})
    assert len(sent.of_data) <= 9, sent.of_data
