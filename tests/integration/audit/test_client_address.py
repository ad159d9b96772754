"""Every event of a request holds the address of the client."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from screening.audit.actions import Action, record_event
from screening.audit.client_address import current_address
from screening.models import AuditEvent, Edition, User
from tests.factories import ScreeningFactory
from tests.pages import address_of

pytestmark = pytest.mark.django_db


def address_after(client: Client, page: str, **headers: Any) -> str | None:
    """Open a page and return the address of the event that it caused."""
    client.get(page, **headers)
    return AuditEvent.objects.latest("pk").address


@pytest.fixture
def page(edition: Edition) -> str:
    """The address of the result of a screening."""
    return address_of(ScreeningFactory())


@pytest.mark.parametrize("address", ["192.0.2.14", "2001:db8::7"])
def test_an_event_holds_the_address_of_the_connection(client: Client, page: str, address: str) -> None:
    assert address_after(client, page, REMOTE_ADDR=address) == address


def test_without_a_proxy_a_client_cannot_choose_its_address(client: Client, page: str) -> None:
    header = {"HTTP_X_FORWARDED_FOR": "198.51.100.1"}
    assert address_after(client, page, REMOTE_ADDR="192.0.2.14", **header) == "192.0.2.14"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("192.0.2.14", "192.0.2.14"),
        ("198.51.100.1, 192.0.2.14", "192.0.2.14"),
        ("=1+1, 192.0.2.14", "192.0.2.14"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("192.0.2.14:4711", "192.0.2.14"),
    ],
)
def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_added(
    client: Client, page: str, settings: Any, forwarded: str, address: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert address_after(client, page, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded) == address


@pytest.mark.parametrize("forwarded", ["", ",", "unknown", "<script>", "1" * 5000, "999.1.1.1", "ü"])
def test_a_forwarded_address_that_is_none_harms_nobody(
    client: Client, page: str, settings: Any, forwarded: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.get(page, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded).status_code == 200
    assert AuditEvent.objects.latest("pk").address in {None, "10.0.0.1"}


def test_a_server_on_a_socket_records_no_address(client: Client, page: str) -> None:
    assert address_after(client, page, REMOTE_ADDR="") is None


def test_a_refused_sign_in_holds_the_address(client: Client, clinician: User) -> None:
    client.logout()
    form = {"login": clinician.username, "password": "wrong"}
    client.post("/accounts/login/", form, REMOTE_ADDR="192.0.2.14")
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.address) == (Action.SIGN_IN_REFUSED, "192.0.2.14")


def test_an_event_outside_a_request_holds_no_address(client: Client, page: str) -> None:
    client.get(page, REMOTE_ADDR="192.0.2.14")
    record_event(Action.RULES_LOADED, by=None)
    assert (current_address(), AuditEvent.objects.latest("pk").address) == (None, None)
