"""The list of screenings: searches, filters, pages and audit events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from lxml import html

from screening.models import AuditEvent, Edition, Screening
from screening.screenings.models import screenings
from tests.factories import PatientFactory, ScreeningFactory
from tests.pages import listed, words

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

LIST = "/screenings/"
SOON = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()


def record_of(name: str = "Sample Patient", **patient: Any) -> str:
    """Record a screening of a patient and return its uuid."""
    return str(ScreeningFactory(patient=PatientFactory(name=name, **patient)).uuid)


def search(client: Client, query: str, **filters: str) -> list[str]:
    """Return the uuids that a search finds."""
    response = client.post(LIST, {"q": query, **filters})
    assert response.status_code == 200, words(response)
    return listed(response)


def form_of(page: Any, path: str = "//form[@role='search']") -> dict[str, str]:
    """Return the data that a form on the page submits unchanged."""
    (form,) = html.fromstring(page.content.decode()).xpath(path)
    return {name: value for name, value in form.form_values() if name != "csrfmiddlewaretoken"}


@pytest.fixture(params=["scan", "index"])
def searched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a test with both ways of searching: a scan of the newest records, and the index."""
    monkeypatch.setattr(screenings, "SCANNED_FIRST", 4_000 if request.param == "scan" else 1)
    return request.param


# What a search finds ------------------------------------------------------------------------------------------


NAMES_AND_QUERIES = [
    ("Seán O\u2019Dálaigh", "O'Dalaigh"),
    ("Seán O\u2019Dálaigh", "ODalaigh"),
    ("Seán O'Dalaigh", "o\u2019dálaigh"),
    ("Łukasz Øster", "Lukasz Oster"),
    ("Lukasz Oster", "ŁUKASZ ØSTER"),
    ("Ada Example", "Example, Ada"),
    ("Ada Example", "Example Ada"),
    ("Ada Maria Example", "exam ada"),
    ("Ada Example", "xamp"),
    ("Anne-Marie Sample", "anne marie"),
    ("Anne Marie Sample", "Anne\u2011Marie"),
    ("Ａｄａ Example", "ada"),
    ("Groß Æbelø", "gross aebelo"),
    ("Li Sample", "li"),
    ("Иван Петров", "петр иван"),
    ("李明", "明"),
    ("100% Sample_Name", "100 sample name"),
]


@pytest.mark.usefixtures("searched")
def test_a_search_finds_a_person_whatever_the_spelling_of_the_name(client: Client, edition: Edition) -> None:
    found = {name: record_of(name) for name, _ in NAMES_AND_QUERIES}
    others = {record_of("Somebody Else") for _ in range(2)}
    for name, query in NAMES_AND_QUERIES:
        got = set(search(client, query))
        assert (found[name] in got, got & others) == (True, set()), (name, query)


@pytest.mark.usefixtures("searched")
def test_a_search_finds_nothing_else(client: Client, edition: Edition) -> None:
    record_of("Ada Sample", record_number="DEMO-0001")
    record_of("Other Sample", record_number="DEMO-0002")
    record_of("Bea Sample")
    for query in ("Ada Other", "samples", "pl", "s%e", "sam_le", "DEMO-000", "DEMO0001"):
        assert listed(client.post(LIST, {"q": query})) == [], query


@pytest.mark.usefixtures("searched")
def test_a_search_finds_a_record_number_whatever_its_case_spaces_and_dashes(client: Client, edition: Edition) -> None:
    found = record_of(record_number="DEMO\u2013PC 0717")
    record_of(record_number="DEMO-PC 07170")
    record_of(record_number="DEMOPC 0717")
    for query in ("DEMO-PC 0717", "DEMO\u2011PC 0717", "demo-pc0717", "DEMO - PC 07 17"):
        assert search(client, query) == [found], query


