"""A result shows other screenings of its record number, flagged ones first, and leads to all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.models import AuditEvent, Edition, Screening, User
from tests.factories import PatientFactory, ScreeningFactory, UserFactory
from tests.pages import address_of, links, listed, words

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]

FLAGGED: dict[str, Any] = {"taking_opioid": True}
CAUTION: dict[str, Any] = {"naltrexone_in_list": True}
OPEN: dict[str, Any] = {"liver_not_known": True}
SHOWN = "//section[@aria-labelledby='others']//li/a"
ORDER = (
    "Contraindications first, then cautions, then screenings that cannot conclude; superseded screenings last. "
    "The newest of each comes first."
)


def in_chart(number: str = "DEMO-0001", **kind: Any) -> Screening:
    """A record of a record number."""
    return ScreeningFactory(patient=PatientFactory(record_number=number), **kind)


@pytest.fixture
def screening(edition: Edition) -> Screening:
    """The record whose pages are read."""
    return in_chart()


def shown(page: Any) -> list[str]:
    """Where the other screenings lead that a result shows."""
    return links(page, SHOWN)


# On the result ------------------------------------------------------------------------------------------------


def test_flagged_ones_are_shown_first_then_newest_first_and_superseded_ones_last(
    client: Client, screening: Screening
) -> None:
    flagged, superseded = in_chart(**FLAGGED), in_chart(**FLAGGED)
    amendment = ScreeningFactory(amends=superseded)
    open_point, caution, clear = in_chart(**OPEN), in_chart(**CAUTION), in_chart()
    later_flagged = in_chart(**FLAGGED)
    page = client.get(address_of(screening))
    order: list[Screening] = [later_flagged, flagged, caution, open_point, clear, amendment, superseded]
    assert shown(page) == [address_of(each) for each in order]
    assert ORDER in words(page)


@pytest.mark.parametrize("kind", [FLAGGED, CAUTION, OPEN], ids=["contraindication", "caution", "cannot conclude"])
def test_a_flag_is_shown_however_many_clear_ones_are_newer(
    client: Client, screening: Screening, kind: dict[str, Any]
) -> None:
    old = in_chart(**kind)
    for _ in range(25):
        in_chart()
    page = client.get(address_of(screening))
    assert shown(page)[0] == address_of(old)
    assert len(shown(page)) == 20


@pytest.mark.parametrize(("others", "more"), [(20, ""), (21, "and 1 more"), (27, "and 7 more")])
def test_what_is_not_shown_is_counted_and_led_to(
    client: Client, screening: Screening, others: int, more: str
) -> None:
    for _ in range(others):
        in_chart()
    in_chart(voided=True)
    in_chart("DEMO-0002")
    page = client.get(address_of(screening))
    assert len(shown(page)) == 20
    assert ("more:" in words(page), more in words(page)) == (bool(more), True)
    assert (address_of(screening, "others/") in links(page)) is bool(more)


def test_of_a_single_other_one_no_order_is_told(client: Client, screening: Screening) -> None:
    other = in_chart()
    page = client.get(address_of(screening))
    assert (shown(page), ORDER in words(page)) == ([address_of(other)], False)


def test_the_count_is_of_this_record_and_not_kept_for_the_next(client: Client, screening: Screening) -> None:
    for _ in range(21):
        in_chart()
        in_chart("DEMO-0002")
    in_chart("DEMO-0002")
    second = Screening.objects.filter(record_number="DEMO-0002").newest_first()[0]
    assert "and 1 more" in words(client.get(address_of(screening)))
    assert "and 1 more" in words(client.get(address_of(second)))
    in_chart()
    assert "and 2 more" in words(client.get(address_of(screening)))


# All of them --------------------------------------------------------------------------------------------------


def test_the_page_lists_all_of_the_record_number_newest_first_page_by_page(
    client: Client, screening: Screening
) -> None:
    chart = [screening, *(in_chart() for _ in range(59))]
    in_chart("DEMO-0002")
    in_chart(voided=True)
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


def test_a_record_number_in_other_letters_is_the_same(client: Client, screening: Screening) -> None:
    other = in_chart("demo-0001")
    assert listed(client.get(address_of(screening, "others/"))) == [str(other.uuid), str(screening.uuid)]


def test_a_superseded_one_says_so(client: Client, screening: Screening) -> None:
    later = ScreeningFactory(amends=screening)
    page = client.get(address_of(screening, "others/"))
    (row,) = html.fromstring(page.content.decode()).xpath("//tr[@data-superseded-by]")
    assert (row.get("data-screening"), row.get("data-superseded-by")) == (str(screening.uuid), str(later.uuid))
    assert f"Superseded by record {later.short_id}" in words(page)


def test_a_record_entered_in_error_leads_to_no_other(client: Client, screening: Screening) -> None:
    void = in_chart(voided=True)
    page = client.get(address_of(void, "others/"))
    assert (page.status_code, listed(page)) == (200, [])
    assert f"Record {void.short_id} was entered in error, so it leads to no other screening." in words(page)
    assert "DEMO-0001" not in words(page)


@pytest.mark.parametrize("after", ["x", str(uuid4()), "", "%00", "DEMO-0001"])
def test_a_place_that_is_none_gives_the_first_page(client: Client, screening: Screening, after: str) -> None:
    page = client.get(f"{address_of(screening, 'others/')}?after={after}")
    assert (page.status_code, listed(page)) == (200, [str(screening.uuid)])


def test_each_page_is_one_event_about_the_record(client: Client, screening: Screening) -> None:
    for _ in range(25):
        in_chart()
    first = client.get(address_of(screening, "others/"))
    (older,) = links(first, "//nav[@aria-label='Pages']")
    client.get(older)
    client.head(address_of(screening, "others/"))
    events = AuditEvent.objects.filter(action="screenings.listed")
    assert [(each.subject, each.actor_role) for each in events] == [(str(screening.uuid), "clinician")] * 2


def test_an_auditor_reads_it_in_that_role(client_of: ClientOf, screening: Screening) -> None:
    page = client_of(UserFactory(role=Role.AUDITOR)).get(address_of(screening, "others/"))
    assert listed(page) == [str(screening.uuid)]
    assert AuditEvent.objects.get(action="screenings.listed").actor_role == "auditor"


def test_an_unknown_record_has_none(client: Client, edition: Edition) -> None:
    assert client.get(f"/screenings/{uuid4()}/others/").status_code == 404
    assert not AuditEvent.objects.filter(action="screenings.listed").exists()


def test_the_title_holds_no_patient_data(client: Client, screening: Screening) -> None:
    title = words(client.get(address_of(screening, "others/")), "//title")
    assert title == "Screenings of one record number – LDN Screen"
