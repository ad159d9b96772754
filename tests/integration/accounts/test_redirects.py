"""``next`` leads to pages of this installation only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.test import Client

from screening.models import User
from tests.factories import PASSWORD
from tests.oidc import FaultyProvider, begin, faulty_provider, sign_on_settings

pytestmark = [pytest.mark.django_db, pytest.mark.look]
LOGIN = "/accounts/login/"
HERE = "http://testserver/accounts/login/"
HOSTILE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example/..",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "http://evil.example\\@testserver/",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "//\r\nevil.example",
    " //evil.example",
    "\x00//evil.example",
    "\u00a0//evil.example",
    "\u3000//evil.example",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "JaVaScRiPt://testserver/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "ftp://testserver/",
    "//[::1",
    "http://[evil",
    "http://127.0.0.1/",
    "//localhost",
    "//evil。example",
    "%2F%2Fevil.example",
    "/%2F/evil.example",
    "/%5Cevil.example",
    "%68ttps://evil.example",
    "/screenings/\r\nLocation: https://evil.example",
]


def leads_away(location: str) -> bool:
    """Return True if a browser at the sign-in page would leave for another origin, or run a script."""
    as_browsers_read = re.sub(r"[\t\r\n]", "", location.strip("".join(map(chr, range(33))))).replace("\\", "/")
    parts = urlsplit(urljoin(HERE, as_browsers_read))
    return (parts.scheme, parts.netloc) != ("http", "testserver")


def ends_here(response: Any) -> bool:
    """Return True for a redirect to a page of this installation, in one header line."""
    location = response.headers["Location"]
    return response.status_code == 302 and not leads_away(location) and not re.search(r"[\r\n]", location)


def test_the_check_of_these_tests_knows_what_leads_away() -> None:
    away = ["//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x", "https:evil.example"]
    assert all(map(leads_away, away))
    assert not any(map(leads_away, ["/screenings/", "screenings", "?a=//evil.example", "http://testserver/x"]))


@pytest.mark.parametrize("target", HOSTILE)
def test_signing_in_with_a_password(clinician: User, target: str) -> None:
    form = {"login": "clinician", "password": PASSWORD}
    assert ends_here(Client().post(LOGIN, {**form, "next": target}))
    assert ends_here(Client().post(f"{LOGIN}?next={quote(target)}", form))


@pytest.mark.parametrize("target", HOSTILE)
def test_opening_the_sign_in_page_while_signed_in(client: Client, target: str) -> None:
    assert ends_here(client.get(LOGIN, {"next": target}))


@pytest.mark.parametrize("target", HOSTILE)
def test_signing_out(clinician: User, target: str) -> None:
    client = Client()
    client.force_login(clinician)
    assert ends_here(client.post("/accounts/logout/", {"next": target}))
    client.force_login(clinician)
    assert ends_here(client.post(f"/accounts/logout/?next={quote(target)}"))


@pytest.mark.parametrize("target", HOSTILE)
def test_the_sign_in_page_of_the_admin(administrator: User, admin: Client, target: str) -> None:
    assert ends_here(admin.get("/admin/login/", {"next": target}))
    anonymous = Client()
    to_sign_in = anonymous.get("/admin/login/", {"next": target})
    assert ends_here(to_sign_in)
    form = {"login": administrator.username, "password": PASSWORD}
    assert ends_here(anonymous.post(to_sign_in.headers["Location"], form))


@pytest.fixture(scope="module")
def running() -> Iterator[FaultyProvider]:
    """A provider that runs for all tests of this module."""
    with faulty_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: FaultyProvider, settings: Any) -> FaultyProvider:
    """The provider, in use."""
    for name, value in sign_on_settings(running.issuer).items():
        setattr(settings, name, value)
    return running


@pytest.mark.parametrize("target", HOSTILE)
def test_signing_in_through_the_provider(provider: FaultyProvider, target: str) -> None:
    client = Client()
    assert begin(client, next=target).startswith(f"{provider.issuer}/authorize?")
    (state,) = client.session["socialaccount_states"].values()
    assert not leads_away(state[0].get("next", "/"))
    assert ends_here(provider.sign_in(Client(), next=target))


def test_the_callback_takes_no_address(provider: FaultyProvider) -> None:
    for target in HOSTILE:
        assert ends_here(provider.sign_in(Client(), {"next": target})), target


@pytest.mark.parametrize("page", ["/accounts/password/reset/key/1-x/", "/accounts/password/reset/key/done/"])
def test_the_pages_that_set_a_password(db: None, page: str) -> None:
    for target in HOSTILE:
        response = Client().get(page, {"next": target})
        assert (response.status_code, "evil" in response.content.decode()) == (200, False), target
