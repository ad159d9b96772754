"""The number of SQL statements that the busiest pages send."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from django.test import Client

from screening.models import Edition, Screening, User
from tests.charts import record_in_chart
from tests.factories import ScreeningFactory
from tests.pages import AMENDMENT, CLEAR_FORM, NEW, OPIOID_FORM, address_of, listed, ticket
from tests.queries import capture_queries

pytestmark = pytest.mark.django_db


def record_with_chart(clinician: User, kind: str) -> Screening:
    """Record a screening by the clinician of ``client``, with a chart of this kind around it."""
    for _ in range({"with others": 5, "with more others than are shown": 11}.get(kind, 0)):
        record_in_chart()
        record_in_chart(superseded=True)
    trait = "all_flagged" if kind == "all flagged" else "taking_opioid"
    screening = record_in_chart(by=clinician, **{trait: True})
    return ScreeningFactory(amends=screening) if kind == "an amendment" else screening


CHARTS = ["alone", "all flagged", "with others", "with more others than are shown", "an amendment"]


class QueryLimit(NamedTuple):
    """A page of a record, and the largest number of statements it may send."""

    page: str
    statements: int


@pytest.mark.parametrize("kind", CHARTS)
@pytest.mark.parametrize(
    "limit",
    [QueryLimit(page, 10) for page in ("", "print/", "summary.txt", "summary.pdf", "others/", "amend/")],
    ids=lambda limit: limit.page or "result",
)
def test_a_page_of_a_record_sends_at_most_ten_statements(
    client: Client, clinician: User, edition: Edition, kind: str, limit: QueryLimit
) -> None:
    screening = record_with_chart(clinician, kind)
    with capture_queries() as captured:
        response = client.get(address_of(screening, limit.page))
    assert response.status_code == 200
    assert len(captured.on_data) <= limit.statements, captured.on_data


def test_opening_the_form_sends_at_most_five_statements(client: Client, edition: Edition) -> None:
    with capture_queries() as captured:
        assert client.get(NEW).status_code == 200
    assert len(captured.on_data) <= 5, captured.on_data


@pytest.mark.parametrize("form", [CLEAR_FORM, OPIOID_FORM], ids=["clear", "opioid"])
@pytest.mark.parametrize("others", [0, 3])
def test_recording_sends_at_most_ten_statements(
    client: Client, edition: Edition, form: dict[str, Any], others: int
) -> None:
    for _ in range(others):
        record_in_chart()
    filled = {"form_ticket": ticket(client)} | form
    with capture_queries() as captured:
        assert client.post(NEW, filled).status_code == 302
    assert len(captured.on_data) <= 10, captured.on_data


def test_amending_sends_at_most_fourteen_statements(client: Client, clinician: User, edition: Edition) -> None:
    address = address_of(record_with_chart(clinician, "with others"), "amend/")
    filled = {"form_ticket": ticket(client, address)} | AMENDMENT
    with capture_queries() as captured:
        assert client.post(address, filled).status_code == 302
    assert len(captured.on_data) <= 14, captured.on_data


def chain_of(clinician: User, amendments: int) -> list[Screening]:
    """Record a screening and a chain of amendments; return all of them, oldest first."""
    chain = [record_in_chart(by=clinician)]
    for _ in range(amendments):
        chain.append(ScreeningFactory(amends=chain[-1]))
    return chain


@pytest.mark.parametrize("place", [0, 5, 10], ids=["the first", "one between", "the last"])
def test_a_result_in_a_chain_of_ten_amendments_sends_at_most_twelve_statements(
    client: Client, clinician: User, edition: Edition, place: int
) -> None:
    screening = chain_of(clinician, 10)[place]
    with capture_queries() as captured:
        assert client.get(address_of(screening)).status_code == 200
    assert len(captured.on_data) <= 12, captured.on_data


@pytest.mark.parametrize(("place", "status"), [(0, 409), (5, 409), (10, 302)])
def test_amending_in_a_chain_of_ten_amendments_sends_at_most_eighteen_statements(
    client: Client, clinician: User, edition: Edition, place: int, status: int
) -> None:
    address = address_of(chain_of(clinician, 10)[place], "amend/")
    filled = {"form_ticket": ticket(client)} | AMENDMENT
    with capture_queries() as captured:
        assert client.post(address, filled).status_code == status
    assert len(captured.on_data) <= 18, captured.on_data


def test_voiding_sends_at_most_ten_statements(client: Client, clinician: User, edition: Edition) -> None:
    screening = record_with_chart(clinician, "with others")
    filled = {"void_reason": "Wrong patient", "confirmation": screening.short_id}
    with capture_queries() as captured:
        assert client.post(address_of(screening, "void/"), filled).status_code == 302
    assert len(captured.on_data) <= 10, captured.on_data


@pytest.mark.parametrize("query", ["", "?outcome=contraindication_flagged", "?from=2020-01-01"])
def test_a_full_page_of_the_list_sends_at_most_five_statements(client: Client, edition: Edition, query: str) -> None:
    for _ in range(10):
        ScreeningFactory(taking_opioid=True, superseded=True)
    for _ in range(20):
        ScreeningFactory(taking_opioid=True)
    with capture_queries() as captured:
        page = client.get(f"/screenings/{query}")
    assert len(listed(page)) == 25
    assert len(captured.on_data) <= 5, captured.on_data


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", ["", "amend/", "void/"])
def test_recording_amending_and_voiding_commit_once(
    client: Client, clinician: User, edition: Edition, page: str
) -> None:
    screening = record_with_chart(clinician, "alone")
    address = address_of(screening, page) if page else NEW
    filled = {
        "": lambda: {"form_ticket": ticket(client)} | CLEAR_FORM,
        "amend/": lambda: {"form_ticket": ticket(client, address)} | AMENDMENT,
        "void/": lambda: {"void_reason": "Wrong patient", "confirmation": screening.short_id},
    }[page]()
    with capture_queries() as captured:
        assert client.post(address, filled).status_code == 302
    assert [each for each in captured.all if each.startswith(("COMMIT", "ROLLBACK"))] == ["COMMIT"]
    assert len([each for each in captured.all if each.startswith("BEGIN")]) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", ["", "print/", "summary.txt"])
def test_reading_a_record_writes_one_event_and_nothing_else(client: Client, edition: Edition, page: str) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    with capture_queries() as captured:
        client.get(address_of(screening, page))
    written = [each for each in captured.on_data if not each.startswith("SELECT")]
    assert [each.split('"')[1] for each in written] == ["screening_auditevent"]


@pytest.mark.django_db(transaction=True)
def test_opening_the_form_writes_nothing(client: Client, edition: Edition) -> None:
    with capture_queries() as captured:
        client.get(NEW)
    assert [each for each in captured.all if not each.startswith("SELECT")] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_page_of_the_list_writes_one_event_and_nothing_else(client: Client, edition: Edition, method: str) -> None:
    ScreeningFactory()
    with capture_queries() as captured:
        getattr(client, method)("/screenings/", {"q": "sample"} if method == "post" else {})
    written = [each for each in captured.on_data if not each.startswith(("SELECT", "SET LOCAL"))]
    assert [each.split('"')[1] for each in written] == ["screening_auditevent"]


@pytest.mark.parametrize("query", ["sample", "absent name", "DEMO-0001"])
def test_a_search_sends_at_most_nine_statements(client: Client, edition: Edition, query: str) -> None:
    for number in range(30):
        ScreeningFactory(superseded=number < 10)
    with capture_queries() as captured:
        client.post("/screenings/", {"q": query, "from": "2020-01-01"})
    assert len(captured.on_data) <= 9, captured.on_data
