"""Every response has the headers that protect it in a browser: pages, files, redirects and refusals."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.models import Edition, Screening
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import NEW, address_of

pytestmark = pytest.mark.django_db

Open = Callable[[Client, Screening], Any]
URLENCODED = "application/x-www-form-urlencoded"


def fails(*args: object, **kwargs: object) -> None:
    raise ZeroDivisionError


def get(address: str, **how: Any) -> Open:
    return lambda client, screening: client.get(address, **how)


def get_page(page: str) -> Open:
    return lambda client, screening: client.get(address_of(screening, page))


def post(address: str, body: str = "a=b", content_type: str = URLENCODED) -> Open:
    return lambda client, screening: client.generic("POST", address, body, content_type)


def get_as(role: Role, address: str) -> Open:
    def open_signed_in(client: Client, screening: Screening) -> Any:
        client.force_login(UserFactory(role=role))
        return client.get(address)

    return open_signed_in


KINDS: dict[str, tuple[int, Open]] = {
    "page": (200, get("/screenings/")),
    "compressed page": (200, get(NEW, headers={"accept-encoding": "gzip"})),
    "record": (200, get_page("")),
    "PDF": (200, get_page("summary.pdf")),
    "text": (200, get_page("summary.txt")),
    "list as CSV": (200, get_as(Role.AUDITOR, "/audit/events.csv")),
    "edition file": (200, get("/editions/1/edition.json")),
    "admin": (200, get_as(Role.ADMINISTRATOR, "/admin/screening/user/")),
    "health": (200, get("/livez")),
    "metrics": (200, get("/metrics")),
    "metrics refused": (403, get("/metrics", headers={"x-forwarded-for": "192.0.2.14"})),
    "style sheet": (200, get("/static/screening/look.css")),
    "icon": (200, get("/static/screening/icon.svg")),
    "redirect": (302, get("/")),
    "redirect to the slash": (301, get("/screenings")),
    "malformed": (400, post(NEW, "no boundary", "multipart/form-data")),
    "wrong host": (400, get("/screenings/", headers={"host": "attacker.example"})),
    "refused": (403, get("/audit/")),
    "no such page": (404, get("/nowhere/")),
    "refused method": (405, post("/livez")),
    "too large": (413, post(NEW, "a=" + "A" * 9_000_000)),
    "wrong type": (415, post(NEW, "{}", "application/json")),
    "form errors": (422, post(NEW)),
}
STORED_BY_BROWSERS = {"style sheet", "icon"}


@pytest.fixture
def screening(edition: Edition) -> Screening:
    return ScreeningFactory()


def check_headers(response: Any, *, is_stored: bool = False) -> None:
    """Compare the headers of a response over HTTPS with what every response has."""
    headers = response.headers
    policy = headers["Content-Security-Policy"]
    for directive in ("default-src", "base-uri", "frame-ancestors", "object-src"):
        assert f"{directive} 'none'" in policy
    assert not re.search(r"unsafe|data:|\*|https?:", policy)
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert re.fullmatch(r"[0-9a-f]{4}(-[0-9a-f]{4}){2}", headers["X-Request-ID"])
    features = dict(each.split("=") for each in headers["Permissions-Policy"].split(", "))
    assert features["camera"] == features["geolocation"] == features["payment"] == "()"
    assert features["publickey-credentials-get"] == features["clipboard-write"] == "(self)"
    assert "Access-Control-Allow-Origin" not in headers
    assert ("no-store" in headers["Cache-Control"]) is not is_stored


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_response_has_all_headers(
    screening: Screening, client: Client, kind: str, settings: Any
) -> None:
    status, open_it = KINDS[kind]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client.defaults["HTTP_X_FORWARDED_PROTO"] = "https"
    response = open_it(client, screening)
    response.close()  # of a file
    assert response.status_code == status
    check_headers(response, is_stored=kind in STORED_BY_BROWSERS)


def test_a_failure_in_a_middleware_has_all_headers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request", fails)
    response = client.get("/screenings/", secure=True)
    assert response.status_code == 500
    check_headers(response)


def test_the_host_that_a_client_claims_is_never_repeated(client: Client, edition: Edition) -> None:
    for name in ("host", "x-forwarded-host"):
        response = client.get("/", headers={name: "attacker.example"})
        assert "attacker" not in f"{response.headers}{response.content.decode()}", name