def test_a_search_without_a_letter_is_refused_and_finds_nothing(client: Client, edition: Edition) -> None:
    record_of()
    for query in ("-", "\u2019", "...", "%", "\\"):
        response = client.post(LIST, {"q": query})
        assert (response.status_code, listed(response)) == (422, []), query
        assert "Enter at least one letter or digit of the name or record number." in words(response)
    assert not AuditEvent.objects.filter(action__startswith="screenings.").exists()


def test_the_longest_queries_are_answered(client: Client, edition: Edition) -> None:
    record_of()
    for query in ("a " * 100, "\ufdfa" * 200, "é\u0301" * 100, "\U0001d400 " * 100, "x" * 200):
        assert client.post(LIST, {"q": query}).status_code == 200, query[:2]


@pytest.mark.usefixtures("searched")
def test_a_record_entered_in_error_is_found_only_by_its_id(client: Client, edition: Edition) -> None:
    void = ScreeningFactory(voided=True)
    assert search(client, "Sample Patient") == []
    assert search(client, void.record_number) == []
    assert listed(client.get(LIST, {"id": void.short_id})) == [str(void.uuid)]


# With filters -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("searched")
def test_a_search_and_filters_work_together(client: Client, edition: Edition) -> None:
    long_ago = datetime(2024, 5, 1, 12, tzinfo=UTC)
    old = ScreeningFactory(taking_opioid=True, at=long_ago)
    flagged, clear = ScreeningFactory(taking_opioid=True), ScreeningFactory()
    ScreeningFactory(taking_opioid=True, patient=PatientFactory(name="Other Person"))
    outcome = "contraindication_flagged"
    assert search(client, "sample", outcome=outcome) == [str(flagged.uuid), str(old.uuid)]
    assert search(client, "sample", outcome=outcome, to="2 May 2024") == [str(old.uuid)]
    assert search(client, "sample", **{"from": "2 May 2024"}) == [str(clear.uuid), str(flagged.uuid)]
    assert search(client, "sample", id=clear.short_id) == [str(clear.uuid)]
    assert search(client, "other", id=clear.short_id) == []


def test_a_search_without_a_query_redirects_to_a_url_with_its_filters(client: Client, edition: Edition) -> None:
    entered = {"q": " ", "outcome": "contraindication_flagged", "from": "1 Mar 2026", "to": "", "id": ""}
    response = client.post(LIST, entered)
    assert response.status_code == 302
    address = urlsplit(response["Location"])
    assert (address.path, parse_qs(address.query)) == (
        LIST,
        {"outcome": ["contraindication_flagged"], "from": ["1 Mar 2026"]},
    )
    assert client.post(LIST, {"q": ""})["Location"] == LIST


def test_the_search_form_keeps_the_query_and_the_filters(client: Client, edition: Edition) -> None:
    filters = {"outcome": "none_identified", "decision": "none", "from": "1 Mar 2026", "to": SOON, "id": "5d3a-91c7"}
    assert form_of(client.post(LIST, {"q": "Sample", **filters})) == {"q": "Sample", **filters}
    assert form_of(client.get(LIST, filters)) == filters


def test_a_query_in_a_url_is_neither_searched_nor_shown(client: Client, edition: Edition) -> None:
    made = [record_of("Zebulon Sample") for _ in range(26)]
    page = client.get(LIST, {"q": "Nobody", "outcome": "none_identified"})
    assert listed(page) == made[:0:-1]
    assert "Nobody" not in page.content.decode()


def test_a_list_until_tomorrow_is_valid(client: Client, edition: Edition) -> None:
    found = record_of()
    page = client.get(LIST, {"to": SOON})
    assert (page.status_code, listed(page)) == (200, [found])


@pytest.mark.parametrize("day", [SOON, "31 Dec 9998"])
def test_a_list_from_a_day_in_the_future_is_empty(client: Client, edition: Edition, day: str) -> None:
    record_of()
    page = client.get(LIST, {"from": day})
    assert (page.status_code, listed(page)) == (200, [])
    assert client.get(LIST, {"to": day}).status_code == 200


