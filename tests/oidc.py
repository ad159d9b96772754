"""Providers of single sign-on for tests: a real one in a process of its own, and one that sends bad answers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from csp.constants import NONE, SELF
from django.test import Client

from ldn_screen.single_sign_on import single_sign_on, socialaccount_providers

LOGIN = "/accounts/oidc/sso/login/"
CALLBACK = f"{LOGIN}callback/"
CLIENT_ID = "ldn-screen"
NAME = "Sample Hospital"
ROLES = "ldn-nurses=clinician,ldn-doctors=prescriber,ldn-admins=administrator"
NURSE = {
    "preferred_username": "robin.poe",
    "given_name": "Robin",
    "family_name": "Poe",
    "name": "Robin Poe",
    "groups": ["everyone", "ldn-nurses"],
}
WAIT_SECONDS = 20


def sign_on_settings(issuer: str, **variables: str) -> dict[str, Any]:
    """Return the settings for a provider, as variables of the environment would make them."""
    environment = {
        "LDN_OIDC_ISSUER": issuer,
        "LDN_OIDC_CLIENT_ID": CLIENT_ID,
        "LDN_OIDC_CLIENT_SECRET": "a client secret for tests",
        "LDN_OIDC_NAME": NAME,
        **variables,
    }
    sign_on = single_sign_on(environment, allow_http=True)
    return {
        "SINGLE_SIGN_ON": sign_on,
        "SOCIALACCOUNT_PROVIDERS": socialaccount_providers(sign_on, environment),
    }


def policy_with(origins: tuple[str, ...]) -> dict[str, Any]:
    """Return the content security policy of the settings, whose forms may lead to these origins."""
    from django.conf import settings

    directives = {**settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], "form-action": [SELF, *origins]}
    assert directives["default-src"] == [NONE]
    return {"DIRECTIVES": directives}


class RealProvider:
    """The provider of oidc-provider-mock, at ``issuer``."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def set_person(self, subject: str, **claims: Any) -> None:
        """Add a person with their claims, or change the claims."""
        requests.put(f"{self.issuer}/users/{subject}", json=claims, timeout=WAIT_SECONDS).raise_for_status()

    def answer(self, address: str, subject: str) -> str:
        """Sign a person in on the provider's page at ``address``, and return the callback address with its query."""
        page = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=WAIT_SECONDS)
        parts = urlsplit(page.headers["Location"])
        assert parts.path == CALLBACK
        return f"{parts.path}?{parts.query}"


@contextmanager
def real_provider() -> Iterator[RealProvider]:
    """Run a provider in a process of its own: its libraries raise warnings, which are errors in this one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--no-refresh-token", "true"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + WAIT_SECONDS
        while not is_reachable(port):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield RealProvider(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


def is_reachable(port: int) -> bool:
    """Return True if a server listens on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def begin(client: Client, **fields: str) -> str:
    """Press the button of the sign-in page, and return the address of the provider."""
    response = client.post(LOGIN, fields)
    assert response.status_code == 302
    return response.headers["Location"]


def sign_in(client: Client, provider: RealProvider, subject: str = "robin", **fields: str) -> Any:
    """Sign in through the provider, and return the response to its answer."""
    return client.get(provider.answer(begin(client, **fields), subject))


KEY, OTHER_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
KEY_ID = "key-1"


class QuietServer(ThreadingHTTPServer):
    """Prints nothing if a client does not wait for the response."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore the error."""


class FaultyProvider:
    """A provider whose answers a test changes. It has no sign-in page: ``sign_in`` takes its place.

    ``claims`` are added to those of the ID token, or replace them; None removes one. ``pages`` are responses, as
    status and body, by path.
    """

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key: Any = KEY
        self.headers: dict[str, Any] = {"kid": KEY_ID}
        self.algorithm = "ES256"
        self.pages: dict[str, tuple[int, bytes]] = {}
        self.without_id_token = False
        self.wait_seconds = 0.0
        self.challenge = ""
        self.nonce = ""
        self.server = QuietServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def sign_in(self, client: Client, changes: Mapping[str, str | None] = MappingProxyType({}), **fields: str) -> Any:
        """Begin a sign-in and call back, with another query if ``changes`` says so."""
        query = {name: value for name, (value,) in parse_qs(urlsplit(begin(client, **fields)).query).items()}
        assert query["code_challenge_method"] == "S256"
        self.challenge, self.nonce = query["code_challenge"], query["nonce"]
        answer = {"code": "a-code-for-tests", "state": query["state"], **changes}
        return client.get(CALLBACK, {name: value for name, value in answer.items() if value is not None})

    def id_token(self) -> str:
        """Return the ID token, signed."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "robin", "iat": now, "exp": now + 60}
        claims |= {"nonce": self.nonce, **NURSE, **self.claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.key, algorithm=self.algorithm, headers=self.headers)

    def respond(self, path: str, form: dict[str, list[str]]) -> tuple[int, bytes]:
        """Return status and body of a page."""
        if path in self.pages:
            return self.pages[path]
        if path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            addresses = {name: f"{self.issuer}/{page}" for name, page in names.items()}
            return 200, json.dumps({"issuer": self.issuer, **addresses}).encode()
        if path == "/keys":
            key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key()))
            return 200, json.dumps({"keys": [{**key, "kid": KEY_ID, "alg": "ES256", "use": "sig"}]}).encode()
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != self.challenge:
            return 400, b'{"error": "invalid_grant"}'
        token = {} if self.without_id_token else {"id_token": self.id_token()}
        return 200, json.dumps({"access_token": "an-access-token", "token_type": "Bearer", **token}).encode()

    def _handler(provider) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - self is the handler below
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                form = parse_qs(self.rfile.read(length).decode())
                time.sleep(provider.wait_seconds)
                status, body = provider.respond(self.path, form)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                """Print nothing."""

        return Handler


@contextmanager
def faulty_provider() -> Iterator[FaultyProvider]:
    """Run a provider whose answers can be changed."""
    provider = FaultyProvider()
    thread = Thread(target=provider.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        thread.join()
        provider.server.server_close()


def token_in(text: str) -> str | None:
    """Return something of a token or code that a text holds; None if there is nothing."""
    found = re.search(r"eyJ[\w-]+|an-access-token|a-code-for-tests|a client secret", text)
    return found[0] if found else None
