"""Second factors in tests: an authenticator app (RFC 6238) and a passkey (WebAuthn)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import struct
import time
from collections.abc import Mapping
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData
from lxml import html

from screening.models import User
from tests.factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN = "/accounts/login/"
ACCOUNT = "/accounts/"
CODE = "/accounts/2fa/authenticate/"
ACTIVATE = "/accounts/2fa/totp/activate/"
RECOVERY = "/accounts/2fa/recovery-codes/"
CONFIRM = "/accounts/reauthenticate/"
ADD_PASSKEY = "/accounts/2fa/webauthn/add/"
SIGN_IN_WITH_PASSKEY = "/accounts/2fa/webauthn/login/"


def totp(secret: str = SECRET, at: float | None = None) -> str:
    """Return the code that an authenticator app shows, now or at another time."""
    key = base64.b32decode(secret.replace(" ", ""))
    counter = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    digest = hmac.new(key, counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


def add_totp(user: User) -> None:
    """Give an account an authenticator app with the key ``SECRET``."""
    data = {"secret": get_adapter().encrypt(SECRET)}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)


def enter_password(username: str, password: str = PASSWORD, **extra: Any) -> Client:
    """Send the sign-in page in a browser of its own, and return the browser."""
    client = Client(**extra)
    client.post(LOGIN, {"login": username, "password": password})
    return client


def confirm(client: Client) -> None:
    """Confirm with the password who is at the keyboard, as changes of second factors ask."""
    client.post(CONFIRM, {"password": PASSWORD})


def data_on(page: Any) -> dict[str, Any]:
    """Return what a page passes to the script for passkeys."""
    (text,) = html.fromstring(page.content.decode()).xpath("//script[@id='passkey-options']/text()")
    return dict(json.loads(text))


class Passkey:
    """A device that keeps one passkey for ``localhost``; it verifies its user unless ``verifies`` is False."""

    def __init__(self, *, verifies: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.origin = "http://localhost"
        self.verifies = verifies
        self.user_handle = ""
        self.rp_hash = hashlib.sha256(b"localhost").digest()

    @property
    def flags(self) -> AuthenticatorData.FLAG:
        """What the device says it did: it saw that somebody was there, and who."""
        present = AuthenticatorData.FLAG.UP
        return present | AuthenticatorData.FLAG.UV if self.verifies else present

    def create(self, options: Mapping[str, Any]) -> str:
        """Return the device's answer to the options for a new passkey."""
        self.user_handle = options["publicKey"]["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(Aaguid(bytes(16)), self.id, public)
        flags = self.flags | AuthenticatorData.FLAG.AT
        attestation = AttestationObject.create(
            "none", AuthenticatorData.create(self.rp_hash, flags, 1, bytes(credential)), {}
        )
        response = {
            "clientDataJSON": websafe_encode(self._client_data("webauthn.create", options)),
            "attestationObject": websafe_encode(bytes(attestation)),
        }
        return self._answer(response, clientExtensionResults={"credProps": {"rk": True}})

    def get(self, options: Mapping[str, Any]) -> str:
        """Return the device's answer to the options for signing in."""
        client_data = self._client_data("webauthn.get", options)
        shown = AuthenticatorData.create(self.rp_hash, self.flags, 2)
        signature = self.key.sign(bytes(shown) + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client_data),
            "authenticatorData": websafe_encode(bytes(shown)),
            "signature": websafe_encode(signature),
            "userHandle": self.user_handle,
        }
        return self._answer(response, clientExtensionResults={})

    def _client_data(self, kind: str, options: Mapping[str, Any]) -> bytes:
        challenge = options["publicKey"]["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str], **more: Any) -> str:
        name = websafe_encode(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response, **more})


def add_passkey(person: User, passkey: Passkey, name: str = "Laptop") -> Any:
    """Add a passkey through the page, which works at ``localhost`` without HTTPS. Return the response."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    confirm(client)
    options = data_on(client.get(ADD_PASSKEY))["creation_options"]
    form = {"name": name, "passwordless": "on", "credential": passkey.create(options)}
    return client.post(ADD_PASSKEY, form)
