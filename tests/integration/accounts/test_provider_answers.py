"""Answers of the provider that are not accepted, and a provider that does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from screening.models import AuditEvent, User
from tests.factories import PASSWORD
from tests.oidc import (
    CALLBACK,
    CLIENT_ID,
    LOGIN,
    NAME,
    OTHER_KEY,
    ROLES,
    FaultyProvider,
    begin,
    faulty_provider,
    sign_on_settings,
    token_in,
)
from tests.pages import words

pytestmark = pytest.mark.django_db
METADATA = "/.well-known/openid-configuration"


@pytest.fixture
def provider(settings: Any) -> Iterator[FaultyProvider]:
    """A provider whose answers are right until a test changes them."""
    with faulty_provider() as provider:
        for name, value in sign_on_settings(provider.issuer, LDN_OIDC_ROLES=ROLES).items():
            setattr(settings, name, value)
        yield provider


def is_refused(response: Any) -> bool:
    """Return True if the page says that nobody is signed in, nobody is, and no account was made."""
    assert words(response, "//h1") == "You are not signed in"
    assert NAME in words(response)
    assert response.client.get("/screenings/").status_code == 302
    return response.status_code == 401 and not User.objects.exists() and not SocialAccount.objects.exists()


def test_a_right_answer_signs_in(provider: FaultyProvider) -> None:
    client = Client()
    assert provider.sign_in(client).headers["Location"] == "/"
    assert client.get("/screenings/").status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": None},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": None},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"nonce": "of-another-sign-in"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "s" * 300},
    ],
)
def test_an_id_token_with_a_wrong_claim_is_refused(provider: FaultyProvider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    assert is_refused(provider.sign_in(Client()))


@pytest.mark.parametrize(
    ("key", "algorithm", "headers"),
    [
        (OTHER_KEY, "ES256", {"kid": "key-1"}),
        (OTHER_KEY, "ES256", {"kid": "key-2"}),
        (OTHER_KEY, "ES256", {}),
        ("", "none", {"kid": "key-1"}),
        ("a client secret for tests, long enough", "HS256", {"kid": "key-1"}),
    ],
)
def test_an_id_token_that_the_provider_did_not_sign_is_refused(
    provider: FaultyProvider, key: Any, algorithm: str, headers: dict[str, str]
) -> None:
    provider.key, provider.algorithm, provider.headers = key, algorithm, headers
    assert is_refused(provider.sign_in(Client()))


def test_a_changed_id_token_is_refused(provider: FaultyProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    encode = jwt.encode

    def changed(*args: Any, **options: Any) -> str:
        head, _, signature = encode(*args, **options).split(".")
        claims = {**args[0], "groups": ["ldn-admins"]}
        return ".".join([head, encode(claims, "x" * 32).split(".")[1], signature])

    monkeypatch.setattr(jwt, "encode", changed)
    assert is_refused(provider.sign_in(Client()))


def test_an_answer_without_an_id_token_is_refused(provider: FaultyProvider) -> None:
    provider.without_id_token = True
    assert is_refused(provider.sign_in(Client()))


@pytest.mark.parametrize("body", [b"[]", b"{}", b'"text"', b'{"keys": 7}', b'{"keys": [{"kty": "EC"}]}'])
def test_keys_that_cannot_be_read_are_refused(provider: FaultyProvider, body: bytes) -> None:
    provider.pages["/keys"] = (200, body)
    assert is_refused(provider.sign_in(Client()))


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": "invalid_grant"}',
        b"[]",
        b'{"access_token": "x", "id_token": 7, "expires_in": "soon"}',
        b'{"access_token": "x", "id_token": "no.token"}',
    ],
)
def test_a_token_that_cannot_be_read_is_refused(provider: FaultyProvider, body: bytes) -> None:
    provider.pages["/token"] = (200, body)
    assert is_refused(provider.sign_in(Client()))


@pytest.mark.parametrize(
    "changes", [{"state": None}, {"state": "guessed"}, {"code": None}, {"error": "server_error"}]
)
def test_a_callback_with_another_query_is_refused(provider: FaultyProvider, changes: dict[str, str | None]) -> None:
    assert is_refused(provider.sign_in(Client(), changes))


def test_a_callback_in_another_browser_is_refused(provider: FaultyProvider) -> None:
    state = begin(Client()).partition("state=")[2].partition("&")[0]
    assert is_refused(Client().get(CALLBACK, {"code": "a-code-for-tests", "state": state}))


def test_a_callback_is_accepted_once(provider: FaultyProvider) -> None:
    client = Client()
    first = provider.sign_in(client)
    query = first.request["QUERY_STRING"]
    client.post("/accounts/logout/")
    again = client.get(f"{CALLBACK}?{query}")
    assert (first.status_code, again.status_code) == (302, 401)
    assert client.get("/screenings/").status_code == 302


def test_another_code_verifier_is_refused_by_the_provider(
    provider: FaultyProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    respond = provider.respond
    monkeypatch.setattr(provider, "respond", lambda path, form: respond(path, {**form, "code_verifier": ["other"]}))
    assert is_refused(provider.sign_in(Client()))


@pytest.mark.parametrize(
    "metadata",
    [
        b"[]",
        b"{}",
        b'{"issuer": "https://evil.example"}',
        b'{"issuer": "ISSUER"}',
        b'{"issuer": "ISSUER", "authorization_endpoint": "javascript:alert(1)", "token_endpoint": 7, "jwks_uri": ""}',
    ],
)
def test_metadata_that_cannot_be_used_begin_no_sign_in(provider: FaultyProvider, metadata: bytes) -> None:
    provider.pages[METADATA] = (200, metadata.replace(b"ISSUER", provider.issuer.encode()))
    assert is_refused(Client().post(LOGIN))


def test_a_refusal_is_recorded_and_logged_without_the_token(
    provider: FaultyProvider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.claims = {"aud": "another-client"}
    page = provider.sign_in(Client()).content.decode()
    event = AuditEvent.objects.get()
    assert (event.action, event.details) == ("account.sign_in_refused", {"reason": "single sign-on"})
    assert "Single sign-on was refused: the ID token is missing or not valid (InvalidAudienceError)" in caplog.text
    assert token_in(caplog.text + page + str(event.details)) is None


def test_callbacks_that_nobody_began_do_not_fill_the_audit_trail(provider: FaultyProvider) -> None:
    assert is_refused(Client().get(CALLBACK, {"code": "x", "state": "y"}))
    assert not AuditEvent.objects.exists()


# A provider that does not answer --------------------------------------------------------------------------------


def is_unavailable(response: Any) -> bool:
    """Return True if the page says that the provider does not answer, and when to try again."""
    assert words(response, "//h1") == "The sign-in service does not answer"
    assert "Nothing is wrong with your account." in words(response)
    return response.status_code == 503 and response.headers["Retry-After"] == "30"


@pytest.mark.parametrize("page", [METADATA, "/keys", "/token"])
@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_error_of_the_provider_is_503(provider: FaultyProvider, page: str, status: int) -> None:
    client = Client()
    address = begin(client)
    provider.challenge = address.partition("code_challenge=")[2].partition("&")[0]
    provider.pages[page] = (status, b"<html>Internal error</html>")
    state = address.partition("state=")[2].partition("&")[0]
    assert is_unavailable(client.get(CALLBACK, {"code": "x", "state": state}))


@pytest.mark.parametrize("body", [b"<html>Sign in to the Wi-Fi</html>", b""])
def test_metadata_that_are_no_metadata_are_503(provider: FaultyProvider, body: bytes) -> None:
    provider.pages[METADATA] = (200, body)
    assert is_unavailable(Client().post(LOGIN))


def test_a_provider_that_cannot_be_reached_is_503_and_a_password_still_signs_in(
    provider: FaultyProvider, clinician: User
) -> None:
    provider.server.shutdown()
    provider.server.server_close()
    client = Client()
    assert is_unavailable(client.post(LOGIN))
    assert client.post("/accounts/login/", {"login": "clinician", "password": PASSWORD}).status_code == 302


def test_a_provider_that_hangs_is_given_up(provider: FaultyProvider, settings: Any) -> None:
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT, provider.wait_seconds = 0.05, 0.3
    assert is_unavailable(Client().post(LOGIN))


def test_a_provider_that_cannot_be_reached_is_logged_without_its_address(
    provider: FaultyProvider, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise requests.ConnectTimeout(f"{provider.issuer} a client secret for tests")

    monkeypatch.setattr(requests.Session, "request", fail)
    assert is_unavailable(Client().post(LOGIN))
    assert "The provider of single sign-on does not answer: ConnectTimeout" in caplog.text
    assert provider.issuer not in caplog.text
