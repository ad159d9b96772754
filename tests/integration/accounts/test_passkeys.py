"""Passkeys: adding one, and signing in with it after the password or alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client, override_settings

from screening.models import AuditEvent, User
from tests.factories import PASSWORD, UserFactory
from tests.pages import words
from tests.second_factors import (
    ACCOUNT,
    ADD_PASSKEY,
    CODE,
    CONFIRM,
    LOGIN,
    SIGN_IN_WITH_PASSKEY,
    Passkey,
    add_passkey,
    data_on,
)

pytestmark = pytest.mark.django_db
RECOVERY = "/accounts/2fa/recovery-codes/"
NONSENSE = [
    "",
    "x",
    "{}",
    "[]",
    "null",
    "1",
    '"text"',
    "[" * 900,
    '{"id": 5}',
    '{"response": []}',
    '{"response": {}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
    '{"id": "AA", "rawId": "BB", "response": {"clientDataJSON": "AA", "attestationObject": "AA"}}',
    '{"id": "AA", "rawId": "AA", "response": {"clientDataJSON": 1, "attestationObject": 2}}',
    '{"id": "AA", "rawId": "AA", "response": {"clientDataJSON": "AA", "attestationObject": "oA"}}',
    '{"id": "é", "rawId": "é", "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}}',
    '{"id": "AA", "rawId": "AA", "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": 7}}',
]


def browser(person: User | None = None) -> Client:
    """Return a browser at ``localhost``, where passkeys work without HTTPS."""
    client = Client(SERVER_NAME="localhost")
    if person:
        client.force_login(person)
    return client


def is_signed_in(client: Client) -> bool:
    return bool(client.get(ACCOUNT).status_code == 200)


def sign_ins() -> int:
    return AuditEvent.objects.filter(action="account.signed_in").count()


def reasons() -> list[str]:
    refused = AuditEvent.objects.filter(action="account.sign_in_refused").order_by("pk")
    return [event.details["reason"] for event in refused]


def options_of(client: Client) -> dict[str, Any]:
    page = client.get(SIGN_IN_WITH_PASSKEY, headers={"Accept": "application/json"})
    return dict(page.json()["request_options"])


def sign_in_alone(passkey: Passkey, **changes: Any) -> Client:
    client = browser()
    answer = json.loads(passkey.get(options_of(client))) | changes
    client.post(SIGN_IN_WITH_PASSKEY, {"credential": json.dumps(answer)})
    return client


@pytest.fixture
def passkey(clinician: User) -> Passkey:
    """A passkey of the clinician."""
    made = Passkey()
    add_passkey(clinician, made)
    return made


def test_a_passkey_is_added_and_recorded(passkey: Passkey, clinician: User) -> None:
    assert str(Authenticator.objects.get()) == "Laptop"
    event = AuditEvent.objects.get(action="account.second_factor_added")
    assert (event.actor_id, event.details) == (clinician.pk, {"kind": "passkey"})


def test_the_account_page_names_it(passkey: Passkey, clinician: User) -> None:
    assert "Laptop" in words(browser(clinician).get(ACCOUNT))


def test_it_signs_in_alone(passkey: Passkey) -> None:
    before = sign_ins()
    assert is_signed_in(sign_in_alone(passkey))
    assert sign_ins() == before + 1


def test_after_the_password_it_is_asked_for_and_signs_in(passkey: Passkey) -> None:
    client = browser()
    assert client.post(LOGIN, {"login": "clinician", "password": PASSWORD}).headers["Location"] == CODE
    assert not is_signed_in(client)
    client.post(CODE, {"credential": passkey.get(data_on(client.get(CODE))["request_options"])})
    assert is_signed_in(client)


def test_without_a_check_of_its_user_it_does_not_sign_in_alone(passkey: Passkey) -> None:
    passkey.verifies = False
    assert not is_signed_in(sign_in_alone(passkey))
    assert reasons() == ["passkey did not work"]


def test_a_device_that_does_not_check_its_user_cannot_be_added_for_signing_in_alone(clinician: User) -> None:
    assert "The passkey did not work" in words(add_passkey(clinician, Passkey(verifies=False)))
    assert not Authenticator.objects.exists()


def test_an_answer_is_accepted_once(passkey: Passkey) -> None:
    client = browser()
    form = {"credential": passkey.get(options_of(client))}
    client.post(SIGN_IN_WITH_PASSKEY, form)
    client.post("/accounts/logout/")
    client.post(SIGN_IN_WITH_PASSKEY, form)
    assert not is_signed_in(client)


@pytest.mark.parametrize("origin", ["http://evil.example", "https://localhost.evil.example", "null", ""])
def test_an_answer_made_for_another_site_is_refused(passkey: Passkey, origin: str) -> None:
    passkey.origin = origin
    assert not is_signed_in(sign_in_alone(passkey))


def test_another_device_with_the_same_id_is_refused(passkey: Passkey) -> None:
    other = Passkey()
    other.id, other.user_handle = passkey.id, passkey.user_handle
    assert not is_signed_in(sign_in_alone(other))


def test_a_disabled_account_does_not_sign_in_with_it(passkey: Passkey) -> None:
    before = sign_ins()
    User.objects.update(is_active=False)
    assert not is_signed_in(sign_in_alone(passkey))
    assert reasons() == ["account cannot sign in"]
    assert sign_ins() == before


def test_an_account_of_a_demonstration_does_not_sign_in_elsewhere(db: None) -> None:
    with override_settings(DEMO=True):
        person, passkey = UserFactory(username="leftover", is_demo=True), Passkey()
        add_passkey(person, passkey)
    before = sign_ins()
    assert not is_signed_in(sign_in_alone(passkey))
    assert sign_ins() == before


def test_it_is_removed_by_its_owner_only(passkey: Passkey, clinician: User) -> None:
    address = f"/accounts/2fa/webauthn/keys/{Authenticator.objects.get().pk}/remove/"
    for person, status in ((UserFactory(username="other"), 404), (clinician, 302)):
        client = browser(person)
        client.post(CONFIRM, {"password": PASSWORD})
        assert client.post(address).status_code == status
    assert not Authenticator.objects.exists()
    assert AuditEvent.objects.get(action="account.second_factor_removed").details == {"kind": "passkey"}


def test_it_confirms_who_is_at_the_keyboard(passkey: Passkey, clinician: User) -> None:
    client, address = browser(clinician), f"/accounts/2fa/webauthn/reauthenticate/?next={RECOVERY}"
    credential = passkey.get(data_on(client.get(address))["request_options"])
    assert client.post(address, {"credential": credential}).headers["Location"] == RECOVERY
    assert client.get(RECOVERY).status_code == 200


@pytest.mark.parametrize("credential", NONSENSE)
def test_nonsense_instead_of_an_answer_is_refused(passkey: Passkey, clinician: User, credential: str) -> None:
    alone, second, adding = browser(), browser(), browser(clinician)
    options_of(alone)
    assert alone.post(SIGN_IN_WITH_PASSKEY, {"credential": credential}).status_code == 302
    second.post(LOGIN, {"login": "clinician", "password": PASSWORD})
    second.get(CODE)
    assert second.post(CODE, {"credential": credential}).status_code == 200
    adding.post(CONFIRM, {"password": PASSWORD})
    adding.get(ADD_PASSKEY)
    assert adding.post(ADD_PASSKEY, {"credential": credential}).status_code == 200
    assert (is_signed_in(alone), is_signed_in(second), Authenticator.objects.count()) == (False, False, 1)


@pytest.mark.parametrize(
    "changes",
    [{"response": []}, {"rawId": "AA"}, {"id": "AA"}, {"response": {"userHandle": "__"}}, {"id": None}],
)
def test_a_changed_answer_is_refused(passkey: Passkey, changes: dict[str, Any]) -> None:
    assert not is_signed_in(sign_in_alone(passkey, **changes))