# Pages --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("searched")
def test_older_screenings_of_a_search_keep_the_query_and_the_filters(client: Client, edition: Edition) -> None:
    made = [record_of("Ada Sample") for _ in range(30)]
    record_of("Other Person")
    sent = {"q": "ada", "outcome": "none_identified", "decision": "none", "from": "1 Jan 2026", "to": SOON}
    first = client.post(LIST, sent)
    again = form_of(first, "//form[.//input[@name='after']]")
    assert again == sent | {"after": made[5]}
    second = client.post(LIST, again)
    assert listed(first) + listed(second) == made[::-1]
    assert form_of(second) == sent


def test_older_screenings_of_a_filtered_list_keep_the_filters(client: Client, edition: Edition) -> None:
    made = [record_of() for _ in range(26)]
    ScreeningFactory(taking_opioid=True)
    first = client.get(LIST, {"outcome": "none_identified", "from": "1 Jan 2026"})
    (older,) = html.fromstring(first.content).xpath("//a[contains(@href,'after=')]/@href")
    assert listed(client.get(f"{LIST}{older}")) == made[:1]


@pytest.mark.usefixtures("searched")
def test_pages_lose_no_screenings_of_the_same_time(client: Client, edition: Edition) -> None:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    made = [str(ScreeningFactory(at=at).uuid) for _ in range(27)]
    first = client.post(LIST, {"q": "sample"})
    second = client.post(LIST, form_of(first, "//form[.//input[@name='after']]"))
    assert listed(first) + listed(second) == made[::-1]


@pytest.mark.parametrize("after", ["x", "00000000-0000-4000-8000-000000000000", "\x00", "Sample Patient"])
def test_a_page_after_an_unknown_record_is_the_first_and_logs_no_text(
    client: Client, edition: Edition, after: str
) -> None:
    found = record_of()
    assert listed(client.get(LIST, {"after": after})) == [found]
    assert "Sample" not in str(AuditEvent.objects.get(action="screenings.listed").details)


# Audit events -------------------------------------------------------------------------------------------------


def events() -> list[tuple[str, str, dict[str, Any]]]:
    """Return the audit events of lists: action, role and details without the name of the page."""
    rows = AuditEvent.objects.filter(action__startswith="screenings.", details__page="screening_list").order_by("pk")
    filters = [{name: value for name, value in each.details.items() if name != "page"} for each in rows]
    return [(each.action, each.actor_role, given) for each, given in zip(rows, filters, strict=True)]


def test_a_page_of_the_list_is_one_audit_event_with_its_filters(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory()
    client.get(LIST)
    client.get(LIST, {"outcome": "none_identified", "from": "1 Mar 2026", "to": SOON})
    client.get(LIST, {"id": screening.short_id.upper(), "after": str(screening.uuid)})
    assert events() == [
        ("screenings.listed", "clinician", {}),
        ("screenings.listed", "clinician", {"outcome": "none_identified", "from": "2026-03-01", "to": SOON}),
        ("screenings.listed", "clinician", {"id": screening.short_id, "after": str(screening.uuid)}),
    ]


def test_a_search_is_one_audit_event_with_its_filters_and_without_its_words(client: Client, edition: Edition) -> None:
    client.post(LIST, {"q": "Sample Patient", "outcome": "none_identified"})
    assert events() == [("screenings.searched", "clinician", {"outcome": "none_identified"})]


def test_requests_that_show_no_list_are_not_logged(client: Client, edition: Edition) -> None:
    client.head(LIST)
    client.get(LIST, {"id": "x"})
    client.post(LIST, {"q": "Sample", "to": "yesterday"})
    client.post(LIST, {"q": ""})
    assert events() == []


# On PostgreSQL ------------------------------------------------------------------------------------------------


@pytest.mark.postgresql
def test_a_name_can_be_found_with_the_index(edition: Edition) -> None:
    """This includes two letters, and letters outside ASCII, whatever the locale of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for query in ("li", "example", "Ив", "明", "o'd"):
        plan = Screening.objects.matching(query).explain()
        assert "Bitmap Index Scan on screening_by_name" in plan, plan
