"""The other screenings of a record number: the first ones on the result, all of them on a page of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.models import AuditEvent, Edition, Screening, User
from tests.charts import record_in_chart
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import address_of, links, listed, words

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]

FLAGGED: dict[str, Any] = {"taking_opioid": True}
CAUTION: dict[str, Any] = {"naltrexone_in_list": True}
UNRESOLVED: dict[str, Any] = {"liver_not_known": True}
SHOWN = "//section[@aria-labelledby='others']//li/a"
ORDER = (
    "Contraindications first, then cautions, then screenings that cannot conclude; superseded screenings last. "
    "The newest of each comes first."
)


@pytest.fixture
def screening(edition: Edition) -> Screening:
    """The record whose pages are requested."""
    return record_in_chart()


def shown(page: Any) -> list[str]:
    """Return the links to the other screenings on a result."""
    return links(page, SHOWN)


# On the result ------------------------------------------------------------------------------------------------


def test_flagged_records_are_first_then_the_newest_and_superseded_records_are_last(
    client: Client, screening: Screening
) -> None:
    flagged, superseded = record_in_chart(**FLAGGED), record_in_chart(**FLAGGED)
    amendment = ScreeningFactory(amends=superseded)
    unresolved, caution, clear = record_in_chart(**UNRESOLVED), record_in_chart(**CAUTION), record_in_chart()
    later_flagged = record_in_chart(**FLAGGED)
    page = client.get(address_of(screening))
    order: list[Screening] = [later_flagged, flagged, caution, unresolved, clear, amendment, superseded]
    assert shown(page) == [address_of(each) for each in order]
    assert ORDER in words(page)


@pytest.mark.parametrize(
    "kind", [FLAGGED, CAUTION, UNRESOLVED], ids=["contraindication", "caution", "cannot conclude"]
)
def test_a_flagged_record_is_shown_although_many_clear_ones_are_newer(
    client: Client, screening: Screening, kind: dict[str, Any]
) -> None:
    old = record_in_chart(**kind)
    for _ in range(25):
        record_in_chart()
    page = client.get(address_of(screening))
    assert shown(page)[0] == address_of(old)
    assert len(shown(page)) == 20


@pytest.mark.parametrize(("others", "more"), [(20, ""), (21, "and 1 more"), (27, "and 7 more")])
def test_the_others_that_are_not_shown_are_counted_and_linked(
    client: Client, screening: Screening, others: int, more: str
) -> None:
    for _ in range(others):
        record_in_chart()
    record_in_chart(voided=True)
    record_in_chart("DEMO-0002")
    page = client.get(address_of(screening))
    assert len(shown(page)) == 20
    assert ("more:" in words(page), more in words(page)) == (bool(more), True)
    assert (address_of(screening, "others/") in links(page)) is bool(more)


def test_a_single_other_screening_shows_no_order(client: Client, screening: Screening) -> None:
    other = record_in_chart()
    page = client.get(address_of(screening))
    assert (shown(page), ORDER in words(page)) == ([address_of(other)], False)


def test_the_count_is_calculated_for_each_record(client: Client, screening: Screening) -> None:
    for _ in range(21):
        record_in_chart()
        record_in_chart("DEMO-0002")
    record_in_chart("DEMO-0002")
    second = Screening.objects.filter(record_number="DEMO-0002").newest_first()[0]
    assert "and 1 more" in words(client.get(address_of(screening)))
    assert "and 1 more" in words(client.get(address_of(second)))
    record_in_chart()
    assert "and 2 more" in words(client.get(address_of(screening)))


# All of them --------------------------------------------------------------------------------------------------


def test_all_screenings_of_the_record_number_are_listed_newest_first_in_pages(
    client: Client, screening: Screening
) -> None:
    chart = [screening, *(record_in_chart() for _ in range(59))]
    record_in_chart("DEMO-0002")
    record_in_chart(voided=True)
    expected = [str(each.uuid) for each in reversed(chart)]
    address, found, sizes = address_of(screening, "others/"), [], []
    while address:
        page = client.get(address)
        assert "60 screenings, newest first" in words(page)
        sizes.append(len(listed(page)))
        found += listed(page)
        older = links(page, "//nav[@aria-label='Pages']")
        address = older[0] if older else ""
        assert "DEMO" not in address
    assert (sizes, found) == ([25, 25, 10], expected)


def test_a_record_number_in_another_case_is_the_same(client: Client, screening: Screening) -> None:
    other = record_in_chart("demo-0001")
    assert listed(client.get(address_of(screening, "others/"))) == [str(other.uuid), str(screening.uuid)]


def test_a_superseded_record_is_marked_in_the_list(client: Client, screening: Screening) -> None:
    later = ScreeningFactory(amends=screening)
    page = client.get(address_of(screening, "others/"))
    (row,) = html.fromstring(page.content.decode()).xpath("//tr[@data-superseded-by]")
    assert (row.get("data-screening"), row.get("data-superseded-by")) == (str(screening.uuid), str(later.uuid))
    assert f"Superseded by record {later.short_id}" in words(page)


def test_a_record_entered_in_error_lists_no_others(client: Client, screening: Screening) -> None:
    void = record_in_chart(voided=True)
    page = client.get(address_of(void, "others/"))
    assert (page.status_code, listed(page)) == (200, [])
    assert f"Record {void.short_id} was entered in error, so it leads to no other screening." in words(page)
    assert "DEMO-0001" not in words(page)


@pytest.mark.parametrize("after", ["x", str(uuid4()), "", "%00", "DEMO-0001"])
def test_an_invalid_place_gives_the_first_page(client: Client, screening: Screening, after: str) -> None:
    page = client.get(f"{address_of(screening, 'others/')}?after={after}")
    assert (page.status_code, listed(page)) == (200, [str(screening.uuid)])


def test_each_page_is_one_audit_event_about_the_record(client: Client, screening: Screening) -> None:
    for _ in range(25):
        record_in_chart()
    first = client.get(address_of(screening, "others/"))
    (older,) = links(first, "//nav[@aria-label='Pages']")
    client.get(older)
    client.head(address_of(screening, "others/"))
    events = AuditEvent.objects.filter(action="screenings.listed")
    assert [(each.subject, each.actor_role) for each in events] == [(str(screening.uuid), "clinician")] * 2


def test_an_auditor_reads_the_list_in_that_role(client_of: ClientOf, screening: Screening) -> None:
    page = client_of(UserFactory(role=Role.AUDITOR)).get(address_of(screening, "others/"))
    assert listed(page) == [str(screening.uuid)]
    assert AuditEvent.objects.get(action="screenings.listed").actor_role == "auditor"


def test_an_unknown_record_is_not_found(client: Client, edition: Edition) -> None:
    assert client.get(f"/screenings/{uuid4()}/others/").status_code == 404
    assert not AuditEvent.objects.filter(action="screenings.listed").exists()


def test_the_title_holds_no_patient_data(client: Client, screening: Screening) -> None:
    title = words(client.get(address_of(screening, "others/")), "//title")
    assert title == "Screenings of one record number – LDN Screen"
